import { maxUnavailable, newSize } from './sizes.ts'
import { allOf } from './status.ts'
import { active, availableOf, oldestFirst, sizeOf, sum } from './types.ts'
import type { Workbench } from './workbench.ts'

/** One step of a rolling update: the new set grows as far as surge allows, else old ones shrink as far as availability allows. False if there was none. */
export function rollOn(bench: Workbench): boolean {
  return growNew(bench) || shrinkOld(bench)
}

function growNew(bench: Workbench): boolean {
  const { deployment, sets } = bench
  const { current } = sets
  if (current === undefined || sizeOf(current) === sizeOf(deployment)) return false
  const size =
    sizeOf(current) > sizeOf(deployment) ? sizeOf(deployment) : newSize(deployment, allOf(sets), sizeOf(current))
  return bench.scale(current, size)
}

function shrinkOld(bench: Workbench): boolean {
  const { deployment, sets } = bench
  const { current } = sets
  if (current === undefined || sum(sets.old, sizeOf) === 0) return false
  const least = sizeOf(deployment) - maxUnavailable(deployment)
  const unavailable = sizeOf(current) - availableOf(current)
  const most = sum(allOf(sets), sizeOf) - least - unavailable
  if (most <= 0) return false
  const removed = removeUnhealthy(bench, most)
  return removeSurplus(bench, least) + removed > 0
}

/** What does not work anyway goes first, so that it does not hold up the rollout. */
function removeUnhealthy(bench: Workbench, most: number): number {
  let removed = 0
  for (const set of active(bench.sets.old).sort(oldestFirst)) {
    if (removed >= most) break
    const unhealthy = Math.min(most - removed, sizeOf(set) - availableOf(set))
    if (unhealthy <= 0) continue
    bench.scale(set, sizeOf(set) - unhealthy)
    removed += unhealthy
  }
  return removed
}

function removeSurplus(bench: Workbench, least: number): number {
  const { sets } = bench
  const surplus = sum(allOf(sets), availableOf) - least
  let removed = 0
  for (const set of active(sets.old).sort(oldestFirst)) {
    if (removed >= surplus) break
    const some = Math.min(sizeOf(set), surplus - removed)
    bench.scale(set, sizeOf(set) - some)
    removed += some
  }
  return removed
}
