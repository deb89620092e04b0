import { isEnding, type Pod } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { ControllerRevision } from '../history/history.ts'
import { writtenStatus } from '../pod-control/conditions.ts'
import {
  isCreated,
  isRunning,
  isUsable,
  revisionOf,
  type StatefulSet,
  type StatefulSetStatus,
  sizeOf,
} from './types.ts'

/** `updateStatus` and `completeRollingUpdate` (1.34). `deleted`: a Pod of the current revision has just been deleted to be updated. */
export function statefulSetStatus(
  set: StatefulSet,
  pods: readonly Pod[],
  revisions: { readonly current: ControllerRevision; readonly update: ControllerRevision; readonly collisions: number },
  { now, deleted }: { readonly now: number; readonly deleted: boolean },
): StatefulSetStatus {
  const { current, update, collisions } = revisions
  const ready = pods.filter(isRunning)
  const staying = pods.filter((pod) => isCreated(pod) && !isEnding(pod))
  const of = ({ metadata }: ControllerRevision) => staying.filter((pod) => revisionOf(pod) === metadata.name).length
  const { conditions } = set.status ?? {}
  return completed(set, {
    observedGeneration: set.metadata.generation ?? 0,
    replicas: pods.filter(isCreated).length,
    readyReplicas: ready.length,
    availableReplicas: ready.filter((pod) => isUsable(set, pod, now)).length,
    currentReplicas: Math.max(0, of(current) - (deleted ? 1 : 0)),
    updatedReplicas: of(update),
    currentRevision: current.metadata.name,
    updateRevision: update.metadata.name,
    collisionCount: collisions,
    ...(conditions === undefined ? {} : { conditions }),
  })
}

/** When all are updated and ready, what was the update is what is current. */
function completed(set: StatefulSet, status: StatefulSetStatus): StatefulSetStatus {
  const { updatedReplicas = 0, readyReplicas, replicas, updateRevision = '' } = status
  const size = sizeOf(set)
  const rolls = set.spec.updateStrategy.type === 'RollingUpdate'
  if (!rolls || updatedReplicas !== size || readyReplicas !== size || replicas !== size) return status
  return { ...status, currentReplicas: updatedReplicas, currentRevision: updateRevision }
}

export const written = (status: StatefulSetStatus): ApiObject['status'] =>
  writtenStatus(status, ['replicas', 'availableReplicas', 'collisionCount'])
