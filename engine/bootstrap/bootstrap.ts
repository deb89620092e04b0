import type { Backend } from '../admission/plugin.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { type ClusterFacts, firstObjects } from './objects.ts'

export interface BootstrapOptions extends Omit<ClusterFacts, 'now'> {
  /** Gives an object its `managedFields`; without it nobody owns a field. */
  readonly manage?: (resource: GroupResource, object: ApiObject, manager: string) => ApiObject
}

/** Ports and addresses of kind's clusters. */
export const KIND_FACTS = {
  address: '172.18.0.2',
  port: 6443,
  serviceAddress: '10.96.0.1',
  serviceCidr: '10.96.0.0/16',
} as const

/** Writes what every fresh cluster has into an empty store, past validation; kinds that are not served are left out. */
export function bootstrap({ store, clock, ids }: Backend, { manage, ...facts }: BootstrapOptions): void {
  const now = formatTime(clock.now())
  for (const { resource, object, manager } of firstObjects({ ...facts, now })) {
    const collection = store.collection(resource)
    if (collection === undefined) continue
    const made = {
      ...object,
      metadata: { ...object.metadata, uid: ids.uid(), creationTimestamp: now, resourceVersion: '' },
    } as ApiObject
    collection.put(manage?.(resource, made, manager) ?? made)
  }
}
