import { invalidEach } from '../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import { dns1123LabelErrors, pathSegmentErrors } from '../../objects/names.ts'
import { Quantity } from '../../objects/quantity.ts'
import { containerResourceNameErrors } from '../resource-names.ts'
import { type AllowedVersions, referenceErrors } from './reference-validation.ts'
import type { MetricIdentifier, MetricSpec, MetricTarget, ResourceSource } from './types.ts'

const TYPES = ['ContainerResource', 'External', 'Object', 'Pods', 'Resource']
const FIELD_OF = {
  Object: 'object',
  Pods: 'pods',
  Resource: 'resource',
  External: 'external',
  ContainerResource: 'containerResource',
} as const
/** In the order in which upstream looks at them; only the first one's content is checked. */
const SOURCES = ['object', 'external', 'pods', 'resource', 'containerResource'] as const

export function metricErrors(metric: MetricSpec, field: string, allowed: AllowedVersions): FieldError[] {
  const { type } = metric
  const errors: FieldError[] = []
  const unknown = notSupported(`${field}.type`, type, TYPES)
  if (type === '') errors.push(requiredValue(`${field}.type`, 'must specify a metric source type'))
  if (!TYPES.includes(type)) errors.push(unknown)
  const present = SOURCES.filter((source) => metric[source] !== undefined)
  const [first] = present
  if (first !== undefined) errors.push(...sourceErrors(metric, first, `${field}.${first}`, allowed))
  const expected = FIELD_OF[type as keyof typeof FIELD_OF] as (typeof SOURCES)[number] | undefined
  if (expected === undefined) errors.push(unknown)
  else if (metric[expected] === undefined) {
    errors.push(requiredValue(`${field}.${expected}`, 'must populate information for the given metric source'))
  }
  if (present.length === 1) return errors
  const others = present.filter((source) => source !== expected)
  const why = 'must populate the given metric source only'
  return [...errors, ...others.map((source) => forbiddenField(`${field}.${source}`, why))]
}

function sourceErrors(
  metric: MetricSpec,
  source: (typeof SOURCES)[number],
  field: string,
  allowed: AllowedVersions,
): FieldError[] {
  const { object, external, pods, resource, containerResource } = metric
  switch (source) {
    case 'object':
      return object === undefined
        ? []
        : [
            ...referenceErrors(object.describedObject, `${field}.describedObject`, allowed),
            ...identifierErrors(object.metric, `${field}.metric`),
            ...valueTargetErrors(object.target, `${field}.target`, 'must set either a target value or averageValue'),
          ]
    case 'external':
      return external === undefined ? [] : externalErrors(external, field)
    case 'pods':
      return pods === undefined ? [] : podsErrors(pods, field)
    case 'resource':
      return resource === undefined ? [] : [...nameErrors(resource, field), ...usageErrors(resource.target, field)]
    case 'containerResource':
      return containerResource === undefined ? [] : containerErrors(containerResource, field)
  }
}

function externalErrors(source: NonNullable<MetricSpec['external']>, field: string): FieldError[] {
  const at = `${field}.target`
  const { value, averageValue } = source.target
  const errors = [
    ...identifierErrors(source.metric, `${field}.metric`),
    ...valueTargetErrors(source.target, at, 'must set either a target value for metric or a per-pod target'),
  ]
  if (value !== undefined && averageValue !== undefined) {
    errors.push(forbiddenField(`${at}.value`, 'may not set both a target value for metric and a per-pod target'))
  }
  return errors
}

function podsErrors(source: NonNullable<MetricSpec['pods']>, field: string): FieldError[] {
  const errors = [
    ...identifierErrors(source.metric, `${field}.metric`),
    ...targetErrors(source.target, `${field}.target`),
  ]
  if (source.target.averageValue === undefined) {
    errors.push(requiredValue(`${field}.target.averageValue`, 'must specify a positive target averageValue'))
  }
  return errors
}

function containerErrors(source: NonNullable<MetricSpec['containerResource']>, field: string): FieldError[] {
  const { name, container, target } = source
  return [
    ...nameErrors(source, field),
    ...(name === '' ? [] : containerResourceNameErrors(`${field}.name`, name)),
    ...(container === ''
      ? [requiredValue(`${field}.container`, 'must specify a container')]
      : invalidEach(`${field}.container`, container, dns1123LabelErrors(container))),
    ...usageErrors(target, field),
  ]
}

function nameErrors({ name }: ResourceSource, field: string): FieldError[] {
  return name === '' ? [requiredValue(`${field}.name`, 'must specify a resource name')] : []
}

/** Of what a resource is used: an amount, or a share of what is requested. */
function usageErrors(target: MetricTarget, field: string): FieldError[] {
  const at = `${field}.target`
  const errors = targetErrors(target, at)
  const { averageUtilization, averageValue } = target
  if (averageUtilization === undefined && averageValue === undefined) {
    const why = 'must set either a target raw value or a target utilization'
    errors.push(requiredValue(`${at}.averageUtilization`, why))
  }
  if (averageUtilization !== undefined && averageValue !== undefined) {
    const why = 'may not set both a target raw value and a target utilization'
    errors.push(forbiddenField(`${at}.averageValue`, why))
  }
  return errors
}

function valueTargetErrors(target: MetricTarget, field: string, why: string): FieldError[] {
  const errors = targetErrors(target, field)
  const missing = target.value === undefined && target.averageValue === undefined
  return missing ? [...errors, requiredValue(`${field}.averageValue`, why)] : errors
}

function targetErrors(target: MetricTarget, field: string): FieldError[] {
  const { type, value, averageValue, averageUtilization } = target
  const errors: FieldError[] = []
  if (type === '') errors.push(requiredValue(`${field}.type`, 'must specify a metric target type'))
  if (!['Utilization', 'Value', 'AverageValue'].includes(type)) {
    errors.push(invalidValue(`${field}.type`, type, 'must be either Utilization, Value, or AverageValue'))
  }
  for (const [name, amount] of Object.entries({ value, averageValue })) {
    if (amount !== undefined && Quantity.parse(amount).sign() !== 1) {
      errors.push(invalidValue(`${field}.${name}`, amount, 'must be positive'))
    }
  }
  if (averageUtilization !== undefined && averageUtilization < 1) {
    errors.push(invalidValue(`${field}.averageUtilization`, averageUtilization, 'must be greater than 0'))
  }
  return errors
}

function identifierErrors({ name }: MetricIdentifier, field: string): FieldError[] {
  if (name === '') return [requiredValue(`${field}.name`, 'must specify a metric name')]
  return invalidEach(`${field}.name`, name, pathSegmentErrors(name))
}
