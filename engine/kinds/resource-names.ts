import { type FieldError, invalidValue } from '../objects/field-error.ts'
import { qualifiedNameErrors } from '../objects/names.ts'
import { Quantity } from '../objects/quantity.ts'
import { isHugePages, isNative } from './pod/resources.ts'

/** Names and amounts of resources in fields, as core's validation words them (1.34). */

const compute = ['cpu', 'memory', 'ephemeral-storage']
const counted = new Set([
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'services.nodeports',
  'services.loadbalancers',
])
const quotas = new Set([
  ...compute,
  ...compute.map((name) => `requests.${name}`),
  ...compute.map((name) => `limits.${name}`),
  'requests.storage',
  ...counted,
])

export const isContainerResource = (name: string): boolean => compute.includes(name) || isHugePages(name)
export const isQuotaResource = (name: string): boolean =>
  quotas.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')
const isStandardResource = (name: string): boolean => isQuotaResource(name) || name === 'storage'

/** One that neither Kubernetes nor a quota has named: `example.com/gpu`. */
export function isExtendedResource(name: string): boolean {
  if (isNative(name) || name.startsWith('requests.')) return false
  return qualifiedNameErrors(`requests.${name}`).length === 0
}

export const isIntegerResource = (name: string): boolean => counted.has(name) || isExtendedResource(name)

export function resourceNameErrors(field: string, name: string): FieldError[] {
  const errors = qualifiedNameErrors(name).map((why) => invalidValue(field, name, why))
  if (errors.length > 0 || name.includes('/') || isStandardResource(name)) return errors
  return [invalidValue(field, name, 'must be a standard resource type or fully qualified')]
}

export function containerResourceNameErrors(field: string, name: string): FieldError[] {
  const errors = resourceNameErrors(field, name)
  if (!name.includes('/')) {
    if (isContainerResource(name)) return errors
    return [...errors, invalidValue(field, name, 'must be a standard resource for containers')]
  }
  if (isNative(name) || isExtendedResource(name)) return errors
  return [...errors, invalidValue(field, name, "doesn't follow extended resource name standard")]
}

export function quotaResourceNameErrors(field: string, name: string): FieldError[] {
  const errors = resourceNameErrors(field, name)
  if (name.includes('/') || isQuotaResource(name)) return errors
  return [...errors, invalidValue(field, name, 'must be a standard resource for quota')]
}

/** Not less than nothing, and whole where things are counted. */
export function quantityErrors(field: string, name: string, text: string): FieldError[] {
  const quantity = Quantity.fromJson(text)
  const errors: FieldError[] = []
  if (quantity.sign() < 0) {
    errors.push(invalidValue(field, quantity.toString(), 'must be greater than or equal to 0'))
  }
  if (isIntegerResource(name) && quantity.milliValue() % 1000 !== 0) {
    errors.push(invalidValue(field, quantity, 'must be an integer'))
  }
  return errors
}

/** Entries of a map of resources in the order of their names. */
export function sortedResources(resources: Readonly<Record<string, string>> | undefined): [string, string][] {
  return Object.entries(resources ?? {}).sort(([left], [right]) => (left < right ? -1 : 1))
}
