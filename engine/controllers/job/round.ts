import type { JobSpec, JobStatus } from '../../kinds/batch/types.ts'
import { isActive, isReady, isTerminating, type Pod, statusOf } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'
import { type Failures, withNew } from './backoff.ts'
import { Intervals } from './intervals.ts'
import { allFailuresOf, failuresOf, finishedAt, hasFailed, indexOf, isIndexed, isTracked } from './job-pods.ts'
import { failureOf } from './policies.ts'

export interface JobCondition {
  readonly type: 'Suspended' | 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet'
  readonly status: 'True' | 'False'
  readonly lastProbeTime: string
  readonly lastTransitionTime: string
  readonly reason: string
  readonly message: string
}

/** batch/v1's JobStatus while it is worked on. */
export interface Draft {
  conditions: readonly JobCondition[]
  startTime: string | undefined
  completionTime: string | undefined
  active: number
  ready: number | undefined
  terminating: number | undefined
  succeeded: number
  failed: number
  completedIndexes: string
  failedIndexes: string | undefined
  uncounted: { succeeded: readonly string[]; failed: readonly string[] }
}

export function draftOf({ status }: ApiObject): Draft {
  const { conditions = [], uncountedTerminatedPods: uncounted = {}, ...rest } = (status ?? {}) as JobStatus
  return {
    conditions: conditions as readonly JobCondition[],
    startTime: rest.startTime,
    completionTime: rest.completionTime,
    active: rest.active ?? 0,
    ready: rest.ready,
    terminating: rest.terminating,
    succeeded: rest.succeeded ?? 0,
    failed: rest.failed ?? 0,
    completedIndexes: rest.completedIndexes ?? '',
    failedIndexes: rest.failedIndexes,
    uncounted: { succeeded: uncounted.succeeded ?? [], failed: uncounted.failed ?? [] },
  }
}

/** As Go writes it. */
export function statusOfDraft(draft: Draft): JobStatus {
  const { conditions, startTime, completionTime, active, ready, terminating, succeeded, failed } = draft
  const { completedIndexes, failedIndexes, uncounted } = draft
  return {
    ...(conditions.length === 0 ? {} : { conditions }),
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    ...(active === 0 ? {} : { active }),
    ...(succeeded === 0 ? {} : { succeeded }),
    ...(failed === 0 ? {} : { failed }),
    ...(terminating === undefined ? {} : { terminating }),
    ...(completedIndexes === '' ? {} : { completedIndexes }),
    ...(failedIndexes === undefined ? {} : { failedIndexes }),
    uncountedTerminatedPods: {
      ...(uncounted.succeeded.length === 0 ? {} : { succeeded: uncounted.succeeded }),
      ...(uncounted.failed.length === 0 ? {} : { failed: uncounted.failed }),
    },
    ...(ready === undefined ? {} : { ready }),
  }
}

/** A Job and its Pods while they are looked at: what has been counted, what has not, what is to be done. */
export class Round {
  readonly job: ApiObject
  readonly spec: JobSpec
  readonly pods: readonly Pod[]
  readonly active: readonly Pod[]
  readonly draft: Draft
  readonly failures: Failures
  readonly failed: number
  readonly previousIndexes: Intervals
  succeeded: number
  succeededIndexes: Intervals
  failedIndexes: Intervals | undefined
  /** The last failed Pod of each index that may be made again, later. */
  readonly delayed: ReadonlyMap<number, Pod>
  activeCount: number
  ready: number
  terminating: number

  constructor(job: ApiObject, spec: JobSpec, pods: readonly Pod[], failures: Failures) {
    this.job = job
    this.spec = spec
    this.pods = pods
    this.active = pods.filter(isActive)
    this.draft = draftOf(job)
    this.activeCount = this.active.length
    this.ready = this.active.filter(isReady).length
    this.terminating = pods.filter(isTerminating).length
    const { uncounted, succeeded, failed, completedIndexes, failedIndexes } = this.draft
    const newSucceeded = this.#uncounted(uncounted.succeeded, (pod) => statusOf(pod).phase === 'Succeeded')
    const newFailed = this.#uncounted(uncounted.failed, (pod) => hasFailed(pod, spec))
    this.failures = withNew(failures, newSucceeded, newFailed)
    this.succeeded = succeeded + newSucceeded.length + uncounted.succeeded.length
    this.failed = failed + newFailed.filter((pod) => failureOf(pod, spec).counts).length + uncounted.failed.length
    const { completions = 0 } = spec
    this.previousIndexes = Intervals.parse(completedIndexes, completions)
    this.succeededIndexes = this.previousIndexes
    this.failedIndexes = undefined
    if (isIndexed(spec)) {
      const done = this.#indexesOf((pod) => statusOf(pod).phase === 'Succeeded')
      this.succeededIndexes = this.previousIndexes.with(done)
      this.succeeded = this.succeededIndexes.size
      if (spec.backoffLimitPerIndex !== undefined) {
        const lost = this.#indexesOf((pod) => this.#isIndexLost(pod))
        this.failedIndexes = Intervals.parse(failedIndexes, completions).with(lost)
      }
    }
    this.delayed = this.failedIndexes === undefined ? new Map() : this.#delayed(this.failedIndexes)
  }

  /** Whether a Pod's index is one of the Job's, where it has indexes. */
  isOfJob(pod: Pod): boolean {
    const { completions = 0 } = this.spec
    return !isIndexed(this.spec) || (indexOf(pod) ?? completions) < completions
  }

  #uncounted(known: readonly string[], is: (pod: Pod) => boolean): Pod[] {
    return this.pods.filter(
      (pod) => isTracked(pod) && !known.includes(pod.metadata.uid) && this.isOfJob(pod) && is(pod),
    )
  }

  #indexesOf(is: (pod: Pod) => boolean): Intervals {
    const pods = this.pods.filter((pod) => isTracked(pod) && this.isOfJob(pod) && is(pod))
    return Intervals.of(pods.flatMap((pod) => indexOf(pod) ?? []))
  }

  #isIndexLost(pod: Pod): boolean {
    if (!hasFailed(pod, this.spec)) return false
    const { counts, action } = failureOf(pod, this.spec)
    return action === 'FailIndex' || (counts && failuresOf(pod) >= (this.spec.backoffLimitPerIndex ?? 0))
  }

  #delayed(lost: Intervals): Map<number, Pod> {
    const running = new Set(this.active.map(indexOf))
    const last = new Map<number, Pod>()
    for (const pod of this.#uncounted([], (one) => hasFailed(one, this.spec))) {
      const index = indexOf(pod)
      if (index === undefined || this.succeededIndexes.has(index) || lost.has(index) || running.has(index)) continue
      const known = last.get(index)
      const isLater =
        known === undefined || (allFailuresOf(known) <= allFailuresOf(pod) && finishedAt(pod) >= finishedAt(known))
      if (isLater) last.set(index, pod)
    }
    return last
  }
}
