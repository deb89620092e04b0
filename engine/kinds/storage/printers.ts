import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer } from '../resource.ts'
import type { AttachmentSpec, AttachmentStatus } from './attachment-validation.ts'
import type { CsiDriverSpec, CsiNodeDriver } from './csi-validation.ts'

const DEFAULT_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

export const storageClassPrinter: Printer = {
  columns: [
    nameColumn,
    column('Provisioner', 'string', 'What makes its volumes.'),
    column('ReclaimPolicy', 'string', 'What becomes of a volume that is given back.'),
    column('VolumeBindingMode', 'string', 'When a claim gets its volume.'),
    column('AllowVolumeExpansion', 'string', 'Whether volumes may grow.'),
    ageColumn,
  ],
  cells(object, now) {
    const { name, annotations = {} } = object.metadata
    const isDefault = DEFAULT_ANNOTATIONS.some((key) => annotations[key] === 'true')
    return [
      isDefault ? `${name} (default)` : name,
      String(object.provisioner ?? ''),
      String(object.reclaimPolicy ?? 'Delete'),
      String(object.volumeBindingMode ?? 'Immediate'),
      object.allowVolumeExpansion === true,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export const attributesClassPrinter: Printer = {
  columns: [nameColumn, column('DriverName', 'string', 'The driver that knows the parameters.'), ageColumn],
  cells: (object, now) => [
    object.metadata.name,
    String(object.driverName ?? ''),
    age(object.metadata.creationTimestamp, now),
  ],
}

export const attachmentPrinter: Printer = {
  columns: [
    nameColumn,
    { ...column('Attacher', 'string', 'The driver that attaches it.'), format: 'name' },
    column('PV', 'string', 'The volume.'),
    column('Node', 'string', 'Where it shall be.'),
    column('Attached', 'boolean', 'Whether it is there.'),
    ageColumn,
  ],
  cells(object, now) {
    const { attacher, source, nodeName } = object.spec as AttachmentSpec
    const { attached = false } = (object.status ?? {}) as Partial<AttachmentStatus>
    return [
      object.metadata.name,
      attacher,
      source.persistentVolumeName ?? '',
      nodeName,
      attached,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}

export const csiNodePrinter: Printer = {
  columns: [nameColumn, column('Drivers', 'integer', 'Drivers that the node has.'), ageColumn],
  cells(object, now) {
    const { drivers } = (object.spec ?? {}) as { readonly drivers?: readonly CsiNodeDriver[] | null }
    return [object.metadata.name, (drivers ?? []).length, age(object.metadata.creationTimestamp, now)]
  },
}

export const csiDriverPrinter: Printer = {
  columns: [
    nameColumn,
    column('AttachRequired', 'boolean', 'Whether volumes are attached before they are mounted.'),
    column('PodInfoOnMount', 'boolean', 'Whether the driver is told of the Pod.'),
    column('StorageCapacity', 'boolean', 'Whether the driver tells how much room there is.'),
    column('TokenRequests', 'string', 'Audiences of the tokens that the driver gets.'),
    column('RequiresRepublish', 'boolean', 'Whether the driver is asked again and again.'),
    column('Modes', 'string', 'Lives of volumes that it knows.'),
    ageColumn,
  ],
  cells(object, now) {
    const spec = (object.spec ?? {}) as CsiDriverSpec
    const modes = (spec.volumeLifecycleModes ?? []).join(',')
    return [
      object.metadata.name,
      spec.attachRequired ?? true,
      spec.podInfoOnMount ?? false,
      spec.storageCapacity ?? false,
      spec.tokenRequests?.map(({ audience }) => audience).join(',') ?? '<unset>',
      spec.requiresRepublish ?? false,
      modes === '' ? '<none>' : modes,
      age(object.metadata.creationTimestamp, now),
    ]
  },
}
