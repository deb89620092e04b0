import { removeIn } from '../../objects/paths.ts'
import type { ApiObject } from '../../objects/types.ts'
import { withMetadata } from '../../storage/metadata.ts'
import { createdAt } from '../created-at.ts'
import { defineKind, type Schemas } from '../define.ts'
import { KEPT_METADATA } from '../kept-metadata.ts'
import type { ResourceDefinition } from '../resource.ts'
import {
  type AttachmentStatus,
  attachmentChangeErrors,
  attachmentCreateErrors,
  attachmentErrors,
} from './attachment-validation.ts'
import {
  type CsiDriverSpec,
  csiDriverChangeErrors,
  csiDriverErrors,
  csiNodeChangeErrors,
  csiNodeErrors,
  storageCapacityChangeErrors,
  storageCapacityErrors,
  storageCapacityWarnings,
} from './csi-validation.ts'
import { defaultCsiDriver, defaultStorageClass } from './defaults.ts'
import { inlineVolumeErrors } from './inline-volume.ts'
import {
  attachmentPrinter,
  attributesClassPrinter,
  csiDriverPrinter,
  csiNodePrinter,
  storageClassPrinter,
} from './printers.ts'
import {
  attributesClassChangeErrors,
  attributesClassErrors,
  storageClassChangeErrors,
  storageClassErrors,
  storageClassWarnings,
} from './validation.ts'

const group = 'storage.k8s.io'
const version = 'v1'

export function resources(schemas: Schemas): readonly ResourceDefinition[] {
  return [
    defineKind(schemas, {
      group,
      version,
      kind: 'StorageClass',
      resource: 'storageclasses',
      metadataChecks: { again: 1 },
      namespaced: false,
      default: defaultStorageClass,
      validate: storageClassErrors,
      validateUpdate: (object, old) => [...storageClassErrors(object), ...storageClassChangeErrors(object, old)],
      warnings: storageClassWarnings,
      printer: storageClassPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'VolumeAttributesClass',
      resource: 'volumeattributesclasses',
      metadataChecks: { again: 2 },
      namespaced: false,
      validate: attributesClassErrors,
      validateUpdate: (object, old) => [...attributesClassErrors(object), ...attributesClassChangeErrors(object, old)],
      printer: attributesClassPrinter,
    }),
    volumeAttachment(schemas),
    defineKind(schemas, {
      group,
      version,
      kind: 'CSIDriver',
      resource: 'csidrivers',
      namespaced: false,
      unconditionalUpdate: false,
      default: defaultCsiDriver,
      // Upstream counts its generations only from the first change on.
      prepareForCreate: (object) => removeIn(withMetadata(object, { generation: undefined }), UPDATE_PERIOD),
      prepareForUpdate: (object, old) =>
        (old.spec as CsiDriverSpec).nodeAllocatableUpdatePeriodSeconds === undefined
          ? removeIn(object, UPDATE_PERIOD)
          : object,
      changesGeneration: true,
      validate: csiDriverErrors,
      validateUpdate: csiDriverChangeErrors,
      printer: csiDriverPrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'CSINode',
      resource: 'csinodes',
      metadataChecks: { again: 2, onChange: false },
      namespaced: false,
      unconditionalUpdate: false,
      validate: csiNodeErrors,
      validateUpdate: (object, old) => [...csiNodeErrors(object), ...csiNodeChangeErrors(object, old)],
      printer: csiNodePrinter,
    }),
    defineKind(schemas, {
      group,
      version,
      kind: 'CSIStorageCapacity',
      resource: 'csistoragecapacities',
      metadataChecks: { again: 1 },
      unconditionalUpdate: false,
      validate: storageCapacityErrors,
      validateUpdate: (object, old) => [...storageCapacityErrors(object), ...storageCapacityChangeErrors(object, old)],
      warnings: storageCapacityWarnings,
      printer: createdAt,
    }),
  ]
}

/** MutableCSINodeAllocatableCount is off in 1.34: its fields are dropped unless they are there already. */
const UPDATE_PERIOD = ['spec', 'nodeAllocatableUpdatePeriodSeconds'] as const

function volumeAttachment(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group,
    version,
    kind: 'VolumeAttachment',
    resource: 'volumeattachments',
    metadataChecks: { again: 2, onChange: false },
    namespaced: false,
    unconditionalUpdate: false,
    validate: (object) => [...attachmentErrors(object, inlineVolumeErrors), ...attachmentCreateErrors(object)],
    validateUpdate: (object, old) => [
      ...attachmentErrors(object, inlineVolumeErrors),
      ...attachmentErrors(object, inlineVolumeErrors),
      ...attachmentChangeErrors(object, old),
    ],
    status: {
      empty: { attached: false },
      keeps: ['spec', ...KEPT_METADATA],
      prepareForUpdate: withoutErrorCodes,
      validateUpdate: (object, old) => [
        ...attachmentErrors(object, inlineVolumeErrors),
        ...attachmentErrors(object, inlineVolumeErrors),
        ...attachmentChangeErrors(object, old),
      ],
    },
    printer: attachmentPrinter,
  })
}

function withoutErrorCodes(object: ApiObject, old: ApiObject): ApiObject {
  const before = (old.status ?? {}) as Partial<AttachmentStatus>
  return (['attachError', 'detachError'] as const).reduce(
    (kept, field) => (before[field]?.errorCode === undefined ? removeIn(kept, ['status', field, 'errorCode']) : kept),
    object,
  )
}
