import type { Cancel, Clock } from '../clock/clock.ts'
import { expired, type StatusError } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import { isSelected, type Selection, seenThrough, type WatchEvent } from './event.ts'
import type { History } from './history.ts'

export interface WatchOptions extends Selection {
  /** Events after this version. Unset or `0`: first what there is, as ADDED, then what comes. */
  readonly resourceVersion?: string | undefined
  /** True: what there is, then a bookmark that says so, then what comes. False: only what comes, from any version on. */
  readonly sendInitialEvents?: boolean | undefined
  readonly allowBookmarks?: boolean | undefined
  /** Milliseconds until the watch ends by itself. */
  readonly timeout?: number | undefined
}

/** Milliseconds between bookmarks: the watch cache's. */
const BOOKMARK_EVERY = 60_000
/** Milliseconds before the end by itself at which a bookmark is sent: the watch cache's. */
const BOOKMARK_BEFORE_END = 2_000
/** Events that an iteration takes at once. */
const BATCH = 256

/** What a watch reads: no event is copied for it. */
export interface Source {
  readonly history: History
  /** The store's version now. */
  readonly version: number
}

export interface Start {
  /** What is told first as ADDED. */
  readonly initial: readonly ApiObject[]
  /** The sequence number in the history from which on changes are told. */
  readonly from: number
  /** The version that the start stands for. */
  readonly version: number
  /** Instead of all else. */
  readonly error?: StatusError
}

/**
 * A watch is a place in the collection's history, not a queue of its own: it holds nothing back for a reader that is slow. A reader
 * whose place has been dropped from the history gets an ERROR with 410 and no more, whereupon clients list again.
 *
 * Take events when `listen`'s call says that there may be some, or iterate.
 */
export class Watch implements AsyncIterable<WatchEvent> {
  readonly #source: Source
  readonly #selection: WatchOptions
  readonly #close: (watch: Watch) => void
  readonly #timers: Cancel[] = []
  #initial: readonly ApiObject[]
  #told = 0
  #place: number
  /** The version from which the place is counted, to name it when it is gone. */
  #version: number
  #error: StatusError | undefined
  #bookmarkDue = false
  #initialEndDue: boolean
  #ended = false
  #listener: (() => void) | undefined
  #woken = false

  constructor(source: Source, start: Start, options: WatchOptions, clock: Clock, close: (watch: Watch) => void) {
    this.#source = source
    this.#selection = options
    this.#close = close
    this.#initial = start.initial
    this.#place = start.from
    this.#version = start.version
    this.#error = start.error
    this.#initialEndDue = options.sendInitialEvents === true && options.allowBookmarks === true
    if (start.error !== undefined) return
    if (options.allowBookmarks === true) this.#timers.push(clock.every(BOOKMARK_EVERY, () => this.#remind()))
    if (options.timeout === undefined) return
    if (options.allowBookmarks === true && options.timeout > BOOKMARK_BEFORE_END) {
      this.#timers.push(clock.after(options.timeout - BOOKMARK_BEFORE_END, () => this.#remind()))
    }
    this.#timers.push(clock.after(options.timeout, () => this.close()))
  }

  /** No more will come; what was not taken is gone. */
  get ended(): boolean {
    return this.#ended
  }

  /** What can be told now, at most so many; empty if there is nothing, or no more. */
  take(most = Number.POSITIVE_INFINITY): WatchEvent[] {
    const events: WatchEvent[] = []
    if (this.#ended) return events
    this.#tellInitial(events, most)
    if (this.#told < this.#initial.length || events.length >= most) return events
    this.#initial = []
    this.#told = 0
    if (this.#error === undefined && this.#initialEndDue) {
      this.#initialEndDue = false
      this.#bookmarkDue = false
      events.push({ type: 'BOOKMARK', resourceVersion: String(this.#version), initialEventsEnd: true })
    }
    this.#tellChanges(events, most)
    if (this.#error !== undefined) {
      events.push({ type: 'ERROR', error: this.#error })
      this.close()
    } else if (this.#bookmarkDue && events.length < most && this.#place >= this.#source.history.end) {
      this.#bookmarkDue = false
      events.push({ type: 'BOOKMARK', resourceVersion: String(this.#source.version), initialEventsEnd: false })
    }
    return events
  }

  /** Calls when there may be something to take, or the watch has ended: soon after, once for all that happened at the same time. */
  listen(listener: () => void): void {
    this.#listener = listener
  }

  close(): void {
    if (this.#ended) return
    this.#ended = true
    this.#initial = []
    for (const cancel of this.#timers) cancel()
    this.#close(this)
    this.wake()
  }

  async *[Symbol.asyncIterator](): AsyncIterator<WatchEvent> {
    try {
      while (!this.#ended) {
        const events = this.take(BATCH)
        yield* events
        if (events.length === 0 && !this.#ended) await new Promise<void>((resolve) => this.listen(resolve))
      }
    } finally {
      this.close()
    }
  }

  /** For the collection: something was appended to the history, or dropped from it. */
  wake(): void {
    if (this.#woken || this.#listener === undefined) return
    this.#woken = true
    queueMicrotask(() => {
      this.#woken = false
      this.#listener?.()
    })
  }

  /** For the collection: ends the watch with an error, the last that is told. */
  fail(error: StatusError): void {
    if (this.#ended || this.#error !== undefined) return
    this.#error = error
    this.#initial = []
    this.#told = 0
    this.wake()
  }

  /** For the collection: the history no longer reaches back to where this watch is. */
  get lost(): boolean {
    return this.#error === undefined && this.#place < this.#source.history.first
  }

  /** For the collection: ends the watch because it is lost. */
  lose(): void {
    this.fail(tooOld(this.#version, this.#source.history.compacted))
  }

  #remind(): void {
    this.#bookmarkDue = true
    this.wake()
  }

  #tellInitial(events: WatchEvent[], most: number): void {
    while (this.#told < this.#initial.length && events.length < most) {
      const object = this.#initial[this.#told++] as ApiObject
      if (isSelected(this.#selection, object)) events.push({ type: 'ADDED', object })
    }
  }

  #tellChanges(events: WatchEvent[], most: number): void {
    if (this.lost) this.lose()
    while (this.#error === undefined && events.length < most) {
      const change = this.#source.history.at(this.#place)
      if (change === undefined) return
      this.#place++
      if (change.version <= this.#version) continue
      this.#version = change.version
      const seen = seenThrough(this.#selection, change)
      if (seen !== undefined) events.push(seen)
    }
  }
}

export function tooOld(version: number, compacted: number): StatusError {
  return expired(`too old resource version: ${version} (${compacted})`)
}
