import { VirtualClock } from '../clock/virtual-clock.ts'
import type { ApiObject, ObjectMeta } from '../objects/types.ts'
import type { CollectionOptions } from './collection.ts'
import { Store } from './store.ts'

/** What the tests store: just enough of a Pod. */
export function pod(name: string, metadata: Partial<ObjectMeta> = {}, spec: Record<string, unknown> = {}): ApiObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'default',
      uid: `uid-${name}`,
      resourceVersion: '',
      creationTimestamp: '',
      ...metadata,
    },
    spec,
  }
}

export const PODS = { group: '', resource: 'pods' }

export function storeWithPods(options: Partial<CollectionOptions> = {}) {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1) })
  const store = new Store({ clock })
  const pods = store.add({ resource: PODS, namespaced: true, ...options })
  return { clock, store, pods }
}

export const named = (objects: readonly ApiObject[]): string[] =>
  objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
