import type { ApiObject } from '../../objects/types.ts'

/** A condition of a workload's status. */
export interface Condition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly lastUpdateTime?: string
  readonly lastTransitionTime?: string
  readonly reason?: string
  readonly message?: string
}

export type Conditions = readonly Condition[]

export function findCondition(conditions: Conditions | undefined, type: string): Condition | undefined {
  return conditions?.find((one) => one.type === type)
}

export function withoutCondition(conditions: Conditions, type: string): Conditions {
  return conditions.filter((one) => one.type !== type)
}

/** As it is where status and reason are the same; else as the last, having changed only if its status has. */
export function withCondition(conditions: Conditions, condition: Condition): Conditions {
  const before = findCondition(conditions, condition.type)
  if (before?.status === condition.status && before.reason === condition.reason) return conditions
  const { lastTransitionTime } = before?.status === condition.status ? before : condition
  const set = { ...condition, ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }) }
  return [...withoutCondition(conditions, condition.type), set]
}

/** A status as upstream's types write it: of the fields without a value only those that are always written. */
export function writtenStatus<T extends object>(status: T, always: readonly (keyof T)[]): ApiObject['status'] {
  const written: Record<string, unknown> = {}
  for (const [field, value] of Object.entries(status)) {
    const empty = value === undefined || value === 0 || value === '' || (Array.isArray(value) && value.length === 0)
    if (!empty || always.includes(field as keyof T)) written[field] = value
  }
  return written
}
