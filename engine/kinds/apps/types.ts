import type { IntOrString } from '../../objects/int-or-string.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { ClaimTemplate, PodTemplateSpec } from '../pod/types.ts'

/** What apps/v1's controllers have in common (1.34). */
export interface WorkloadSpec {
  readonly replicas?: number
  readonly minReadySeconds?: number
  readonly revisionHistoryLimit?: number
  /** Null where it is missing: the types always write it. */
  readonly selector?: LabelSelectorObject | null
  readonly template: PodTemplateSpec
}

export interface Rolling {
  readonly maxUnavailable?: IntOrString
  readonly maxSurge?: IntOrString
  readonly partition?: number
}

export interface UpdateStrategy {
  readonly type?: string
  readonly rollingUpdate?: Rolling
}

export interface DeploymentSpec extends WorkloadSpec {
  readonly strategy: UpdateStrategy
  readonly progressDeadlineSeconds?: number
  readonly paused?: boolean
}

export interface DaemonSetSpec extends WorkloadSpec {
  readonly updateStrategy: UpdateStrategy
}

export interface StatefulSetSpec extends WorkloadSpec {
  readonly serviceName?: string
  readonly podManagementPolicy?: string
  readonly updateStrategy: UpdateStrategy
  readonly volumeClaimTemplates?: readonly StoredClaimTemplate[]
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string }
  readonly ordinals?: { readonly start: number }
}

export interface StoredClaimTemplate extends ClaimTemplate {
  readonly kind?: string
  readonly apiVersion?: string
  readonly status?: { readonly phase?: string }
}

export const specOf = <T extends WorkloadSpec>(object: ApiObject): T => (object.spec ?? {}) as T
