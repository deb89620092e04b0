export interface Timer {
  readonly at: number
  /** Timers due at the same moment fire in the order in which they were set. */
  readonly order: number
  /** Undefined once it has fired or was cancelled. */
  call: (() => void) | undefined
}

/** Below this many entries it is not worth clearing out the cancelled ones. */
const WORTH_CLEARING = 64

/** Timers by time, then by order of setting: a binary heap, so that ten thousand probes cost no more than their logarithm. */
export class TimerQueue {
  #heap: Timer[] = []
  #set = 0
  #cancelled = 0

  /** How many timers are waiting. */
  get size(): number {
    return this.#heap.length - this.#cancelled
  }

  add(at: number, call: () => void): Timer {
    const timer: Timer = { at, order: this.#set++, call }
    this.#heap.push(timer)
    this.#rise(this.#heap.length - 1)
    return timer
  }

  /** Cancelled entries stay in the heap until they come up, or until they are half of it. */
  cancel(timer: Timer): void {
    if (timer.call === undefined) return
    timer.call = undefined
    this.#cancelled++
    if (this.#heap.length > WORTH_CLEARING && this.#cancelled * 2 > this.#heap.length) this.#clear()
  }

  /** When the next timer is due. */
  next(): number | undefined {
    this.#dropCancelled()
    return this.#heap[0]?.at
  }

  /** Takes out the next timer that is due by `until` and hands back what to call. */
  take(until: number): { at: number; call: () => void } | undefined {
    this.#dropCancelled()
    const timer = this.#heap[0]
    if (timer?.call === undefined || timer.at > until) return undefined
    const { at, call } = timer
    this.#pop()
    timer.call = undefined
    return { at, call }
  }

  #dropCancelled(): void {
    while (this.#heap[0] !== undefined && this.#heap[0].call === undefined) {
      this.#pop()
      this.#cancelled--
    }
  }

  #clear(): void {
    this.#heap = this.#heap.filter((timer) => timer.call !== undefined).sort((a, b) => (before(a, b) ? -1 : 1))
    this.#cancelled = 0
  }

  #pop(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    const heap = this.#heap
    const timer = heap[from] as Timer
    let at = from
    while (at > 0) {
      const above = (at - 1) >> 1
      const other = heap[above] as Timer
      if (!before(timer, other)) break
      heap[at] = other
      at = above
    }
    heap[at] = timer
  }

  #sink(from: number): void {
    const heap = this.#heap
    const timer = heap[from] as Timer
    let at = from
    for (;;) {
      let below = 2 * at + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && before(heap[below + 1] as Timer, heap[below] as Timer)) below++
      const other = heap[below] as Timer
      if (!before(other, timer)) break
      heap[at] = other
      at = below
    }
    heap[at] = timer
  }
}

const before = (a: Timer, b: Timer): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
