import type { ApiObject } from '../../objects/types.ts'

export interface PodCondition {
  readonly type: string
  readonly status: 'True' | 'False' | 'Unknown'
  readonly reason?: string
  readonly message?: string
}

interface StoredCondition extends PodCondition {
  readonly lastProbeTime?: string | null
  readonly lastTransitionTime?: string | null
}

interface PodStatus {
  readonly phase?: string
  readonly conditions?: readonly StoredCondition[]
  readonly podIP?: string
}

export function statusOf(pod: ApiObject): PodStatus {
  return (pod.status ?? {}) as PodStatus
}

/** The Pod with a condition set; its transition time changes only with its status (`podutil.UpdatePodCondition`). */
export function withCondition(pod: ApiObject, condition: PodCondition, now: string): ApiObject {
  const { conditions = [], ...status } = statusOf(pod)
  const before = conditions.find(({ type }) => type === condition.type)
  const transition = before?.status === condition.status ? before.lastTransitionTime : now
  const set: StoredCondition = {
    type: condition.type,
    status: condition.status,
    lastProbeTime: before?.lastProbeTime ?? null,
    lastTransitionTime: transition ?? null,
    ...(condition.reason === undefined ? {} : { reason: condition.reason }),
    ...(condition.message === undefined ? {} : { message: condition.message }),
  }
  const all = before === undefined ? [...conditions, set] : conditions.map((one) => (one === before ? set : one))
  return { ...pod, status: { ...status, conditions: all } }
}

export function isReady(pod: ApiObject): boolean {
  return statusOf(pod).conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false
}
