import { isAvailable, isReady } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'
import { writtenStatus } from '../pod-control/conditions.ts'
import { isUpdated } from './daemon-pod.ts'
import type { Situation } from './placing.ts'
import { type DaemonSetStatus, oldestFirst } from './types.ts'

/** `updateDaemonSetStatus` (1.34): of several Pods on a node the oldest counts. */
export function daemonSetStatus({ set, hash, nodes, pods, fitOf, now }: Situation): DaemonSetStatus {
  const count = { desired: 0, current: 0, misplaced: 0, ready: 0, available: 0, updated: 0 }
  for (const node of nodes) {
    const [first] = [...(pods.get(node.metadata.name) ?? [])].sort(oldestFirst)
    if (!fitOf(node).runs) {
      if (first !== undefined) count.misplaced++
      continue
    }
    count.desired++
    if (first === undefined) continue
    count.current++
    if (isReady(first)) count.ready++
    if (isAvailable(first, set.spec.minReadySeconds ?? 0, now)) count.available++
    if (isUpdated(set, first, hash)) count.updated++
  }
  const { collisionCount, conditions } = set.status ?? {}
  return {
    currentNumberScheduled: count.current,
    numberMisscheduled: count.misplaced,
    desiredNumberScheduled: count.desired,
    numberReady: count.ready,
    observedGeneration: set.metadata.generation ?? 0,
    updatedNumberScheduled: count.updated,
    numberAvailable: count.available,
    numberUnavailable: count.desired - count.available,
    ...(collisionCount === undefined ? {} : { collisionCount }),
    ...(conditions === undefined ? {} : { conditions }),
  }
}

export const written = (status: DaemonSetStatus): ApiObject['status'] =>
  writtenStatus(status, [
    'currentNumberScheduled',
    'numberMisscheduled',
    'desiredNumberScheduled',
    'numberReady',
    'collisionCount',
  ])
