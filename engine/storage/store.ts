import type { Clock } from '../clock/clock.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { Collection, type CollectionOptions, type Host } from './collection.ts'
import { Encodings } from './encodings.ts'
import type { Change } from './event.ts'

export interface StoreOptions {
  readonly clock: Clock
  /** Bytes of encoded objects that are kept for reuse. */
  readonly encodingsBudget?: number
  /** Gets what subscribers throw. Without it, it is thrown where nobody catches it. */
  readonly report?: (error: unknown) => void
}

/** All objects at one version, as JSON. */
export interface Snapshot {
  readonly resourceVersion: number
  /** By `group/resource`; the core group's have no group: `pods`, `apps/deployments`. */
  readonly collections: Readonly<Record<string, readonly ApiObject[]>>
}

/** All resources of a cluster under one version, an integer that goes up by one with each write: what etcd is to a real one. */
export class Store {
  readonly clock: Clock
  readonly encodings: Encodings
  readonly #report: (error: unknown) => void
  readonly #collections = new Map<string, Collection>()
  readonly #host: Host
  readonly #unpublished: { readonly collection: Collection; readonly change: Change }[] = []
  #publishing = false
  /** Version 0 means "any" to clients, so an empty store is at 1, as an empty etcd. */
  #version = 1

  constructor(options: StoreOptions) {
    this.clock = options.clock
    this.encodings = new Encodings(options.encodingsBudget)
    this.#report = options.report ?? throwLater
    const store = this
    this.#host = {
      clock: options.clock,
      get version() {
        return store.#version
      },
      advance: () => ++store.#version,
      publish: (collection, change) => store.#publish(collection, change),
    }
  }

  /** The newest version. */
  get version(): number {
    return this.#version
  }

  /** Adds a resource. Throws if there is one of that name. */
  add(options: CollectionOptions): Collection {
    const name = collectionName(options.resource)
    if (this.#collections.has(name)) throw new Error(`There is a collection ${name} already.`)
    const collection = new Collection(this.#host, options)
    this.#collections.set(name, collection)
    return collection
  }

  collection(resource: GroupResource): Collection | undefined {
    return this.#collections.get(collectionName(resource))
  }

  /** Takes a resource away, for a custom resource's definition that is gone. Its watchers are closed. */
  drop(resource: GroupResource): void {
    const name = collectionName(resource)
    this.#collections.get(name)?.replace([], this.#version)
    this.#collections.delete(name)
  }

  get collections(): readonly Collection[] {
    return [...this.#collections.values()]
  }

  /** Everything as it is now. The objects are the stored ones: nothing is copied. */
  snapshot(): Snapshot {
    const collections: Record<string, readonly ApiObject[]> = {}
    for (const [name, collection] of this.#collections) collections[name] = [...collection]
    return { resourceVersion: this.#version, collections }
  }

  /**
   * Puts everything back as it was. Objects keep their versions; the store's own version never goes back, so that no version that a client has
   * seen comes to mean something else. All watchers are closed, and reading older versions gives 410.
   * Resources of which the snapshot knows nothing become empty. Throws, without changing anything, for resources that the store does not have.
   */
  restore(snapshot: Snapshot): void {
    for (const name of Object.keys(snapshot.collections)) {
      if (!this.#collections.has(name)) throw new Error(`The snapshot has ${name}, of which there is no collection.`)
    }
    this.#version = this.#version > snapshot.resourceVersion ? this.#version + 1 : snapshot.resourceVersion
    this.#unpublished.length = 0
    this.encodings.clear()
    for (const [name, collection] of this.#collections) {
      collection.replace(snapshot.collections[name] ?? [], this.#version)
    }
  }

  /** Nothing ages any more. What there is can still be read. */
  stop(): void {
    for (const collection of this.#collections.values()) collection.stop()
  }

  /** A subscriber that writes is not called again before the others have heard of the change that it answers. */
  #publish(collection: Collection, change: Change): void {
    this.#unpublished.push({ collection, change })
    if (this.#publishing) return
    this.#publishing = true
    try {
      for (let next = this.#unpublished.shift(); next !== undefined; next = this.#unpublished.shift()) {
        next.collection.tell(next.change, this.#report)
      }
    } finally {
      this.#publishing = false
    }
  }
}

export function collectionName({ group, resource }: GroupResource): string {
  return group === '' ? resource : `${group}/${resource}`
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error
  })
}
