import type { Clock } from '../../clock.ts'

/** Does something that ends, with a failure, when its signal is aborted: after `ms` milliseconds of the clock. */
export async function within<T>(clock: Clock, ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const late = new AbortController()
  const cancel = clock.after(ms, () => late.abort(new Error(`not done within ${ms} ms`)))
  try {
    return await work(late.signal)
  } finally {
    cancel()
  }
}
