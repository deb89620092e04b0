/** A queue whose least comes first; items can be taken out of the middle. */
export class Heap<T> {
  readonly #before: (a: T, b: T) => boolean
  readonly #items: T[] = []
  readonly #places = new Map<T, number>()

  constructor(before: (a: T, b: T) => boolean) {
    this.#before = before
  }

  get size(): number {
    return this.#items.length
  }

  get first(): T | undefined {
    return this.#items[0]
  }

  has(item: T): boolean {
    return this.#places.has(item)
  }

  add(item: T): void {
    if (this.#places.has(item)) return
    this.#items.push(item)
    this.#rise(this.#items.length - 1, item)
  }

  take(): T | undefined {
    const first = this.#items[0]
    if (first !== undefined) this.remove(first)
    return first
  }

  remove(item: T): boolean {
    const place = this.#places.get(item)
    if (place === undefined) return false
    this.#places.delete(item)
    const last = this.#items.pop() as T
    if (last === item) return true
    this.#rise(place, last)
    this.#sink(this.#places.get(last) as number, last)
    return true
  }

  clear(): void {
    this.#items.length = 0
    this.#places.clear()
  }

  #rise(from: number, item: T): void {
    let place = from
    while (place > 0) {
      const above = (place - 1) >> 1
      const other = this.#items[above] as T
      if (!this.#before(item, other)) break
      this.#put(place, other)
      place = above
    }
    this.#put(place, item)
  }

  #sink(from: number, item: T): void {
    let place = from
    for (;;) {
      let below = 2 * place + 1
      if (below >= this.#items.length) break
      if (below + 1 < this.#items.length && this.#before(this.#items[below + 1] as T, this.#items[below] as T)) below++
      const other = this.#items[below] as T
      if (!this.#before(other, item)) break
      this.#put(place, other)
      place = below
    }
    this.#put(place, item)
  }

  #put(place: number, item: T): void {
    this.#items[place] = item
    this.#places.set(item, place)
  }
}
