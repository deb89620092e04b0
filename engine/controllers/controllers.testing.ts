import type { BackendDoor, Submission } from '../admission/plugin.ts'
import { Catalogue } from '../api/served.ts'
import { idsFrom } from '../clock/ids.ts'
import { Random } from '../clock/random.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { configMaps } from '../kinds/core/config-map.ts'
import { namespaces } from '../kinds/core/namespace.ts'
import { serviceAccounts } from '../kinds/core/service-account.ts'
import type { ResourceDefinition } from '../kinds/resource.ts'
import { resources as storage } from '../kinds/storage/index.ts'
import type { ApiObject, GroupResource, OwnerReference } from '../objects/types.ts'
import { SchemaLookup } from '../schema/lookup.ts'
import { Registry } from '../storage/registry.ts'
import { Store } from '../storage/store.ts'
import type { Cluster } from './cluster.ts'

/** A small cluster whose time stands until it is stepped. */
export class ClusterUnderTest implements Cluster {
  readonly clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  readonly catalogue = new Catalogue()
  readonly backend
  readonly errors: unknown[] = []

  constructor() {
    const { clock, catalogue } = this
    const store = new Store({ clock })
    this.backend = {
      store,
      clock,
      ids: idsFrom(new Random('controllers')),
      registry: (resource: GroupResource) => catalogue.get(resource)?.registry,
      door: (resource: GroupResource, subresource: string) => this.#door(resource, subresource),
      submit: ({ resource, object, namespace }: Submission) =>
        this.registry(resource.resource, resource.group).create(object, namespace === undefined ? {} : { namespace }),
    }
    const schemas = new SchemaLookup()
    const definitions = [namespaces(schemas), configMaps(schemas), serviceAccounts(schemas), ...storage(schemas)]
    for (const definition of definitions) this.serve(definition)
  }

  serve(definition: ResourceDefinition): Registry {
    const { resource, namespaced, strategy } = definition
    const collection = this.backend.store.add({ resource, namespaced })
    const registry = new Registry(collection, strategy, this.backend)
    this.catalogue.set({ definition, registry })
    return registry
  }

  #door(resource: GroupResource, subresource: string): BackendDoor | undefined {
    const known = this.catalogue.get(resource)
    if (known === undefined || subresource === '') return known
    const { changesGeneration: _, ...strategy } = known.registry.strategy
    const door = known.definition.subresources?.[subresource]
    if (door === undefined) return undefined
    return { registry: new Registry(known.registry.collection, { ...strategy, ...door.strategy }, this.backend) }
  }

  registry(resource: string, group = ''): Registry {
    const found = this.backend.registry({ group, resource })
    if (found === undefined) throw new Error(`${resource} is not served.`)
    return found
  }

  namespace(name: string): ApiObject {
    return this.registry('namespaces').create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name },
      spec: {},
      status: { phase: 'Active' },
    })
  }

  configMap(name: string, metadata: Partial<ApiObject['metadata']> = {}): ApiObject {
    const namespace = metadata.namespace ?? 'default'
    return this.registry('configmaps').create(
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata } },
      { namespace },
    )
  }

  get(resource: string, namespace: string | undefined, name: string): ApiObject | undefined {
    return this.registry(resource).collection.get(namespace, name)
  }

  /** Names of the ConfigMaps that there are. */
  names(namespace = 'default'): string[] {
    return this.registry('configmaps')
      .collection.list({ namespace })
      .items.map(({ metadata }) => metadata.name)
  }

  step(milliseconds = 0): void {
    this.clock.stepNow(milliseconds)
  }
}

export function ownerOf({ apiVersion, kind, metadata }: ApiObject, blockOwnerDeletion?: boolean): OwnerReference {
  const { name, uid } = metadata
  return { apiVersion, kind, name, uid, ...(blockOwnerDeletion === undefined ? {} : { blockOwnerDeletion }) }
}
