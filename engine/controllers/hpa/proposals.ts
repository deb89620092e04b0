import type { MetricsSource } from '../../api/runtime.ts'
import type { MetricSpec, MetricStatus, MetricTarget, MetricValue } from '../../kinds/autoscaling/types.ts'
import type { LabelSelector } from '../../objects/label-selector.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { type CustomMetrics, resourceUse } from './metrics.ts'
import { byAverage, byObjectAverage, byObjectValue, byUtilization, type Measured, type Tolerances } from './replicas.ts'

/** What metrics are looked at with. */
export interface Look {
  readonly namespace: string
  readonly selector: LabelSelector
  readonly pods: readonly ApiObject[]
  /** As the Scale says. */
  readonly specReplicas: number
  readonly statusReplicas: number
  readonly tolerances: Tolerances
  readonly now: number
  readonly resources: MetricsSource | undefined
  readonly custom: CustomMetrics
}

/** How many replicas one metric asks for, by what name, and what the status shows of it. */
export interface MetricProposal {
  readonly replicas: number
  readonly name: string
  readonly status: MetricStatus
}

/** A metric that says nothing: the reason of the condition and the event, and two sentences. */
export class NoProposal extends Error {
  readonly reason: string
  /** What is told of all metrics together. */
  readonly summary: string

  constructor(reason: string, message: string, summary: string) {
    super(message)
    this.reason = reason
    this.summary = summary
  }
}

/** One metric's wish (`computeReplicasForMetric`, 1.34). Throws NoProposal. */
export function propose(spec: MetricSpec, look: Look): MetricProposal {
  switch (spec.type) {
    case 'Resource':
      return ofResource(spec, look)
    case 'ContainerResource':
      return ofContainer(spec, look)
    case 'Pods':
      return ofPods(spec, look)
    case 'Object':
      return ofObject(spec, look)
    case 'External':
      return ofExternal(spec, look)
    default: {
      const why = `unknown metric source type "${spec.type}"`
      throw new NoProposal('InvalidMetricSourceType', why, why)
    }
  }
}

function ofResource({ resource }: MetricSpec, look: Look): MetricProposal {
  const { name, target } = resource as NonNullable<typeof resource>
  return attempt('FailedGetResourceMetric', `failed to get ${name} resource metric value`, () => {
    const { replicas, current, isShare } = byResource(name, target, undefined, look)
    return {
      replicas,
      name: isShare ? `${name} resource utilization (percentage of request)` : `${name} resource`,
      status: { type: 'Resource', resource: { name, current } },
    }
  })
}

function ofContainer({ containerResource }: MetricSpec, look: Look): MetricProposal {
  const { name, target, container } = containerResource as NonNullable<typeof containerResource>
  return attempt('FailedGetContainerResourceMetric', `failed to get ${container} container metric value`, () => {
    const { replicas, current, isShare } = byResource(name, target, container, look)
    return {
      replicas,
      name: isShare ? `${name} container resource utilization (percentage of request)` : `${name} resource`,
      status: { type: 'ContainerResource', containerResource: { name, container, current } },
    }
  })
}

function byResource(name: string, target: MetricTarget, container: string | undefined, look: Look) {
  const format = name === 'memory' ? 'BinarySI' : 'DecimalSI'
  if (target.averageValue !== undefined) {
    const { averageValue } = target
    return attempted(`failed to get ${name} usage`, () => {
      const measured = attempted(`unable to get metrics for resource ${name}`, () =>
        resourceUse(look.resources, look.pods, name, container),
      )
      const { replicas, average } = byAverage(asked(look, measured, name === 'cpu'), milli(averageValue))
      const current: MetricValue = { averageValue: Quantity.ofMilli(average, format).toString() }
      return { replicas, current, isShare: false }
    })
  }
  const { averageUtilization } = target
  if (averageUtilization === undefined) {
    throw new Error(
      'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
    )
  }
  return attempted(`failed to get ${name} utilization`, () => {
    const measured = attempted(`unable to get metrics for resource ${name}`, () =>
      resourceUse(look.resources, look.pods, name, container),
    )
    const proposal = byUtilization(asked(look, measured, name === 'cpu'), name, container, averageUtilization)
    const { replicas, average, utilization = 0 } = proposal
    const averageValue = Quantity.ofMilli(average, format).toString()
    return { replicas, current: { averageUtilization: utilization, averageValue } as MetricValue, isShare: true }
  })
}

function ofPods({ pods }: MetricSpec, look: Look): MetricProposal {
  const { metric, target } = pods as NonNullable<typeof pods>
  return attempt('FailedGetPodsMetric', 'failed to get pods metric value', () => {
    const measured = attempted(`unable to get metric ${metric.name}`, () =>
      look.custom.pods(look.namespace, look.selector, metric),
    )
    const { replicas, average } = byAverage(asked(look, measured, false), milli(target.averageValue))
    return {
      replicas,
      name: `pods metric ${metric.name}`,
      status: { type: 'Pods', pods: { metric, current: { averageValue: decimal(average) } } },
    }
  })
}

function ofObject({ object }: MetricSpec, look: Look): MetricProposal {
  const { metric, target, describedObject } = object as NonNullable<typeof object>
  return attempt('FailedGetObjectMetric', 'failed to get object metric value', () => {
    const where = `${describedObject.kind} ${look.namespace} ${describedObject.name}`
    const read = () =>
      attempted(`unable to get metric ${metric.name}: ${where}`, () =>
        look.custom.object(look.namespace, describedObject, metric),
      )
    const status = (current: MetricValue): MetricStatus => ({
      type: 'Object',
      object: { describedObject, metric, current },
    })
    if (target.type === 'Value' && target.value !== undefined) {
      const { replicas, average } = byObjectValue({ ...look, current: look.specReplicas }, read(), milli(target.value))
      return {
        replicas,
        name: `${describedObject.kind} metric ${metric.name}`,
        status: status({ value: decimal(average) }),
      }
    }
    if (target.type === 'AverageValue' && target.averageValue !== undefined) {
      const goal = milli(target.averageValue)
      const { replicas, average } = attempted(`failed to get ${metric.name} object metric`, () =>
        byObjectAverage(read(), goal, look.statusReplicas, look.tolerances),
      )
      return { replicas, name: named(metric), status: status({ averageValue: decimal(average) }) }
    }
    throw new Error('invalid object metric source: neither a value target nor an average value target was set')
  })
}

function ofExternal({ external }: MetricSpec, look: Look): MetricProposal {
  const { metric, target } = external as NonNullable<typeof external>
  return attempt('FailedGetExternalMetric', `failed to get ${metric.name} external metric value`, () => {
    const read = () => {
      const values = attempted(
        `unable to get external metric ${look.namespace}/${metric.name}/${selectorText(metric)}`,
        () => look.custom.external(look.namespace, metric),
      )
      return values.reduce((total, value) => total + value, 0)
    }
    const status = (current: MetricValue): MetricStatus => ({ type: 'External', external: { metric, current } })
    if (target.averageValue !== undefined) {
      const goal = milli(target.averageValue)
      const { replicas, average } = attempted(`failed to get ${metric.name} external metric`, () =>
        byObjectAverage(read(), goal, look.statusReplicas, look.tolerances),
      )
      return { replicas, name: named(metric), status: status({ averageValue: decimal(average) }) }
    }
    if (target.value !== undefined) {
      const goal = milli(target.value)
      const { replicas, average } = attempted(`failed to get external metric ${metric.name}`, () =>
        byObjectValue({ ...look, current: look.specReplicas }, read(), goal),
      )
      return { replicas, name: named(metric), status: status({ value: decimal(average) }) }
    }
    throw new Error('invalid external metric source: neither a value target nor an average value target was set')
  })
}

function asked({ pods, specReplicas, tolerances, now }: Look, measured: ReadonlyMap<string, Measured>, isCpu: boolean) {
  return { pods, measured, current: specReplicas, tolerances, now, isCpu }
}

/** As Go prints a nil selector and one with labels, near enough for people. */
const selectorText = ({ selector }: { readonly selector?: object }): string =>
  selector === undefined ? 'nil' : JSON.stringify(selector)

const named = (metric: { readonly name: string; readonly selector?: object }): string =>
  `external metric ${metric.name}(${selectorText(metric)})`

const milli = (text: string | undefined): number => Quantity.parse(text ?? '0').milliValue()
const decimal = (value: number): string => Quantity.ofMilli(value).toString()

/** What fails says what it was about. */
function attempted<T>(about: string, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Error(`${about}: ${(error as Error).message}`)
  }
}

function attempt(reason: string, summary: string, work: () => MetricProposal): MetricProposal {
  try {
    return work()
  } catch (error) {
    const { message } = error as Error
    throw new NoProposal(reason, message, `${summary}: ${message}`)
  }
}
