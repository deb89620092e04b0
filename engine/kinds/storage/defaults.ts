import type { NewObject } from '../../objects/types.ts'
import type { CsiDriverSpec } from './csi-validation.ts'

export function defaultStorageClass(object: NewObject): NewObject {
  const { reclaimPolicy = 'Delete', volumeBindingMode = 'Immediate' } = object as {
    readonly reclaimPolicy?: string
    readonly volumeBindingMode?: string
  }
  return { ...object, reclaimPolicy, volumeBindingMode }
}

export function defaultCsiDriver(object: NewObject): NewObject {
  const spec = (object.spec ?? {}) as CsiDriverSpec
  const { volumeLifecycleModes: modes = [] } = spec
  return {
    ...object,
    spec: {
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: 'ReadWriteOnceWithFSType',
      requiresRepublish: false,
      seLinuxMount: false,
      ...spec,
      volumeLifecycleModes: modes.length === 0 ? ['Persistent'] : modes,
    },
  }
}
