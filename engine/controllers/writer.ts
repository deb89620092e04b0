import type { Backend, BackendDoor } from '../admission/plugin.ts'
import { type Managed, withTimesKept } from '../apply/field-manager.ts'
import type { UserInfo } from '../auth/user.ts'
import type { ApiObject, GroupResource, NewObject } from '../objects/types.ts'
import type { CreateOptions, UpdateOptions } from '../storage/registry.ts'

export interface Place {
  readonly resource: GroupResource
  /** None for what is in none. */
  readonly namespace?: string | undefined
  readonly name: string
  /** The object itself if not said. */
  readonly subresource?: string
}

/**
 * Writes as one of the cluster's own components, by the rules of each kind: what it changes is its own in `managedFields`, under the name that the
 * component has upstream (`kube-controller-manager`). Objects are of the stored version.
 */
export class Writer {
  readonly #backend: Pick<Backend, 'door' | 'submit'>
  readonly #manager: string

  constructor(backend: Pick<Backend, 'door' | 'submit'>, manager: string) {
    this.#backend = backend
    this.#manager = manager
  }

  /** Throws what `Registry.create` throws. */
  create(resource: GroupResource, object: NewObject, options: CreateOptions = {}): ApiObject {
    const door = this.#door(resource)
    return door.registry.create(managed(door, undefined, object, this.#manager), options)
  }

  /** Creates as `user` would over the wire: with defaults, admission and quotas. Throws what such a request is answered with. */
  submit(resource: GroupResource, object: NewObject, user: UserInfo, namespace?: string): ApiObject {
    return this.#backend.submit({ resource, object, user, namespace, manager: this.#manager })
  }

  /** Throws what `Registry.update` throws, 404 if there is nothing to change. */
  update(
    { resource, namespace, name, subresource }: Place,
    change: (existing: ApiObject) => NewObject,
    options: Pick<UpdateOptions, 'preconditions'> = {},
  ): ApiObject {
    const door = this.#door(resource, subresource)
    const make = (existing: ApiObject | undefined) =>
      managed(door, existing, change(existing as ApiObject), this.#manager)
    return door.registry.update(namespace, name, make, { ...options, finish: keptTimes }).object
  }

  /**
   * Server-side apply of a part of an existing object, by force: what was applied before and is not in `part` now goes. Throws what
   * `Registry.update` throws.
   */
  apply({ resource, namespace, name, subresource }: Place, part: Readonly<Record<string, unknown>>): ApiObject {
    const door = this.#door(resource, subresource)
    const make = (existing: ApiObject | undefined): NewObject => {
      const live = existing as ApiObject
      const metadata = { name, ...(namespace === undefined ? {} : { namespace }) }
      const config = { apiVersion: live.apiVersion, kind: live.kind, metadata, ...part }
      if (door.manager === undefined) return { ...live, ...part }
      return door.manager.apply(live as unknown as Managed, config, this.#manager, true) as unknown as NewObject
    }
    return door.registry.update(namespace, name, make, { finish: keptTimes }).object
  }

  /** The same as `update`, past the rules of the kind: `next` stands as it is, and as somebody's who wrote it through the door `subresource`. */
  put(resource: GroupResource, existing: ApiObject | undefined, next: ApiObject, subresource?: string): ApiObject {
    const door = this.#door(resource, subresource)
    const owned = managed(door, existing, next, this.#manager)
    return door.registry.collection.put(existing === undefined ? owned : withTimesKept(existing, owned))
  }

  #door(resource: GroupResource, subresource = ''): BackendDoor {
    const door = this.#backend.door(resource, subresource)
    if (door !== undefined) return door
    throw new Error(`${resource.resource} ${subresource === '' ? 'are not served' : `have no ${subresource}`}.`)
  }
}

function managed<T extends NewObject>({ manager }: BackendDoor, live: ApiObject | undefined, next: T, name: string): T {
  return (manager?.update(live as unknown as Managed, next as unknown as Managed, name) as unknown as T) ?? next
}

const keptTimes = (object: ApiObject, old: ApiObject): ApiObject => withTimesKept(old, object)
