import { nonNegative } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported, requiredValue } from '../../objects/field-error.ts'
import type { ApiObject } from '../../objects/types.ts'
import { change, fill } from '../defaulting.ts'
import type { KindRules } from '../define.ts'
import { templateWithoutDisabled } from '../pod/disabled.ts'
import { presentOneOf } from '../pod/validation/checks.ts'
import {
  containerCells,
  containerColumns,
  onNewOrChanged,
  podNameWarnings,
  selectorColumn,
  selectorText,
  shownSelector,
} from '../pod/workload.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import { isTimeZone, parseSchedule } from './cron.ts'
import { jobSpecErrors } from './job-validation.ts'
import { defaultJobParts, jobSpecWarnings } from './jobs.ts'
import type { CronJobSpec } from './types.ts'

/** A Job's name gets eleven characters after its CronJob's, and is to fit into a label. */
const longestName = 52

const specOf = (object: ApiObject): CronJobSpec => (object.spec ?? {}) as CronJobSpec

/** batch/v1 CronJob (1.34). */
export const cronJobs: KindRules = {
  group: 'batch',
  version: 'v1',
  kind: 'CronJob',
  resource: 'cronjobs',
  default: (object) =>
    change(object, 'spec', (spec) =>
      change(
        fill(spec as CronJobSpec, {
          concurrencyPolicy: 'Allow',
          suspend: false,
          successfulJobsHistoryLimit: 3,
          failedJobsHistoryLimit: 1,
        }),
        'jobTemplate',
        (template) => change(template, 'spec', defaultJobParts),
      ),
    ),
  prepareForCreate: withoutDisabled,
  prepareForUpdate: withoutDisabled,
  validate: (object) => [
    ...cronJobErrors(specOf(object)),
    ...(object.metadata.name.length > longestName
      ? [invalidValue('metadata.name', object.metadata.name, `must be no more than ${longestName} characters`)]
      : []),
  ],
  validateUpdate: (object, old) => cronJobErrors(specOf(object), specOf(old)),
  changesGeneration: true,
  status: {},
  warnings: (object, old) => [
    ...onNewOrChanged(object, old, (isNew) => [
      ...(isNew ? podNameWarnings(object) : []),
      ...jobSpecWarnings(specOf(object).jobTemplate.spec, 'spec.jobTemplate.spec'),
    ]),
    ...(old !== undefined && specOf(object).schedule.includes('TZ') ? [zoneWarning] : []),
  ],
  printer: {
    columns: [
      nameColumn,
      column('Schedule', 'string', 'When Jobs are made, in cron’s words.'),
      column('Timezone', 'string', 'Whose time the schedule means.'),
      column('Suspend', 'boolean', 'Whether no more Jobs are made for now.'),
      column('Active', 'integer', 'How many of its Jobs are running.'),
      column('Last Schedule', 'string', 'How long ago a Job was made for the last time.'),
      ageColumn,
      ...containerColumns,
      selectorColumn,
    ],
    cells: (object, now) => {
      const { schedule, timeZone = '<none>', suspend, jobTemplate } = specOf(object)
      const { active, lastScheduleTime } = (object.status ?? {}) as {
        readonly active?: readonly unknown[]
        readonly lastScheduleTime?: string
      }
      return [
        object.metadata.name,
        schedule,
        timeZone,
        suspend === undefined ? '<unset>' : suspend ? 'True' : 'False',
        active?.length ?? 0,
        lastScheduleTime === undefined ? '<none>' : age(lastScheduleTime, now),
        age(object.metadata.creationTimestamp, now),
        ...containerCells(jobTemplate?.spec.template?.spec.containers),
        selectorText(jobTemplate?.spec.selector),
      ]
    },
  },
}

const zoneWarning =
  'cannot use TZ or CRON_TZ in spec.spec.schedule, use timeZone instead, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'

function withoutDisabled(object: ApiObject): ApiObject {
  return change(object, 'spec', (spec) =>
    change(spec as CronJobSpec, 'jobTemplate', (template) =>
      change(template, 'spec', (job) => change(job, 'template', templateWithoutDisabled)),
    ),
  )
}

function cronJobErrors(spec: CronJobSpec, old?: CronJobSpec): FieldError[] {
  const job = spec.jobTemplate.spec
  const { selector, manualSelector } = job
  const at = 'spec.jobTemplate.spec'
  return [
    ...scheduleErrors(spec, old?.schedule.includes('TZ') ?? false),
    ...nonNegative('spec.startingDeadlineSeconds', spec.startingDeadlineSeconds),
    ...(old === undefined || old.timeZone !== spec.timeZone ? timeZoneErrors(spec.timeZone) : []),
    ...presentOneOf('spec.concurrencyPolicy', spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
    ...jobSpecErrors(job, at),
    ...(selector === undefined
      ? []
      : [invalidValue(`${at}.selector`, shownSelector(selector), '`selector` will be auto-generated')]),
    ...(manualSelector === true ? [notSupported(`${at}.manualSelector`, true, ['nil', 'false'])] : []),
    ...nonNegative('spec.successfulJobsHistoryLimit', spec.successfulJobsHistoryLimit),
    ...nonNegative('spec.failedJobsHistoryLimit', spec.failedJobsHistoryLimit),
  ]
}

function scheduleErrors({ schedule, timeZone }: CronJobSpec, mayHaveZone: boolean): FieldError[] {
  const at = 'spec.schedule'
  if (schedule === '') return [requiredValue(at)]
  const errors: FieldError[] = []
  try {
    parseSchedule(schedule)
  } catch (error) {
    errors.push(invalidValue(at, schedule, (error as Error).message))
  }
  if (!schedule.includes('TZ')) return errors
  if (!mayHaveZone) {
    const why = 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
    return [...errors, invalidValue(at, schedule, why)]
  }
  if (timeZone === undefined) return errors
  return [...errors, invalidValue(at, schedule, 'cannot use both timeZone field and TZ or CRON_TZ in schedule')]
}

function timeZoneErrors(zone: string | undefined): FieldError[] {
  const at = 'spec.timeZone'
  if (zone === undefined) return []
  if (zone === '') return [invalidValue(at, zone, 'timeZone must be nil or non-empty string')]
  const unknown = [invalidValue(at, zone, `unknown time zone ${zone}`)]
  const isPart = (part: string): boolean =>
    part !== '.' && part !== '..' && !part.startsWith('-') && /^[A-Za-z.\-_0-9+]{1,14}$/.test(part)
  if (!zone.split('/').every(isPart)) return unknown
  const errors: FieldError[] = []
  if (zone.toLowerCase() === 'local') {
    const why = 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones'
    errors.push(invalidValue(at, zone, why))
  }
  return isTimeZone(zone) ? errors : [...errors, ...unknown]
}
