import type { Cancel, Clock } from '../clock/clock.ts'

/** Removes what has not been written for a while, as etcd's leases do for Events. One timer, whatever the number of keys. */
export class Expiry {
  readonly #clock: Clock
  /** Milliseconds from the last write. */
  readonly #lifetime: number
  readonly #remove: (key: string) => void
  /** When each is due; the order of writing is the order of falling due. */
  readonly #due = new Map<string, number>()
  #cancel: Cancel | undefined
  #stopped = false

  constructor(clock: Clock, lifetime: number, remove: (key: string) => void) {
    this.#clock = clock
    this.#lifetime = lifetime
    this.#remove = remove
  }

  written(key: string): void {
    this.#due.delete(key)
    this.#due.set(key, this.#clock.now() + this.#lifetime)
    if (this.#cancel === undefined && !this.#stopped) this.#wait(this.#lifetime)
  }

  removed(key: string): void {
    this.#due.delete(key)
  }

  /** For good: nothing is removed any more. */
  stop(): void {
    this.clear()
    this.#stopped = true
  }

  clear(): void {
    this.#due.clear()
    this.#cancel?.()
    this.#cancel = undefined
  }

  #wait(ms: number): void {
    this.#cancel = this.#clock.after(ms, () => this.#expire())
  }

  #expire(): void {
    this.#cancel = undefined
    for (const [key, due] of this.#due) {
      const left = due - this.#clock.now()
      if (left > 0) {
        this.#wait(left)
        return
      }
      this.#due.delete(key)
      this.#remove(key)
    }
  }
}
