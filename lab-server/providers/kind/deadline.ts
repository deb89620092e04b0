import type { Clock } from '../../clock.ts'

/** A signal that is aborted after `ms` milliseconds of the clock. */
export function deadline(clock: Clock, ms: number): AbortSignal {
  const late = new AbortController()
  clock.after(ms, () => late.abort(new Error(`not done within ${ms} ms`)))
  return late.signal
}
