/** Keys in order of their code units, which for the names that Kubernetes allows is etcd's order of bytes. */
export class SortedKeys {
  #keys: string[] = []

  get size(): number {
    return this.#keys.length
  }

  at(index: number): string | undefined {
    return this.#keys[index]
  }

  /** The index of the first key that is not before `key`; the size if there is none. */
  from(key: string): number {
    const keys = this.#keys
    let low = 0
    let high = keys.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((keys[middle] as string) < key) low = middle + 1
      else high = middle
    }
    return low
  }

  /** Does nothing if it is there. */
  add(key: string): void {
    const last = this.#keys.at(-1)
    if (last === undefined || last < key) {
      this.#keys.push(key)
      return
    }
    const index = this.from(key)
    if (this.#keys[index] !== key) this.#keys.splice(index, 0, key)
  }

  /** Does nothing if it is not there. */
  remove(key: string): void {
    const index = this.from(key)
    if (this.#keys[index] === key) this.#keys.splice(index, 1)
  }

  /** In place of what was there. */
  replace(keys: Iterable<string>): void {
    this.#keys = [...keys].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0))
  }
}
