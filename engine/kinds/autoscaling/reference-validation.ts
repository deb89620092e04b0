import { invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, requiredValue } from '../../objects/field-error.ts'
import { pathSegmentErrors } from '../../objects/names.ts'
import type { CrossVersionReference } from './types.ts'

/** Which API versions a reference may name. */
export type AllowedVersions = 'any' | 'core too' | 'with group'

export function referenceErrors(
  reference: CrossVersionReference,
  field: string,
  allowed: AllowedVersions,
): FieldError[] {
  const segment = (at: string, value: string): FieldError[] =>
    value === '' ? [requiredValue(at)] : invalidEach(at, value, pathSegmentErrors(value))
  const wrong = versionError(reference, allowed)
  return [
    ...segment(`${field}.kind`, reference.kind),
    ...segment(`${field}.name`, reference.name),
    ...(wrong === undefined ? [] : [invalidValue(`${field}.apiVersion`, reference.apiVersion ?? '', wrong)]),
  ]
}

export function versionError({ apiVersion = '' }: CrossVersionReference, allowed: AllowedVersions): string | undefined {
  if (allowed === 'any') return undefined
  const slashes = apiVersion.split('/').length - 1
  if (slashes > 1) return `unexpected GroupVersion string: ${apiVersion}`
  const group = slashes === 1 && apiVersion !== '/' ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return group === '' && allowed === 'with group' ? 'apiVersion must specify API group' : undefined
}
