import { EventRecorder } from '../../events/recorder.ts'
import { isTimeZone, parseSchedule, type Schedule } from '../../kinds/batch/cron.ts'
import { type CronJobSpec, finishOf, jobStatusOf } from '../../kinds/batch/types.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { StatusError } from '../../objects/status-error.ts'
import { formatTime, parseTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import { type Cluster, controllerUser } from '../cluster.ts'
import { controllerOf, controllerRef } from '../pod-control/controller-ref.ts'
import { endsWithNamespace } from '../pod-control/pod-control.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { dueStart, NoSuchTime, type Starts, untilNext } from './missed.ts'

const CRON_JOBS: GroupResource = { group: 'batch', resource: 'cronjobs' }
const JOBS: GroupResource = { group: 'batch', resource: 'jobs' }
const API_VERSION = 'batch/v1'
const SCHEDULED_AT = 'batch.kubernetes.io/cronjob-scheduled-timestamp'
const USER = controllerUser('cronjob-controller')

interface Reference {
  readonly name: string
  readonly namespace: string
  readonly uid: string
  readonly [field: string]: unknown
}

interface CronJobStatus {
  readonly active?: readonly Reference[]
  readonly lastScheduleTime?: string
  readonly lastSuccessfulTime?: string
}

/** A CronJob while it is looked at: its status changes, and is written once. */
interface Round {
  readonly cronJob: ApiObject
  readonly spec: CronJobSpec
  active: readonly Reference[]
  lastScheduleTime: string | undefined
  lastSuccessfulTime: string | undefined
}

/** Makes Jobs at the times of CronJobs, and clears old ones away: upstream's cronjob controller (1.34). */
export class CronJobController extends QueueController {
  readonly #recorder: EventRecorder
  /** Schedule and zone of each CronJob, as last seen: a new schedule waits for its own first time. */
  readonly #schedules = new Map<string, string>()

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#recorder = new EventRecorder(cluster.backend, { component: 'cronjob-controller' }, 'kube-controller-manager')
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: CRON_JOBS,
        told: ({ type, object }) => {
          const key = keyOfObject(object)
          if (type === 'DELETED') this.#schedules.delete(key)
          else this.#changed(key, object)
        },
      },
      {
        resource: JOBS,
        told: ({ object }) => {
          const owner = controllerOf(object)
          if (owner?.kind !== 'CronJob') return
          const cronJob = this.#collection(CRON_JOBS)?.get(object.metadata.namespace, owner.name)
          if (cronJob?.metadata.uid === owner.uid) this.queue.add(keyOfObject(cronJob))
        },
      },
    ]
  }

  override stop(): void {
    super.stop()
    this.#schedules.clear()
  }

  #changed(key: string, cronJob: ApiObject): void {
    const { schedule, timeZone = '' } = cronJob.spec as CronJobSpec
    const before = this.#schedules.get(key)
    const now = `${schedule}\n${timeZone}`
    this.#schedules.set(key, now)
    if (before === undefined || before === now) {
      this.queue.add(key)
      return
    }
    const starts = startsOf(cronJob)
    if (starts === undefined) {
      this.#recorder.warning(cronJob, 'UnParseableCronJobSchedule', `unparseable schedule for cronjob: ${schedule}`)
    } else this.#syncAfter(key, untilNext(starts, this.cluster.backend.clock.now()))
  }

  #syncAfter(key: string, ms: number): void {
    if (ms !== Number.POSITIVE_INFINITY) this.queue.addAfter(key, Math.max(0, ms))
  }

  protected sync(key: string): void {
    const { namespace, name } = placeOf(key)
    const cronJob = this.#collection(CRON_JOBS)?.get(namespace, name)
    if (cronJob === undefined) return
    const jobs = this.#collection(JOBS)?.byIndex('owner', cronJob.metadata.uid) ?? []
    const status = (cronJob.status ?? {}) as CronJobStatus
    const round: Round = {
      cronJob,
      spec: cronJob.spec as CronJobSpec,
      active: status.active ?? [],
      lastScheduleTime: status.lastScheduleTime,
      lastSuccessfulTime: status.lastSuccessfulTime,
    }
    this.#cleanUp(round, jobs)
    try {
      const wait = this.#run(round, jobs)
      if (wait !== undefined) this.#syncAfter(key, wait)
    } finally {
      this.#writeStatus(round, status)
    }
  }

  /** Milliseconds until it has work again by itself. */
  #run(round: Round, jobs: readonly ApiObject[]): number | undefined {
    const { cronJob, spec } = round
    this.#noteFinished(round, jobs)
    if (cronJob.metadata.deletionTimestamp !== undefined) return undefined
    if (spec.timeZone !== undefined && !isTimeZone(spec.timeZone)) {
      const why = `invalid timeZone: ${goQuote(spec.timeZone)}: unknown time zone ${spec.timeZone}`
      this.#recorder.warning(cronJob, 'UnknownTimeZone', why)
      return undefined
    }
    if (spec.suspend === true) return undefined
    const schedule = this.#scheduleOf(cronJob, spec)
    if (schedule === undefined) return undefined
    const starts = { ...startTimes(cronJob, schedule), lastScheduled: timeOf(round.lastScheduleTime) }
    const now = this.cluster.backend.clock.now()
    try {
      const due = dueStart(starts, now)
      if (due?.tooMany) {
        const why = 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew'
        this.#recorder.warning(cronJob, 'TooManyMissedTimes', why)
      }
      if (due !== undefined && !this.#start(round, due.start, now)) return undefined
    } catch (error) {
      if (!(error instanceof NoSuchTime)) throw error
      this.#recorder.warning(cronJob, 'InvalidSchedule', `invalid schedule: ${spec.schedule} : ${error.message}`)
      return undefined
    }
    return untilNext({ ...starts, lastScheduled: timeOf(round.lastScheduleTime) }, now)
  }

  #scheduleOf(cronJob: ApiObject, { schedule }: CronJobSpec): Schedule | undefined {
    try {
      return parseSchedule(schedule)
    } catch (error) {
      const why = `unparseable schedule: ${goQuote(schedule)} : ${(error as Error).message}`
      this.#recorder.warning(cronJob, 'UnparseableSchedule', why)
      return undefined
    }
  }

  /** Takes Jobs that have finished, or are gone, off the list of those that run. */
  #noteFinished(round: Round, jobs: readonly ApiObject[]): void {
    const { cronJob } = round
    for (const job of jobs) {
      const { name, uid } = job.metadata
      const isActive = round.active.some((one) => one.uid === uid)
      const finished = finishOf(job)?.type
      if (finished === undefined) {
        if (!isActive) {
          const why = `Saw a job that the controller did not create or forgot: ${name}`
          this.#recorder.warning(cronJob, 'UnexpectedJob', why)
        }
        continue
      }
      if (isActive) {
        round.active = round.active.filter((one) => one.uid !== uid)
        this.#recorder.normal(cronJob, 'SawCompletedJob', `Saw completed job: ${name}, condition: ${finished}`)
      }
      const { completionTime } = jobStatusOf(job)
      if (finished !== 'Complete' || completionTime === undefined) continue
      const last = timeOf(round.lastSuccessfulTime)
      if (last === undefined || (timeOf(completionTime) ?? 0) > last) round.lastSuccessfulTime = completionTime
    }
    const known = new Set(jobs.map(({ metadata }) => metadata.uid))
    for (const { name, namespace, uid } of round.active) {
      if (known.has(uid) || this.#collection(JOBS)?.get(namespace, name) !== undefined) continue
      this.#recorder.normal(cronJob, 'MissingJob', `Active job went missing: ${name}`)
      round.active = round.active.filter((one) => one.uid !== uid)
    }
  }

  /** Makes the Job of a start that is due, if it may be; false if nothing shall be tried before something changes. */
  #start(round: Round, start: number, now: number): boolean {
    const { cronJob, spec } = round
    const { namespace = '' } = cronJob.metadata
    const name = `${cronJob.metadata.name}-${Math.floor(start / 60_000)}`
    const deadline = spec.startingDeadlineSeconds
    if (deadline !== undefined && start + deadline * 1000 < now) {
      const when = new Date(start).toUTCString().replace('GMT', 'UTC')
      this.#recorder.warning(cronJob, 'MissSchedule', `Missed scheduled time to start a job: ${when}`)
      return true
    }
    if (round.active.some((one) => one.name === name) || timeOf(round.lastScheduleTime) === start) return true
    if (spec.concurrencyPolicy === 'Forbid' && round.active.length > 0) {
      const why = 'Not starting job because prior execution is running and concurrency policy is Forbid'
      this.#recorder.normal(cronJob, 'JobAlreadyActive', why)
      return true
    }
    if (spec.concurrencyPolicy === 'Replace') {
      for (const { name } of round.active) this.#delete(round, name)
    }
    const job = this.#create(round, namespace, jobOf(cronJob, name, start))
    if (job === undefined) return false
    const { uid, resourceVersion } = job.metadata
    const reference = { kind: 'Job', namespace, name, uid, apiVersion: API_VERSION, resourceVersion }
    round.active = [...round.active, reference]
    round.lastScheduleTime = formatTime(start)
    return true
  }

  /** The Job, if it is the CronJob's and not yet on its list. */
  #create({ cronJob, active }: Round, namespace: string, job: NewObject): ApiObject | undefined {
    try {
      const made = this.writer.submit(JOBS, job, USER, namespace)
      this.#recorder.normal(cronJob, 'SuccessfulCreate', `Created job ${made.metadata.name}`)
      return made
    } catch (error) {
      if (!(error instanceof StatusError)) throw error
      if (error.reason !== 'AlreadyExists') {
        if (!endsWithNamespace(error))
          this.#recorder.warning(cronJob, 'FailedCreate', `Error creating job: ${error.message}`)
        throw error
      }
      const existing = this.#collection(JOBS)?.get(namespace, job.metadata.name ?? '')
      if (existing === undefined || controllerOf(existing)?.uid !== cronJob.metadata.uid) return undefined
      return active.some((one) => one.uid === existing.metadata.uid) ? undefined : existing
    }
  }

  /** Finished Jobs beyond those that are to be kept, the oldest first. */
  #cleanUp(round: Round, jobs: readonly ApiObject[]): void {
    const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = round.spec
    const limits = [
      ['Complete', successfulJobsHistoryLimit],
      ['Failed', failedJobsHistoryLimit],
    ] as const
    for (const [finished, limit] of limits) {
      if (limit === undefined) continue
      const old = jobs.filter((job) => finishOf(job)?.type === finished).sort(byStartTime)
      for (const { metadata } of old.slice(0, Math.max(0, old.length - limit))) this.#delete(round, metadata.name)
    }
  }

  #delete(round: Round, name: string): void {
    const { cronJob } = round
    const { namespace } = cronJob.metadata
    const job = this.#collection(JOBS)?.get(namespace, name)
    try {
      this.cluster.backend.registry(JOBS)?.delete(namespace, name, { propagationPolicy: 'Background' })
    } catch (error) {
      this.#recorder.warning(cronJob, 'FailedDelete', `Deleted job: ${(error as Error).message}`)
      return
    }
    round.active = round.active.filter((one) => one.uid !== job?.metadata.uid)
    this.#recorder.normal(cronJob, 'SuccessfulDelete', `Deleted job ${name}`)
  }

  #writeStatus({ cronJob, active, lastScheduleTime, lastSuccessfulTime }: Round, before: CronJobStatus): void {
    const status: CronJobStatus = {
      ...(active.length === 0 ? {} : { active }),
      ...(lastScheduleTime === undefined ? {} : { lastScheduleTime }),
      ...(lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime }),
    }
    if (semanticallyEqual(status, before)) return
    const { namespace, name } = cronJob.metadata
    if (this.#collection(CRON_JOBS)?.get(namespace, name)?.metadata.uid !== cronJob.metadata.uid) return
    this.writer.update({ resource: CRON_JOBS, namespace, name, subresource: 'status' }, (now) => ({ ...now, status }))
  }

  #collection(resource: GroupResource) {
    return this.cluster.backend.store.collection(resource)
  }
}

const timeOf = (text: string | undefined): number | undefined => (text === undefined ? undefined : parseTime(text))

function startTimes({ metadata, spec }: ApiObject, schedule: Schedule): Starts {
  const { timeZone, startingDeadlineSeconds } = spec as CronJobSpec
  return {
    schedule,
    timeZone,
    created: timeOf(metadata.creationTimestamp) ?? 0,
    ...(startingDeadlineSeconds === undefined ? {} : { startingDeadline: startingDeadlineSeconds * 1000 }),
  }
}

function startsOf(cronJob: ApiObject): Starts | undefined {
  try {
    const schedule = parseSchedule((cronJob.spec as CronJobSpec).schedule)
    const { lastScheduleTime } = (cronJob.status ?? {}) as CronJobStatus
    return { ...startTimes(cronJob, schedule), lastScheduled: timeOf(lastScheduleTime) }
  } catch {
    return undefined
  }
}

function byStartTime(one: ApiObject, other: ApiObject): number {
  const [a, b] = [one, other].map((job) => timeOf(jobStatusOf(job).startTime) ?? Number.POSITIVE_INFINITY)
  if (a !== b) return (a as number) < (b as number) ? -1 : 1
  return one.metadata.name < other.metadata.name ? -1 : 1
}

function jobOf(cronJob: ApiObject, name: string, start: number): NewObject {
  const { jobTemplate, timeZone } = cronJob.spec as CronJobSpec
  const { labels, annotations } = jobTemplate.metadata ?? {}
  return {
    apiVersion: API_VERSION,
    kind: 'Job',
    metadata: {
      name,
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [SCHEDULED_AT]: inZone(start, timeZone) },
      ownerReferences: [controllerRef(cronJob)],
    },
    spec: jobTemplate.spec,
    status: {},
  }
}

/** RFC 3339 with the zone's offset: `2026-01-02T04:05:00+01:00`. */
function inZone(time: number, timeZone: string | undefined): string {
  if (timeZone === undefined || timeZone === '' || timeZone === 'UTC' || timeZone === 'Local') return formatTime(time)
  const name = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
    .formatToParts(time)
    .find(({ type }) => type === 'timeZoneName')?.value
  const [, sign = '+', hours = '00', minutes = '00'] = /GMT([+-])(\d{2}):(\d{2})/.exec(name ?? '') ?? []
  const offset = (Number(hours) * 60 + Number(minutes)) * 60_000 * (sign === '-' ? -1 : 1)
  if (offset === 0) return formatTime(time)
  return `${formatTime(time + offset).slice(0, -1)}${sign}${hours}:${minutes}`
}
