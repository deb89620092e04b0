import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
  valueNotFound,
} from '../../../objects/field-error.ts'
import { Quantity } from '../../../objects/quantity.ts'
import {
  containerResourceNameErrors,
  quantityErrors,
  resourceNameErrors,
  sortedResources,
} from '../../resource-names.ts'
import { aggregate, isHugePages, isOvercommitAllowed, isPodLevelResource } from '../resources.ts'
import type { PodSpec, Resources } from '../types.ts'
import { dnsLabel } from './checks.ts'

type NameCheck = (field: string, name: string) => FieldError[]

const podResourceNameErrors: NameCheck = (field, name) => {
  const errors = resourceNameErrors(field, name)
  if (errors.length > 0 || isPodLevelResource(name)) return errors
  return [notSupported(field, name, ['cpu', 'hugepages-', 'memory'])]
}

export function containerResourcesErrors(
  resources: Resources | undefined,
  claims: ReadonlySet<string>,
  field: string,
): FieldError[] {
  return resourcesErrors(resources ?? {}, containerResourceNameErrors, claims, field)
}

function resourcesErrors(
  { limits = {}, requests = {}, claims: used = [] }: Resources,
  nameErrors: NameCheck,
  claims: ReadonlySet<string>,
  field: string,
): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, text] of sortedResources(limits)) {
    const at = `${field}.limits[${name}]`
    errors.push(...nameErrors(at, name), ...quantityErrors(at, name, text))
    errors.push(...hugePageErrors(name, Quantity.fromJson(text), at))
  }
  for (const [name, text] of sortedResources(requests)) {
    const at = `${field}.requests[${name}]`
    const request = Quantity.fromJson(text)
    errors.push(...nameErrors(at, name), ...quantityErrors(at, name, text))
    errors.push(...againstLimit(name, request, limits[name], field), ...hugePageErrors(name, request, at))
  }
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  if (names.some(isHugePages) && !names.includes('cpu') && !names.includes('memory')) {
    errors.push(forbiddenField(field, 'HugePages require cpu or memory'))
  }
  return [...errors, ...claimErrors(used, claims, `${field}.claims`)]
}

function againstLimit(name: string, request: Quantity, limitText: string | undefined, field: string): FieldError[] {
  if (limitText === undefined) {
    if (isOvercommitAllowed(name)) return []
    return [requiredValue(`${field}.limits`, 'Limit must be set for non overcommitable resources')]
  }
  const limit = Quantity.fromJson(limitText)
  const order = request.compare(limit)
  const rule = order !== 0 && !isOvercommitAllowed(name) ? 'equal to' : order > 0 ? 'less than or equal to' : undefined
  if (rule === undefined) return []
  return [invalidValue(`${field}.requests`, request.toString(), `must be ${rule} ${name} limit of ${limit}`)]
}

function hugePageErrors(name: string, quantity: Quantity, field: string): FieldError[] {
  if (!isHugePages(name)) return []
  const size = Quantity.tryParse(name.slice('hugepages-'.length))
  const valid = typeof size !== 'string' && size.sign() > 0 && size.milliValue() % 1000 === 0
  if (valid && quantity.value() % size.value() === 0) return []
  return [invalidValue(field, quantity.toString(), `${quantity} is not positive integer multiple of ${name}`)]
}

function claimErrors(used: NonNullable<Resources['claims']>, claims: ReadonlySet<string>, field: string): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  for (const [index, { name, request = '' }] of used.entries()) {
    const at = `${field}[${index}]`
    if (name === '') {
      errors.push(requiredValue(at))
      continue
    }
    if (seen.has(name)) errors.push(duplicateValue(at, name))
    else {
      if (request !== '') errors.push(...dnsLabel(`${at}.request`, request))
      const key = request === '' ? name : `${name}/${request}`
      if (seen.has(key)) errors.push(duplicateValue(at, key))
      else if (request === '') {
        for (const other of seen) if (other.startsWith(`${name}/`)) errors.push(duplicateValue(at, name))
      }
      seen.add(key)
    }
    if (!claims.has(name)) {
      const { body, ...missing } = valueNotFound(at, name)
      const which = claims.size === 0 ? ' which is empty' : `: ${[...claims].sort().join(', ')}`
      errors.push({ ...missing, body: `${body}: must be one of the names in pod.spec.resourceClaims${which}` })
    }
  }
  return errors
}

/** What a Pod as a whole may have, beside what its containers have. */
export function podResourcesErrors(spec: PodSpec, claims: ReadonlySet<string>, field: string): FieldError[] {
  const { resources, os } = spec
  if (resources === undefined) return []
  const at = `${field}.resources`
  if (os?.name === 'windows') return [forbiddenField(at, 'may not be set for a windows pod')]
  return [
    ...(resources.claims === undefined
      ? []
      : [forbiddenField(`${at}.claims`, 'claims may not be set for Resources at pod-level')]),
    ...resourcesErrors(resources, podResourceNameErrors, claims, at),
    ...consistencyErrors(spec, resources, at),
  ]
}

function consistencyErrors(spec: PodSpec, { limits = {}, requests = {} }: Resources, field: string): FieldError[] {
  const errors: FieldError[] = []
  for (const [name, together] of aggregate(spec, 'requests')) {
    const text = requests[name]
    if (text === undefined || together.compare(Quantity.fromJson(text)) <= 0) continue
    const why = `must be greater than or equal to aggregate container requests of ${together}`
    errors.push(invalidValue(`${field}.requests[${name}]`, text, why))
  }
  for (const [name, together] of aggregate(spec, 'limits')) {
    const text = limits[name]
    if (!isHugePages(name) || text === undefined || together.compare(Quantity.fromJson(text)) <= 0) continue
    const why = `must be greater than or equal to aggregate container limits of ${together}`
    errors.push(invalidValue(`${field}.limits[${name}]`, text, why))
  }
  for (const [index, { resources }] of (spec.containers ?? []).entries()) {
    for (const [name, text] of sortedResources(resources.limits)) {
      const most = limits[name]
      if (most === undefined || Quantity.fromJson(text).compare(Quantity.fromJson(most)) <= 0) continue
      const at = `${field}.containers[${index}][${name}].limits`
      errors.push(invalidValue(at, text, `must be less than or equal to pod limits of ${most}`))
    }
  }
  return errors
}
