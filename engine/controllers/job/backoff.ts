import type { Pod } from '../../kinds/pod/status.ts'
import { finishedAt } from './job-pods.ts'

/** Milliseconds after the first failure in a row, doubled with each more, and the longest. */
const FIRST = 10_000
const LONGEST = 600_000

/** Failures in a row of a Job's Pods, since the last that succeeded. */
export interface Failures {
  readonly count: number
  /** Milliseconds since 1970. */
  readonly last: number
}

export const NO_FAILURES: Failures = { count: 0, last: 0 }

export function withNew(before: Failures, succeeded: readonly Pod[], failed: readonly Pod[]): Failures {
  if (succeeded.length === 0) {
    if (failed.length === 0) return before
    return { count: before.count + failed.length, last: Math.max(...failed.map(finishedAt)) }
  }
  const success = Math.max(...succeeded.map(finishedAt))
  const later = failed.map(finishedAt).filter((at) => at > success)
  return later.length === 0 ? NO_FAILURES : { count: later.length, last: Math.max(...later) }
}

/** Milliseconds until the next Pod may be made. */
export function remaining({ count, last }: Failures, now: number): number {
  if (count === 0) return 0
  return Math.max(0, Math.min(FIRST * 2 ** (count - 1), LONGEST) - (now - last))
}
