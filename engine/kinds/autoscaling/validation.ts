import { nonNegative } from '../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { metricErrors } from './metric-validation.ts'
import { referenceErrors, versionError } from './reference-validation.ts'
import type { AutoscalerSpec, AutoscalerStatus, ScalingPolicy, ScalingRules } from './types.ts'

/** Seconds. */
const LONGEST_PERIOD = 1800
/** Seconds. */
const LONGEST_WINDOW = 3600
const SELECT_POLICIES = ['Disabled', 'Max', 'Min']
const POLICY_TYPES = ['Percent', 'Pods']

const specOf = (object: ApiObject): AutoscalerSpec => object.spec as AutoscalerSpec

export function autoscalerErrors(object: ApiObject, old?: ApiObject): FieldError[] {
  const { minReplicas, maxReplicas, scaleTargetRef, metrics = [], behavior } = specOf(object)
  const before = old === undefined ? undefined : specOf(old)
  // HPAScaleToZero is off in 1.34.
  const least = before?.minReplicas === 0 ? 0 : 1
  const errors: FieldError[] = []
  if (minReplicas !== undefined && minReplicas < least) {
    errors.push(invalidValue('spec.minReplicas', minReplicas, `must be greater than or equal to ${least}`))
  }
  if (maxReplicas < 1) errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than 0'))
  if (minReplicas !== undefined && maxReplicas < minReplicas) {
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'))
  }
  const { apiVersion, kind } = scaleTargetRef
  const sameTarget = before?.scaleTargetRef.kind === kind && before.scaleTargetRef.apiVersion === apiVersion
  const version = sameTarget ? 'any' : kind === 'ReplicationController' ? 'core too' : 'with group'
  errors.push(...referenceErrors(scaleTargetRef, 'spec.scaleTargetRef', version))
  const described = (before?.metrics ?? []).flatMap((metric) =>
    metric.type === 'Object' && metric.object !== undefined ? [metric.object.describedObject] : [],
  )
  const alreadyWrong = described.some((reference) => versionError(reference, 'core too') !== undefined)
  metrics.forEach((metric, index) => {
    errors.push(...metricErrors(metric, `spec.metrics[${index}]`, alreadyWrong ? 'any' : 'core too'))
  })
  if (minReplicas === 0 && !metrics.some(({ type }) => type === 'Object' || type === 'External')) {
    const why = 'must specify at least one Object or External metric to support scaling to zero replicas'
    errors.push(forbiddenField('spec.metrics', why))
  }
  return [
    ...errors,
    ...rulesErrors(behavior?.scaleUp, 'spec.behavior.scaleUp'),
    ...rulesErrors(behavior?.scaleDown, 'spec.behavior.scaleDown'),
  ]
}

export function autoscalerStatusErrors(object: ApiObject): FieldError[] {
  const { currentReplicas, desiredReplicas } = object.status as AutoscalerStatus
  return [
    ...nonNegative('status.currentReplicas', currentReplicas),
    ...nonNegative('status.desiredReplicas', desiredReplicas),
  ]
}

function rulesErrors(rules: ScalingRules | undefined, field: string): FieldError[] {
  if (rules === undefined) return []
  const { stabilizationWindowSeconds: window, selectPolicy, policies = [], tolerance } = rules
  const errors: FieldError[] = []
  const at = `${field}.stabilizationWindowSeconds`
  if (window !== undefined && window < 0) {
    errors.push(invalidValue(at, window, 'must be greater than or equal to zero'))
  }
  if (window !== undefined && window > LONGEST_WINDOW) {
    errors.push(invalidValue(at, window, `must be less than or equal to ${LONGEST_WINDOW}`))
  }
  if (selectPolicy !== undefined && !SELECT_POLICIES.includes(selectPolicy)) {
    errors.push(notSupported(`${field}.selectPolicy`, selectPolicy, SELECT_POLICIES))
  }
  if (policies.length === 0) {
    errors.push(requiredValue(`${field}.policies`, 'must specify at least one Policy'))
  }
  errors.push(...policies.flatMap((policy, index) => policyErrors(policy, `${field}.policies[${index}]`)))
  if (tolerance !== undefined && Quantity.parse(tolerance).sign() < 0) {
    errors.push(invalidValue(`${field}.tolerance`, tolerance, 'must be greater than or equal to 0'))
  }
  return errors
}

function policyErrors({ type, value, periodSeconds }: ScalingPolicy, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (!POLICY_TYPES.includes(type)) errors.push(notSupported(`${field}.type`, type, POLICY_TYPES))
  if (value <= 0) errors.push(invalidValue(`${field}.value`, value, 'must be greater than zero'))
  const period = `${field}.periodSeconds`
  if (periodSeconds <= 0) errors.push(invalidValue(period, periodSeconds, 'must be greater than zero'))
  if (periodSeconds > LONGEST_PERIOD) {
    errors.push(invalidValue(period, periodSeconds, `must be less than or equal to ${LONGEST_PERIOD}`))
  }
  return errors
}
