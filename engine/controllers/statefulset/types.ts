import type { StatefulSetSpec } from '../../kinds/apps/types.ts'
import { isAvailable, isEnding, isReady, type Pod, statusOf } from '../../kinds/pod/status.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { Conditions } from '../pod-control/conditions.ts'

export const STATEFUL_SETS: GroupResource = { group: 'apps', resource: 'statefulsets' }

export const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name'
export const POD_INDEX_LABEL = 'apps.kubernetes.io/pod-index'
export const REVISION_LABEL = 'controller-revision-hash'

export interface StatefulSet extends ApiObject {
  readonly spec: StatefulSetSpec
  readonly status?: StatefulSetStatus
}

export interface StatefulSetStatus {
  readonly observedGeneration?: number
  readonly replicas: number
  readonly readyReplicas?: number
  readonly availableReplicas: number
  readonly currentReplicas?: number
  readonly updatedReplicas?: number
  readonly currentRevision?: string
  readonly updateRevision?: string
  readonly collisionCount?: number
  readonly conditions?: Conditions
}

/** The set's name and the ordinal in a Pod's name: `web-3`; no ordinal is -1. */
export function parentOf({ metadata }: Pick<Pod, 'metadata'>): { readonly parent: string; readonly ordinal: number } {
  const match = /^(.*)-([0-9]+)$/s.exec(metadata.name)
  const ordinal = Number(match?.[2] ?? -1)
  return { parent: match?.[1] ?? '', ordinal: ordinal < 2 ** 31 ? ordinal : -1 }
}

export const ordinalOf = (pod: Pick<Pod, 'metadata'>): number => parentOf(pod).ordinal

export const firstOrdinal = ({ spec }: StatefulSet): number => spec.ordinals?.start ?? 0

export const sizeOf = ({ spec }: StatefulSet): number => spec.replicas ?? 0

export function isWanted(set: StatefulSet, pod: Pick<Pod, 'metadata'>): boolean {
  const ordinal = ordinalOf(pod)
  return ordinal >= firstOrdinal(set) && ordinal < firstOrdinal(set) + sizeOf(set)
}

export const partitionOf = ({ spec }: StatefulSet): number => spec.updateStrategy.rollingUpdate?.partition ?? 0

/** One Pod after the other, rather than all at once. */
export const isOrdered = ({ spec }: StatefulSet): boolean => spec.podManagementPolicy !== 'Parallel'

export const revisionOf = (pod: Pod): string => pod.metadata.labels?.[REVISION_LABEL] ?? ''

/** Whether a Pod is stored, or one that is to be. */
export const isCreated = (pod: Pod): boolean => (statusOf(pod).phase ?? '') !== ''

export const isRunning = (pod: Pod): boolean => statusOf(pod).phase === 'Running' && isReady(pod)

export const isUsable = ({ spec }: StatefulSet, pod: Pod, now: number): boolean =>
  isAvailable(pod, spec.minReadySeconds ?? 0, now)

export const isUnavailable = (set: StatefulSet, pod: Pod, now: number): boolean =>
  !isUsable(set, pod, now) || isEnding(pod)
