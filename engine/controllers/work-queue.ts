import type { Cancel, Clock } from '../clock/clock.ts'

/** How soon what failed is tried again: client-go's exponential limiter. Milliseconds. */
export interface Backoff {
  readonly first: number
  readonly longest: number
}

/** client-go's default: 5 ms, doubled with each failure, up to 1000 s. */
const DEFAULT_BACKOFF: Backoff = { first: 5, longest: 1_000_000 }
/** Keys that are worked on before others get their turn. */
const BATCH = 256

/** Thrown by a sync that has to wait for others: it is called again as after a failure, and nobody hears of it. */
export class NotYet extends Error {
  override name = 'NotYet'
}

export interface WorkQueueOptions {
  readonly clock: Clock
  /** Brings the world in line with the key's object; what it throws makes it be called again, later. */
  readonly sync: (key: string) => void
  /** Hears of what was thrown. */
  readonly report?: ((error: unknown) => void) | undefined
  readonly backoff?: Backoff
}

/** Keys to work on, each once, in the order in which they came: client-go's rate-limited work queue on our clock. */
export class WorkQueue {
  readonly #options: WorkQueueOptions
  readonly #ready = new Set<string>()
  /** When a waiting key comes, and how that is called off. */
  readonly #waiting = new Map<string, { readonly at: number; readonly cancel: Cancel }>()
  readonly #failures = new Map<string, number>()
  #cancel: Cancel | undefined

  constructor(options: WorkQueueOptions) {
    this.#options = options
  }

  add(key: string): void {
    this.#ready.add(key)
    this.#wake()
  }

  /** After so many milliseconds, or sooner if it waits already. */
  addAfter(key: string, ms: number): void {
    const { clock } = this.#options
    const at = clock.now() + ms
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      if (waiting.at <= at) return
      waiting.cancel()
    }
    const cancel = clock.after(ms, () => {
      this.#waiting.delete(key)
      this.add(key)
    })
    this.#waiting.set(key, { at, cancel })
  }

  /** Forgets all that waits. */
  clear(): void {
    this.#cancel?.()
    this.#cancel = undefined
    for (const { cancel } of this.#waiting.values()) cancel()
    this.#waiting.clear()
    this.#ready.clear()
    this.#failures.clear()
  }

  #wake(): void {
    this.#cancel ??= this.#options.clock.after(0, () => this.#work())
  }

  #work(): void {
    // What comes meanwhile waits until other controllers had their turn
    let left = Math.min(BATCH, this.#ready.size)
    for (const key of this.#ready) {
      if (left-- === 0) break
      this.#ready.delete(key)
      this.#sync(key)
    }
    this.#cancel = undefined
    if (this.#ready.size > 0) this.#wake()
  }

  #sync(key: string): void {
    const { sync, report, backoff = DEFAULT_BACKOFF } = this.#options
    try {
      sync(key)
      this.#failures.delete(key)
    } catch (error) {
      const failures = this.#failures.get(key) ?? 0
      this.#failures.set(key, failures + 1)
      this.addAfter(key, Math.min(backoff.first * 2 ** failures, backoff.longest))
      if (!(error instanceof NotYet)) report?.(error)
    }
  }
}
