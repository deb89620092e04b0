import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { ApiObject, ObjectMeta } from '../../objects/types.ts'
import type { PodTemplateSpec } from '../pod/types.ts'

/** batch/v1 (1.34). */
export interface JobSpec {
  readonly parallelism?: number
  readonly completions?: number
  readonly activeDeadlineSeconds?: number
  readonly podFailurePolicy?: { readonly rules: readonly FailureRule[] | null }
  readonly successPolicy?: SuccessPolicy
  readonly backoffLimit?: number
  readonly backoffLimitPerIndex?: number
  readonly maxFailedIndexes?: number
  readonly selector?: LabelSelectorObject
  readonly manualSelector?: boolean
  readonly template: PodTemplateSpec
  readonly ttlSecondsAfterFinished?: number
  readonly completionMode?: string
  readonly suspend?: boolean
  readonly podReplacementPolicy?: string
  readonly managedBy?: string
}

export interface SuccessPolicy {
  readonly rules: readonly { readonly succeededIndexes?: string; readonly succeededCount?: number }[] | null
}

export interface FailureRule {
  readonly action: string
  readonly onExitCodes?: {
    readonly containerName?: string
    readonly operator: string
    readonly values: readonly number[] | null
  }
  readonly onPodConditions?: readonly { readonly type: string; readonly status: string }[] | null
}

export interface JobStatusCondition {
  readonly type: string
  readonly status: string
  readonly lastTransitionTime?: string | null
}

export interface JobStatus {
  readonly conditions?: readonly JobStatusCondition[]
  readonly startTime?: string
  readonly completionTime?: string
  readonly active?: number
  readonly succeeded?: number
  readonly failed?: number
  readonly terminating?: number
  readonly ready?: number
  readonly completedIndexes?: string
  readonly failedIndexes?: string
  readonly uncountedTerminatedPods?: { readonly succeeded?: readonly string[]; readonly failed?: readonly string[] }
}

export interface CronJobSpec {
  readonly schedule: string
  readonly timeZone?: string
  readonly startingDeadlineSeconds?: number
  readonly concurrencyPolicy?: string
  readonly suspend?: boolean
  readonly jobTemplate: { readonly metadata?: Partial<ObjectMeta>; readonly spec: JobSpec }
  readonly successfulJobsHistoryLimit?: number
  readonly failedJobsHistoryLimit?: number
}

export const jobSpecOf = (job: ApiObject): JobSpec => (job.spec ?? {}) as JobSpec
export const jobStatusOf = (job: ApiObject): JobStatus => (job.status ?? {}) as JobStatus

/** The condition that says that a Job is over, one way or the other. */
export function finishOf(job: ApiObject): (JobStatusCondition & { readonly type: 'Complete' | 'Failed' }) | undefined {
  return jobStatusOf(job).conditions?.find(
    (one): one is JobStatusCondition & { readonly type: 'Complete' | 'Failed' } =>
      (one.type === 'Complete' || one.type === 'Failed') && one.status === 'True',
  )
}
