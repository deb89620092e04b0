/** Counts what is open for each key, and lets no more in than allowed. */
export class OpenCount {
  readonly #open = new Map<string, number>()

  /** True, and counted, if fewer than `most` are open for the key. */
  enter(key: string, most: number): boolean {
    const open = this.#open.get(key) ?? 0
    if (open >= most) return false
    this.#open.set(key, open + 1)
    return true
  }

  leave(key: string): void {
    const open = (this.#open.get(key) ?? 0) - 1
    if (open > 0) this.#open.set(key, open)
    else this.#open.delete(key)
  }

  /** Keys with something open. */
  get size(): number {
    return this.#open.size
  }
}

/**
 * Enters several keys or none; the function returned leaves them all, once.
 * @returns undefined if one of them is full
 */
export function enterAll(count: OpenCount, keys: readonly (readonly [string, number])[]): (() => void) | undefined {
  const entered: string[] = []
  const leave = () => {
    for (const key of entered.splice(0)) count.leave(key)
  }
  for (const [key, most] of keys) {
    if (!count.enter(key, most)) {
      leave()
      return undefined
    }
    entered.push(key)
  }
  return leave
}
