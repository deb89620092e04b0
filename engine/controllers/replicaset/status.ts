import type { WorkloadSpec } from '../../kinds/apps/types.ts'
import { isAvailable, isReady } from '../../kinds/pod/status.ts'
import { LabelSelector } from '../../objects/label-selector.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { type Conditions, findCondition, withCondition, withoutCondition } from '../pod-control/conditions.ts'
import { messageOf } from '../pod-control/pod-control.ts'

const FAILURE = 'ReplicaFailure'

export interface ReplicaSetStatus {
  readonly replicas: number
  readonly fullyLabeledReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly observedGeneration?: number
  readonly conditions?: Conditions
}

export interface Observed {
  readonly spec: Omit<WorkloadSpec, 'selector'>
  readonly status: ReplicaSetStatus
  readonly generation: number
  /** Its active Pods. */
  readonly pods: readonly ApiObject[]
  /** What went wrong when Pods were created or deleted. */
  readonly failure: unknown
  /** Milliseconds since 1970. */
  readonly now: number
}

/** What a ReplicaSet says of its Pods: replicaset's `calculateStatus` (1.34, without the gated count of those that end). */
export function replicaSetStatus({ spec, status, generation, pods, failure, now }: Observed): ReplicaSetStatus {
  const { template, minReadySeconds = 0, replicas = 0 } = spec
  const labelled = LabelSelector.ofLabels(template.metadata?.labels)
  const count = { labelled: 0, ready: 0, available: 0 }
  for (const pod of pods) {
    if (labelled.matches(pod.metadata.labels)) count.labelled++
    if (!isReady(pod)) continue
    count.ready++
    if (isAvailable(pod, minReadySeconds, now)) count.available++
  }
  return {
    replicas: pods.length,
    fullyLabeledReplicas: count.labelled,
    readyReplicas: count.ready,
    availableReplicas: count.available,
    observedGeneration: generation,
    conditions: conditionsOf(status.conditions ?? [], pods.length - replicas, failure, formatTime(now)),
  }
}

function conditionsOf(conditions: Conditions, surplus: number, failure: unknown, now: string): Conditions {
  if (failure === undefined) return withoutCondition(conditions, FAILURE)
  // As upstream: the first failure stands until all is well
  if (findCondition(conditions, FAILURE) !== undefined) return conditions
  return withCondition(conditions, {
    type: FAILURE,
    status: 'True',
    lastTransitionTime: now,
    reason: surplus < 0 ? 'FailedCreate' : 'FailedDelete',
    message: messageOf(failure),
  })
}
