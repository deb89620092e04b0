import { isEnding, isTerminal, type Pod, statusOf } from '../../kinds/pod/status.ts'
import { StatusError } from '../../objects/status-error.ts'
import { type ControllerRevision, templateOf } from '../history/history.ts'
import { newPod } from './new-pod.ts'
import type { StatefulPods } from './stateful-pods.ts'
import {
  firstOrdinal,
  isCreated,
  isOrdered,
  isRunning,
  isUnavailable,
  isUsable,
  isWanted,
  ordinalOf,
  partitionOf,
  revisionOf,
  type StatefulSet,
  sizeOf,
} from './types.ts'

/** Pods that are worked on at once where order does not count, at most. */
const MOST_AT_ONCE = 500

export interface Work {
  readonly set: StatefulSet
  readonly pods: StatefulPods
  readonly current: ControllerRevision
  readonly update: ControllerRevision
  /** Those that are to be, by index, stored or not. */
  readonly replicas: readonly Pod[]
  /** Those that are too many, the last first. */
  readonly condemned: readonly Pod[]
  readonly now: number
}

/** What there is to do for a set whose Pods are these. */
export function workOf(
  set: StatefulSet,
  stored: readonly Pod[],
  rest: Pick<Work, 'pods' | 'current' | 'update' | 'now'>,
): Work {
  const wanted = new Map(stored.filter((pod) => isWanted(set, pod)).map((pod) => [ordinalOf(pod), pod]))
  const replicas = Array.from({ length: sizeOf(set) }, (_, index) => {
    const ordinal = firstOrdinal(set) + index
    const revision = keepsCurrent(set, ordinal) ? rest.current : rest.update
    return wanted.get(ordinal) ?? newPod(set, templateOf(revision), revision.metadata.name, ordinal)
  })
  const condemned = stored
    .filter((pod) => !isWanted(set, pod) && ordinalOf(pod) >= 0)
    .sort((left, right) => ordinalOf(right) - ordinalOf(left))
  return { set, replicas, condemned, ...rest }
}

/** Pods below the partition are made anew as they were. */
function keepsCurrent(set: StatefulSet, ordinal: number): boolean {
  const { type, rollingUpdate } = set.spec.updateStrategy
  if (rollingUpdate !== undefined) return ordinal < firstOrdinal(set) + partitionOf(set)
  return type === 'RollingUpdate' && ordinal < firstOrdinal(set) + (set.status?.currentReplicas ?? 0)
}

/** One step: what is missing is created, what is too much deleted, then what is of an old revision. Says whether a Pod was deleted to be updated. */
export function bringOn(work: Work): boolean {
  const { set, replicas, condemned, pods } = work
  const ordered = isOrdered(set)
  if (forAll(replicas, ordered, (pod) => replica(work, pod, ordered))) return false
  const settled = forAll(condemned, ordered, (pod) => {
    pods.keepPolicy(set, pod)
    return false
  })
  if (settled) return false
  const unhealthy = firstUnhealthy(work)
  if (forAll(condemned, ordered, (pod) => condemn(work, pod, ordered, unhealthy))) return false
  return set.spec.updateStrategy.type !== 'OnDelete' && replaceOne(work)
}

/** In order until one has to be waited for (true), or all, in batches that double. */
function forAll(all: readonly Pod[], ordered: boolean, act: (pod: Pod) => boolean): boolean {
  if (ordered) return all.some(act)
  let done = 0
  for (let size = 1; done < all.length; size = Math.min(2 * size, MOST_AT_ONCE)) {
    const errors: unknown[] = []
    for (const pod of all.slice(done, done + size)) {
      try {
        act(pod)
      } catch (error) {
        errors.push(error)
      }
    }
    if (errors.length > 0) throw errors[0]
    done += size
  }
  return false
}

/** Whether the others have to wait. */
function replica({ set, pods, now }: Work, pod: Pod, ordered: boolean): boolean {
  if (isTerminal(pod)) {
    if (!isEnding(pod)) pods.delete(set, pod)
    return true
  }
  if (!isCreated(pod)) {
    if (pods.waitsForClaims(set, pod)) return true
    pods.create(set, pod)
    return ordered
  }
  if (statusOf(pod).phase === 'Pending') pods.completeClaims(set, pod)
  if (ordered && (isEnding(pod) || !isRunning(pod) || !isUsable(set, pod, now))) return true
  pods.mend(set, pod)
  return false
}

function condemn({ set, pods, now }: Work, pod: Pod, ordered: boolean, unhealthy: Pod | undefined): boolean {
  if (isEnding(pod)) return ordered
  const waits = ordered && pod !== unhealthy && (!isRunning(pod) || !isUsable(set, pod, now))
  if (!waits) pods.delete(set, pod)
  return true
}

/** The one with the lowest ordinal that does not work: it need not be waited for. */
function firstUnhealthy({ set, replicas, condemned, now }: Work): Pod | undefined {
  return [...replicas, ...condemned.toReversed()].find((pod) => isUnavailable(set, pod, now))
}

/** Deletes the last Pod of an old revision, if all after it are available: it comes again as it is to be. */
function replaceOne({ set, replicas, update, pods, now }: Work): boolean {
  for (const pod of replicas.slice(partitionOf(set)).reverse()) {
    if (revisionOf(pod) !== update.metadata.name && !isEnding(pod)) {
      try {
        pods.delete(set, pod)
      } catch (error) {
        if (!(error instanceof StatusError) || error.reason !== 'NotFound') throw error
      }
      return true
    }
    if (isUnavailable(set, pod, now)) return false
  }
  return false
}
