import type { StorageClass } from '../controllers/volumes/matching.ts'
import { LabelSelector, type LabelSelectorObject } from '../objects/label-selector.ts'
import { Quantity } from '../objects/quantity.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Store } from '../storage/store.ts'
import type { NodeInfo } from './node-info.ts'

const DRIVERS = { group: 'storage.k8s.io', resource: 'csidrivers' } as const
const CAPACITIES = { group: 'storage.k8s.io', resource: 'csistoragecapacities' } as const

interface Capacity extends ApiObject {
  readonly storageClassName: string
  readonly nodeTopology?: LabelSelectorObject
  readonly capacity?: string
  readonly maximumVolumeSize?: string
}

/** Whether the driver says that a volume of this size can still be made where the node is; drivers that say nothing are taken to have room. */
export function storageIsThere(store: Store, wanted: StorageClass, size: Quantity, { labels }: NodeInfo): boolean {
  const driver = store.collection(DRIVERS)?.get(undefined, wanted.provisioner)
  if ((driver?.spec as { readonly storageCapacity?: boolean } | undefined)?.storageCapacity !== true) return true
  for (const object of store.collection(CAPACITIES) ?? []) {
    const { storageClassName, nodeTopology, capacity, maximumVolumeSize = capacity } = object as Capacity
    if (storageClassName !== wanted.metadata.name || maximumVolumeSize === undefined) continue
    if (Quantity.fromJson(maximumVolumeSize).compare(size) < 0 || nodeTopology === undefined) continue
    if (LabelSelector.fromObject(nodeTopology).matches(labels)) return true
  }
  return false
}
