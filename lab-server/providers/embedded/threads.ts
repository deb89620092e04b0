import type { Thread } from './thread.ts'

/** The threads that clusters are spread over: as many as asked for, each begun when it is needed and replaced when it is over. */
export class Threads {
  readonly #most: number
  readonly #begin: () => Thread
  #threads: Thread[] = []

  constructor(most: number, begin: () => Thread) {
    this.#most = most
    this.#begin = begin
  }

  /** The one with the fewest clusters, which is then counted as having one more; `release` takes that back. */
  take(): Thread {
    this.#threads = this.#threads.filter((thread) => !thread.over)
    while (this.#threads.length < this.#most) this.#threads.push(this.#begin())
    const least = this.#threads.reduce((best, thread) => (thread.load < best.load ? thread : best))
    least.load++
    return least
  }

  release(thread: Thread): void {
    thread.load--
  }

  get all(): readonly Thread[] {
    return this.#threads
  }

  async end(reason: string): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end(reason)))
    this.#threads = []
  }
}
