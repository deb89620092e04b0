/**
 * When which part of which cluster is written down. Each part of which something has changed is due a while after its last writing; of those that are
 * due the one that has waited longest is next. Values in, values out: the keeper does the writing.
 */

/** In ms. */
export interface Pace {
  /** From one writing of a part to the next, where it goes on changing. */
  every: number
  /** After a writing that failed. */
  retry: number
}

interface Entry {
  /** What was written, or what there was nothing to be written of. */
  mark: string
  current: string
  /** Since when the two differ. */
  changedAt: number | undefined
  earliest: number
  /** What it was when its writing began. */
  begun: string | undefined
}

export class Rounds {
  readonly #pace: Pace
  readonly #entries = new Map<string, Entry>()

  constructor(pace: Pace) {
    this.#pace = pace
  }

  /** `mark`: what is written of it, or not worth being written. */
  add(id: string, mark: string, now: number): void {
    const earliest = now + this.#pace.every
    this.#entries.set(id, { mark, current: mark, changedAt: undefined, earliest, begun: undefined })
  }

  remove(id: string): void {
    this.#entries.delete(id)
  }

  /** What it is now. */
  see(id: string, mark: string, now: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    entry.current = mark
    if (mark === entry.mark) entry.changedAt = undefined
    else entry.changedAt ??= now
  }

  /** It is due now, whatever was written when. */
  urge(id: string): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) entry.earliest = 0
  }

  /** Those that differ from what is written of them. */
  get changed(): string[] {
    return [...this.#entries].filter(([, entry]) => entry.changedAt !== undefined).map(([id]) => id)
  }

  /** The one that is to be written now, if any: it counts as being written until `written` or `failed`. */
  next(now: number): string | undefined {
    let [best, since] = [undefined as string | undefined, Number.POSITIVE_INFINITY]
    for (const [id, { changedAt, earliest, begun }] of this.#entries) {
      if (begun !== undefined || changedAt === undefined || earliest > now) continue
      const due = Math.max(changedAt, earliest)
      if (due < since) [best, since] = [id, due]
    }
    const entry = best === undefined ? undefined : this.#entries.get(best)
    if (entry !== undefined) entry.begun = entry.current
    return best
  }

  /** It was written as it was at `mark`, which may be newer than what was seen when the writing began. */
  written(id: string, mark: string, now: number): void {
    const entry = this.#entries.get(id)
    if (entry === undefined) return
    const seen = entry.current === entry.begun ? mark : entry.current
    Object.assign(entry, { mark, begun: undefined, changedAt: undefined, earliest: now + this.#pace.every })
    this.see(id, seen, now)
  }

  failed(id: string, now: number): void {
    const entry = this.#entries.get(id)
    if (entry !== undefined) Object.assign(entry, { begun: undefined, earliest: now + this.#pace.retry })
  }
}
