import { goQuote } from '../../../objects/go-quote.ts'
import { Quantity } from '../../../objects/quantity.ts'
import type { ApiObject, NewObject } from '../../../objects/types.ts'
import { defineKind, type Schemas } from '../../define.ts'
import { age, ageColumn, column, nameColumn } from '../../printers.ts'
import type { Printer, ResourceDefinition } from '../../resource.ts'
import { roundedAt } from '../rounded.ts'
import { accessModesText } from './access-modes.ts'
import { BETA_CLASS, claimSpecOf, claimStatusOf } from './claim-types.ts'
import { claimChangeErrors, claimErrors, claimStatusErrors } from './claim-validation.ts'
import { normalizeDataSource } from './data-source.ts'

/** core/v1 PersistentVolumeClaim (1.34). */
export function persistentVolumeClaims(schemas: Schemas): ResourceDefinition {
  return defineKind(schemas, {
    group: '',
    version: 'v1',
    kind: 'PersistentVolumeClaim',
    resource: 'persistentvolumeclaims',
    metadataChecks: { again: 2 },
    default: defaultClaim,
    prepareForCreate: (claim) => withDataSource(claim, undefined),
    prepareForUpdate: withDataSource,
    validate: claimErrors,
    validateUpdate: claimChangeErrors,
    warnings: claimWarnings,
    status: { empty: { phase: 'Pending' }, validateUpdate: claimStatusErrors },
    printer,
    selectableFields: { name: ({ metadata }) => metadata.name },
  })
}

const AMOUNTS = ['spec.resources.limits', 'spec.resources.requests', 'status.capacity', 'status.allocatedResources']

function defaultClaim(given: NewObject): NewObject {
  const claim = roundedAt(given, ...AMOUNTS)
  const { volumeMode } = claimSpecOf(claim)
  const { phase } = claimStatusOf(claim)
  const moded =
    volumeMode === undefined ? { ...claim, spec: { ...claimSpecOf(claim), volumeMode: 'Filesystem' } } : claim
  if (phase !== undefined && phase !== '') return moded
  return { ...moded, status: { ...claimStatusOf(claim), phase: 'Pending' } }
}

function withDataSource(claim: ApiObject, old: ApiObject | undefined): ApiObject {
  const spec = normalizeDataSource(claimSpecOf(claim), old === undefined ? undefined : claimSpecOf(old))
  return spec === claim.spec ? claim : { ...claim, spec }
}

function claimWarnings(claim: ApiObject): string[] {
  const { limits, requests } = claimSpecOf(claim).resources ?? {}
  const annotated = claim.metadata.annotations?.[BETA_CLASS] !== undefined
  return [
    ...(annotated
      ? [`metadata.annotations[${BETA_CLASS}]: deprecated since v1.8; use "storageClassName" attribute instead`]
      : []),
    ...fractionWarnings('spec.resources.requests[storage]', requests?.storage),
    ...fractionWarnings('spec.resources.limits[storage]', limits?.storage),
  ]
}

function fractionWarnings(field: string, text: string | undefined): string[] {
  const quantity = Quantity.fromJson(text ?? '0')
  if (quantity.milliValue() % 1000 === 0) return []
  return [`${field}: fractional byte value ${goQuote(quantity.toString())} is invalid, must be an integer`]
}

const printer: Printer = {
  columns: [
    nameColumn,
    column('Status', 'string', 'Whether the claim has a volume.'),
    column('Volume', 'string', 'The volume.'),
    column('Capacity', 'string', 'What the volume holds.'),
    column('Access Modes', 'string', 'How the volume can be mounted.'),
    column('StorageClass', 'string', 'The class of volumes that is asked for.'),
    column('VolumeAttributesClass', 'string', 'The class of attributes that is asked for.'),
    ageColumn,
    column('VolumeMode', 'string', 'Whether the volume has a file system.', 'wide'),
  ],
  cells(claim, now) {
    const { metadata } = claim
    const spec = claimSpecOf(claim)
    const { phase = '', accessModes, capacity } = claimStatusOf(claim)
    const bound = (spec.volumeName ?? '') !== ''
    return [
      metadata.name,
      metadata.deletionTimestamp === undefined ? phase : 'Terminating',
      spec.volumeName ?? '',
      bound ? Quantity.fromJson(capacity?.storage ?? '0').toString() : '',
      bound ? accessModesText(accessModes) : '',
      metadata.annotations?.[BETA_CLASS] ?? spec.storageClassName ?? '',
      spec.volumeAttributesClassName ?? '<unset>',
      age(metadata.creationTimestamp, now),
      spec.volumeMode ?? '<unset>',
    ]
  },
}
