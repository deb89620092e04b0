import { Killed } from './signals.ts'

/** How often a program that is over may go on as if it was not, before its waits never end. */
const PATIENCE = 16

/** What a process waits for: ended when it is killed, held back while it is stopped. */
export class Waits {
  readonly #open = new Set<(reason: Killed) => void>()
  #over = false
  #refused = 0
  #held: (() => void)[] | undefined

  wait<T>(outcome: Promise<T>): Promise<T> {
    if (this.#over) {
      outcome.catch(() => {})
      return this.refused()
    }
    return new Promise((resolve, reject) => {
      this.#open.add(reject)
      const settle = (call: () => void) => {
        if (!this.#open.delete(reject)) return
        if (this.#held === undefined) call()
        else {
          this.#open.add(reject)
          this.#held.push(() => this.#open.delete(reject) && call())
        }
      }
      outcome.then(
        (value) => settle(() => resolve(value)),
        (error: unknown) => settle(() => reject(error)),
      )
    })
  }

  /** A program that catches all and tries again must not keep the machine busy after its end. */
  refused(): Promise<never> {
    this.#refused++
    return this.#refused > PATIENCE ? new Promise(() => {}) : Promise.reject(new Killed())
  }

  get over(): boolean {
    return this.#over
  }

  end(): void {
    this.#over = true
    this.#held = undefined
    for (const reject of this.#open) reject(new Killed())
    this.#open.clear()
  }

  hold(): void {
    this.#held ??= []
  }

  release(): void {
    const held = this.#held
    this.#held = undefined
    for (const call of held ?? []) call()
  }
}
