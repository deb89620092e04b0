import type { Clock } from '../clock/clock.ts'

/** A place that packets come from and go to: a node, or what is on none (clients outside the cluster). */
export type Place = string | undefined

/** What lies between two places: nothing on a good day, else time, or a cut that holds all back until it is mended. */
export class Wires {
  readonly clock: Clock
  readonly #cut = new Set<string>()
  readonly #latency = new Map<string, number>()
  readonly #waiting = new Set<() => void>()

  constructor(clock: Clock) {
    this.clock = clock
  }

  setCutOff(node: string, cutOff: boolean): void {
    if (cutOff) this.#cut.add(node)
    else this.#cut.delete(node)
    for (const mended of [...this.#waiting]) mended()
  }

  isCutOff(node: string): boolean {
    return this.#cut.has(node)
  }

  setLatency(node: string, ms: number): void {
    if (ms > 0) this.#latency.set(node, ms)
    else this.#latency.delete(node)
  }

  areCut(from: Place, to: Place): boolean {
    if (this.#cut.size === 0 || from === to) return false
    return (from !== undefined && this.#cut.has(from)) || (to !== undefined && this.#cut.has(to))
  }

  /** Milliseconds from one to the other. */
  delay(from: Place, to: Place): number {
    if (this.#latency.size === 0 || from === to) return 0
    return this.#of(from) + this.#of(to)
  }

  /** Calls at each change of a cut, until what is returned is called. */
  onChange(call: () => void): () => void {
    this.#waiting.add(call)
    return () => this.#waiting.delete(call)
  }

  #of(place: Place): number {
    return place === undefined ? 0 : (this.#latency.get(place) ?? 0)
  }
}
