import { parseTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { PodCondition, PodSpec, PodStatus } from './types.ts'

/** A stored Pod as those see it who act on it. */
export interface Pod extends ApiObject {
  readonly spec: PodSpec
  readonly status?: PodStatus
}

export const asPod = (object: ApiObject): Pod => object as Pod

export function statusOf(pod: ApiObject): PodStatus {
  return (pod.status ?? {}) as PodStatus
}

export function conditionOf({ conditions }: PodStatus, type: string): PodCondition | undefined {
  return conditions?.find((condition) => condition.type === type)
}

export const isReadyStatus = (status: PodStatus): boolean => conditionOf(status, 'Ready')?.status === 'True'

export function isReady(pod: ApiObject): boolean {
  return isReadyStatus(statusOf(pod))
}

/** Milliseconds since 1970; undefined if it is not ready, or does not say since when. */
export function readySince(pod: ApiObject): number | undefined {
  const ready = conditionOf(statusOf(pod), 'Ready')
  return ready?.status === 'True' ? parseTime(ready.lastTransitionTime ?? '') : undefined
}

/** Ready for so many seconds. */
export function isAvailable(pod: ApiObject, minReadySeconds: number, now: number): boolean {
  if (!isReady(pod)) return false
  if (minReadySeconds === 0) return true
  const since = readySince(pod)
  return since !== undefined && since + minReadySeconds * 1000 <= now
}

/** All its containers have ended for good. */
export function isTerminal(pod: ApiObject): boolean {
  const { phase } = statusOf(pod)
  return phase === 'Succeeded' || phase === 'Failed'
}

export const isEnding = ({ metadata }: ApiObject): boolean => metadata.deletionTimestamp !== undefined

/** It counts as one that runs or will. */
export const isActive = (pod: ApiObject): boolean => !isTerminal(pod) && !isEnding(pod)

/** It is being deleted, and its containers may still run. */
export const isTerminating = (pod: ApiObject): boolean => isEnding(pod) && !isTerminal(pod)

type NewCondition = Pick<PodCondition, 'type' | 'status' | 'reason' | 'message' | 'observedGeneration'>

/** The Pod with a condition set; its transition time changes only with its status (`podutil.UpdatePodCondition`). */
export function withCondition(pod: ApiObject, condition: NewCondition, now: string): ApiObject {
  const { conditions = [], ...status } = statusOf(pod)
  const before = conditions.find(({ type }) => type === condition.type)
  const transition = before?.status === condition.status ? before.lastTransitionTime : now
  const set: PodCondition = {
    type: condition.type,
    ...(condition.observedGeneration === undefined ? {} : { observedGeneration: condition.observedGeneration }),
    status: condition.status,
    lastProbeTime: before?.lastProbeTime ?? null,
    lastTransitionTime: transition ?? null,
    ...(condition.reason === undefined ? {} : { reason: condition.reason }),
    ...(condition.message === undefined ? {} : { message: condition.message }),
  }
  const all = before === undefined ? [...conditions, set] : conditions.map((one) => (one === before ? set : one))
  return { ...pod, status: { ...status, conditions: all } }
}
