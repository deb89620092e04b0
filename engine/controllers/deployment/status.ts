import { formatTime, parseTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import {
  type Condition,
  type Conditions,
  findCondition,
  withCondition,
  withoutCondition,
  writtenStatus,
} from '../pod-control/conditions.ts'
import { maxUnavailable } from './sizes.ts'
import { actualOf, availableOf, type Deployment, type DeploymentStatus, type ReplicaSet, sizeOf, sum } from './types.ts'

export const PROGRESSING = 'Progressing'
export const TIMED_OUT = 'ProgressDeadlineExceeded'
const AVAILABLE = 'Available'
const FAILURE = 'ReplicaFailure'
const COMPLETE = 'NewReplicaSetAvailable'
/** What the API takes as no limit. */
const UNLIMITED = 2 ** 31 - 1

/** The sets of a Deployment: that of its present template, if there is one, and all others. */
export interface Sets {
  readonly current: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
}

export const allOf = ({ current, old }: Sets): ReplicaSet[] => [...old, ...(current === undefined ? [] : [current])]

export function hasDeadline({ spec }: Deployment): boolean {
  return spec.progressDeadlineSeconds !== undefined && spec.progressDeadlineSeconds !== UNLIMITED
}

export function hasHistoryLimit({ spec }: Deployment): boolean {
  return spec.revisionHistoryLimit !== undefined && spec.revisionHistoryLimit !== UNLIMITED
}

/** A condition that has come about now. */
export function condition(
  type: string,
  status: Condition['status'],
  reason: string,
  message: string,
  now: number,
): Condition {
  const time = formatTime(now)
  return { type, status, lastUpdateTime: time, lastTransitionTime: time, reason, message }
}

export const progressOf = ({ status }: Deployment): Condition | undefined =>
  findCondition(status?.conditions, PROGRESSING)

/** `calculateStatus` (1.34, without the gated count of Pods that end). */
export function deploymentStatus(deployment: Deployment, sets: Sets, now: number): DeploymentStatus {
  const all = allOf(sets)
  const available = sum(all, availableOf)
  const { collisionCount, conditions = [] } = deployment.status ?? {}
  const enough = available >= sizeOf(deployment) - maxUnavailable(deployment)
  return {
    observedGeneration: deployment.metadata.generation ?? 0,
    replicas: sum(all, actualOf),
    updatedReplicas: sets.current === undefined ? 0 : actualOf(sets.current),
    readyReplicas: sum(all, ({ status }) => status?.readyReplicas ?? 0),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, sum(all, sizeOf) - available),
    ...(collisionCount === undefined ? {} : { collisionCount }),
    conditions: withCondition(
      conditions,
      enough
        ? condition(AVAILABLE, 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
        : condition(
            AVAILABLE,
            'False',
            'MinimumReplicasUnavailable',
            'Deployment does not have minimum availability.',
            now,
          ),
    ),
  }
}

/** The same with how far the rollout has come: `syncRolloutStatus`. */
export function rolloutStatus(deployment: Deployment, sets: Sets, now: number): DeploymentStatus {
  const status = deploymentStatus(deployment, sets, now)
  const conditions = withFailure(withProgress(deployment, sets.current, status, now), sets)
  return { ...status, conditions }
}

function withProgress(
  deployment: Deployment,
  current: ReplicaSet | undefined,
  status: DeploymentStatus,
  now: number,
): Conditions {
  const { conditions = [] } = status
  if (!hasDeadline(deployment)) return withoutCondition(conditions, PROGRESSING)
  const before = progressOf(deployment)
  if (status.replicas === status.updatedReplicas && before?.reason === COMPLETE) return conditions
  const what = current === undefined ? 'Deployment' : 'ReplicaSet'
  const subject = `${what} ${JSON.stringify((current ?? deployment).metadata.name)}`
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`
    return withCondition(conditions, condition(PROGRESSING, 'True', COMPLETE, message, now))
  }
  if (hasProgressed(deployment, status)) {
    const made = condition(PROGRESSING, 'True', 'ReplicaSetUpdated', `${subject} is progressing.`, now)
    // The time of the last update is renewed even where nothing else is
    const since = before?.status === 'True' ? before.lastTransitionTime : made.lastTransitionTime
    const renewed = { ...made, ...(since === undefined ? {} : { lastTransitionTime: since }) }
    return [...withoutCondition(conditions, PROGRESSING), renewed]
  }
  if (hasTimedOut(deployment, now)) {
    const message = `${subject} has timed out progressing.`
    return withCondition(conditions, condition(PROGRESSING, 'False', TIMED_OUT, message, now))
  }
  return conditions
}

/** What keeps a set from having its Pods is told of the Deployment. */
function withFailure(conditions: Conditions, sets: Sets): Conditions {
  const failures = [...(sets.current === undefined ? [] : [sets.current]), ...sets.old].flatMap(
    ({ status }) => findCondition(status?.conditions, FAILURE) ?? [],
  )
  const [first] = failures
  if (first === undefined) return withoutCondition(conditions, FAILURE)
  const { lastTransitionTime } = first
  return withCondition(conditions, {
    ...first,
    ...(lastTransitionTime === undefined ? {} : { lastUpdateTime: lastTransitionTime }),
  })
}

export function isComplete(deployment: Deployment, status: DeploymentStatus): boolean {
  const desired = sizeOf(deployment)
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status
  const complete = updatedReplicas === desired && replicas === desired && availableReplicas === desired
  return complete && observedGeneration >= (deployment.metadata.generation ?? 0)
}

function hasProgressed(deployment: Deployment, status: DeploymentStatus): boolean {
  const count = (
    of: DeploymentStatus | undefined,
    field: 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas',
  ) => of?.[field] ?? 0
  const before = deployment.status
  const oldReplicas = (of: DeploymentStatus | undefined) => count(of, 'replicas') - count(of, 'updatedReplicas')
  return (
    count(status, 'updatedReplicas') > count(before, 'updatedReplicas') ||
    oldReplicas(status) < oldReplicas(before) ||
    count(status, 'readyReplicas') > count(before, 'readyReplicas') ||
    count(status, 'availableReplicas') > count(before, 'availableReplicas')
  )
}

function hasTimedOut(deployment: Deployment, now: number): boolean {
  const before = progressOf(deployment)
  if (before === undefined || before.reason === COMPLETE) return false
  if (before.reason === TIMED_OUT) return true
  return deadline(deployment, before) < now
}

const deadline = ({ spec }: Deployment, { lastUpdateTime = '' }: Condition): number =>
  (parseTime(lastUpdateTime) ?? 0) + (spec.progressDeadlineSeconds ?? 0) * 1000

/** Milliseconds until it is known whether a rollout that does not move has timed out; undefined if nothing is waited for. */
export function progressCheck(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const before = progressOf(deployment)
  if (!hasDeadline(deployment) || before === undefined) return undefined
  if (isComplete(deployment, status) || before.reason === TIMED_OUT) return undefined
  const left = deadline(deployment, before) - now
  // A second late, as upstream, since times are of whole seconds
  return left < 1000 ? Math.max(left, 0) + 5 : left + 1000
}

export const written = (status: DeploymentStatus): ApiObject['status'] => writtenStatus(status, ['collisionCount'])
