import type { Backend } from '../admission/plugin.ts'
import { Writer } from '../controllers/writer.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject } from '../objects/types.ts'
import { type ClusterFacts, firstObjects } from './objects.ts'

export type BootstrapOptions = Omit<ClusterFacts, 'now'>

/** Ports and addresses of kind's clusters. */
export const KIND_FACTS = {
  address: '172.18.0.2',
  port: 6443,
  serviceAddress: '10.96.0.1',
  serviceCidr: '10.96.0.0/16',
} as const

/** Writes what every fresh cluster has into an empty store, past validation; kinds that are not served are left out. */
export function bootstrap(backend: Backend, facts: BootstrapOptions): void {
  const { store, clock, ids } = backend
  const now = formatTime(clock.now())
  for (const { resource, object, manager, applied } of firstObjects({ ...facts, now })) {
    if (store.collection(resource) === undefined) continue
    const made = {
      ...object,
      metadata: { ...object.metadata, uid: ids.uid(), creationTimestamp: now, resourceVersion: '' },
    } as ApiObject
    const { name } = new Writer(backend, manager).put(resource, undefined, made).metadata
    if (applied === undefined) continue
    const { status } = applied
    new Writer(backend, applied.manager).apply({ resource, name, subresource: 'status' }, { status })
  }
}
