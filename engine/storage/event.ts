import type { StatusError } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'

/** One change, as the history keeps it: a watcher's selector decides what it sees of it. */
export class Change {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly key: string
  /** The resource version of the change. */
  readonly version: number
  /** Milliseconds since 1970. */
  readonly time: number
  /** The object after the change; of a deleted one its last state, at the version of the deletion. */
  readonly object: ApiObject
  readonly previous: ApiObject | undefined
  #left: ApiObject | undefined

  constructor(
    type: Change['type'],
    key: string,
    version: number,
    time: number,
    object: ApiObject,
    previous: ApiObject | undefined,
  ) {
    this.type = type
    this.key = key
    this.version = version
    this.time = time
    this.object = object
    this.previous = previous
  }

  /** What a watcher whose selector no longer matches is told: the state before, at the version of the change. One object for all of them. */
  get left(): ApiObject {
    if (this.#left === undefined)
      this.#left = this.previous === undefined ? this.object : at(this.previous, this.version)
    return this.#left
  }
}

/** The same object at another resource version, frozen as it was. */
export function at(object: ApiObject, version: number): ApiObject {
  const metadata = Object.freeze({ ...object.metadata, resourceVersion: String(version) })
  return Object.freeze({ ...object, metadata })
}

/** A change as seen through a selector. */
export interface ObjectEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: ApiObject
  /** The state before; for subscribers only, and absent where there was none. */
  readonly previous?: ApiObject
}

/** Tells how far a watcher has come; the object that carries it over the wire is made where the kind is known. */
export interface Bookmark {
  readonly type: 'BOOKMARK'
  readonly resourceVersion: string
  /** Whether it closes the initial events (annotation `k8s.io/initial-events-end`). */
  readonly initialEventsEnd: boolean
}

/** The last that a watcher hears. */
export interface Failure {
  readonly type: 'ERROR'
  readonly error: StatusError
}

export type WatchEvent = ObjectEvent | Bookmark | Failure

/** Which objects: all where nothing is said. */
export interface Selection {
  readonly namespace?: string | undefined
  readonly name?: string | undefined
  /** Labels and fields; must depend on the object alone. */
  readonly selects?: ((object: ApiObject) => boolean) | undefined
}

export function isSelected(selection: Selection, object: ApiObject): boolean {
  const { namespace, name, selects } = selection
  if (namespace !== undefined && namespace !== '' && object.metadata.namespace !== namespace) return false
  if (name !== undefined && object.metadata.name !== name) return false
  return selects === undefined || selects(object)
}

/** An object that stops matching is gone for the watcher, one that begins to match is new: as the watch cache's `convertToWatchEvent`. */
export function seenThrough(selection: Selection, change: Change): ObjectEvent | undefined {
  const now = change.type !== 'DELETED' && isSelected(selection, change.object)
  const before = change.previous !== undefined && isSelected(selection, change.previous)
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object: change.object }
  if (!before) return undefined
  return { type: 'DELETED', object: change.type === 'DELETED' ? change.object : change.left }
}
