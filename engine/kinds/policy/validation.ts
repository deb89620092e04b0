import {
  atMost100Percent,
  type Condition,
  conditionErrors,
  nonNegative,
  positiveIntOrPercent,
} from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported } from '../../objects/field-error.ts'
import type { IntOrString } from '../../objects/int-or-string.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { ApiObject } from '../../objects/types.ts'

export interface DisruptionBudgetSpec {
  readonly minAvailable?: IntOrString
  readonly maxUnavailable?: IntOrString
  readonly selector?: LabelSelectorObject
  readonly unhealthyPodEvictionPolicy?: string
}

export interface DisruptionBudgetStatus {
  readonly conditions?: readonly Condition[]
  readonly disruptionsAllowed?: number
  readonly currentHealthy?: number
  readonly desiredHealthy?: number
  readonly expectedPods?: number
}

const EVICTION_POLICIES = ['AlwaysAllow', 'IfHealthyBudget']

export function disruptionBudgetErrors(budget: ApiObject): FieldError[] {
  const spec = (budget.spec ?? {}) as DisruptionBudgetSpec
  const { minAvailable, maxUnavailable, selector, unhealthyPodEvictionPolicy: eviction } = spec
  const errors: FieldError[] = []
  if (minAvailable !== undefined && maxUnavailable !== undefined) {
    errors.push(invalidValue('spec', internalSpec(spec), 'minAvailable and maxUnavailable cannot be both set'))
  }
  for (const [field, value] of Object.entries({ minAvailable, maxUnavailable })) {
    if (value === undefined) continue
    errors.push(...positiveIntOrPercent(`spec.${field}`, value), ...atMost100Percent(`spec.${field}`, value))
  }
  errors.push(...labelSelectorErrors(selector, 'spec.selector'))
  if (eviction !== undefined && !EVICTION_POLICIES.includes(eviction)) {
    errors.push(notSupported('spec.unhealthyPodEvictionPolicy', eviction, EVICTION_POLICIES))
  }
  return errors
}

/** Upstream prints its internal type: Go's names, nothing left out. */
function internalSpec(spec: DisruptionBudgetSpec): object {
  return {
    MinAvailable: spec.minAvailable ?? null,
    Selector: spec.selector ?? null,
    MaxUnavailable: spec.maxUnavailable ?? null,
    UnhealthyPodEvictionPolicy: spec.unhealthyPodEvictionPolicy ?? null,
  }
}

export function disruptionBudgetStatusErrors(budget: ApiObject): FieldError[] {
  const status = (budget.status ?? {}) as DisruptionBudgetStatus
  return [
    ...conditionErrors(status.conditions, 'status.conditions'),
    ...nonNegative('status.disruptionsAllowed', status.disruptionsAllowed),
    ...nonNegative('status.currentHealthy', status.currentHealthy),
    ...nonNegative('status.desiredHealthy', status.desiredHealthy),
    ...nonNegative('status.expectedPods', status.expectedPods),
  ]
}
