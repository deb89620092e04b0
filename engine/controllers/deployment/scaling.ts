import { annotatedCount, DESIRED, maxSurge, proportionalSizes, rolls } from './sizes.ts'
import { allOf, type Sets } from './status.ts'
import {
  active,
  availableOf,
  type Deployment,
  largestThenNewest,
  largestThenOldest,
  newestFirst,
  type ReplicaSet,
  sizeOf,
  sum,
} from './types.ts'
import type { Workbench } from './workbench.ts'

/** Whether the Deployment has been given another size since its sets were scaled last. */
export function isScaled(deployment: Deployment, sets: Sets): boolean {
  return active(allOf(sets)).some((set) => (annotatedCount(set, DESIRED) ?? sizeOf(deployment)) !== sizeOf(deployment))
}

/** Gives the Deployment's size to its sets without going on with a rollout: in proportion, if there are several. */
export function scaleSets(bench: Workbench): void {
  const { deployment, sets } = bench
  const only = onlyActiveOrLatest(sets)
  if (only !== undefined) {
    bench.scale(only, sizeOf(deployment))
    return
  }
  if (sets.current !== undefined && isSaturated(deployment, sets.current)) {
    for (const set of active(sets.old)) bench.scale(set, 0)
    return
  }
  if (!rolls(deployment)) return
  const all = active(allOf(sets))
  const allowed = sizeOf(deployment) > 0 ? sizeOf(deployment) + maxSurge(deployment) : 0
  const toAdd = allowed - sum(all, sizeOf)
  if (toAdd > 0) all.sort(largestThenNewest)
  else if (toAdd < 0) all.sort(largestThenOldest)
  for (const [set, size] of proportionalSizes(deployment, all, toAdd)) bench.resize(set, size)
}

function onlyActiveOrLatest({ current, old }: Sets): ReplicaSet | undefined {
  const running = active(allOf({ current, old }))
  if (running.length === 1) return running[0]
  return running.length === 0 ? (current ?? old.toSorted(newestFirst)[0]) : undefined
}

function isSaturated(deployment: Deployment, set: ReplicaSet): boolean {
  const desired = sizeOf(deployment)
  return sizeOf(set) === desired && annotatedCount(set, DESIRED) === desired && availableOf(set) === desired
}
