import { qualifiedName } from './field-checks.ts'
import { type FieldError, invalidValue } from './field-error.ts'
import { qualifiedNameErrors } from './names.ts'

/** Names of compute resources: core's `helper` and `v1/validation` (1.34). */

const NATIVE = 'kubernetes.io/'
const REQUESTS = 'requests.'
const HUGE_PAGES = 'hugepages-'

const containerResources: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])
const standardResources: ReadonlySet<string> = new Set([
  ...['', 'requests.', 'limits.'].flatMap((prefix) => [...containerResources].map((name) => prefix + name)),
  'pods',
  'resourcequotas',
  'services',
  'replicationcontrollers',
  'secrets',
  'configmaps',
  'persistentvolumeclaims',
  'storage',
  'requests.storage',
  'services.nodeports',
  'services.loadbalancers',
])

export function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES)
}

/** In Kubernetes' own namespace, by prefix or for want of one. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes(NATIVE)
}

export function isStandardResource(name: string): boolean {
  return standardResources.has(name) || isHugePages(name) || name.startsWith(`${REQUESTS}${HUGE_PAGES}`)
}

export function isStandardContainerResource(name: string): boolean {
  return containerResources.has(name) || isHugePages(name)
}

export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith(REQUESTS)) return false
  return qualifiedNameErrors(`${REQUESTS}${name}`).length === 0
}

/** `ValidateResourceName`. */
export function resourceNameErrors(name: string, field: string): FieldError[] {
  const errors = qualifiedName(field, name)
  if (errors.length > 0 || name.includes('/') || isStandardResource(name)) return errors
  return [invalidValue(field, name, 'must be a standard resource type or fully qualified')]
}

/** `ValidateContainerResourceName`. */
export function containerResourceNameErrors(name: string, field: string): FieldError[] {
  const errors = resourceNameErrors(name, field)
  if (!name.includes('/')) {
    if (!isStandardContainerResource(name)) {
      errors.push(invalidValue(field, name, 'must be a standard resource for containers'))
    }
  } else if (!isNativeResource(name) && !isExtendedResource(name)) {
    errors.push(invalidValue(field, name, "doesn't follow extended resource name standard"))
  }
  return errors
}
