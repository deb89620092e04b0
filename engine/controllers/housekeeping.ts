import type { Cluster, Controller } from './cluster.ts'
import { DefaultServiceAccount } from './default-service-account.ts'
import { GarbageCollector } from './garbage-collector.ts'
import { NamespaceDeletion } from './namespace-deletion.ts'
import { RootCaPublisher } from './root-ca.ts'
import { StorageProtection } from './storage-protection.ts'

export interface HousekeepingOptions {
  /** The certificate authority's certificate, PEM; without it no namespace gets it. */
  readonly rootCa?: string
  /** Hears of what went wrong and is tried again. */
  readonly report?: (error: unknown) => void
}

/** What even a cluster without nodes needs to feel like one. An `ApiServer` is a cluster. */
export function housekeeping(cluster: Cluster, { rootCa, report }: HousekeepingOptions = {}): Controller {
  const controllers: Controller[] = [
    new NamespaceDeletion(cluster, report),
    new GarbageCollector(cluster, report),
    new DefaultServiceAccount(cluster, report),
    new StorageProtection(cluster, report),
    ...(rootCa === undefined ? [] : [new RootCaPublisher(cluster, rootCa, report)]),
  ]
  return {
    start() {
      for (const controller of controllers) controller.start()
    },
    stop() {
      for (const controller of controllers) controller.stop()
    },
  }
}
