import { immutable, invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, requiredValue } from '../../objects/field-error.ts'
import { isV4, parseCidr } from '../../objects/ip.ts'
import { cidrErrors } from '../../objects/ip-errors.ts'
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'

export interface ParentReference {
  readonly group?: string
  readonly resource?: string
  readonly namespace?: string
  readonly name?: string
}

/** The names of IPAddresses are checked with those of others. */
export function ipAddressErrors(address: ApiObject): FieldError[] {
  const { parentRef } = (address.spec ?? {}) as { readonly parentRef?: ParentReference | null }
  const field = 'spec.parentRef'
  if (parentRef === undefined || parentRef === null) return [requiredValue(field)]
  const { group = '', resource = '', namespace = '', name = '' } = parentRef
  const segment = (at: string, value: string): FieldError[] => invalidEach(at, value, pathSegmentErrors(value))
  return [
    ...(group === '' ? [] : invalidEach(`${field}.group`, group, dns1123SubdomainErrors(group))),
    ...(resource === '' ? [requiredValue(`${field}.resource`)] : segment(`${field}.resource`, resource)),
    ...(name === '' ? [requiredValue(`${field}.name`)] : segment(`${field}.name`, name)),
    ...(namespace === '' ? [] : segment(`${field}.namespace`, namespace)),
  ]
}

export function ipAddressChangeErrors(address: ApiObject, old: ApiObject): FieldError[] {
  const parentOf = (object: ApiObject): ParentReference | undefined =>
    ((object.spec ?? {}) as { readonly parentRef?: ParentReference }).parentRef
  const now = parentOf(address)
  const shown =
    now === undefined
      ? null
      : { Group: now.group ?? '', Resource: now.resource ?? '', Namespace: now.namespace ?? '', Name: now.name ?? '' }
  return immutable('spec.parentRef', now, parentOf(old), shown)
}

const CIDRS = 'spec.cidrs'
const cidrsOf = (object: ApiObject): readonly string[] =>
  ((object.spec ?? {}) as { readonly cidrs?: readonly string[] }).cidrs ?? []

export function serviceCidrErrors(object: ApiObject): FieldError[] {
  const cidrs = cidrsOf(object)
  if (cidrs.length === 0) return [requiredValue(CIDRS, 'at least one CIDR required')]
  if (cidrs.length > 2) return [invalidValue(CIDRS, { CIDRs: cidrs }, 'may only hold up to 2 values')]
  const errors = cidrs.flatMap((cidr, index) => cidrErrors(`${CIDRS}[${index}]`, cidr))
  const families = cidrs.map(parseCidr).map((cidr) => (cidr === undefined ? undefined : isV4(cidr.address)))
  if (families.length === 2 && families[0] !== undefined && families[0] === families[1]) {
    const why = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64'
    errors.push(invalidValue(CIDRS, cidrs, why))
  }
  return errors
}

/** Networks stay; a second one may be added. */
export function serviceCidrChangeErrors(object: ApiObject, old: ApiObject): FieldError[] {
  const now = cidrsOf(object)
  const before = cidrsOf(old)
  const changed = (index: number): FieldError[] =>
    now[index] === before[index] ? [] : [invalidValue(`${CIDRS}[${index}]`, now[index], 'field is immutable')]
  if (now.length === before.length) return before.flatMap((_, index) => changed(index))
  if (before.length === 1 && now.length === 2) return [...changed(0), ...serviceCidrErrors(object)]
  return [invalidValue(CIDRS, now, 'field is immutable')]
}
