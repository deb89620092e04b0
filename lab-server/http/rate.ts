/** How often something may happen for each key within a minute. */
import type { Clock } from '../clock.ts'

const MINUTE = 60_000

export class RateLimit {
  readonly #most: number
  readonly #clock: Pick<Clock, 'now'>
  #counts = new Map<string, number>()
  #since: number

  constructor(most: number, clock: Pick<Clock, 'now'>) {
    this.#most = most
    this.#clock = clock
    this.#since = clock.now()
  }

  /**
   * Counts one; 0 if it may happen, else the seconds until it may. All keys share the minute, so that forgetting them is
   * one step and the map never holds more than a minute's addresses.
   */
  take(key: string): number {
    const wait = this.wait(key)
    if (wait === 0) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1)
    return wait
  }

  /** What `take` would say; counts nothing. */
  wait(key: string): number {
    const now = this.#clock.now()
    if (now - this.#since >= MINUTE) {
      this.#counts = new Map()
      this.#since = now
    }
    if ((this.#counts.get(key) ?? 0) < this.#most) return 0
    return Math.max(1, Math.ceil((this.#since + MINUTE - now) / 1000))
  }
}
