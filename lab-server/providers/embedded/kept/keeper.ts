/** Writes down what changes in the live clusters, so that the next process can go on with them: no more often than needed, one after the other. */
import { createHash } from 'node:crypto'
import { type Clock, sleep } from '../../../clock.ts'
import type { Logger } from '../../../log.ts'
import { type Pace, Rounds } from './rounds.ts'
import type { Shelf } from './shelf.ts'

/** Milliseconds between two looks at all clusters. */
export const LOOK_EVERY = 1_000
/** With a look a second and the time that a writing takes, what is on disk is at most 5 s old. */
const PACE: Pace = { every: 2_000, retry: 30_000 }
/**
 * Writings at the same time; each is followed by a rest half as long as it took, so that they never take more than a share of the machine. A cluster
 * takes 17 ms and a home 19, mostly of other threads and processes: 200 that all change without a pause are each written every 5 s.
 */
const LANES = { cluster: 2, home: 2, shells: 1 } as const
const REST = 0.5
/** Milliseconds for a home in which nothing seems to happen to be looked at all the same: something may run in it that says nothing. */
const HOME_EVERY = 30_000
/** At the end, at the same time. */
const LAST_AT_ONCE = 4

type Part = keyof typeof LANES
const parts: readonly Part[] = ['cluster', 'home', 'shells']

/** A live cluster, as far as writing it down goes. Each part says what it was at the moment at which it was read. */
export interface Keepable {
  readonly id: string
  /** Other ones than before if something may have changed. */
  marks(): { home: string; shells: string }
  write(part: Part): Promise<string>
}

export interface KeeperOptions {
  clock: Clock
  log: Logger
  shelf: Pick<Shelf, 'note' | 'clear'>
  /** Of the clusters themselves, by their ids: asked of all at once. */
  marks(): Promise<ReadonlyMap<string, string>>
}

export class Keeper {
  readonly #options: KeeperOptions
  readonly #clusters = new Map<string, Keepable>()
  readonly #rounds: Readonly<Record<Part, Rounds>> = {
    cluster: new Rounds(PACE),
    home: new Rounds(PACE),
    shells: new Rounds(PACE),
  }
  /** Writings that are under way, by cluster: nothing may be written of one that is removed. */
  readonly #writing = new Map<string, Set<Promise<void>>>()
  /** How many of each are at work. */
  readonly #lanes = { cluster: 0, home: 0, shells: 0 }
  readonly #closing = new AbortController()
  #cancelLook: (() => void) | undefined
  #looking: Promise<void> | undefined

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /** From now on it is written down. A cluster that was not yet is so in any case. */
  add(cluster: Keepable): void {
    const now = this.#options.clock.now()
    const { home, shells } = cluster.marks()
    this.#clusters.set(cluster.id, cluster)
    this.#rounds.cluster.add(cluster.id, '', now)
    this.#rounds.home.add(cluster.id, homeMark(cluster.id, home, now), now)
    this.#rounds.shells.add(cluster.id, shells, now)
    this.#wait()
  }

  /** Nothing of it is on disk any more. */
  async remove(id: string): Promise<void> {
    this.#forget(id)
    await Promise.all(this.#writing.get(id) ?? [])
    await this.#options.shelf.clear(id)
  }

  /** The cluster is written down as soon as can be: something has been told that is so in it only now. */
  async urge(id: string): Promise<void> {
    this.#rounds.cluster.urge(id)
    await this.look()
  }

  /** Looks what has changed, and begins to write. */
  async look(): Promise<void> {
    this.#looking ??= this.#see().finally(() => {
      this.#looking = undefined
    })
    await this.#looking
    for (const part of parts) {
      for (let free = LANES[part] - this.#lanes[part]; free > 0; free--) void this.#run(part)
    }
  }

  /** Everything once more, as far as there is time; from then on nothing changes on disk. */
  async close(withinMs: number): Promise<void> {
    this.#closing.abort()
    this.#cancelLook?.()
    const late = new AbortController()
    const cancel = this.#options.clock.after(withinMs, () => late.abort())
    try {
      await Promise.race([this.#last(late.signal), aborted(late.signal)])
    } finally {
      cancel()
      await this.#note(true).catch(() => {})
      for (const id of [...this.#clusters.keys()]) this.#forget(id)
    }
  }

  async #last(late: AbortSignal): Promise<void> {
    await Promise.all([...this.#writing.values()].flatMap((writings) => [...writings]))
    await this.#see()
    for (const part of parts) {
      const left = this.#rounds[part].changed
      await Promise.all(
        Array.from({ length: LAST_AT_ONCE }, async () => {
          for (let id = left.pop(); id !== undefined && !late.aborted; id = left.pop()) await this.#write(part, id)
        }),
      )
    }
  }

  #wait(): void {
    if (this.#closing.signal.aborted) return
    this.#cancelLook ??= this.#options.clock.after(LOOK_EVERY, () => {
      void this.look().then(() => {
        this.#cancelLook = undefined
        if (this.#clusters.size > 0) this.#wait()
      })
    })
  }

  async #see(): Promise<void> {
    const { clock, log, marks } = this.#options
    try {
      const found = await marks()
      const now = clock.now()
      for (const [id, cluster] of this.#clusters) {
        const { home, shells } = cluster.marks()
        const mark = found.get(id)
        if (mark !== undefined) this.#rounds.cluster.see(id, mark, now)
        this.#rounds.home.see(id, homeMark(id, home, now), now)
        this.#rounds.shells.see(id, shells, now)
      }
      await this.#note(false)
    } catch (error) {
      log.warn({ err: error }, 'not known what has changed in the simulated clusters')
    }
  }

  #note(stopped: boolean): Promise<void> {
    const { clock, shelf } = this.#options
    const changed = new Set([...this.#rounds.cluster.changed, ...this.#rounds.home.changed])
    return shelf.note({ at: clock.now(), stopped, changed: [...changed].sort() })
  }

  /** One after the other, with a rest after each, until nothing is due. */
  async #run(part: Part): Promise<void> {
    this.#lanes[part]++
    const { clock } = this.#options
    const { signal } = this.#closing
    try {
      while (!signal.aborted) {
        const begun = clock.now()
        const id = this.#rounds[part].next(begun)
        if (id === undefined) return
        await this.#write(part, id)
        await sleep(clock, (clock.now() - begun) * REST, signal)
      }
    } catch {
      // It closes
    } finally {
      this.#lanes[part]--
    }
  }

  #write(part: Part, id: string): Promise<void> {
    const { clock, log } = this.#options
    const cluster = this.#clusters.get(id)
    if (cluster === undefined) return Promise.resolve()
    const began = clock.now()
    const writing = cluster.write(part).then(
      (mark) => this.#rounds[part].written(id, part === 'home' ? homeMark(id, mark, began) : mark, clock.now()),
      (error: unknown) => {
        this.#rounds[part].failed(id, clock.now())
        if (this.#clusters.get(id) === cluster) log.warn({ err: error, cluster: id, part }, 'not written down')
      },
    )
    const all = this.#writing.get(id) ?? new Set()
    this.#writing.set(id, all.add(writing))
    return writing.finally(() => {
      all.delete(writing)
      if (all.size === 0 && this.#writing.get(id) === all) this.#writing.delete(id)
    })
  }

  #forget(id: string): void {
    this.#clusters.delete(id)
    for (const part of parts) this.#rounds[part].remove(id)
    if (this.#clusters.size > 0) return
    this.#cancelLook?.()
    this.#cancelLook = undefined
  }
}

/** Another one every so often too, of each home at a time of its own: those of a whole room at once would be felt. */
const homeMark = (id: string, mark: string, now: number): string =>
  `${mark} ${Math.floor((now + phaseOf(id)) / HOME_EVERY)}`

/** Of ids evenly spread, in ms. */
const phaseOf = (id: string): number => (createHash('sha256').update(id).digest().readUInt32BE() / 2 ** 32) * HOME_EVERY

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
