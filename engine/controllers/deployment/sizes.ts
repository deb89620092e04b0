import { scaledValue } from '../../objects/int-or-string.ts'
import { type Deployment, type ReplicaSet, sizeOf, sum } from './types.ts'

export const DESIRED = 'deployment.kubernetes.io/desired-replicas'
export const MAX = 'deployment.kubernetes.io/max-replicas'

export const rolls = ({ spec }: Deployment): boolean => spec.strategy.type === 'RollingUpdate'

/** How many Pods there may be too many, and how many may be missing: never neither (`ResolveFenceposts`). */
function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 0 } = deployment.spec.strategy.rollingUpdate ?? {}
  const surge = scaledValue(maxSurge, sizeOf(deployment), 'up')
  const unavailable = scaledValue(maxUnavailable, sizeOf(deployment), 'down')
  return { surge, unavailable: surge === 0 && unavailable === 0 ? 1 : unavailable }
}

export function maxSurge(deployment: Deployment): number {
  return rolls(deployment) ? fenceposts(deployment).surge : 0
}

export function maxUnavailable(deployment: Deployment): number {
  if (!rolls(deployment) || sizeOf(deployment) === 0) return 0
  return Math.min(fenceposts(deployment).unavailable, sizeOf(deployment))
}

/** How large the new set may be now, among `all` sets (`NewRSNewReplicas`). */
export function newSize(deployment: Deployment, all: readonly ReplicaSet[], size: number): number {
  const desired = sizeOf(deployment)
  if (!rolls(deployment)) return desired
  const most = desired + scaledValue(deployment.spec.strategy.rollingUpdate?.maxSurge ?? 0, desired, 'up')
  const present = sum(all, sizeOf)
  if (present >= most) return size
  return size + Math.min(most - present, desired - size)
}

/** What sets say of the size for which they were last scaled. */
export function sizeAnnotations(deployment: Deployment): Readonly<Record<string, string>> {
  const desired = sizeOf(deployment)
  return { [DESIRED]: String(desired), [MAX]: String(desired + maxSurge(deployment)) }
}

/** A count that a set's annotation states; undefined if it states none. */
export function annotatedCount({ metadata }: ReplicaSet, annotation: string): number | undefined {
  const text = metadata.annotations?.[annotation]
  if (text === undefined || !/^[0-9]+$/.test(text)) return undefined
  const count = Number(text)
  return count < 2 ** 31 ? count : undefined
}

/**
 * The sizes of sets when a Deployment is scaled in the midst of a rollout: each gets its share, the first of them what rounding leaves. `sets` are those with
 * Pods, in the order in which they are served.
 */
export function proportionalSizes(
  deployment: Deployment,
  sets: readonly ReplicaSet[],
  toAdd: number,
): ReadonlyMap<ReplicaSet, number> {
  const sizes = new Map<ReplicaSet, number>()
  let added = 0
  for (const set of sets) {
    const share = proportion(deployment, set, toAdd, added)
    sizes.set(set, sizeOf(set) + share)
    added += share
  }
  const [first] = sets
  if (first !== undefined && toAdd !== 0) {
    sizes.set(first, Math.max(0, (sizes.get(first) ?? 0) + toAdd - added))
  }
  return sizes
}

function proportion(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  if (sizeOf(set) === 0 || toAdd === added) return 0
  const wanted = fraction(deployment, set)
  return toAdd > 0 ? Math.min(wanted, toAdd - added) : Math.max(wanted, toAdd - added)
}

function fraction(deployment: Deployment, set: ReplicaSet): number {
  const size = sizeOf(set)
  if (sizeOf(deployment) === 0) return -size
  const most = sizeOf(deployment) + maxSurge(deployment)
  const before = annotatedCount(set, MAX) || (deployment.status?.replicas ?? 0)
  // Half is rounded up, as upstream does
  return before === 0 ? 0 : Math.trunc((size * most) / before + 0.5) - size
}
