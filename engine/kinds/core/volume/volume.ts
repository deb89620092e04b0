import type { AdmissionPlugin } from '../../../admission/plugin.ts'
import { Quantity } from '../../../objects/quantity.ts'
import { formatTime } from '../../../objects/time.ts'
import type { ApiObject, NewObject } from '../../../objects/types.ts'
import { defineKind, type Schemas } from '../../define.ts'
import { deprecatedNodeLabel } from '../../deprecated-node-labels.ts'
import { age, ageColumn, column, nameColumn } from '../../printers.ts'
import type { Printer, ResourceDefinition } from '../../resource.ts'
import { roundedAt } from '../rounded.ts'
import { accessModesText } from './access-modes.ts'
import { BETA_CLASS } from './claim-types.ts'
import { type VolumeSpec, volumeSpecOf, volumeStatusOf } from './volume-types.ts'
import { volumeChangeErrors, volumeErrors } from './volume-validation.ts'

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'

/** core/v1 PersistentVolume (1.34). */
export function persistentVolumes(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'PersistentVolume',
    resource: 'persistentvolumes',
    metadataChecks: { again: 2, onChange: false },
    namespaced: false,
    default: defaultVolume,
    prepareForCreate: (volume) => ({
      ...volume,
      status: { phase: 'Pending', lastPhaseTransitionTime: volume.metadata.creationTimestamp },
    }),
    validate: volumeErrors,
    validateUpdate: volumeChangeErrors,
    warnings: volumeWarnings,
    status: { prepareForUpdate: keepPhaseTime },
    printer,
    selectableFields: { name: ({ metadata }) => metadata.name },
  })
}

/** Fields of storage systems that have a value if nothing is said. */
const sourceDefaults: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  hostPath: { type: '' },
  rbd: { pool: 'rbd', user: 'admin', keyring: '/etc/ceph/keyring' },
  iscsi: { iscsiInterface: 'default' },
  azureDisk: { cachingMode: 'ReadWrite', fsType: 'ext4', readOnly: false, kind: 'Shared' },
  scaleIO: { storageMode: 'ThinProvisioned', fsType: 'xfs' },
}

function defaultVolume(given: NewObject): NewObject {
  const volume = roundedAt(given, 'spec.capacity')
  const spec = volumeSpecOf(volume)
  const status = volumeStatusOf(volume)
  const full: Record<string, unknown> = { ...spec }
  full.persistentVolumeReclaimPolicy ||= 'Retain'
  full.volumeMode ??= 'Filesystem'
  for (const [name, defaults] of Object.entries(sourceDefaults)) {
    if (spec[name] !== undefined) full[name] = { ...defaults, ...(spec[name] as object) }
  }
  return { ...volume, spec: full, status: { ...status, phase: status.phase || 'Pending' } }
}

/** While the phase stays, so does the time since when; a change of phase is dated by `volumePhases`. */
function keepPhaseTime(volume: ApiObject, old: ApiObject): ApiObject {
  const now = volumeStatusOf(volume)
  const before = volumeStatusOf(old)
  if (now.phase !== before.phase || now.lastPhaseTransitionTime !== undefined) return volume
  if (before.lastPhaseTransitionTime === undefined) return volume
  return { ...volume, status: { ...now, lastPhaseTransitionTime: before.lastPhaseTransitionTime } }
}

/** Dates changes of a volume's phase, for which a strategy, without a clock, cannot know the time. */
export const volumePhases: AdmissionPlugin = {
  name: 'VolumePhases',
  mutate({ object, oldObject, resource, subresource }, { clock }): NewObject {
    if (object === undefined) throw new Error('There is nothing to change in a deletion.')
    if (resource.group !== '' || resource.resource !== 'persistentvolumes' || subresource !== 'status') return object
    const now = volumeStatusOf(object)
    const before = oldObject === undefined ? {} : volumeStatusOf(oldObject)
    const dated = now.lastPhaseTransitionTime !== undefined
    if (now.phase === before.phase) return object
    if (dated && now.lastPhaseTransitionTime !== before.lastPhaseTransitionTime) return object
    return { ...object, status: { ...now, lastPhaseTransitionTime: formatTime(clock.now()) } }
  },
}

/** Kinds of volumes that are gone from Kubernetes, with the names that upstream gives their fields. */
const gone = [
  ['cephfs', 'cephfs', 'v1.28', 'v1.31'],
  ['photonPersistentDisk', 'photonPersistentDisk', 'v1.11', 'v1.16'],
  ['scaleIO', 'scaleIO', 'v1.16', 'v1.22'],
  ['storageos', 'storageOS', 'v1.22', 'v1.25'],
  ['glusterfs', 'glusterfs', 'v1.25', 'v1.26'],
  ['rbd', 'rbd', 'v1.28', 'v1.31'],
] as const

function volumeWarnings(volume: ApiObject): string[] {
  const spec = volumeSpecOf(volume)
  const has = (key: string): boolean => volume.metadata.annotations?.[key] !== undefined
  const at = (key: string): string => `metadata.annotations[${key}]`
  return [
    ...(has(BETA_CLASS) ? [`${at(BETA_CLASS)}: deprecated since v1.8; use "storageClassName" attribute instead`] : []),
    ...(has(MOUNT_OPTIONS)
      ? [`${at(MOUNT_OPTIONS)}: deprecated since v1.31; use "mountOptions" attribute instead`]
      : []),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle'
      ? [
          'spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.',
        ]
      : []),
    ...labelWarnings(spec),
    ...gone
      .filter(([name]) => spec[name] !== undefined)
      .map(([, field, since, until]) => `spec.${field}: deprecated in ${since}, non-functional in ${until}+`),
  ]
}

function labelWarnings({ nodeAffinity }: VolumeSpec): string[] {
  const terms = nodeAffinity?.required?.nodeSelectorTerms ?? []
  return terms.flatMap(({ matchExpressions = [] }, index) =>
    matchExpressions.flatMap(({ key }, place) => {
      const why = deprecatedNodeLabel(key)
      const field = `spec.nodeAffinity.required.nodeSelectorTerms[${index}].matchExpressions[${place}].key`
      return why === undefined ? [] : [`${field}: ${key} is ${why}`]
    }),
  )
}

const printer: Printer = {
  columns: [
    nameColumn,
    column('Capacity', 'string', 'What the volume holds.'),
    column('Access Modes', 'string', 'How it can be mounted.'),
    column('Reclaim Policy', 'string', 'What becomes of it when its claim is gone.'),
    column('Status', 'string', 'Whether it is in use.'),
    column('Claim', 'string', 'Who has it.'),
    column('StorageClass', 'string', 'The class it belongs to.'),
    column('VolumeAttributesClass', 'string', 'The class of its attributes.'),
    column('Reason', 'string', 'Why it is in this state.'),
    ageColumn,
    column('VolumeMode', 'string', 'Whether it has a file system.', 'wide'),
  ],
  cells(volume, now) {
    const { metadata } = volume
    const spec = volumeSpecOf(volume)
    const { phase = '', reason = '' } = volumeStatusOf(volume)
    const { claimRef } = spec
    return [
      metadata.name,
      Quantity.fromJson(spec.capacity?.storage ?? '0').toString(),
      accessModesText(spec.accessModes),
      spec.persistentVolumeReclaimPolicy ?? '',
      metadata.deletionTimestamp === undefined ? phase : 'Terminating',
      claimRef === undefined ? '' : `${claimRef.namespace ?? ''}/${claimRef.name ?? ''}`,
      metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? '',
      spec.volumeAttributesClassName ?? '<unset>',
      reason,
      age(metadata.creationTimestamp, now),
      spec.volumeMode ?? '<unset>',
    ]
  },
}
