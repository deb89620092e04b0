/** Who is there: seats with a page open. A page that is left for another one is gone for a moment, which nobody wants to see. */
import type { Clock } from '../clock.ts'

/** Milliseconds after the last page has gone until its participant counts as gone. */
export const AWAY_AFTER = 5_000

export class Presence {
  readonly #clock: Clock
  readonly #pages = new Map<string, { open: number; cancel: () => void }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  has(seat: string): boolean {
    return this.#pages.has(seat)
  }

  /** A page has been opened; the function returned, called once, tells that it is gone. @param changed whenever `has` says something else */
  enter(seat: string, changed: () => void): () => void {
    const known = this.#pages.get(seat)
    const pages = known ?? { open: 0, cancel: () => {} }
    pages.cancel()
    pages.open++
    this.#pages.set(seat, pages)
    if (!known) changed()
    let left = false
    return () => {
      if (left) return
      left = true
      pages.open--
      if (pages.open > 0) return
      pages.cancel = this.#clock.after(AWAY_AFTER, () => {
        this.#pages.delete(seat)
        changed()
      })
    }
  }

  close(): void {
    for (const { cancel } of this.#pages.values()) cancel()
    this.#pages.clear()
  }
}
