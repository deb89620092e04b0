import type { Backend } from '../admission/plugin.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { follow } from '../storage/follow.ts'

export interface Mirrored<T> {
  /** Undefined: nothing to keep of it. */
  readonly keep: (object: ApiObject) => T | undefined
  readonly changed?: (now: T | undefined, before: T | undefined) => void
}

/** What a part of the cluster keeps of each object of a resource, by namespace and name; empty and filled anew when the store is restored. */
export class Mirror<T> {
  readonly #kept = new Map<string, T>()
  readonly #end: () => void

  constructor(backend: Backend, resource: GroupResource, { keep, changed }: Mirrored<T>) {
    const collection = backend.store.collection(resource)
    const set = (key: string, now: T | undefined) => {
      const before = this.#kept.get(key)
      if (now === undefined) this.#kept.delete(key)
      else this.#kept.set(key, now)
      if (now !== undefined || before !== undefined) changed?.(now, before)
    }
    const end =
      collection === undefined
        ? () => {}
        : follow(
            collection,
            ({ type, object }) => {
              const { namespace = '', name } = object.metadata
              set(`${namespace}/${name}`, type === 'DELETED' ? undefined : keep(object))
            },
            {
              closed: () => {
                for (const key of [...this.#kept.keys()]) set(key, undefined)
              },
              later: (begin) => backend.clock.after(0, begin),
            },
          )
    this.#end = end
  }

  get size(): number {
    return this.#kept.size
  }

  get(namespace: string | undefined, name: string): T | undefined {
    return this.#kept.get(`${namespace ?? ''}/${name}`)
  }

  values(): IterableIterator<T> {
    return this.#kept.values()
  }

  stop(): void {
    this.#end()
  }
}
