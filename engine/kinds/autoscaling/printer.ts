import type { ApiObject } from '../../objects/types.ts'
import type { AutoscalerSpec, AutoscalerStatus, MetricSpec, MetricStatus, MetricValue } from './types.ts'

const UNKNOWN = '<unknown>'
/** Metrics that are told; the rest is counted. */
const SHOWN = 2

/** `cpu: 12%/80%, 10/20 (avg) + 1 more...`: the TARGETS of an autoscaler. */
export function targetsText(object: ApiObject): string {
  const { metrics = [] } = object.spec as AutoscalerSpec
  const current = (object.status as AutoscalerStatus | undefined)?.currentMetrics ?? []
  if (metrics.length === 0) return '<none>'
  const texts = metrics.map((metric, index) => metricText(metric, current[index]))
  const shown = texts.slice(0, SHOWN).join(', ')
  return texts.length > SHOWN ? `${shown} + ${texts.length - SHOWN} more...` : shown
}

function metricText(metric: MetricSpec, status: MetricStatus | undefined): string {
  switch (metric.type) {
    case 'External':
      return valueText(metric.external?.target, status?.external?.current)
    case 'Object':
      return valueText(metric.object?.target, status?.object?.current)
    case 'Pods':
      return `${amountText(status?.pods?.current, 'averageValue')}/${metric.pods?.target.averageValue ?? ''}`
    case 'Resource':
      return usageText(metric.resource?.name, metric.resource?.target, status?.resource?.current)
    case 'ContainerResource':
      return usageText(
        metric.containerResource?.name,
        metric.containerResource?.target,
        status?.containerResource?.current,
      )
    default:
      return '<unknown type>'
  }
}

function valueText(target: MetricValue | undefined, current: MetricValue | undefined): string {
  if (target?.averageValue === undefined) return `${amountText(current, 'value')}/${target?.value ?? ''}`
  return `${current?.averageValue ?? UNKNOWN}/${target.averageValue} (avg)`
}

/** A value that is known to be missing is upstream's nil quantity. */
function amountText(current: MetricValue | undefined, field: 'value' | 'averageValue'): string {
  return current === undefined ? UNKNOWN : (current[field] ?? '<nil>')
}

function usageText(name = '', target: MetricValue | undefined, current: MetricValue | undefined): string {
  if (target?.averageValue !== undefined) {
    return `${name}: ${amountText(current, 'averageValue')}/${target.averageValue}`
  }
  const percent = (value: number | undefined, missing: string): string => (value === undefined ? missing : `${value}%`)
  return `${name}: ${percent(current?.averageUtilization, UNKNOWN)}/${percent(target?.averageUtilization, '<auto>')}`
}
