import type { Cluster, Controller } from './cluster.ts'
import { DisruptionController } from './disruption/disruption-controller.ts'
import { HorizontalController, type HorizontalOptions } from './hpa/horizontal-controller.ts'

/** What knows how many replicas there should be, and how many of them may go. */
export function scalingControllers(cluster: Cluster, options: HorizontalOptions): readonly Controller[] {
  return [new HorizontalController(cluster, options), new DisruptionController(cluster, options.scales, options.report)]
}
