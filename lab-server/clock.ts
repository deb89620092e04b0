/** All time in the lab server comes through a clock, so that tests run days in milliseconds. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  /** Calls once after `ms` milliseconds; the function returned cancels the call. */
  after(ms: number, call: () => void): () => void
}

/** Longest delay that setTimeout takes: 2^31 - 1 ms, about 24.8 days. */
const LONGEST_TIMEOUT = 2_147_483_647

export const systemClock: Clock = {
  now: () => Date.now(),
  after(ms, call) {
    const timer = setTimeout(call, Math.min(Math.max(0, ms), LONGEST_TIMEOUT))
    return () => clearTimeout(timer)
  },
}

/** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it is aborted. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort)
      resolve()
    })
    const abort = () => {
      cancel()
      reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
  })
}

/** A clock that stands still until it is moved; calls that fall due are made in order of their time. */
export class ManualClock implements Clock {
  #now: number
  #waiting: { at: number; call: () => void }[] = []

  constructor(now = 0) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.#now + Math.max(0, ms), call }
    this.#waiting.push(entry)
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry)
    }
  }

  /** Moves time on; between two calls that fall due, promises get their turn. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    for (;;) {
      await settle()
      const due = this.#waiting.filter((entry) => entry.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#waiting = this.#waiting.filter((entry) => entry !== due)
      this.#now = Math.max(this.#now, due.at)
      due.call()
    }
    this.#now = end
    await settle()
  }

  /** How many calls wait: nothing may be left when everything is closed. */
  get pending(): number {
    return this.#waiting.length
  }
}

/** Lets all promises that are already settled run their continuations. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve))
