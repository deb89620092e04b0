import { semanticallyEqual } from '../../../objects/equal.ts'
import { immutable } from '../../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { Quantity } from '../../../objects/quantity.ts'
import type { ApiObject } from '../../../objects/types.ts'
import { jsonDiff } from '../../pod/diff.ts'
import type { DriverSource } from '../../pod/types.ts'
import { upstreamJson } from '../../pod/upstream-json.ts'
import { dnsLabel, dnsSubdomain, noBacksteps, oneOf, present } from '../../pod/validation/checks.ts'
import { csiDriverNameErrors, driverErrors, isDriver } from '../../pod/validation/drivers.ts'
import { nodeSelectorErrors } from '../../pod/validation/scheduling.ts'
import { sortedResources } from '../../resource-names.ts'
import { accessModeErrors } from './access-modes.ts'
import { basicErrors } from './claim-validation.ts'
import { shownSources, volumeSources } from './volume-sources.ts'
import { type CsiSource, type VolumeSpec, volumeSpecOf } from './volume-types.ts'

const MOUNT_OPTIONS = 'volume.beta.kubernetes.io/mount-options'
/** Kinds of volumes that take mount options from the annotation. */
const TAKE_OPTIONS = [
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'glusterfs',
  'nfs',
  'rbd',
  'quobyte',
  'iscsi',
  'cinder',
  'cephfs',
  'azureFile',
  'vsphereVolume',
  'azureDisk',
  'photonPersistentDisk',
]

/** `ValidatePersistentVolumeSpec` (1.34). */
export function volumeErrors(volume: ApiObject): FieldError[] {
  const spec = volumeSpecOf(volume)
  return [
    ...((spec.accessModes ?? []).length === 0 ? [requiredValue('spec.accessModes')] : []),
    ...accessModeErrors('spec.accessModes', spec.accessModes ?? []),
    ...capacityErrors(spec),
    ...reclaimErrors(spec),
    ...affinityErrors(spec),
    ...sourceErrors(spec),
    ...rootErrors(spec),
    ...((spec.storageClassName ?? '') === '' ? [] : dnsSubdomain('spec.storageClassName', spec.storageClassName ?? '')),
    ...(spec.volumeMode === undefined ? [] : oneOf('spec.volumeMode', spec.volumeMode, ['Block', 'Filesystem'])),
    ...attributeErrors(spec),
    ...optionErrors(volume),
  ]
}

function capacityErrors({ capacity = {} }: VolumeSpec): FieldError[] {
  const field = 'spec.capacity'
  const amounts = sortedResources(capacity)
  return [
    ...(amounts.length === 0 ? [requiredValue(field)] : []),
    ...(capacity.storage === undefined || amounts.length > 1
      ? [notSupported(field, amounts.length === 0 ? null : Object.fromEntries(amounts), ['storage'])]
      : []),
    ...amounts.flatMap(([name, text]) => {
      const quantity = Quantity.fromJson(text)
      const at = `${field}[${name}]`
      const none = quantity.sign() <= 0 ? [invalidValue(at, quantity.toString(), 'must be greater than zero')] : []
      return [...basicErrors(at, text), ...none]
    }),
  ]
}

function reclaimErrors({ persistentVolumeReclaimPolicy: policy = '' }: VolumeSpec): FieldError[] {
  return policy === '' ? [] : oneOf('spec.persistentVolumeReclaimPolicy', policy, ['Delete', 'Recycle', 'Retain'])
}

function affinityErrors({ nodeAffinity }: VolumeSpec): FieldError[] {
  const field = 'spec.nodeAffinity.required'
  if (nodeAffinity === undefined) return []
  if (nodeAffinity.required !== undefined) return nodeSelectorErrors(nodeAffinity.required, field)
  return [requiredValue(field, 'must specify required node constraints')]
}

/** Upstream looks at the kinds of volumes in this order. */
const ORDER = [
  'hostPath',
  ...volumeSources.filter((name) => !['hostPath', 'local', 'storageos', 'csi'].includes(name)),
  'local',
  'storageos',
  'csi',
]

function sourceErrors(spec: VolumeSpec): FieldError[] {
  const used = ORDER.filter((name) => spec[name] !== undefined)
  if (used.length === 0) return [requiredValue('spec', 'must specify a volume type')]
  return used.flatMap((name, index) => {
    const field = `spec.${name === 'cephfs' && index > 0 ? 'cephFS' : name}`
    if (index > 0 && name !== 'flexVolume') return [forbiddenField(field, 'may not specify more than 1 volume type')]
    return oneSourceErrors(spec, name, field)
  })
}

const HOST_PATH_TYPES = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

function oneSourceErrors(spec: VolumeSpec, name: string, field: string): FieldError[] {
  const { hostPath, local, nfs, csi } = spec
  if (hostPath !== undefined && name === 'hostPath') {
    if (hostPath.path === '') return [requiredValue(`${field}.path`)]
    const type = hostPath.type === undefined ? [] : oneOf(`${field}.type`, hostPath.type, HOST_PATH_TYPES)
    return [...noBacksteps(`${field}.path`, hostPath.path), ...type]
  }
  if (local !== undefined && name === 'local') {
    const path = local.path === '' ? [requiredValue(`${field}.path`)] : noBacksteps(`${field}.path`, local.path)
    if (spec.nodeAffinity !== undefined) return path
    return [...path, requiredValue('spec.nodeAffinity', 'Local volume requires node affinity')]
  }
  if (nfs !== undefined && name === 'nfs') {
    return [
      ...present(`${field}.server`, nfs.server),
      ...present(`${field}.path`, nfs.path),
      ...(nfs.path.startsWith('/') ? [] : [invalidValue(`${field}.path`, nfs.path, 'must be an absolute path')]),
    ]
  }
  if (csi !== undefined && name === 'csi') return csiErrors(csi, field)
  return isDriver(name) ? driverErrors(name, spec[name] as DriverSource, field) : []
}

const CSI_SECRETS = [
  'controllerPublishSecretRef',
  'controllerExpandSecretRef',
  'nodePublishSecretRef',
  'nodeExpandSecretRef',
]

function csiErrors(csi: CsiSource, field: string): FieldError[] {
  return [
    ...csiDriverNameErrors(csi.driver, `${field}.driver`),
    ...present(`${field}.volumeHandle`, csi.volumeHandle),
    ...CSI_SECRETS.flatMap((name) => {
      const secret = csi[name] as { readonly name?: string; readonly namespace?: string } | undefined
      return secret === undefined ? [] : secretErrors(secret.name ?? '', secret.namespace ?? '', `${field}.${name}`)
    }),
  ]
}

function secretErrors(name: string, namespace: string, field: string): FieldError[] {
  return [
    ...(name === '' ? [requiredValue(`${field}.name`)] : dnsSubdomain(`${field}.name`, name)),
    ...(namespace === '' ? [requiredValue(`${field}.namespace`)] : dnsLabel(`${field}.namespace`, namespace)),
  ]
}

function rootErrors({ hostPath, persistentVolumeReclaimPolicy: policy }: VolumeSpec): FieldError[] {
  const parts = (hostPath?.path ?? 'none').split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length > 0 || !hostPath?.path.startsWith('/') || policy !== 'Recycle') return []
  const why = "may not be 'recycle' for a hostPath mount of '/'"
  return [forbiddenField('spec.persistentVolumeReclaimPolicy', why)]
}

function attributeErrors({ volumeAttributesClassName: name, csi }: VolumeSpec): FieldError[] {
  if (name === undefined) return []
  const field = 'spec.volumeAttributesClassName'
  return [
    ...(name === '' ? [requiredValue(field, 'an empty string is disallowed')] : dnsSubdomain(field, name)),
    ...(csi === undefined
      ? [requiredValue('spec.csi', 'has to be specified when using volumeAttributesClassName')]
      : []),
  ]
}

function optionErrors(volume: ApiObject): FieldError[] {
  const spec = volumeSpecOf(volume)
  if (volume.metadata.annotations?.[MOUNT_OPTIONS] === undefined) return []
  if (TAKE_OPTIONS.some((name) => spec[name] !== undefined)) return []
  const why = 'may not specify mount options for this volume type'
  return [forbiddenField(`metadata.annotations.${MOUNT_OPTIONS}`, why)]
}

/** `ValidatePersistentVolumeUpdate` (1.34): what a volume is stays. */
export function volumeChangeErrors(volume: ApiObject, old: ApiObject): FieldError[] {
  const now = volumeSpecOf(volume)
  const before = volumeSpecOf(old)
  const compared = shownSources(withoutFirstExpandSecret(now, before))
  const stood = shownSources(before)
  const changed = !semanticallyEqual(compared, stood)
  const why = 'spec.persistentvolumesource is immutable after creation'
  const attributesGone = before.volumeAttributesClassName !== undefined && now.volumeAttributesClassName === undefined
  return [
    ...volumeErrors(volume),
    ...(changed ? [forbiddenField('spec.persistentvolumesource', `${why}\n${jsonDiff(stood, compared)}`)] : []),
    ...immutable('volumeMode', now.volumeMode, before.volumeMode),
    ...affinityChangeErrors(now, before),
    ...(attributesGone
      ? [forbiddenField('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')]
      : []),
  ]
}

/** The Secret for growing may be named later. */
function withoutFirstExpandSecret(now: VolumeSpec, before: VolumeSpec): VolumeSpec {
  const { csi } = now
  if (csi?.controllerExpandSecretRef === undefined || before.csi === undefined) return now
  if (before.csi.controllerExpandSecretRef !== undefined) return now
  const { controllerExpandSecretRef: _, ...rest } = csi
  return { ...now, csi: rest as CsiSource }
}

const STABLE: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

function affinityChangeErrors({ nodeAffinity: now }: VolumeSpec, { nodeAffinity: before }: VolumeSpec): FieldError[] {
  if (before === undefined || semanticallyEqual(now, withStableKeys(before, now))) return []
  const shown = now === undefined ? null : { Required: upstreamJson('*NodeSelector', now.required) }
  return [invalidValue('nodeAffinity', shown, 'field is immutable, except for updating from beta label to GA')]
}

type Affinity = NonNullable<VolumeSpec['nodeAffinity']>

/** The old affinity with the keys that the new one has replaced by their stable names. */
function withStableKeys(before: Affinity, now: Affinity | undefined): Affinity {
  const { required } = before
  if (required === undefined) return before
  const nodeSelectorTerms = (required.nodeSelectorTerms ?? []).map((term, index) => ({
    ...term,
    ...(term.matchExpressions === undefined
      ? {}
      : {
          matchExpressions: term.matchExpressions.map((expression, place) => {
            const key = now?.required?.nodeSelectorTerms?.[index]?.matchExpressions?.[place]?.key
            return key !== undefined && STABLE[expression.key] === key ? { ...expression, key } : expression
          }),
        }),
  }))
  return { required: { ...required, nodeSelectorTerms } }
}
