import { parseTime } from '../../objects/time.ts'
import type { ApiObject, NewObject } from '../../objects/types.ts'
import { change, fill } from '../defaulting.ts'
import type { KindRules } from '../define.ts'
import { defaultTemplate } from '../pod/defaults.ts'
import { templateWithoutDisabled } from '../pod/disabled.ts'
import {
  containerCells,
  containerColumns,
  onNewOrChanged,
  podNameWarnings,
  selectorColumn,
  selectorText,
  templateWarnings,
} from '../pod/workload.ts'
import { age, ageColumn, column, humanDuration, nameColumn } from '../printers.ts'
import { jobStatusErrors } from './job-status.ts'
import { jobErrors, jobUpdateErrors, nameLabels, uidLabels } from './job-validation.ts'
import { type JobSpec, jobSpecOf, jobStatusOf } from './types.ts'

const maxInt32 = 2147483647

/** batch/v1 Job (1.34). */
export const jobs: KindRules = {
  group: 'batch',
  version: 'v1',
  kind: 'Job',
  resource: 'jobs',
  metadataChecks: { again: 1 },
  default: defaultJob,
  prepareForCreate: (job) => withoutDisabled(withGeneratedSelector(job)),
  prepareForUpdate: withoutDisabled,
  canonicalize: labelled,
  validate: (job) => jobErrors(job),
  validateUpdate: jobUpdateErrors,
  changesGeneration: true,
  garbageCollection: 'orphan',
  status: { validateUpdate: jobStatusErrors },
  warnings: (job, old) =>
    onNewOrChanged(job, old, (isNew) => [
      ...(isNew ? podNameWarnings(job) : []),
      ...jobSpecWarnings(jobSpecOf(job), 'spec'),
    ]),
  selectableFields: { 'status.successful': (job) => String(jobStatusOf(job).succeeded ?? 0) },
  printer: {
    columns: [
      nameColumn,
      column('Status', 'string', 'How far the Job has come.'),
      column('Completions', 'string', 'How many Pods have succeeded, of how many.'),
      column('Duration', 'string', 'How long the Job has been running, or ran.'),
      ageColumn,
      ...containerColumns,
      selectorColumn,
    ],
    cells: (job, now) => {
      const { template, selector } = jobSpecOf(job)
      return [
        job.metadata.name,
        statusText(job),
        completionsText(job),
        durationText(job, now),
        age(job.metadata.creationTimestamp, now),
        ...containerCells(template?.spec.containers),
        selectorText(selector),
      ]
    },
  },
}

function defaultJob(given: NewObject): NewObject {
  const job = change(given, 'spec', (spec) => {
    const complete = defaultJobCounts(spec as JobSpec)
    const policy = complete.podFailurePolicy === undefined ? 'TerminatingOrFailed' : 'Failed'
    const modes = fill(complete, {
      completionMode: 'NonIndexed',
      suspend: false,
      podReplacementPolicy: policy,
      manualSelector: false,
    })
    return defaultJobParts(modes)
  })
  return labelled(job)
}

/** A Job without labels shows those of its Pods. */
function labelled<Job extends NewObject>(job: Job): Job {
  const labels = jobSpecOf(job as unknown as ApiObject).template?.metadata?.labels
  if (labels === undefined || Object.keys(job.metadata.labels ?? {}).length > 0) return job
  return { ...job, metadata: { ...job.metadata, labels } }
}

function defaultJobCounts(spec: JobSpec): JobSpec {
  const single = spec.completions === undefined && spec.parallelism === undefined
  return fill(spec, {
    ...(single ? { completions: 1 } : {}),
    parallelism: 1,
    backoffLimit: spec.backoffLimitPerIndex === undefined ? 6 : maxInt32,
  })
}

/** What holds for the Jobs inside of CronJobs as well: their Pods, and conditions of which the status is not said. */
export function defaultJobParts(spec: JobSpec): JobSpec {
  const withPolicy = change(spec, 'podFailurePolicy', (policy) =>
    change(policy, 'rules', (rules) =>
      rules.map((rule) =>
        change(rule, 'onPodConditions', (patterns) =>
          patterns.map((pattern) => (pattern.status === '' ? { ...pattern, status: 'True' } : pattern)),
        ),
      ),
    ),
  )
  return change(withPolicy, 'template', defaultTemplate)
}

function withoutDisabled(job: ApiObject): ApiObject {
  return change(job, 'spec', (spec) => change(spec as JobSpec, 'template', templateWithoutDisabled))
}

/** A Job finds its Pods by its own uid, if nobody has chosen otherwise. */
function withGeneratedSelector(job: ApiObject): ApiObject {
  const spec = jobSpecOf(job)
  if (spec.manualSelector === true) return job
  const { uid, name } = job.metadata
  const generated: Record<string, string> = {}
  for (const label of nameLabels) generated[label] = name
  for (const label of uidLabels) generated[label] = uid
  const metadata = spec.template.metadata ?? {}
  const template = { ...spec.template, metadata: { ...metadata, labels: { ...generated, ...metadata.labels } } }
  const matchLabels = { [uidLabels[1]]: uid, ...spec.selector?.matchLabels }
  return { ...job, spec: { ...spec, template, selector: { ...spec.selector, matchLabels } } }
}

const manyCompletions = 100_000
const muchParallelism = 10_000

export function jobSpecWarnings(spec: JobSpec, field: string): string[] {
  const { completionMode, completions = 0, parallelism = 0, template } = spec
  const many = completionMode === 'Indexed' && completions > manyCompletions && parallelism > muchParallelism
  const sentence =
    'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
  return [...(many ? [`${field}: ${sentence}`] : []), ...templateWarnings(template, `${field}.template`)]
}

function statusText(job: ApiObject): string {
  const { conditions = [] } = jobStatusOf(job)
  const holds = (type: string): boolean => conditions.find((one) => one.type === type)?.status === 'True'
  if (holds('Complete')) return 'Complete'
  if (holds('Failed')) return 'Failed'
  if (job.metadata.deletionTimestamp !== undefined) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(holds) ?? 'Running'
}

function completionsText(job: ApiObject): string {
  const { completions, parallelism = 0 } = jobSpecOf(job)
  const { succeeded = 0 } = jobStatusOf(job)
  if (completions !== undefined) return `${succeeded}/${completions}`
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function durationText(job: ApiObject, now: number): string {
  const { startTime, completionTime } = jobStatusOf(job)
  if (startTime === undefined) return ''
  const end = completionTime === undefined ? now : (parseTime(completionTime) ?? now)
  return humanDuration(end - (parseTime(startTime) ?? end))
}
