import type { Clock } from '../clock/clock.ts'
import { expired, type StatusError, tooLargeResourceVersion, unclassified } from '../objects/status-error.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { at, Change, isSelected, type ObjectEvent, type Selection, seenThrough } from './event.ts'
import { Expiry } from './expiry.ts'
import { deepFreeze } from './freeze.ts'
import { DEFAULT_HISTORY, History, type HistoryLimits } from './history.ts'
import { byOwner, Indexes, type IndexFunctions } from './indexes.ts'
import { keyOf, keyOfObject } from './key.ts'
import { type Contents, type ListOptions, type ListResult, list } from './list.ts'
import { SortedKeys } from './sorted-keys.ts'
import { parseVersion, wrongVersion } from './version.ts'
import { type Source, type Start, tooOld, Watch, type WatchOptions } from './watch.ts'

export interface CollectionOptions {
  readonly resource: GroupResource
  readonly namespaced: boolean
  /** Besides `owner`, which every collection has. */
  readonly indexes?: IndexFunctions
  readonly history?: Partial<HistoryLimits>
  /** Milliseconds after its last write at which an object is removed: an hour for Events. */
  readonly lifetime?: number
}

/** Code in the same process that is told of changes: at once, in order, with frozen objects. */
export interface Subscriber {
  event(event: ObjectEvent): void
  /** The store was restored: nothing more comes, and what was told no longer holds. */
  closed?(): void
}

export interface SubscribeOptions extends Selection {
  /** Whether to tell what there is first, as ADDED. */
  readonly initial?: boolean
}

/** What a collection asks of the store that it is in. */
export interface Host {
  readonly clock: Clock
  /** The newest version of all. */
  readonly version: number
  advance(): number
  /** Tells the collection's subscribers, after those of earlier changes have been told. */
  publish(collection: Collection, change: Change): void
}

/** Seconds after which a client that knows a version from the future may ask again: the watch cache's. */
const RETRY_AFTER = 1

/** The objects of one resource: frozen, each write a new object that shares with the old one what it may. */
export class Collection {
  readonly resource: GroupResource
  readonly namespaced: boolean
  readonly #host: Host
  readonly #limits: HistoryLimits
  readonly #objects = new Map<string, ApiObject>()
  readonly #keys = new SortedKeys()
  readonly #indexes: Indexes
  readonly #watches = new Set<Watch>()
  readonly #subscribers = new Map<Subscriber, SubscribeOptions & { readonly since: number }>()
  readonly #expiry: Expiry | undefined
  #history: History
  #changed = 0

  constructor(host: Host, options: CollectionOptions) {
    this.resource = options.resource
    this.namespaced = options.namespaced
    this.#host = host
    this.#limits = { ...DEFAULT_HISTORY, ...options.history }
    this.#history = new History(this.#limits)
    this.#indexes = new Indexes({ owner: byOwner, ...options.indexes })
    if (options.lifetime !== undefined) {
      this.#expiry = new Expiry(host.clock, options.lifetime, (key) => this.remove(key))
    }
  }

  get size(): number {
    return this.#objects.size
  }

  /** The version of the last change of any of its objects. */
  get changed(): number {
    return this.#changed
  }

  /** How many changes are kept for watches and lists of the past. */
  get historySize(): number {
    return this.#history.size
  }

  get watchers(): number {
    return this.#watches.size
  }

  get(namespace: string | undefined, name: string): ApiObject | undefined {
    return this.#objects.get(keyOf(namespace, name))
  }

  /** Throws 504 for a version that has not been. */
  mustReach(version: number): void {
    if (version > this.#host.version) throw tooLargeResourceVersion(version, this.#host.version, RETRY_AFTER)
  }

  /** All, in the order of their keys. */
  *[Symbol.iterator](): IterableIterator<ApiObject> {
    for (let index = 0; index < this.#keys.size; index++)
      yield this.#objects.get(this.#keys.at(index) as string) as ApiObject
  }

  /** Those for which an index function gives this value, in the order of their keys. */
  byIndex(index: string, value: string): ApiObject[] {
    const keys = [...this.#indexes.keys(index, value)].sort((a, b) => (a < b ? -1 : 1))
    return keys.map((key) => this.#objects.get(key) as ApiObject)
  }

  list(options: ListOptions = {}): ListResult {
    return list(this.#contents(), options)
  }

  /**
   * Never throws for a version that is gone: as upstream, the watch then has an ERROR to tell, and no more. From a version that has not been
   * nothing is told until it has, unless initial events are asked for, which is an ERROR again. Throws 500, as upstream, for what is no version.
   */
  watch(options: WatchOptions = {}): Watch {
    const watch = new Watch(this.#source(), this.#start(options), options, this.#host.clock, (ended) =>
      this.#watches.delete(ended),
    )
    this.#watches.add(watch)
    return watch
  }

  /** Tells of each change from now on; what is returned ends it. A subscriber can be in one subscription of a collection only. */
  subscribe(options: SubscribeOptions, subscriber: Subscriber): () => void {
    const since = this.#host.version
    this.#subscribers.set(subscriber, { ...options, since })
    if (options.initial === true) {
      for (const object of [...this]) if (isSelected(options, object)) subscriber.event({ type: 'ADDED', object })
    }
    return () => this.#subscribers.delete(subscriber)
  }

  /** Stores a new or changed object at a new version and hands back what was stored. It is frozen, and must not be changed by its maker. */
  put(object: ApiObject): ApiObject {
    const key = keyOfObject(object)
    const previous = this.#objects.get(key)
    const version = this.#host.advance()
    const stored = deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(version) } })
    this.#objects.set(key, stored)
    if (previous === undefined) this.#keys.add(key)
    this.#indexes.change(key, previous, stored)
    this.#expiry?.written(key)
    this.#record(
      new Change(previous === undefined ? 'ADDED' : 'MODIFIED', key, version, this.#host.clock.now(), stored, previous),
    )
    return stored
  }

  /** Removes an object and hands back its last state at the version of its removal; undefined if it is not there. */
  remove(key: string): ApiObject | undefined {
    const previous = this.#objects.get(key)
    if (previous === undefined) return undefined
    const version = this.#host.advance()
    const last = at(previous, version)
    this.#objects.delete(key)
    this.#keys.remove(key)
    this.#indexes.change(key, previous, undefined)
    this.#expiry?.removed(key)
    this.#record(new Change('DELETED', key, version, this.#host.clock.now(), last, previous))
    return last
  }

  /** For the store: no timer of its own is left. */
  stop(): void {
    this.#expiry?.stop()
  }

  /** For the store: other objects in place of all, no history before `version`, and every watcher closed. */
  replace(objects: readonly ApiObject[], version: number): void {
    this.#objects.clear()
    this.#indexes.clear()
    this.#expiry?.clear()
    for (const object of objects) {
      const key = keyOfObject(object)
      const frozen = deepFreeze(object)
      this.#objects.set(key, frozen)
      this.#indexes.change(key, undefined, frozen)
      this.#expiry?.written(key)
    }
    this.#keys.replace(this.#objects.keys())
    this.#history = new History(this.#limits, version)
    this.#changed = version
    const error = expired('The resourceVersion for the provided watch is too old.')
    for (const watch of [...this.#watches]) watch.fail(error)
    const subscribers = [...this.#subscribers.keys()]
    this.#subscribers.clear()
    for (const subscriber of subscribers) subscriber.closed?.()
  }

  /** For the store: tells the subscribers; what they throw goes to `report`, so that one does not silence the others. */
  tell(change: Change, report: (error: unknown) => void): void {
    for (const [subscriber, options] of this.#subscribers) {
      if (change.version <= options.since) continue
      const event = seenThrough(options, change)
      if (event === undefined) continue
      try {
        subscriber.event(change.previous === undefined ? event : { ...event, previous: change.previous })
      } catch (error) {
        report(error)
      }
    }
  }

  #record(change: Change): void {
    this.#changed = change.version
    const dropped = this.#history.append(change)
    for (const watch of this.#watches) {
      if (dropped && watch.lost) watch.lose()
      else watch.wake()
    }
    this.#host.publish(this, change)
  }

  #contents(): Contents {
    const { version } = this.#host
    return { objects: this.#objects, keys: this.#keys, history: this.#history, version, namespaced: this.namespaced }
  }

  #source(): Source {
    const host = this.#host
    return {
      history: this.#history,
      get version() {
        return host.version
      },
    }
  }

  #start(options: WatchOptions): Start {
    const { version: newest } = this.#host
    const history = this.#history
    const version = parseVersion(options.resourceVersion)
    if (typeof version !== 'number') throw unclassified(wrongVersion(options.resourceVersion, version.wrong))
    const failed = (error: StatusError): Start => ({ initial: [], from: history.end, version, error })
    if (version > newest && options.sendInitialEvents === true) {
      return failed(tooLargeResourceVersion(version, newest, RETRY_AFTER))
    }
    if (options.sendInitialEvents === true || (version === 0 && options.sendInitialEvents === undefined)) {
      return { initial: this.list({ namespace: options.namespace }).items, from: history.end, version: newest }
    }
    if (version === 0) return { initial: [], from: history.end, version: newest }
    if (version < history.compacted) return failed(tooOld(version, history.compacted))
    return { initial: [], from: history.after(version), version }
  }
}
