import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { CrossVersionReference, MetricSpec, MetricStatus, MetricTarget } from './types.ts'

/** Metrics as autoscaling/v1's annotations have them; fields in the order in which upstream writes them. */

interface ResourceV1 {
  readonly name: string
  readonly targetAverageUtilization?: number
  readonly targetAverageValue?: string
}

export interface MetricSpecV1 {
  readonly type: string
  readonly object?: {
    readonly target: CrossVersionReference
    readonly metricName: string
    readonly targetValue?: string
    readonly selector?: LabelSelectorObject
    readonly averageValue?: string
  }
  readonly pods?: {
    readonly metricName: string
    readonly targetAverageValue?: string
    readonly selector?: LabelSelectorObject
  }
  readonly resource?: ResourceV1
  readonly containerResource?: ResourceV1 & { readonly container: string }
  readonly external?: {
    readonly metricName: string
    readonly metricSelector?: LabelSelectorObject
    readonly targetValue?: string
    readonly targetAverageValue?: string
  }
}

interface ResourceStatusV1 {
  readonly name: string
  readonly currentAverageUtilization?: number
  readonly currentAverageValue?: string
}

export interface MetricStatusV1 {
  readonly type: string
  readonly object?: {
    readonly target: CrossVersionReference
    readonly metricName: string
    readonly currentValue?: string
    readonly selector?: LabelSelectorObject
    readonly averageValue?: string
  }
  readonly pods?: {
    readonly metricName: string
    readonly currentAverageValue?: string
    readonly selector?: LabelSelectorObject
  }
  readonly resource?: ResourceStatusV1
  readonly containerResource?: ResourceStatusV1 & { readonly container: string }
  readonly external?: {
    readonly metricName: string
    readonly metricSelector?: LabelSelectorObject
    readonly currentValue?: string
    readonly currentAverageValue?: string
  }
}

/** Without what is undefined. */
function only<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}

const amount = (text: string | undefined): string => (text === undefined ? '0' : text)
const canonical = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : Quantity.fromJson(text).toString()
const identifier = (name: string, selector: LabelSelectorObject | undefined) => only({ name, selector })
const reference = ({ kind, name, apiVersion }: CrossVersionReference) => only({ kind, name, apiVersion })
const target = (fields: { [Field in keyof MetricTarget]: MetricTarget[Field] | undefined }): MetricTarget =>
  only(fields) as MetricTarget

export function metricSpecToV1(metric: MetricSpec): MetricSpecV1 {
  const { type, object, pods, resource, containerResource, external } = metric
  const usage = ({ name, target: { averageUtilization, averageValue } }: NonNullable<MetricSpec['resource']>) =>
    only({ name, targetAverageUtilization: averageUtilization, targetAverageValue: averageValue })
  return only({
    type,
    object:
      object &&
      only({
        target: reference(object.describedObject),
        metricName: object.metric.name,
        targetValue: amount(object.target.value),
        selector: object.metric.selector,
        averageValue: object.target.averageValue,
      }),
    pods:
      pods &&
      only({
        metricName: pods.metric.name,
        targetAverageValue: amount(pods.target.averageValue),
        selector: pods.metric.selector,
      }),
    resource: resource && usage(resource),
    containerResource: containerResource && { ...usage(containerResource), container: containerResource.container },
    external:
      external &&
      only({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        targetValue: external.target.value,
        targetAverageValue: external.target.averageValue,
      }),
  }) as MetricSpecV1
}

export function metricSpecFromV1(metric: MetricSpecV1): MetricSpec {
  const { type = '', object, pods, resource, containerResource, external } = metric
  const usage = (source: ResourceV1) => ({
    name: source.name,
    target: target({
      type: source.targetAverageUtilization === undefined ? 'AverageValue' : 'Utilization',
      value: undefined,
      averageValue: canonical(source.targetAverageValue),
      averageUtilization: source.targetAverageUtilization,
    }),
  })
  const value = (type: string, value: string | undefined, averageValue: string | undefined): MetricTarget =>
    target({ type, value: canonical(value), averageValue: canonical(averageValue), averageUtilization: undefined })
  return only({
    type,
    object: object && {
      describedObject: reference(object.target),
      target: value(
        object.averageValue === undefined ? 'Value' : 'AverageValue',
        amount(object.targetValue),
        object.averageValue,
      ),
      metric: identifier(object.metricName, object.selector),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      target: value('AverageValue', undefined, amount(pods.targetAverageValue)),
    },
    resource: resource && usage(resource),
    containerResource: containerResource && { ...usage(containerResource), container: containerResource.container },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      target: value(
        external.targetValue === undefined ? 'AverageValue' : 'Value',
        external.targetValue,
        external.targetAverageValue,
      ),
    },
  }) as MetricSpec
}

export function metricStatusToV1(metric: MetricStatus): MetricStatusV1 {
  const { type, object, pods, resource, containerResource, external } = metric
  const usage = ({ name, current }: NonNullable<MetricStatus['resource']>) =>
    only({
      name,
      currentAverageUtilization: current.averageUtilization,
      currentAverageValue: amount(current.averageValue),
    })
  return only({
    type,
    object:
      object &&
      only({
        target: reference(object.describedObject),
        metricName: object.metric.name,
        currentValue: amount(object.current.value),
        selector: object.metric.selector,
        averageValue: object.current.averageValue,
      }),
    pods:
      pods &&
      only({
        metricName: pods.metric.name,
        currentAverageValue: amount(pods.current.averageValue),
        selector: pods.metric.selector,
      }),
    resource: resource && usage(resource),
    containerResource: containerResource && { ...usage(containerResource), container: containerResource.container },
    external:
      external &&
      only({
        metricName: external.metric.name,
        metricSelector: external.metric.selector,
        currentValue: amount(external.current.value),
        currentAverageValue: external.current.averageValue,
      }),
  }) as MetricStatusV1
}

export function metricStatusFromV1(metric: MetricStatusV1): MetricStatus {
  const { type = '', object, pods, resource, containerResource, external } = metric
  const usage = (source: ResourceStatusV1) => ({
    name: source.name,
    current: only({
      averageValue: canonical(amount(source.currentAverageValue)),
      averageUtilization: source.currentAverageUtilization,
    }),
  })
  return only({
    type,
    object: object && {
      metric: identifier(object.metricName, object.selector),
      current: only({
        value: canonical(amount(object.currentValue)),
        averageValue: canonical(object.averageValue),
      }),
      describedObject: reference(object.target),
    },
    pods: pods && {
      metric: identifier(pods.metricName, pods.selector),
      current: { averageValue: canonical(amount(pods.currentAverageValue)) },
    },
    resource: resource && usage(resource),
    containerResource: containerResource && { ...usage(containerResource), container: containerResource.container },
    external: external && {
      metric: identifier(external.metricName, external.metricSelector),
      current: only({
        value: canonical(amount(external.currentValue)),
        averageValue: canonical(external.currentAverageValue),
      }),
    },
  }) as MetricStatus
}
