import type { IntOrString } from '../../objects/int-or-string.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { ApiObject } from '../../objects/types.ts'

/** policy/v1's PodDisruptionBudget (1.34), as far as it is counted here. */
export interface BudgetSpec {
  readonly minAvailable?: IntOrString
  readonly maxUnavailable?: IntOrString
  readonly selector?: LabelSelectorObject
}

export interface BudgetCondition {
  readonly type: string
  readonly status: 'True' | 'False'
  readonly observedGeneration?: number
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

export interface BudgetStatus {
  readonly observedGeneration?: number
  /** When Pods were allowed to go that have not gone yet. */
  readonly disruptedPods?: Readonly<Record<string, string>>
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  readonly expectedPods: number
  readonly conditions?: readonly BudgetCondition[]
}

export const budgetSpecOf = ({ spec }: ApiObject): BudgetSpec => (spec ?? {}) as BudgetSpec

export function budgetStatusOf({ status }: ApiObject): BudgetStatus {
  return { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0, ...(status as object) }
}

/** The conditions with the one that says whether a Pod may go. */
export function withAllowed(
  status: BudgetStatus,
  said: Pick<BudgetCondition, 'status' | 'reason' | 'message'>,
  now: string,
): readonly BudgetCondition[] {
  const { conditions = [], observedGeneration } = status
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const set: BudgetCondition = {
    type: 'DisruptionAllowed',
    status: said.status,
    ...(observedGeneration === undefined || observedGeneration === 0 ? {} : { observedGeneration }),
    lastTransitionTime: before?.status === said.status ? before.lastTransitionTime : now,
    reason: said.reason,
    message: said.message,
  }
  return before === undefined ? [...conditions, set] : conditions.map((one) => (one === before ? set : one))
}

/** A selector as Go prints it. */
export function selectorText({ matchLabels = {}, matchExpressions = [] }: LabelSelectorObject): string {
  const labels = Object.keys(matchLabels)
    .sort()
    .map((key) => `${key}: ${matchLabels[key]},`)
  const expressions = matchExpressions.map(
    ({ key, operator, values = [] }) =>
      `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`,
  )
  const map = `map[string]string{${labels.join('')}}`
  return `&LabelSelector{MatchLabels:${map},MatchExpressions:[]LabelSelectorRequirement{${expressions.join('')}},}`
}
