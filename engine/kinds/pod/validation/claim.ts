import { deepEqual } from '../../../objects/equal.ts'
import { invalidEach } from '../../../objects/field-checks.ts'
import {
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { annotationErrors, labelErrors, labelSelectorErrors } from '../../../objects/label-errors.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../../objects/names.ts'
import { Quantity } from '../../../objects/quantity.ts'
import { quantityErrors } from '../../resource-names.ts'
import type { ClaimSpec, ClaimTemplate } from '../types.ts'
import { dnsSubdomain, oneOf, present } from './checks.ts'

const accessModes = ['ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod']

/** A claim that is made from inside of another object: it may have labels and annotations, and no other metadata. */
export function claimTemplateErrors({ metadata = {}, spec }: ClaimTemplate, field: string): FieldError[] {
  const { labels, annotations, ...others } = metadata
  const at = `${field}.metadata`
  const goNames: Readonly<Record<string, string>> = { uid: 'uID' }
  return [
    ...annotationErrors(annotations, `${at}.annotations`),
    ...labelErrors(labels, `${at}.labels`),
    ...Object.entries(others)
      .filter(([name, value]) => value !== undefined && value !== null && name !== 'creationTimestamp')
      .map(([name]) => forbiddenField(`${at}.${goNames[name] ?? name}`, 'cannot be set')),
    ...claimSpecErrors(spec, `${field}.spec`),
  ]
}

/** `ValidatePersistentVolumeClaimSpec` of a new claim (core/v1, 1.34). */
export function claimSpecErrors(spec: ClaimSpec, field: string): FieldError[] {
  const { accessModes: modes = [], selector, resources, storageClassName = '', volumeMode } = spec
  const errors: FieldError[] = []
  if (modes.length === 0) errors.push(requiredValue(`${field}.accessModes`, 'at least 1 access mode is required'))
  if (selector !== undefined) errors.push(...labelSelectorErrors(selector, `${field}.selector`))
  for (const mode of modes) errors.push(...oneOf(`${field}.accessModes`, mode, accessModes))
  const known = modes.filter((mode) => accessModes.includes(mode))
  if (known.includes('ReadWriteOncePod') && known.some((mode) => mode !== 'ReadWriteOncePod')) {
    errors.push(forbiddenField(`${field}.accessModes`, 'may not use ReadWriteOncePod with other access modes'))
  }
  errors.push(...storageErrors(resources?.requests?.storage, `${field}.resources[storage]`))
  if (storageClassName !== '') errors.push(...dnsSubdomain(`${field}.storageClassName`, storageClassName))
  if (volumeMode !== undefined && !['Block', 'Filesystem'].includes(volumeMode)) {
    errors.push(notSupported(`${field}.volumeMode`, volumeMode, ['Block', 'Filesystem']))
  }
  errors.push(...dataSourceErrors(spec, field))
  const { volumeAttributesClassName: attributes = '' } = spec
  if (attributes !== '') errors.push(...dnsSubdomain(`${field}.volumeAttributesClassName`, attributes))
  return errors
}

function storageErrors(text: string | undefined, field: string): FieldError[] {
  if (text === undefined) return [requiredValue(field)]
  const storage = Quantity.fromJson(text)
  if (storage.sign() <= 0) return [invalidValue(field, storage.toString(), 'must be greater than zero')]
  return quantityErrors(field, 'storage', text)
}

interface Reference {
  readonly apiGroup?: string | null
  readonly kind: string
  readonly name: string
  readonly namespace?: string
}

function dataSourceErrors({ dataSource, dataSourceRef }: ClaimSpec, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (dataSource !== undefined) errors.push(...referenceErrors(dataSource, `${field}.dataSource`))
  if (dataSourceRef !== undefined) {
    errors.push(...referenceErrors(dataSourceRef, `${field}.dataSourceRef`))
    const { namespace = '' } = dataSourceRef
    if (namespace !== '') {
      errors.push(...invalidEach(`${field}.dataSourceRef.namespace`, namespace, dns1123LabelErrors(namespace)))
    }
  }
  if (dataSource === undefined || dataSourceRef === undefined) return errors
  // Upstream shows a field's path, whose parts are not exported: an empty struct.
  if ((dataSourceRef.namespace ?? '') !== '') {
    errors.push(invalidValue(field, {}, 'may not be specified when dataSourceRef.namespace is specified'))
  } else if (!sameReference(dataSource, dataSourceRef)) {
    errors.push(invalidValue(field, {}, 'must match dataSourceRef'))
  }
  return errors
}

const sameReference = (left: Reference, right: Reference): boolean =>
  deepEqual([left.apiGroup ?? null, left.kind, left.name], [right.apiGroup ?? null, right.kind, right.name])

function referenceErrors({ apiGroup, kind, name }: Reference, field: string): FieldError[] {
  const group = apiGroup ?? ''
  const errors = [...present(`${field}.name`, name), ...present(`${field}.kind`, kind)]
  if (group === '' && kind !== 'PersistentVolumeClaim') {
    const why = "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
    errors.push(invalidValue(field, kind, why))
  }
  if (group !== '') errors.push(...invalidEach(`${field}.apiGroup`, group, dns1123SubdomainErrors(group)))
  return errors
}
