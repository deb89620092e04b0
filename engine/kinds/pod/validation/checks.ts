import { invalidEach } from '../../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported, requiredValue } from '../../../objects/field-error.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors, outOfRange } from '../../../objects/names.ts'

/** What core/v1's validation (1.34) says again and again. */

export function dnsLabel(field: string, value: string): FieldError[] {
  return invalidEach(field, value, dns1123LabelErrors(value))
}

export function dnsSubdomain(field: string, value: string): FieldError[] {
  return invalidEach(field, value, dns1123SubdomainErrors(value))
}

export function present(field: string, value: string | undefined | null): FieldError[] {
  return value === undefined || value === null || value === '' ? [requiredValue(field)] : []
}

/** Supported values in the order in which upstream names them. */
export function oneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return supported.includes(value ?? '') ? [] : [notSupported(field, value ?? '', supported)]
}

export function presentOneOf(field: string, value: string | undefined, supported: readonly string[]): FieldError[] {
  return value === undefined || value === '' ? [requiredValue(field)] : oneOf(field, value, supported)
}

const greatestId = 2147483647
export function userOrGroupId(field: string, id: number | undefined): FieldError[] {
  return id === undefined || (id >= 0 && id <= greatestId) ? [] : [invalidValue(field, id, outOfRange(0, greatestId))]
}

export function positive(field: string, value: number): FieldError[] {
  return value > 0 ? [] : [invalidValue(field, value, 'must be greater than zero')]
}

const greatestMode = 0o777
export function fileMode(field: string, mode: number | undefined): FieldError[] {
  if (mode === undefined || (mode >= 0 && mode <= greatestMode)) return []
  return [invalidValue(field, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}

export function noBacksteps(field: string, path: string): FieldError[] {
  return path.split('/').includes('..') ? [invalidValue(field, path, "must not contain '..'")] : []
}

export function descendingPath(field: string, path: string): FieldError[] {
  const relative = path.startsWith('/') ? [invalidValue(field, path, 'must be a relative path')] : []
  return [...relative, ...noBacksteps(field, path)]
}

export function nonReservedPath(field: string, path: string): FieldError[] {
  const reserved = path.startsWith('..') && !path.startsWith('../')
  return [...descendingPath(field, path), ...(reserved ? [invalidValue(field, path, "must not start with '..'")] : [])]
}
