import { FieldManager, type Managed } from '../apply/field-manager.ts'
import type { FieldSet } from '../apply/field-set.ts'
import type { FieldsPool } from '../apply/fields-pool.ts'
import type { Clock } from '../clock/clock.ts'
import type { Ids } from '../clock/ids.ts'
import type { Decoder } from '../decode/contract.ts'
import type { GroupVersionKind, Printer, ServedVersion, UpdateSubresource } from '../kinds/resource.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, GroupResource, NewObject } from '../objects/types.ts'
import { Registry } from '../storage/registry.ts'
import type { Strategy } from '../storage/strategy.ts'
import { apiVersionOf, type Catalogue, type ServedResource, schemaOf, storedVersionOf } from './served.ts'

/** What is needed to show objects of a kind. */
export interface Shown {
  readonly gvk: GroupVersionKind
  /** `apps/v1` */
  readonly apiVersion: string
  readonly listKind: string
  readonly printer: Printer
  /** Items of custom resources' lists say their kind. */
  readonly custom: boolean
  fromStored(object: ApiObject): ApiObject
}

/** One door to a resource: in one version, to the object itself or to a part of it. */
export interface Endpoint extends Shown {
  readonly served: ServedResource
  readonly version: ServedVersion
  /** Empty for the object itself. */
  readonly subresource: string
  /** Writes by the rules of this door. */
  readonly registry: Registry
  readonly manager: FieldManager
  readonly warnings: ((object: ApiObject, old: ApiObject | undefined) => readonly string[]) | undefined
  toStored(object: NewObject): NewObject
}

export interface EndpointsOptions {
  readonly catalogue: Catalogue
  readonly clock: Clock
  readonly ids: Ids
  readonly pool: FieldsPool
  readonly decoder: Decoder
}

/** Endpoints as they are first asked for; forgotten when what is served changes. */
export class Endpoints {
  readonly #options: EndpointsOptions
  readonly #made = new Map<string, Endpoint>()
  #generation = -1

  constructor(options: EndpointsOptions) {
    this.#options = options
  }

  /** Undefined where nothing is served; other subresources than those that update the object have no endpoint. */
  find(group: string, version: string, resource: string, subresource: string): Endpoint | undefined {
    const { catalogue } = this.#options
    if (this.#generation !== catalogue.generation) {
      this.#made.clear()
      this.#generation = catalogue.generation
    }
    const key = `${group}/${version}/${resource}/${subresource}`
    const known = this.#made.get(key)
    if (known !== undefined) return known
    const found = catalogue.endpoint(group, version, resource)
    if (found === undefined) return undefined
    const door = subresource === '' ? undefined : found.served.definition.subresources?.[subresource]
    if (subresource !== '' && door === undefined) return undefined
    const made = this.#make(found.served, found.version, subresource, door)
    this.#made.set(key, made)
    return made
  }

  #make(
    served: ServedResource,
    version: ServedVersion,
    subresource: string,
    door: UpdateSubresource | undefined,
  ): Endpoint {
    const { definition } = served
    const { clock, pool, decoder } = this.#options
    const apiVersion = apiVersionOf(version.gvk)
    const storedVersion = storedVersionOf(definition)
    const toStored = toStoredFrom(version, definition.storedVersion)
    const fromStored = fromStoredTo(version, definition.storedVersion)
    const resets: Readonly<Record<string, FieldSet>> | undefined = (door ?? definition).resetFields
    const manager = new FieldManager({
      apiVersion,
      kind: version.gvk.kind,
      subresource,
      schema: version.schema,
      pool,
      ignored: (other) => resets?.[other],
      otherSchema: (other) => schemaOf(definition, other),
      convert: (object, other) => {
        const from = definition.versions.find(({ gvk }) => apiVersionOf(gvk) === object.apiVersion) ?? storedVersion
        const to = definition.versions.find(({ gvk }) => apiVersionOf(gvk) === other)
        if (from === undefined || to === undefined || from === to) return object
        const stored = toStoredFrom(from, definition.storedVersion)(object as unknown as NewObject)
        return fromStoredTo(to, definition.storedVersion)(stored as ApiObject) as unknown as Managed
      },
      ...(served.custom === undefined
        ? { empty: decoder.canonical({}, version.gvk) as unknown as Managed }
        : { keepsNulls: true }),
      now: () => formatTime(clock.now()),
    })
    return {
      served,
      version,
      gvk: version.gvk,
      apiVersion,
      listKind: served.custom?.listKind ?? `${version.gvk.kind}List`,
      printer: version.printer,
      custom: served.custom !== undefined,
      subresource,
      registry: this.#registryThrough(served, door, version.rules?.[subresource]),
      manager,
      warnings: door === undefined ? definition.warnings : door.warnings && warnOfChange(door.warnings),
      toStored,
      fromStored,
    }
  }

  #registryThrough(
    served: ServedResource,
    door: UpdateSubresource | undefined,
    rules: Partial<Strategy> | undefined,
  ): Registry {
    const { strategy } = served.definition
    const { collection } = served.registry
    if (door === undefined) {
      return rules === undefined ? served.registry : new Registry(collection, { ...strategy, ...rules }, this.#options)
    }
    const { changesGeneration: _, createOnUpdate: __, ...main } = strategy
    return new Registry(collection, { ...main, ...door.strategy, ...rules }, this.#options)
  }
}

function warnOfChange(warnings: (object: ApiObject, old: ApiObject) => readonly string[]) {
  return (object: ApiObject, old: ApiObject | undefined) => (old === undefined ? [] : warnings(object, old))
}

export function toStoredFrom(version: ServedVersion, stored: GroupVersionKind): (object: NewObject) => NewObject {
  if (version.convert !== undefined) return version.convert.toStored
  if (version.gvk.version === stored.version && version.gvk.group === stored.group) return (object) => object
  const apiVersion = apiVersionOf(stored)
  return (object) => ({ ...object, apiVersion, kind: stored.kind })
}

export function fromStoredTo(version: ServedVersion, stored: GroupVersionKind): (object: ApiObject) => ApiObject {
  if (version.convert !== undefined) return version.convert.fromStored
  if (version.gvk.version === stored.version && version.gvk.group === stored.group) return (object) => object
  const apiVersion = apiVersionOf(version.gvk)
  return (object) => ({ ...object, apiVersion, kind: version.gvk.kind })
}

export function groupResource(endpoint: Endpoint): GroupResource {
  return endpoint.served.definition.resource
}
