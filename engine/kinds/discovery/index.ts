import type { Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'
import { endpointSlices } from './endpoint-slice.ts'

/** The kinds of discovery.k8s.io. */
export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [endpointSlices(schemas)]
}
