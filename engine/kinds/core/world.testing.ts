import type { AdmissionPlugin, Backend } from '../../admission/plugin.ts'
import { idsFrom } from '../../clock/ids.ts'
import { Random } from '../../clock/random.ts'
import { VirtualClock } from '../../clock/virtual-clock.ts'
import { StatusError } from '../../objects/status-error.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { SchemaLookup } from '../../schema/lookup.ts'
import { Registry } from '../../storage/registry.ts'
import { Store } from '../../storage/store.ts'
import type { Schemas } from '../define.ts'
import type { ResourceDefinition } from '../resource.ts'

const user = { username: 'kubernetes-admin', groups: ['system:masters'] }
const schemas: Schemas = new SchemaLookup()

/** Some kinds in a store, written to as the server writes: defaults, admission, defaults again, the registry. */
export class World {
  readonly clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  readonly store = new Store({ clock: this.clock })
  readonly backend: Backend
  readonly #definitions: readonly ResourceDefinition[]
  readonly #registries = new Map<string, Registry>()
  readonly #plugins: readonly AdmissionPlugin[]

  constructor(make: readonly ((schemas: Schemas) => ResourceDefinition)[], plugins: readonly AdmissionPlugin[] = []) {
    const ids = idsFrom(new Random(1))
    this.#definitions = make.map((one) => one(schemas))
    this.#plugins = plugins
    for (const { resource, namespaced, indexes, lifetime, strategy } of this.#definitions) {
      const collection = this.store.add({
        resource,
        namespaced,
        ...(indexes === undefined ? {} : { indexes }),
        ...(lifetime === undefined ? {} : { lifetime }),
      })
      this.#registries.set(key(resource), new Registry(collection, strategy, { clock: this.clock, ids }))
    }
    this.backend = {
      store: this.store,
      clock: this.clock,
      ids,
      registry: (resource) => this.#registries.get(key(resource)),
      door: (resource) => {
        const registry = this.#registries.get(key(resource))
        return registry && { registry }
      },
      submit: ({ resource, object, namespace }) => {
        const registry = this.#registries.get(key(resource)) as Registry
        return registry.create(object, namespace === undefined ? {} : { namespace })
      },
    }
  }

  definition(kind: string): ResourceDefinition {
    const found = this.#definitions.find(({ storedVersion }) => storedVersion.kind === kind)
    if (found === undefined) throw new Error(`There is no ${kind} in this world.`)
    return found
  }

  registry(kind: string): Registry {
    return this.#registries.get(key(this.definition(kind).resource)) as Registry
  }

  create(object: NewObject, options: { dryRun?: boolean } = {}): ApiObject {
    const { namespaced } = this.definition(object.kind)
    const namespace = namespaced ? (object.metadata.namespace ?? 'default') : undefined
    const ready = this.#admitted(object, undefined, options.dryRun ?? false)
    return this.registry(object.kind).create(ready, { namespace, ...options })
  }

  update(object: NewObject, options: { dryRun?: boolean } = {}): ApiObject {
    const { namespaced } = this.definition(object.kind)
    const { name = '', namespace = 'default' } = object.metadata
    return this.registry(object.kind).update(
      namespaced ? namespace : undefined,
      name,
      (old) => this.#admitted(object, old, options.dryRun ?? false),
      options,
    ).object
  }

  /** Through another door, as `status`. */
  updateThrough(subresource: string, object: NewObject): ApiObject {
    const { namespaced, subresources, strategy, resource } = this.definition(object.kind)
    const door = subresources?.[subresource]
    if (door === undefined) throw new Error(`There is no ${subresource} of ${object.kind}.`)
    const { changesGeneration: _, ...rest } = strategy
    const through = new Registry(
      this.registry(object.kind).collection,
      { ...rest, ...door.strategy },
      { clock: this.clock, ids: this.backend.ids },
    )
    void resource
    const { name = '', namespace = 'default' } = object.metadata
    return through.update(namespaced ? namespace : undefined, name, () => object).object
  }

  delete(kind: string, name: string): { object: ApiObject; removed: boolean } {
    return this.registry(kind).delete(this.definition(kind).namespaced ? 'default' : undefined, name)
  }

  warnings(object: NewObject, old?: ApiObject): readonly string[] {
    return this.definition(object.kind).warnings?.(this.#defaulted(object) as ApiObject, old) ?? []
  }

  cells(object: ApiObject): readonly unknown[] {
    const [version] = this.definition(object.kind).versions
    return version?.printer.cells(object, this.clock.now()) ?? []
  }

  columns(kind: string): readonly string[] {
    const [version] = this.definition(kind).versions
    return version?.printer.columns.map(({ name, priority }) => (priority === 0 ? name : `${name}*`)) ?? []
  }

  #admitted(object: NewObject, old: ApiObject | undefined, dryRun: boolean): NewObject {
    const definition = this.definition(object.kind)
    let ready = this.#defaulted(object)
    for (const plugin of this.#plugins) {
      const attributes = {
        operation: old === undefined ? ('CREATE' as const) : ('UPDATE' as const),
        resource: definition.resource,
        kind: definition.storedVersion,
        subresource: '',
        namespace: object.metadata.namespace ?? 'default',
        name: object.metadata.name ?? '',
        object: ready,
        ...(old === undefined ? {} : { oldObject: old }),
        options: {},
        user,
        dryRun,
        warn() {},
      }
      ready = plugin.mutate?.(attributes, this.backend) ?? ready
    }
    return this.#defaulted(ready)
  }

  #defaulted(object: NewObject): NewObject {
    const { versions, storedVersion } = this.definition(object.kind)
    const version = versions.find(
      ({ gvk }) => gvk.group === storedVersion.group && gvk.version === storedVersion.version,
    )
    return version?.default?.(object) ?? object
  }
}

/** What a call is refused with, without the code; the object otherwise. */
export function refusal(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    if (error instanceof StatusError) return error.message
    throw error
  }
}

const key = ({ group, resource }: GroupResource): string => `${group}/${resource}`
