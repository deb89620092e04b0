import { finishOf, type JobSpec, jobSpecOf } from '../../kinds/batch/types.ts'
import { asPod, isReady, isTerminating, type Pod, statusOf } from '../../kinds/pod/status.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { formatTime, parseTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { ObjectEvent } from '../../storage/event.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import { withMetadata } from '../../storage/metadata.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { claimed } from '../pod-control/claims.ts'
import { controllerOf } from '../pod-control/controller-ref.ts'
import { Owners } from '../pod-control/owners.ts'
import { PODS, PodControl } from '../pod-control/pod-control.ts'
import { byDeletionOrder } from '../pod-control/ranks.ts'
import { Selectors } from '../pod-control/selectors.ts'
import { slowStart } from '../pod-control/slow-start.ts'
import { podFromTemplate } from '../pod-control/template.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { WorkQueue } from '../work-queue.ts'
import { type Failures, NO_FAILURES, remaining } from './backoff.ts'
import { Intervals } from './intervals.ts'
import {
  allFailuresOf,
  failuresOf,
  finishedAt,
  hasFailed,
  indexOf,
  isIndexed,
  isTracked,
  replacesFailedOnly,
  TRACKING,
  templateOf,
} from './job-pods.ts'
import { failureOf, successOf } from './policies.ts'
import { type JobCondition, Round, statusOfDraft } from './round.ts'

const JOBS: GroupResource = { group: 'batch', resource: 'jobs' }
/** Milliseconds for which changes of Pods are gathered. */
const BATCH_PERIOD = 1_000
/** Pods that are made, deleted or counted in one go. */
const MOST_AT_ONCE = 500
const MANAGED_HERE = 'kubernetes.io/job-controller'

/** Runs Pods until enough of them have succeeded, or too many have failed: upstream's job controller (1.34). */
export class JobController extends QueueController {
  readonly #pods: PodControl
  readonly #selectors = new Selectors()
  readonly #owners: Owners
  readonly #failures = new Map<string, Failures>()
  /** Pods that nobody counts any more, and that may still be held. */
  readonly #orphans: WorkQueue

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#pods = new PodControl(cluster, 'job-controller')
    this.#owners = new Owners(cluster, {
      kind: { group: 'batch', kind: 'Job' },
      resource: JOBS,
      selectorOf: (job) => this.#selectors.of(jobSpecOf(job).selector),
      add: (key) => this.queue.addAfter(key, BATCH_PERIOD),
    })
    this.#orphans = new WorkQueue({ clock: cluster.backend.clock, sync: (key) => this.#letGo(key), report })
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: JOBS, told: (event) => this.#jobChanged(event) },
      { resource: PODS, told: (event) => this.#podChanged(event) },
    ]
  }

  override stop(): void {
    super.stop()
    this.#orphans.clear()
    this.#failures.clear()
  }

  #jobChanged({ type, object, previous }: ObjectEvent): void {
    const key = keyOfObject(object)
    const onlyStatus = type === 'MODIFIED' && previous?.metadata.generation === object.metadata.generation
    this.queue.addAfter(key, onlyStatus ? BATCH_PERIOD : 0)
    if (type !== 'DELETED' && finishOf(object) === undefined) return
    for (const pod of this.#collection(PODS)?.byIndex('owner', object.metadata.uid) ?? []) {
      if (isTracked(asPod(pod))) this.#orphans.add(keyOfObject(pod))
    }
  }

  #podChanged(event: ObjectEvent): void {
    const { type, object } = event
    this.#owners.told(event)
    if (type === 'DELETED' || !isTracked(asPod(object))) return
    const job = this.#jobOf(object)
    if (job === undefined || finishOf(job) !== undefined) this.#orphans.add(keyOfObject(object))
  }

  /** A Pod whose Job is gone or finished is held no longer. */
  #letGo(key: string): void {
    const pod = this.#object(PODS, key)
    if (pod === undefined || !isTracked(asPod(pod))) return
    const owner = controllerOf(pod)
    if (owner !== undefined && owner.kind !== 'Job') return
    const job = this.#jobOf(pod)
    if (job !== undefined) {
      if (isManagedElsewhere(jobSpecOf(job))) return
      if (finishOf(job) === undefined) return
    }
    this.#untrack(asPod(pod))
  }

  protected sync(key: string): void {
    const job = this.#object(JOBS, key)
    if (job === undefined) {
      this.#failures.delete(key)
      return
    }
    const spec = jobSpecOf(job)
    if (isManagedElsewhere(spec)) return
    if (finishOf(job) !== undefined) {
      this.#failures.delete(key)
      return
    }
    const selector = this.#selectors.of(spec.selector)
    const pods = claimed(this.cluster, this.writer, { resource: PODS, owner: job, selector, finalizer: TRACKING })
    const round = new Round(job, spec, pods.map(asPod), this.#failures.get(key) ?? NO_FAILURES)
    this.#run(round, key)
  }

  #run(round: Round, key: string): void {
    const { draft, spec } = round
    if (draft.startTime === undefined && spec.suspend !== true) draft.startTime = this.#now()
    let ending = this.#endOf(round, key)
    let changed = false
    let error: unknown
    if (ending !== undefined) {
      error = this.#delete(round, round.active, false)
      // Not over while something is left that should be gone
      if (round.activeCount > 0) ending = undefined
    } else {
      let managed = false
      if (round.job.metadata.deletionTimestamp === undefined) {
        error = this.#manage(round, key)
        managed = true
      }
      const { completions } = spec
      const enough = completions === undefined ? round.succeeded > 0 : round.succeeded >= completions
      if (enough && round.activeCount === 0) {
        const message = 'Reached expected number of succeeded pods'
        ending = this.#condition('SuccessCriteriaMet', 'CompletionsReached', message)
      } else if (managed) changed = this.#noteSuspension(round)
    }
    changed ||=
      round.activeCount !== draft.active || round.ready !== draft.ready || round.terminating !== draft.terminating
    draft.active = round.activeCount
    draft.ready = round.ready
    draft.terminating = round.terminating
    this.#track(round, key, ending, changed)
    if (error !== undefined) throw error
  }

  /** Why the Job is over, if it is: what was decided before, then failures, then success by policy. */
  #endOf(round: Round, key: string): JobCondition | undefined {
    const { draft, spec, pods } = round
    const known = (type: JobCondition['type']) =>
      draft.conditions.find((condition) => condition.type === type && condition.status === 'True')
    const success = known('SuccessCriteriaMet')
    if (success !== undefined) return success
    const failure = known('FailureTarget')
    if (failure !== undefined) return this.#condition('Failed', failure.reason, failure.message)
    const byPolicy =
      spec.podFailurePolicy &&
      pods.flatMap((pod) => (hasFailed(pod, spec) ? (failureOf(pod, spec).message ?? []) : []))[0]
    if (byPolicy !== undefined) return this.#condition('FailureTarget', 'PodFailurePolicy', byPolicy)
    const byLimit = this.#limitOf(round, key)
    if (byLimit !== undefined) return this.#condition('FailureTarget', ...byLimit)
    const met = isIndexed(spec) ? successOf(spec, round.succeededIndexes) : undefined
    return met === undefined ? undefined : this.#condition('SuccessCriteriaMet', 'SuccessPolicy', met)
  }

  /** Reason and message of the limit that was reached. */
  #limitOf(round: Round, key: string): readonly [string, string] | undefined {
    const { spec, draft, failedIndexes, succeededIndexes } = round
    const { backoffLimit = 0, activeDeadlineSeconds, suspend, maxFailedIndexes, completions = 0 } = spec
    if (round.failed > backoffLimit || restartsTooOften(round)) {
      return ['BackoffLimitExceeded', 'Job has reached the specified backoff limit']
    }
    if (activeDeadlineSeconds !== undefined && suspend !== true && draft.startTime !== undefined) {
      const left = (parseTime(draft.startTime) ?? 0) + activeDeadlineSeconds * 1000 - this.cluster.backend.clock.now()
      if (left <= 0) return ['DeadlineExceeded', 'Job was active longer than specified deadline']
      this.queue.addAfter(key, left)
    }
    if (failedIndexes === undefined) return undefined
    if (maxFailedIndexes !== undefined && failedIndexes.size > maxFailedIndexes) {
      return ['MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes']
    }
    if (failedIndexes.size > 0 && failedIndexes.size + succeededIndexes.size >= completions) {
      return ['FailedIndexes', 'Job has failed indexes']
    }
    return undefined
  }

  /** Deletes what is too much or makes what is missing. Returns what went wrong. */
  #manage(round: Round, key: string): unknown {
    const { spec } = round
    const { parallelism = 0, completions } = spec
    if (spec.suspend === true) return this.#delete(round, this.#forRemoval(round, round.activeCount), true)
    const still = completions === undefined ? Number.POSITIVE_INFINITY : Math.max(0, completions - round.succeeded)
    const isOver = completions === undefined && round.succeeded > 0
    const wanted = isOver ? round.activeCount : Math.min(still, parallelism)
    const tooMany = this.#forRemoval(round, Math.max(0, round.activeCount - wanted)).slice(0, MOST_AT_ONCE)
    if (tooMany.length > 0) return this.#delete(round, tooMany, true)
    const ending = replacesFailedOnly(spec) ? round.terminating : 0
    const missing = Math.min(wanted - ending - round.activeCount, MOST_AT_ONCE)
    return missing > 0 ? this.#make(round, key, missing) : undefined
  }

  #make(round: Round, key: string, missing: number): unknown {
    const { spec, job } = round
    const now = this.cluster.backend.clock.now()
    if (spec.backoffLimitPerIndex === undefined) {
      const wait = remaining(round.failures, now)
      if (wait > 0) {
        this.queue.addAfter(key, Math.max(wait, BATCH_PERIOD))
        return undefined
      }
    }
    const indexes = isIndexed(spec) ? this.#indexesToMake(round, key, missing, now) : undefined
    const next = indexes?.[Symbol.iterator]()
    const { successes, error } = slowStart(indexes?.length ?? missing, () => {
      const index = next?.next().value
      const before = index === undefined ? undefined : round.delayed.get(index)
      const { template, generateName } = templateOf(job.metadata.name, spec, index, failuresBefore(before, spec))
      const pod = podFromTemplate(template, job)
      this.#pods.create(job, generateName === undefined ? pod : { ...pod, metadata: { ...pod.metadata, generateName } })
    })
    round.activeCount += successes
    return error
  }

  /** The first indexes that neither run nor are done; where each has its own limit, those whose time has come. */
  #indexesToMake(round: Round, key: string, missing: number, now: number): readonly number[] {
    const { spec, active, pods, failedIndexes = Intervals.none } = round
    const busy = replacesFailedOnly(spec) ? [...active, ...pods.filter(isTerminating)] : active
    const taken = round.succeededIndexes
      .with(failedIndexes)
      .with(Intervals.of(busy.flatMap((pod) => indexOf(pod) ?? [])))
    const indexes = taken.missing(missing, spec.completions ?? 0)
    if (spec.backoffLimitPerIndex === undefined) return indexes
    const waits = indexes.map((index) => {
      const before = round.delayed.get(index)
      if (before === undefined) return 0
      return remaining({ count: allFailuresOf(before) + 1, last: finishedAt(before) }, now)
    })
    const ready = indexes.filter((_, position) => waits[position] === 0)
    if (ready.length === 0 && waits.length > 0) this.queue.addAfter(key, Math.max(Math.min(...waits), BATCH_PERIOD))
    return ready
  }

  /** Those with an index that is another's or none of the Job's, then as many more as are needed. */
  #forRemoval({ spec, active, pods }: Round, count: number): readonly Pod[] {
    const now = this.cluster.backend.clock.now()
    const ordered = byDeletionOrder(active, pods, now)
    if (!isIndexed(spec)) return ordered.slice(0, count)
    const { completions = 0 } = spec
    const kept = new Map<number, Pod>()
    const surplus: Pod[] = []
    for (const pod of ordered) {
      const index = indexOf(pod)
      if (index === undefined || index >= completions) {
        surplus.push(pod)
        continue
      }
      // The last in this order is worth most
      const before = kept.get(index)
      if (before !== undefined) surplus.push(before)
      kept.set(index, pod)
    }
    const rest = ordered.filter((pod) => !surplus.includes(pod))
    return [...surplus, ...rest.slice(0, Math.max(0, count - surplus.length))]
  }

  /** Returns the first of what went wrong; `untracked` are Pods that shall not be counted. */
  #delete(round: Round, pods: readonly Pod[], untracked: boolean): unknown {
    let failure: unknown
    for (const pod of pods) {
      try {
        if (untracked) this.#untrack(pod)
        orElse(() => this.#pods.delete(round.job, pod), 'NotFound')
        round.activeCount--
        round.terminating++
        if (isReady(pod)) round.ready--
      } catch (error) {
        failure ??= error
      }
    }
    return failure
  }

  #noteSuspension({ job, spec, draft }: Round): boolean {
    const before = draft.conditions.find(({ type }) => type === 'Suspended')
    const suspended = spec.suspend === true
    if ((before?.status === 'True') === suspended) return false
    const set: JobCondition = {
      ...this.#condition(
        'Suspended',
        suspended ? 'JobSuspended' : 'JobResumed',
        suspended ? 'Job suspended' : 'Job resumed',
      ),
      status: suspended ? 'True' : 'False',
    }
    draft.conditions =
      before === undefined ? [...draft.conditions, set] : draft.conditions.map((one) => (one === before ? set : one))
    if (suspended) this.#pods.events.normal(job, 'Suspended', 'Job suspended')
    else {
      this.#pods.events.normal(job, 'Resumed', 'Job resumed')
      draft.startTime = this.#now()
    }
    return true
  }

  /** Counts Pods that have ended, first in the status, then by letting go of them, so that none is counted twice or lost. */
  #track(round: Round, key: string, decided: JobCondition | undefined, statusChanged: boolean): void {
    const { draft, spec } = round
    let ending = decided
    let changed = statusChanged
    const held = new Set(round.pods.filter(isTracked).map(({ metadata }) => metadata.uid))
    if (settle(round, held)) changed = true
    const { released, all } = this.#count(round, ending)
    if (released.some(({ counted }) => counted)) changed = true
    if (isIndexed(spec)) {
      const completed = round.succeededIndexes.toString()
      const lost = round.failedIndexes?.toString()
      if (completed !== draft.completedIndexes || lost !== draft.failedIndexes) changed = true
      draft.succeeded = round.succeededIndexes.size
      draft.completedIndexes = completed
      draft.failedIndexes = lost
    }
    if (ending?.type === 'FailureTarget') {
      draft.conditions = [...draft.conditions, ending]
      changed = true
      ending = this.#condition('Failed', ending.reason, ending.message)
    } else if (ending?.type === 'SuccessCriteriaMet') {
      if (!draft.conditions.some(({ type }) => type === 'SuccessCriteriaMet')) {
        draft.conditions = [...draft.conditions, ending]
        changed = true
      }
      ending = this.#condition('Complete', ending.reason, ending.message)
    }
    if (changed) {
      this.#write(round)
      this.#failures.set(key, round.failures)
    }
    for (const { pod } of released) {
      this.#untrack(pod)
      held.delete(pod.metadata.uid)
    }
    const settled = settle(round, held)
    const over = ending !== undefined && all && round.terminating === 0 && isSettled(round)
    if (over) {
      draft.conditions = [...draft.conditions.filter(({ type }) => type !== ending?.type), ending as JobCondition]
      if (ending?.type === 'Complete') draft.completionTime = ending.lastTransitionTime
    }
    if (settled || over) this.#write(round)
    if (over) this.#tellEnd(round, ending as JobCondition)
  }

  /** Pods that can be let go of, and whether they are counted now; `all` is false if there are more than are counted at once. */
  #count(round: Round, ending: JobCondition | undefined) {
    const { spec, draft, job } = round
    const { succeeded, failed } = draft.uncounted
    const released: { readonly pod: Pod; readonly counted: boolean }[] = []
    const uncounted = { succeeded: [...succeeded], failed: [...failed] }
    const isWholeEnd = job.metadata.deletionTimestamp !== undefined || ending !== undefined
    const failsRest = ending !== undefined && ending.type !== 'SuccessCriteriaMet'
    const newIndexes: number[] = []
    const pods = isIndexed(spec)
      ? round.pods.toSorted((one, other) => (indexOf(one) ?? -1) - (indexOf(other) ?? -1))
      : round.pods
    for (const pod of pods.filter(isTracked)) {
      const { uid } = pod.metadata
      const isLost = hasFailed(pod, spec)
      const isDone = statusOf(pod).phase === 'Succeeded'
      if (!isWholeEnd && !isDone && (!isLost || round.delayed.get(indexOf(pod) ?? -1) === pod)) continue
      if (newIndexes.length + uncounted.succeeded.length + uncounted.failed.length >= MOST_AT_ONCE) {
        draft.uncounted = uncounted
        return { released, all: false }
      }
      let counted = false
      if (isDone && !failed.includes(uid)) {
        const index = indexOf(pod)
        if (isIndexed(spec)) {
          if (index !== undefined && round.isOfJob(pod) && !round.previousIndexes.has(index)) {
            newIndexes.push(index)
            counted = true
          }
        } else if (!succeeded.includes(uid)) {
          uncounted.succeeded.push(uid)
          counted = true
        }
      } else if ((isLost || failsRest) && !failed.includes(uid) && round.isOfJob(pod) && failureOf(pod, spec).counts) {
        uncounted.failed.push(uid)
        counted = true
      }
      released.push({ pod, counted })
    }
    round.succeededIndexes = round.succeededIndexes.with(Intervals.of(newIndexes))
    draft.uncounted = uncounted
    return { released, all: true }
  }

  #tellEnd({ job, spec, draft }: Round, { type, reason, message }: JobCondition): void {
    if (type !== 'Complete') {
      this.#pods.events.warning(job, reason, message)
      return
    }
    if (spec.completions !== undefined && draft.succeeded > spec.completions) {
      const why = 'Too many succeeded pods running after completion count reached'
      this.#pods.events.warning(job, 'TooManySucceededPods', why)
    }
    this.#pods.events.normal(job, 'Completed', 'Job completed')
  }

  #write({ job, draft }: Round): void {
    const { namespace, name } = job.metadata
    const status = statusOfDraft(draft)
    if (semanticallyEqual(status, this.#collection(JOBS)?.get(namespace, name)?.status)) return
    this.writer.update({ resource: JOBS, namespace, name, subresource: 'status' }, (now) => ({ ...now, status }), {
      preconditions: { uid: job.metadata.uid },
    })
  }

  #untrack(pod: Pod): void {
    if (!isTracked(pod)) return
    const { namespace, name } = pod.metadata
    const without = (now: ApiObject): ApiObject => {
      const finalizers = (now.metadata.finalizers ?? []).filter((one) => one !== TRACKING)
      return withMetadata(now, { finalizers: finalizers.length === 0 ? undefined : finalizers })
    }
    orElse(() => this.writer.update({ resource: PODS, namespace, name }, without), 'NotFound')
  }

  #condition(type: JobCondition['type'], reason: string, message: string): JobCondition {
    const now = this.#now()
    return { type, status: 'True', lastProbeTime: now, lastTransitionTime: now, reason, message }
  }

  #now(): string {
    return formatTime(this.cluster.backend.clock.now())
  }

  #jobOf(pod: ApiObject): ApiObject | undefined {
    const owner = controllerOf(pod)
    if (owner?.kind !== 'Job') return undefined
    const job = this.#collection(JOBS)?.get(pod.metadata.namespace, owner.name)
    return job?.metadata.uid === owner.uid ? job : undefined
  }

  #collection(resource: GroupResource) {
    return this.cluster.backend.store.collection(resource)
  }

  #object(resource: GroupResource, key: string): ApiObject | undefined {
    const { namespace, name } = placeOf(key)
    return this.#collection(resource)?.get(namespace, name)
  }
}

const isManagedElsewhere = ({ managedBy = MANAGED_HERE }: JobSpec): boolean => managedBy !== MANAGED_HERE

/** Containers that are restarted in place count as failures too. */
function restartsTooOften({ spec, pods }: Round): boolean {
  const { template, backoffLimit = 0 } = spec
  if (template.spec.restartPolicy !== 'OnFailure') return false
  let restarts = 0
  for (const pod of pods) {
    const { phase, initContainerStatuses = [], containerStatuses = [] } = statusOf(pod)
    if (phase !== 'Running' && phase !== 'Pending') continue
    for (const { restartCount } of [...initContainerStatuses, ...containerStatuses]) restarts += restartCount
  }
  return backoffLimit === 0 ? restarts > 0 : restarts >= backoffLimit
}

/** Moves those that are no longer held from the uncounted to the counts. */
function settle({ draft }: Round, held: ReadonlySet<string>): boolean {
  const { succeeded, failed } = draft.uncounted
  const still = {
    succeeded: succeeded.filter((uid) => held.has(uid)),
    failed: failed.filter((uid) => held.has(uid)),
  }
  draft.succeeded += succeeded.length - still.succeeded.length
  draft.failed += failed.length - still.failed.length
  draft.uncounted = still
  return still.succeeded.length < succeeded.length || still.failed.length < failed.length
}

const isSettled = ({ draft: { uncounted } }: Round): boolean =>
  uncounted.succeeded.length + uncounted.failed.length === 0

function failuresBefore(
  before: Pod | undefined,
  spec: JobSpec,
): { readonly counted: number; readonly ignored: number } {
  if (before === undefined) return { counted: 0, ignored: 0 }
  const counted = failuresOf(before)
  const ignored = allFailuresOf(before) - counted
  return failureOf(before, spec).counts ? { counted: counted + 1, ignored } : { counted, ignored: ignored + 1 }
}
