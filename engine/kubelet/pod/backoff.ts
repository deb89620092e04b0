interface Entry {
  /** Milliseconds. */
  delay: number
  updated: number
}

/** What failed, how long it waits, and when that was told, in ms. */
export type KeptBackoff = readonly (readonly [key: string, delay: number, updated: number])[]

/** client-go's `flowcontrol.Backoff` (1.34): ever longer, and from the beginning again once all was well for twice the longest. */
export class Backoff {
  readonly #first: number
  readonly #longest: number
  readonly #entries = new Map<string, Entry>()

  constructor({ first, longest }: { readonly first: number; readonly longest: number }) {
    this.#first = first
    this.#longest = longest
  }

  /** Milliseconds; 0 for what never failed. */
  delay(key: string): number {
    return this.#entries.get(key)?.delay ?? 0
  }

  /** It failed again. `at` is when that began, `now` when it is told. */
  next(key: string, at: number, now: number): void {
    const entry = this.#entries.get(key)
    if (entry === undefined || this.#isForgotten(entry, at)) {
      this.#entries.set(key, { delay: this.#first, updated: now })
      return
    }
    entry.delay = Math.min(entry.delay * 2, this.#longest)
    entry.updated = now
  }

  /** Whether less than the delay has passed since `at`. */
  isOffSince(key: string, at: number, now: number): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && !this.#isForgotten(entry, at) && now - at < entry.delay
  }

  /** Whether less than the delay has passed since the last failure. */
  isOffSinceUpdate(key: string, now: number): boolean {
    const entry = this.#entries.get(key)
    return entry !== undefined && !this.#isForgotten(entry, now) && now - entry.updated < entry.delay
  }

  keep(): KeptBackoff {
    return [...this.#entries].map(([key, { delay, updated }]) => [key, delay, updated])
  }

  putBack(kept: KeptBackoff): void {
    for (const [key, delay, updated] of kept) this.#entries.set(key, { delay, updated })
  }

  #isForgotten({ updated }: Entry, at: number): boolean {
    return at - updated > 2 * this.#longest
  }
}
