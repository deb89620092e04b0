import { semanticallyEqual } from '../../objects/equal.ts'
import { duplicateValue, type FieldError, invalidValue, requiredValue } from '../../objects/field-error.ts'
import { parseTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { countErrors, statusOf } from '../pod/workload.ts'
import { countIndexes, overlap } from './indexes.ts'
import { invalidAsSuch } from './job-policies.ts'
import { type JobStatus, jobSpecOf, jobStatusOf } from './types.ts'

type Condition = 'Complete' | 'Failed' | 'FailureTarget' | 'SuccessCriteriaMet' | 'Suspended'

const has = ({ conditions }: JobStatus, type: Condition, status = 'True'): boolean =>
  conditions?.some((one) => one.type === type && one.status === status) ?? false
const isFinished = (status: JobStatus): boolean => has(status, 'Complete') || has(status, 'Failed')

/** `ValidateJobUpdateStatus` without the metadata (batch/v1, 1.34): rules are asked of what has changed. */
export function jobStatusErrors(job: ApiObject, old: ApiObject): FieldError[] {
  const [now, before] = [jobStatusOf(job), jobStatusOf(old)]
  const changed = (...fields: readonly (keyof JobStatus)[]): boolean =>
    fields.some((field) => !semanticallyEqual(now[field], before[field]))
  const turned = (...types: readonly Condition[]): boolean => types.some((type) => has(now, type) !== has(before, type))
  const finishedTurned = isFinished(now) !== isFinished(before)
  const rules = { now, before, changed, turned, finishedTurned }
  return [
    ...countErrors(statusOf(job), 'active', 'succeeded', 'failed', 'ready', 'terminating'),
    ...uncountedErrors(now),
    ...conditionErrors(rules),
    ...finishErrors(job, rules),
    ...indexErrors(job, rules),
    ...readyErrors(rules),
    ...successErrors(job, rules),
    ...regressErrors(job, rules),
  ]
}

interface Rules {
  readonly now: JobStatus
  readonly before: JobStatus
  changed(...fields: readonly (keyof JobStatus)[]): boolean
  turned(...types: readonly Condition[]): boolean
  readonly finishedTurned: boolean
}

const together = (why: string): FieldError => invalidAsSuch('status.conditions', why)

function uncountedErrors({ uncountedTerminatedPods: uncounted }: JobStatus): FieldError[] {
  const seen = new Set<string>()
  return (['succeeded', 'failed'] as const).flatMap((list) =>
    (uncounted?.[list] ?? []).flatMap((uid, index) => {
      const at = `status.uncountedTerminatedPods.${list}[${index}]`
      if (uid === '') return [invalidValue(at, uid, 'must not be empty')]
      if (seen.has(uid)) return [duplicateValue(at, uid)]
      seen.add(uid)
      return []
    }),
  )
}

function conditionErrors({ now, turned, changed }: Rules): FieldError[] {
  const errors: FieldError[] = []
  const complete = has(now, 'Complete')
  const { startTime, completionTime } = now
  const at = 'status.completionTime'
  if (turned('Complete', 'Failed') && complete && has(now, 'Failed')) {
    errors.push(together('cannot set Complete=True and Failed=true conditions'))
  }
  if (turned('Complete', 'FailureTarget') && complete && has(now, 'FailureTarget')) {
    errors.push(together('cannot set Complete=True and FailureTarget=true conditions'))
  }
  if (turned('Complete') || changed('completionTime')) {
    if (completionTime !== undefined && !complete) {
      const why = 'cannot set completionTime when there is no Complete=True condition'
      errors.push(invalidValue(at, completionTime, why))
    }
    if (completionTime === undefined && complete) {
      errors.push(requiredValue(at, 'completionTime is required for Complete jobs'))
    }
  }
  if (changed('startTime', 'completionTime') && startTime !== undefined && completionTime !== undefined) {
    if ((parseTime(completionTime) ?? 0) < (parseTime(startTime) ?? 0)) {
      errors.push(invalidValue(at, completionTime, 'must be equal to or after `startTime`'))
    }
  }
  if ((turned('Failed') || changed('failedIndexes')) && has(now, 'Failed') && !has(now, 'FailureTarget')) {
    errors.push(together('cannot set Failed=True condition without the FailureTarget=true condition'))
  }
  if (turned('Complete', 'SuccessCriteriaMet') && complete && !has(now, 'SuccessCriteriaMet')) {
    errors.push(together('cannot set Complete=True condition without the SuccessCriteriaMet=true condition'))
  }
  return errors
}

function finishErrors(job: ApiObject, { now, changed, finishedTurned }: Rules): FieldError[] {
  if (!isFinished(now)) return []
  const { active = 0, startTime, uncountedTerminatedPods: uncounted } = now
  const { suspend, completions } = jobSpecOf(job)
  const errors: FieldError[] = []
  if ((finishedTurned || changed('active')) && active > 0) {
    errors.push(invalidValue('status.active', active, 'active>0 is invalid for finished job'))
  }
  const needsStart = (finishedTurned || changed('startTime')) && !(suspend === true && completions === 0)
  if (needsStart && startTime === undefined) {
    errors.push(requiredValue('status.startTime', 'startTime is required for finished job'))
  }
  const left = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0)
  if ((finishedTurned || changed('uncountedTerminatedPods')) && left > 0) {
    const shown = { Succeeded: uncounted?.succeeded ?? null, Failed: uncounted?.failed ?? null }
    errors.push(invalidValue('status.uncountedTerminatedPods', shown, 'must be empty for finished job'))
  }
  return errors
}

function indexErrors(job: ApiObject, { now, changed }: Rules): FieldError[] {
  const { completions, backoffLimitPerIndex, completionMode } = jobSpecOf(job)
  const { completedIndexes: completed = '', failedIndexes: failed } = now
  const errors: FieldError[] = []
  const check = (field: string, text: string): void => {
    try {
      countIndexes(text, completions ?? 0)
    } catch (error) {
      errors.push(invalidValue(`status.${field}`, text, `error parsing ${field}: ${(error as Error).message}`))
    }
  }
  const [completedChanged, failedChanged] = [changed('completedIndexes'), changed('failedIndexes')]
  if (completedChanged && completions !== undefined) check('completedIndexes', completed)
  if (failedChanged && completions !== undefined && backoffLimitPerIndex !== undefined && failed !== undefined) {
    check('failedIndexes', failed)
  }
  if (completedChanged && completed !== '' && completionMode !== 'Indexed') {
    const why = 'cannot set non-empty completedIndexes when non-indexed completion mode'
    errors.push(invalidValue('status.completedIndexes', completed, why))
  }
  if (failedChanged && backoffLimitPerIndex === undefined && failed !== undefined) {
    const why = 'cannot set non-null failedIndexes when backoffLimitPerIndex is null'
    errors.push(invalidValue('status.failedIndexes', failed, why))
  }
  if ((failedChanged || completedChanged) && completions !== undefined && failed !== undefined) {
    const both = overlap(completed, failed, completions)
    if (both !== undefined) {
      const why = `failedIndexes and completedIndexes overlap at index: ${both}`
      errors.push(invalidValue('status.failedIndexes', failed, why))
    }
  }
  return errors
}

function readyErrors({ now, changed, finishedTurned }: Rules): FieldError[] {
  const { terminating = 0, ready, active = 0 } = now
  const errors: FieldError[] = []
  if ((finishedTurned || changed('terminating')) && terminating > 0 && isFinished(now)) {
    errors.push(invalidValue('status.terminating', terminating, 'terminating>0 is invalid for finished job'))
  }
  if (changed('ready', 'active') && ready !== undefined && ready > active) {
    errors.push(invalidValue('status.ready', ready, 'cannot set more ready pods than active'))
  }
  return errors
}

function successErrors(job: ApiObject, { now }: Rules): FieldError[] {
  const errors: FieldError[] = []
  const met = has(now, 'SuccessCriteriaMet')
  if (met && has(now, 'Failed')) {
    errors.push(together('cannot set SuccessCriteriaMet=True and Failed=true conditions'))
  }
  if (met && has(now, 'FailureTarget')) {
    errors.push(together('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions'))
  }
  if (jobSpecOf(job).successPolicy !== undefined && !met && has(now, 'Complete')) {
    errors.push(together('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True'))
  }
  return errors
}

/** What is done is done. */
function regressErrors(job: ApiObject, { now, before, changed }: Rules): FieldError[] {
  const { completionMode, completions, parallelism, suspend } = jobSpecOf(job)
  const errors: FieldError[] = []
  for (const type of ['Failed', 'Complete', 'FailureTarget'] as const) {
    if (has(before, type) && !has(now, type))
      errors.push(together(`cannot disable the terminal ${type}=True condition`))
  }
  const { failed = 0, succeeded = 0, completionTime } = now
  if (failed < (before.failed ?? 0)) {
    errors.push(invalidValue('status.failed', failed, 'cannot decrease the failed counter'))
  }
  const isElastic = completionMode === 'Indexed' && completions === parallelism
  if (!isElastic && succeeded < (before.succeeded ?? 0)) {
    errors.push(invalidValue('status.succeeded', succeeded, 'cannot decrease the succeeded counter'))
  }
  if (completionTime !== undefined && before.completionTime !== undefined && changed('completionTime')) {
    errors.push(invalidValue('status.completionTime', completionTime, 'field is immutable'))
  }
  const resumes = has(before, 'Suspended') && has(now, 'Suspended', 'False')
  if (before.startTime !== undefined && changed('startTime') && !resumes && suspend !== true) {
    errors.push(requiredValue('status.startTime', 'startTime cannot be removed for unsuspended job'))
  }
  const [wasMet, isMet] = [has(before, 'SuccessCriteriaMet'), has(now, 'SuccessCriteriaMet')]
  if (wasMet && !isMet) errors.push(together('cannot disable the SuccessCriteriaMet=True condition'))
  if (has(before, 'Complete') && !wasMet && isMet) {
    const why = 'cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions'
    errors.push(together(why))
  }
  return errors
}
