import { semanticallyEqual } from '../../../objects/equal.ts'
import { immutable } from '../../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { qualifiedNameErrors } from '../../../objects/names.ts'
import { Quantity } from '../../../objects/quantity.ts'
import type { ApiObject } from '../../../objects/types.ts'
import { jsonDiff } from '../../pod/diff.ts'
import { isNative } from '../../pod/resources.ts'
import { upstreamJson } from '../../pod/upstream-json.ts'
import { claimSpecErrors } from '../../pod/validation/claim.ts'
import { quantityErrors, sortedResources } from '../../resource-names.ts'
import { BETA_CLASS, type ClaimSpec, claimSpecOf, claimStatusOf } from './claim-types.ts'

export function claimErrors(claim: ApiObject): FieldError[] {
  return claimSpecErrors(claimSpecOf(claim), 'spec')
}

/** `ValidatePersistentVolumeClaimUpdate` (1.34): a claim stays as it was made, but for its size and its attributes once it is bound. */
export function claimChangeErrors(claim: ApiObject, old: ApiObject): FieldError[] {
  const now = claimSpecOf(claim)
  const before = claimSpecOf(old)
  return [
    ...claimErrors(claim),
    ...annotationErrors(claim, old),
    ...specErrors(claim, old),
    ...sizeErrors(claim, old),
    ...immutable('volumeMode', now.volumeMode, before.volumeMode),
    ...attributeErrors(claim, old),
  ]
}

const classOf = ({ metadata }: ApiObject): string | undefined => metadata.annotations?.[BETA_CLASS]

/** The class may move from its annotation to its field. */
function movesClass(claim: ApiObject, old: ApiObject): boolean {
  const before = classOf(old)
  const now = classOf(claim)
  if (before === undefined || claimSpecOf(old).storageClassName !== undefined) return false
  return claimSpecOf(claim).storageClassName === before && (now === undefined || now === before)
}

function annotationErrors(claim: ApiObject, old: ApiObject): FieldError[] {
  if (movesClass(claim, old)) return []
  return immutable(`metadata.annotations.${BETA_CLASS}`, classOf(claim) ?? '', classOf(old) ?? '')
}

function specErrors(claim: ApiObject, old: ApiObject): FieldError[] {
  const before = beforeBinding(claim, old)
  const now = asBefore(claim, old)
  if (semanticallyEqual(comparable(now), comparable(before))) return []
  const why =
    'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [forbiddenField('spec', `${why}\n${jsonDiff(shownSpec(before), shownSpec(now))}`)]
}

/** The volume is named once. */
function beforeBinding(claim: ApiObject, old: ApiObject): ClaimSpec {
  const before = claimSpecOf(old)
  const { volumeName = '' } = claimSpecOf(claim)
  return (before.volumeName ?? '') === '' && volumeName !== '' ? { ...before, volumeName } : before
}

/** The new spec with what may change put back. */
function asBefore(claim: ApiObject, old: ApiObject): ClaimSpec {
  const before = claimSpecOf(old)
  let now = claimSpecOf(claim)
  if (movesClass(claim, old)) now = withClass(now, undefined)
  else if (before.storageClassName === undefined && now.storageClassName !== undefined) {
    const annotated = classOf(old)
    if (annotated === undefined || annotated === now.storageClassName) now = withClass(now, undefined)
  }
  if (claimStatusOf(claim).phase !== 'Bound') return now
  const storage = before.resources?.requests?.storage
  const { requests } = now.resources ?? {}
  if (requests !== undefined && storage !== undefined) {
    now = { ...now, resources: { ...now.resources, requests: { ...requests, storage } } }
  }
  const { volumeAttributesClassName: _, ...rest } = now
  const { volumeAttributesClassName: attributes } = before
  return attributes === undefined ? rest : { ...rest, volumeAttributesClassName: attributes }
}

function withClass({ storageClassName: _, ...rest }: ClaimSpec, name: string | undefined): ClaimSpec {
  return name === undefined ? rest : { ...rest, storageClassName: name }
}

/** Amounts compare by value. */
function comparable(spec: ClaimSpec): unknown {
  const amounts = (of: Readonly<Record<string, string>> = {}): unknown =>
    Object.fromEntries(Object.entries(of).map(([name, text]) => [name, Quantity.fromJson(text).toNumber()]))
  const { limits, requests } = spec.resources ?? {}
  return { ...spec, resources: { limits: amounts(limits), requests: amounts(requests) } }
}

const shownSpec = (spec: ClaimSpec): unknown => upstreamJson('PersistentVolumeClaimSpec', spec)

const storageOf = (text: string | undefined): Quantity => Quantity.fromJson(text ?? '0')

/** A claim may ask for less again after an expansion that failed, but never for less than it has. */
function sizeErrors(claim: ApiObject, old: ApiObject): FieldError[] {
  const now = storageOf(claimSpecOf(claim).resources?.requests?.storage)
  const before = storageOf(claimSpecOf(old).resources?.requests?.storage)
  const has = storageOf(claimStatusOf(old).capacity?.storage)
  if (now.compare(before) >= 0 || now.compare(has) > 0) return []
  return [forbiddenField('spec.resources.requests.storage', 'field can not be less than status.capacity')]
}

function attributeErrors(claim: ApiObject, old: ApiObject): FieldError[] {
  const now = claimSpecOf(claim).volumeAttributesClassName
  if (now === claimSpecOf(old).volumeAttributesClassName) return []
  if (claimStatusOf(old).currentVolumeAttributesClassName === undefined || (now ?? '') !== '') return []
  const what = now === undefined ? 'nil' : 'empty string'
  const why = `update to ${what} is forbidden when status.currentVolumeAttributesClassName is not nil`
  return [forbiddenField('spec.volumeAttributesClassName', why)]
}

const RESIZES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
]

export function claimStatusErrors(claim: ApiObject): FieldError[] {
  const { capacity, allocatedResourceStatuses: statuses, allocatedResources } = claimStatusOf(claim)
  return [
    ...((claimSpecOf(claim).accessModes ?? []).length === 0 ? [requiredValue('Spec.accessModes')] : []),
    ...sortedResources(capacity).flatMap(([name, text]) => basicErrors(`status.capacity[${name}]`, text)),
    ...sortedResources(statuses).flatMap(([name, state]) => [
      ...keyErrors('status.allocatedResourceStatuses', name),
      ...(RESIZES.includes(state) ? [] : [notSupported('status.allocatedResourceStatuses', name, RESIZES)]),
    ]),
    ...sortedResources(allocatedResources).flatMap(([name, text]) => allocatedErrors(name, text)),
  ]
}

function allocatedErrors(name: string, text: string): FieldError[] {
  const at = `status.allocatedResources[${name}]`
  const names = keyErrors('status.allocatedResources', name)
  if (names.length > 0) return names
  const basic = basicErrors(at, text)
  return basic.length > 0 ? basic : quantityErrors(at, 'storage', text)
}

function keyErrors(field: string, name: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((why) => invalidValue(field, name, why))
  if (errors.length > 0 || !isNative(name) || name === 'storage') return errors
  return [notSupported(field, name, ['storage'])]
}

export function basicErrors(field: string, text: string): FieldError[] {
  const value = Quantity.fromJson(text).value()
  return value < 0 ? [invalidValue(field, value, 'must be a valid resource quantity')] : []
}
