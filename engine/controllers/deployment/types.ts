import type { DeploymentSpec, WorkloadSpec } from '../../kinds/apps/types.ts'
import { parseTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { Conditions } from '../pod-control/conditions.ts'
import type { ReplicaSetStatus } from '../replicaset/status.ts'

export const DEPLOYMENTS: GroupResource = { group: 'apps', resource: 'deployments' }

export interface Deployment extends ApiObject {
  readonly spec: DeploymentSpec
  readonly status?: DeploymentStatus
}

export interface DeploymentStatus {
  readonly observedGeneration?: number
  readonly replicas?: number
  readonly updatedReplicas?: number
  readonly readyReplicas?: number
  readonly availableReplicas?: number
  readonly unavailableReplicas?: number
  readonly collisionCount?: number
  readonly conditions?: Conditions
}

export interface ReplicaSet extends ApiObject {
  readonly spec: WorkloadSpec
  readonly status?: ReplicaSetStatus
}

export const sizeOf = ({ spec }: ReplicaSet | Deployment): number => spec.replicas ?? 0

export const availableOf = ({ status }: ReplicaSet): number => status?.availableReplicas ?? 0

export const actualOf = ({ status }: ReplicaSet): number => status?.replicas ?? 0

export const sum = <T>(all: readonly T[], count: (one: T) => number): number =>
  all.reduce((total, one) => total + count(one), 0)

/** Those that have Pods, or ought to. */
export const active = (sets: readonly ReplicaSet[]): ReplicaSet[] => sets.filter((set) => sizeOf(set) > 0)

type Order = (left: ReplicaSet, right: ReplicaSet) => number

export const oldestFirst: Order = ({ metadata: left }, { metadata: right }) => {
  const earlier = (parseTime(left.creationTimestamp) ?? 0) - (parseTime(right.creationTimestamp) ?? 0)
  return earlier !== 0 ? earlier : left.name < right.name ? -1 : 1
}
export const newestFirst: Order = (left, right) => oldestFirst(right, left)
export const largestThenOldest: Order = (left, right) => sizeOf(right) - sizeOf(left) || oldestFirst(left, right)
export const largestThenNewest: Order = (left, right) => sizeOf(right) - sizeOf(left) || newestFirst(left, right)
