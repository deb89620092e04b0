/** How many of the last answers are remembered. */
const REMEMBERED = 100

/** How long one reader's requests took of late, watches and the like left out. */
export class Answers {
  readonly #recent: number[] = []
  #next = 0

  /** Milliseconds from a request's arrival to its answer, the wait for its turn included. */
  add(ms: number): void {
    this.#recent[this.#next] = ms
    this.#next = (this.#next + 1) % REMEMBERED
  }

  /** In no order. */
  get recent(): readonly number[] {
    return this.#recent
  }
}
