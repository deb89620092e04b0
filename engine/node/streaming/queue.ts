/** What one side pushes and the other iterates over. Ends once; what was pushed before is still read. */
export class Queue<T> implements AsyncIterable<T> {
  readonly #items: T[] = []
  #over = false
  #wake: (() => void) | undefined
  #taken: (() => void) | undefined

  push(item: T): void {
    if (this.#over) return
    this.#items.push(item)
    this.#wake?.()
  }

  end(): void {
    if (this.#over) return
    this.#over = true
    this.#wake?.()
    this.#taken?.()
  }

  /** Items that nobody has read yet. */
  get waiting(): number {
    return this.#items.length
  }

  /** Resolves when at most `most` items wait, or nothing is read any more. */
  async drained(most = 0): Promise<void> {
    while (this.#items.length > most && !this.#over) {
      await new Promise<void>((resolve) => {
        this.#taken = resolve
      })
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T> {
    while (true) {
      const item = this.#items.shift()
      if (item !== undefined) {
        this.#taken?.()
        yield item
      } else if (this.#over) return
      else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
        this.#wake = undefined
      }
    }
  }
}
