import type { GroupVersionKind, ResourceDefinition, ServedVersion } from '../kinds/resource.ts'
import type { GroupResource, NewObject, TypeSchema } from '../objects/types.ts'
import type { DiscoveryResource } from '../schema/data.ts'
import type { Registry } from '../storage/registry.ts'
import type { Store } from '../storage/store.ts'

/** What the server must know of a custom resource besides its definition. */
export interface CustomResource {
  /** By version, as apidiscovery/v2 shows it, subresources included. Versions that it does not name are not served. */
  readonly discovery: Readonly<Record<string, DiscoveryResource>>
  /** The kind of its lists. */
  readonly listKind: string
  /**
   * In place of the decoding of built-in kinds: what is stored of a body that was read as JSON or YAML already, after pruning and coercion and before
   * `default()`, with what strict field validation says of it (`unknown field "spec.x"`).
   */
  decode(body: NewObject, version: string): { readonly object: NewObject; readonly strictErrors: readonly string[] }
  /** Asked before each request for a resource; throws a StatusError to refuse it: a definition that is being deleted takes no more creates. */
  admits?(verb: string): void
}

/** A resource as it is served: its definition with the writer of its objects. */
export interface ServedResource {
  readonly definition: ResourceDefinition
  readonly registry: Registry
  /** Present for custom resources. */
  readonly custom?: CustomResource
}

/** Adds and takes away resources while the server runs: for CustomResourceDefinitions. */
export interface ResourceHost {
  /** Serves a resource from now on. Throws if it is served already. */
  addResource(definition: ResourceDefinition, custom: CustomResource): Registry
  /** Serves another definition for the same objects: versions, schemas and columns may differ. Throws if it is not served. */
  changeResource(definition: ResourceDefinition, custom: CustomResource): Registry
  /** Takes a resource away with all its objects; watches of it end. */
  removeResource(resource: GroupResource): void
}

/** A resource in the version that a request speaks. */
export interface ServedEndpoint {
  readonly served: ServedResource
  readonly version: ServedVersion
}

/** All resources that are served, by group and name. */
export class Catalogue {
  readonly #served = new Map<string, ServedResource>()
  /** A resource is served by several groups where its versions are of several: Events. */
  readonly #byGroup = new Map<string, ServedResource>()
  #generation = 0

  /** Goes up with each change: what was computed from the catalogue is stale then. */
  get generation(): number {
    return this.#generation
  }

  set(served: ServedResource): void {
    const { resource, versions } = served.definition
    this.#served.set(key(resource.group, resource.resource), served)
    for (const { gvk } of versions) this.#byGroup.set(key(gvk.group, resource.resource), served)
    this.#generation++
  }

  remove({ group, resource }: GroupResource): void {
    const served = this.#served.get(key(group, resource))
    this.#served.delete(key(group, resource))
    for (const { gvk } of served?.definition.versions ?? []) this.#byGroup.delete(key(gvk.group, resource))
    this.#generation++
  }

  get({ group, resource }: GroupResource): ServedResource | undefined {
    return this.#served.get(key(group, resource))
  }

  endpoint(group: string, version: string, resource: string): ServedEndpoint | undefined {
    const served = this.#byGroup.get(key(group, resource))
    const found = served?.definition.versions.find(({ gvk }) => gvk.group === group && gvk.version === version)
    if (served === undefined || found === undefined) return undefined
    if (served.custom !== undefined && !(version in served.custom.discovery)) return undefined
    return { served, version: found }
  }

  /** The resource of a kind in any of its versions. */
  ofKind({ group, kind }: Pick<GroupVersionKind, 'group' | 'kind'>): ServedResource | undefined {
    for (const served of this.#served.values()) {
      const { definition } = served
      if (definition.resource.group === group && definition.storedVersion.kind === kind) return served
    }
    return undefined
  }

  [Symbol.iterator](): IterableIterator<ServedResource> {
    return this.#served.values()
  }
}

/** What a store keeps of a resource's objects. */
export function addCollection(store: Store, definition: ResourceDefinition) {
  return store.add({
    resource: definition.resource,
    namespaced: definition.namespaced,
    ...(definition.indexes === undefined ? {} : { indexes: definition.indexes }),
    ...(definition.lifetime === undefined ? {} : { lifetime: definition.lifetime }),
  })
}

/** `v1`, `apps/v1`. */
export function apiVersionOf({ group, version }: Pick<GroupVersionKind, 'group' | 'version'>): string {
  return group === '' ? version : `${group}/${version}`
}

/** The version in which objects are stored. */
export function storedVersionOf({ versions, storedVersion }: ResourceDefinition): ServedVersion | undefined {
  return versions.find(({ gvk }) => gvk.version === storedVersion.version && gvk.group === storedVersion.group)
}

/** A version's schema by its apiVersion; undefined for versions that the resource does not have. */
export function schemaOf(definition: ResourceDefinition, apiVersion: string): TypeSchema | undefined {
  return definition.versions.find(({ gvk }) => apiVersionOf(gvk) === apiVersion)?.schema
}

const key = (group: string, resource: string): string => `${group}/${resource}`
