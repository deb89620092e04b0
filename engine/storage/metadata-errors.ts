import { managedFieldsErrors } from '../apply/manager-errors.ts'
import { semanticallyEqual } from '../objects/equal.ts'
import { type FieldError, forbiddenField, invalidValue, requiredValue } from '../objects/field-error.ts'
import { goQuote } from '../objects/go-quote.ts'
import { annotationErrors, labelErrors } from '../objects/label-errors.ts'
import {
  dns1035LabelErrors,
  dns1123LabelErrors,
  dns1123SubdomainErrors,
  maskTrailingDash,
  pathSegmentErrors,
  qualifiedNameErrors,
} from '../objects/names.ts'
import type { ApiObject, ObjectMeta, OwnerReference } from '../objects/types.ts'
import { FOREGROUND, ORPHAN } from './deletion.ts'

/** What is wrong with a name; `prefix` says that something will follow it: it is a generateName. */
export type NameErrors = (name: string, prefix: boolean) => readonly string[]

const masked = (name: string, prefix: boolean): string => (prefix ? maskTrailingDash(name) : name)
export const subdomainNameErrors: NameErrors = (name, prefix) => dns1123SubdomainErrors(masked(name, prefix))
export const labelNameErrors: NameErrors = (name, prefix) => dns1123LabelErrors(masked(name, prefix))
export const dns1035NameErrors: NameErrors = (name, prefix) => dns1035LabelErrors(masked(name, prefix))
/** All that every kind asks of a name: it stands in paths. */
export const pathSegmentNameErrors: NameErrors = (name, prefix) =>
  pathSegmentErrors(name).filter((sentence) => !prefix || !sentence.startsWith('may not be'))

export interface MetadataRules {
  readonly namespaced: boolean
  readonly nameErrors: NameErrors
  /** Where the metadata stand; `metadata` if not said. */
  readonly field?: string
}

/** `ValidateObjectMetaAccessor` (apimachinery 1.34): the form of an object's metadata, on creation and on update. */
export function metadataErrors(metadata: Partial<ObjectMeta>, rules: MetadataRules): FieldError[] {
  const { namespaced, nameErrors, field = 'metadata' } = rules
  const { name = '', generateName = '', namespace = '', generation = 0 } = metadata
  return [
    ...(generateName === ''
      ? []
      : nameErrors(generateName, true).map((why) => invalidValue(`${field}.generateName`, generateName, why))),
    ...(name === ''
      ? [requiredValue(`${field}.name`, 'name or generateName is required')]
      : nameErrors(name, false).map((why) => invalidValue(`${field}.name`, name, why))),
    ...namespaceErrors(namespace, namespaced, `${field}.namespace`),
    ...(generation < 0 ? [invalidValue(`${field}.generation`, generation, 'must be greater than or equal to 0')] : []),
    ...labelErrors(metadata.labels, `${field}.labels`),
    ...annotationErrors(metadata.annotations, `${field}.annotations`),
    ...ownerReferenceErrors(metadata.ownerReferences, `${field}.ownerReferences`),
    ...finalizerErrors(metadata.finalizers, `${field}.finalizers`),
    ...managedFieldsErrors(metadata.managedFields, `${field}.managedFields`),
  ]
}

/** `ValidateObjectMetaAccessorUpdate`: what may not change, and the form of what may. */
export function metadataUpdateErrors({ metadata: now }: ApiObject, { metadata: before }: ApiObject): FieldError[] {
  return [
    ...(before.deletionTimestamp === undefined ? [] : newFinalizerErrors(now.finalizers, before.finalizers)),
    ...IMMUTABLE.filter((field) => !semanticallyEqual(now[field], before[field])).map((field) =>
      invalidValue(`metadata.${field}`, now[field] ?? null, 'field is immutable'),
    ),
    ...labelErrors(now.labels, 'metadata.labels'),
    ...annotationErrors(now.annotations, 'metadata.annotations'),
    ...ownerReferenceErrors(now.ownerReferences, 'metadata.ownerReferences'),
    ...managedFieldsErrors(now.managedFields),
  ]
}

const IMMUTABLE = [
  'name',
  'namespace',
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
] as const

function namespaceErrors(namespace: string, namespaced: boolean, field: string): FieldError[] {
  if (!namespaced) return namespace === '' ? [] : [forbiddenField(field, 'not allowed on this type')]
  if (namespace === '') return [requiredValue(field)]
  return dns1123LabelErrors(namespace).map((why) => invalidValue(field, namespace, why))
}

function newFinalizerErrors(now: readonly string[] = [], before: readonly string[] = []): FieldError[] {
  const known = new Set(before)
  const added = [...new Set(now.filter((finalizer) => !known.has(finalizer)))].sort()
  if (added.length === 0) return []
  const found = `[]string{${added.map(goQuote).join(', ')}}`
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers ${found}`
  return [forbiddenField('metadata.finalizers', why)]
}

function ownerReferenceErrors(owners: readonly OwnerReference[] = [], field: string): FieldError[] {
  const errors: FieldError[] = []
  let controller: string | undefined
  for (const owner of owners) {
    const { apiVersion = '', kind = '', name = '', uid = '' } = owner
    // As `FromAPIVersionAndKind`: what has more than one slash is no version at all.
    if (apiVersion === '' || apiVersion === '/' || apiVersion.split('/').length > 2 || apiVersion.endsWith('/')) {
      errors.push(invalidValue(`${field}.apiVersion`, apiVersion, 'version must not be empty'))
    }
    if (kind === '') errors.push(invalidValue(`${field}.kind`, kind, 'must not be empty'))
    if (name === '') errors.push(invalidValue(`${field}.name`, name, 'must not be empty'))
    if (uid === '') errors.push(invalidValue(`${field}.uid`, uid, 'must not be empty'))
    if (apiVersion === 'v1' && kind === 'Event') {
      errors.push(invalidValue(field, inGoOrder(owner), '/v1, Kind=Event is disallowed from being an owner'))
    }
    if (owner.controller !== true) continue
    const found = `${kind}/${name}`
    if (controller === undefined) controller = found
    else {
      const why = `Only one reference can have Controller set to true. Found "true" in references for ${controller} and ${found}`
      errors.push(invalidValue(field, owners.map(inGoOrder), why))
    }
  }
  return errors
}

/** Go writes a struct's fields in the order of its declaration. */
function inGoOrder({ apiVersion, kind, name, uid, controller, blockOwnerDeletion }: OwnerReference): object {
  return { apiVersion, kind, name, uid, controller, blockOwnerDeletion }
}

export function finalizerNameErrors(finalizer: string, field: string): FieldError[] {
  return qualifiedNameErrors(finalizer).map((why) => invalidValue(field, finalizer, why))
}

function finalizerErrors(finalizers: readonly string[] = [], field: string): FieldError[] {
  const errors = finalizers.flatMap((finalizer) => finalizerNameErrors(finalizer, field))
  if (finalizers.includes(ORPHAN) && finalizers.includes(FOREGROUND)) {
    errors.push(invalidValue(field, finalizers, `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`))
  }
  return errors
}
