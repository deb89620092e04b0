import type { AdmissionAttributes, AdmissionPlugin, Backend } from '../../../../engine/admission/plugin.ts'
import { forbidden } from '../../../../engine/objects/status-error.ts'
import type { Collection } from '../../../../engine/storage/collection.ts'
import { follow } from '../../../../engine/storage/follow.ts'
import type { ClusterLimits } from './messages.ts'

/** Events come by themselves, and go after an hour; they have a limit of their own. */
const EVENTS = new Set(['events'])
const MOST_EVENTS = 5_000

/** Refuses what would make one cluster too large for the others beside it. Comes last of all. */
export class Cap implements AdmissionPlugin {
  readonly name = 'QuaysideCap'
  readonly #limits: ClusterLimits
  readonly #weights = new Map<Collection, () => void>()
  #bytes = 0
  #known = 0

  constructor(limits: ClusterLimits) {
    this.#limits = limits
  }

  validate(
    { operation, resource, subresource, name, object, oldObject }: AdmissionAttributes,
    { store }: Backend,
  ): void {
    if ((operation !== 'CREATE' && operation !== 'UPDATE') || object === undefined) return
    const { collections } = store
    if (collections.length !== this.#known) this.#follow(collections)
    const { objects, bytes } = this.#limits
    if (operation === 'CREATE' && subresource === '') {
      const isEvent = EVENTS.has(resource.resource)
      const most = isEvent ? MOST_EVENTS : objects
      let count = 0
      for (const collection of collections) {
        if (EVENTS.has(collection.resource.resource) === isEvent) count += collection.size
      }
      if (count >= most) {
        throw forbidden(
          resource,
          name,
          `this cluster is simulated and holds at most ${most} ${isEvent ? 'events' : 'objects'}: delete some first`,
        )
      }
    }
    const more = weigh(object) - (oldObject === undefined ? 0 : weigh(oldObject))
    if (more > 0 && this.#bytes + more > bytes) {
      throw forbidden(
        resource,
        name,
        `this cluster is simulated and its objects may take ${Math.round(bytes / 1024 / 1024)} MiB in all: delete some first`,
      )
    }
  }

  #follow(collections: readonly Collection[]): void {
    this.#known = collections.length
    for (const [collection, end] of this.#weights) {
      if (collections.includes(collection)) continue
      end()
      this.#weights.delete(collection)
    }
    for (const collection of collections) {
      if (this.#weights.has(collection)) continue
      let bytes = 0
      const add = (more: number) => {
        bytes += more
        this.#bytes += more
      }
      const end = follow(
        collection,
        ({ type, object, previous }) => {
          if (type !== 'DELETED') add(weigh(object))
          const gone = type === 'DELETED' ? (previous ?? object) : previous
          if (gone !== undefined) add(-weigh(gone))
        },
        { closed: () => add(-bytes) },
      )
      this.#weights.set(collection, end)
    }
  }
}

/** Bytes for a field, its name shared, and for what is no text. */
const FIELD = 16

/** What an object takes in memory, roughly; quick, as it is asked at each write. */
export function weigh(value: unknown): number {
  if (typeof value === 'string') return FIELD + value.length
  if (typeof value !== 'object' || value === null) return FIELD
  let bytes = FIELD
  if (Array.isArray(value)) for (const item of value) bytes += weigh(item)
  else for (const key in value) bytes += weigh((value as Record<string, unknown>)[key])
  return bytes
}
