/** All time in the engine comes through a clock, so that a lab can be paused, stepped and run fast, and tests run days in milliseconds. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number
  /** Calls once after `ms` milliseconds; what is returned cancels the call. */
  after(ms: number, call: () => void): Cancel
  /** Calls each `ms` milliseconds until cancelled, the first time after `ms`. */
  every(ms: number, call: () => void): Cancel
}

/** May be called more than once, and after the call was made. */
export type Cancel = () => void

/** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const abort = () => {
      cancel()
      reject(signal?.reason)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    signal?.addEventListener('abort', abort, { once: true })
  })
}
