import type { ApiObject } from '../objects/types.ts'
import type { Change } from './event.ts'

export interface HistoryLimits {
  /** Never more changes than this, however young. */
  readonly most: number
  /** Never fewer, however old. */
  readonly fewest: number
  /** Changes older than this, in ms, are dropped, down to the fewest. */
  readonly age: number
}

/**
 * A real API server's etcd is compacted each five minutes, and its watch cache keeps at least 100 changes. The most is what bounds the
 * memory: a change holds two states of an object, which share what did not change.
 */
export const DEFAULT_HISTORY: HistoryLimits = { most: 10_000, fewest: 100, age: 300_000 }

/** From this many dropped places on the array is shortened. */
const WORTH_SHORTENING = 512

/** The last changes of a collection, in the order of their versions. Each has a sequence number, with which watchers keep their place. */
export class History {
  readonly #limits: HistoryLimits
  /** Dropped changes leave undefined behind until the array is shortened. */
  #changes: (Change | undefined)[] = []
  #dropped = 0
  #first = 0
  #compacted: number

  constructor(limits: HistoryLimits, compacted = 0) {
    this.#limits = limits
    this.#compacted = compacted
  }

  get size(): number {
    return this.#changes.length - this.#dropped
  }

  /** All changes after this version are here. */
  get compacted(): number {
    return this.#compacted
  }

  /** The sequence number of the oldest change that is kept. */
  get first(): number {
    return this.#first
  }

  /** The sequence number that the next change will get. */
  get end(): number {
    return this.#first + this.size
  }

  /** Undefined if it was dropped or has not happened. */
  at(sequence: number): Change | undefined {
    return sequence < this.#first ? undefined : this.#changes[this.#dropped + sequence - this.#first]
  }

  /** True if older changes had to go for it. */
  append(change: Change): boolean {
    this.#changes.push(change)
    const before = this.#first
    while (this.#mustDrop(change.time)) this.#drop()
    return this.#first !== before
  }

  /** The sequence number of the first change after `version`, which must not be before what is compacted. */
  after(version: number): number {
    let low = this.#first
    let high = this.end
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.at(middle)?.version ?? 0) > version) high = middle
      else low = middle + 1
    }
    return low
  }

  /** The objects that have changed since `version`, as they were then; undefined for those that were not there. */
  changedSince(version: number): Map<string, ApiObject | undefined> {
    const then = new Map<string, ApiObject | undefined>()
    const oldest = this.after(version)
    for (let sequence = this.end - 1; sequence >= oldest; sequence--) {
      const change = this.at(sequence)
      if (change !== undefined) then.set(change.key, change.previous)
    }
    return then
  }

  #mustDrop(now: number): boolean {
    if (this.size > this.#limits.most) return true
    const oldest = this.#changes[this.#dropped]
    return this.size > this.#limits.fewest && oldest !== undefined && oldest.time < now - this.#limits.age
  }

  #drop(): void {
    const oldest = this.#changes[this.#dropped]
    this.#compacted = oldest?.version ?? this.#compacted
    this.#changes[this.#dropped] = undefined
    this.#dropped++
    this.#first++
    if (this.#dropped >= WORTH_SHORTENING && this.#dropped * 2 >= this.#changes.length) {
      this.#changes = this.#changes.slice(this.#dropped)
      this.#dropped = 0
    }
  }
}
