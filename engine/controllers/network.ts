import type { Cluster, Controller } from './cluster.ts'
import { EndpointSlices } from './endpoints/endpoint-slices.ts'
import { Endpoints } from './endpoints/endpoints.ts'
import { EndpointSliceMirroring } from './endpoints/mirroring.ts'

/** What finds the Pods behind Services. */
export function networkControllers(cluster: Cluster, report?: (error: unknown) => void): readonly Controller[] {
  return [
    new Endpoints(cluster, report),
    new EndpointSlices(cluster, report),
    new EndpointSliceMirroring(cluster, report),
  ]
}
