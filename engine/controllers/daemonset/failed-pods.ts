/** Milliseconds until a Pod that fails at once is replaced again: from a second, doubled with each time up to a quarter of an hour (upstream's). */
const FIRST = 1000
const LONGEST = 900_000

/** How soon failed Pods are replaced, by the daemon, its generation and the node: client-go's `flowcontrol.Backoff` (1.34). */
export class FailedPods {
  readonly #waits = new Map<string, { wait: number; since: number }>()

  /** Milliseconds for which a failed Pod is left alone yet; 0 if it may be replaced, which is counted. */
  left(key: string, now: number): number {
    const known = this.#waits.get(key)
    if (known !== undefined && !isOver(known.since, now)) {
      const left = known.since + known.wait - now
      if (left > 0) return left
      this.#waits.set(key, { wait: Math.min(known.wait * 2, LONGEST), since: now })
      return 0
    }
    for (const [other, { since }] of this.#waits) if (isOver(since, now)) this.#waits.delete(other)
    this.#waits.set(key, { wait: FIRST, since: now })
    return 0
  }

  clear(): void {
    this.#waits.clear()
  }
}

const isOver = (since: number, now: number): boolean => now - since > 2 * LONGEST
