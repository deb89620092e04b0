import { qualifiedNameErrors } from './names.ts'

/** Names of compute resources: core's `helper` and `v1/validation` (1.34). */

const NATIVE = 'kubernetes.io/'
const REQUESTS = 'requests.'
const HUGE_PAGES = 'hugepages-'

export function isHugePages(name: string): boolean {
  return name.startsWith(HUGE_PAGES)
}

/** In Kubernetes' own namespace, by prefix or for want of one. */
export function isNativeResource(name: string): boolean {
  return !name.includes('/') || name.includes(NATIVE)
}

export function isExtendedResource(name: string): boolean {
  if (isNativeResource(name) || name.startsWith(REQUESTS)) return false
  return qualifiedNameErrors(`${REQUESTS}${name}`).length === 0
}
