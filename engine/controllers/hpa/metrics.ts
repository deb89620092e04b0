import type { MetricsSource } from '../../api/runtime.ts'
import type { CrossVersionReference, MetricIdentifier } from '../../kinds/autoscaling/types.ts'
import type { LabelSelector } from '../../objects/label-selector.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Measured } from './replicas.ts'

/**
 * Metrics of the application's own, custom.metrics.k8s.io and external.metrics.k8s.io: a cluster has them where an adapter is installed. Values are in
 * thousandths. What cannot be told is thrown, as an Error with the API's sentence.
 */
export interface CustomMetrics {
  pods(namespace: string, selector: LabelSelector, metric: MetricIdentifier): ReadonlyMap<string, Measured>
  object(namespace: string, object: CrossVersionReference, metric: MetricIdentifier): number
  external(namespace: string, metric: MetricIdentifier): readonly number[]
}

/** A cluster without adapters, in the words of kube-controller-manager's clients (1.34). */
export const noCustomMetrics: CustomMetrics = {
  pods: () => absent('custom'),
  object: () => absent('custom'),
  external: () => absent('external'),
}

function absent(kind: 'custom' | 'external'): never {
  const why =
    kind === 'custom'
      ? 'no custom metrics API (custom.metrics.k8s.io) registered'
      : 'the server could not find the requested resource'
  throw new Error(`unable to fetch metrics from ${kind} metrics API: ${why}`)
}

/** CPU or memory of Pods, or of one container of each, in thousandths. Throws Error with upstream's sentence if nothing was measured. */
export function resourceUse(
  source: MetricsSource | undefined,
  pods: readonly ApiObject[],
  resource: string,
  container: string | undefined,
): ReadonlyMap<string, Measured> {
  if (source === undefined) {
    const why = 'the server could not find the requested resource (get pods.metrics.k8s.io)'
    throw new Error(`unable to fetch metrics from resource metrics API: ${why}`)
  }
  const known = pods.flatMap((pod) => {
    const usage = source.pod(pod.metadata.namespace ?? '', pod.metadata.name)
    return usage === undefined ? [] : [{ name: pod.metadata.name, usage }]
  })
  if (known.length === 0) throw new Error('no metrics returned from resource metrics API')
  const measured = new Map<string, Measured>()
  for (const { name, usage } of known) {
    const counted = usage.containers.filter((one) => container === undefined || one.name === container)
    if (counted.length === 0 || (resource !== 'cpu' && resource !== 'memory')) continue
    let value = 0
    // Nanocores and bytes
    for (const { cpu, memory } of counted) value += resource === 'cpu' ? Math.ceil(cpu / 1e6) : memory * 1000
    measured.set(name, { value, timestamp: usage.timestamp, window: usage.window * 1000 })
  }
  return measured
}
