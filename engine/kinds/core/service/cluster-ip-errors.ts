import {
  duplicateValue,
  type FieldError,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { isV4, parseIp } from '../../../objects/ip.ts'
import { keptIpErrors } from '../address-errors.ts'
import { HEADLESS, isHeadless, type ServiceSpec } from './types.ts'

const CLUSTER_IPS = 'spec.clusterIPs'
const FAMILIES = 'spec.ipFamilies'
const POLICY = 'spec.ipFamilyPolicy'

export const isIpv6 = (ip: string): boolean => {
  const address = parseIp(ip)
  return address !== undefined && !isV4(address)
}

/** `ValidateServiceClusterIPsRelatedFields` (1.34): `clusterIP`, `clusterIPs`, `ipFamilies` and `ipFamilyPolicy` among each other. */
export function clusterIpErrors(spec: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  if (spec.type === 'ExternalName') return []
  const { clusterIP = '', clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  const errors = [...singularErrors(clusterIP, clusterIPs), ...familyErrors(ipFamilies)]
  const policies = ['PreferDualStack', 'RequireDualStack', 'SingleStack']
  if (ipFamilyPolicy !== undefined && !policies.includes(ipFamilyPolicy)) {
    errors.push(notSupported(POLICY, ipFamilyPolicy, policies))
  }
  const malformed = formErrors(clusterIPs, old?.clusterIPs)
  errors.push(...malformed)
  if (clusterIPs.length > 2) errors.push(invalidValue(CLUSTER_IPS, clusterIPs, 'may only hold up to 2 values'))
  // With a value that is no address, the rest would only be noise.
  if (malformed.length > 0) return errors
  if (clusterIPs.length > 1 && new Set(clusterIPs.map(isIpv6)).size < 2) {
    errors.push(invalidValue(CLUSTER_IPS, clusterIPs, 'may specify no more than one IP for each IP family'))
  }
  if (!isHeadless(spec)) errors.push(...matchErrors(clusterIPs, ipFamilies))
  return errors
}

function singularErrors(clusterIP: string, clusterIPs: readonly string[]): FieldError[] {
  if (clusterIP === '') {
    if (clusterIPs.length === 0) return []
    return [invalidValue(CLUSTER_IPS, clusterIPs, 'must be empty when `clusterIP` is not specified')]
  }
  if (clusterIPs.length === 0) return [requiredValue(CLUSTER_IPS)]
  if (clusterIPs[0] === clusterIP) return []
  return [invalidValue(CLUSTER_IPS, clusterIPs, 'first value must match `clusterIP`')]
}

function familyErrors(families: readonly string[]): FieldError[] {
  const seen = new Set<string>()
  return families.flatMap((family, index) => {
    const at = `${FAMILIES}[${index}]`
    const errors = ['IPv4', 'IPv6'].includes(family) ? [] : [notSupported(at, family, ['IPv4', 'IPv6'])]
    if (seen.has(family)) errors.push(duplicateValue(at, family))
    seen.add(family)
    return errors
  })
}

function formErrors(clusterIPs: readonly string[], existing: readonly string[] | undefined): FieldError[] {
  return clusterIPs.flatMap((ip, index) => {
    if (index > 0 || ip !== HEADLESS) return keptIpErrors(`${CLUSTER_IPS}[${index}]`, ip, existing)
    if (clusterIPs.length === 1) return []
    return [invalidValue(CLUSTER_IPS, clusterIPs, "'None' must be the first and only value")]
  })
}

function matchErrors(clusterIPs: readonly string[], families: readonly string[]): FieldError[] {
  return clusterIPs.slice(0, families.length).flatMap((ip, index) => {
    const family = families[index]
    const other = isIpv6(ip) ? 'IPv4' : 'IPv6'
    if (family !== other) return []
    const why = `expected an ${other} value as indicated by \`ipFamilies[${index}]\``
    return [invalidValue(`${CLUSTER_IPS}[${index}]`, ip, why)]
  })
}

/** The first address stays as long as a Service has one; the second comes and goes with its family. */
export function clusterIpChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  if (isHeadless(spec) && isHeadless(old)) return []
  const { clusterIPs: now, ipFamilyPolicy = null } = spec
  const next = now ?? []
  const before = old.clusterIPs ?? []
  const changed = (index: number): FieldError =>
    invalidValue(`${CLUSTER_IPS}[${index}]`, now ?? null, 'may not change once set')
  if (before.length === next.length) return before.flatMap((ip, index) => (ip === next[index] ? [] : [changed(index)]))
  const errors: FieldError[] = []
  if (before.length > next.length && next.length === 0) {
    errors.push(invalidValue(`${CLUSTER_IPS}[0]`, now ?? null, 'primary clusterIP can not be unset'))
  }
  if (before.length > 0 && next.length > 0 && next[0] !== before[0]) errors.push(changed(0))
  if (before.length > next.length && next.length === 1 && ipFamilyPolicy !== 'SingleStack') {
    const why = "must be set to 'SingleStack' when releasing the secondary clusterIP"
    errors.push(invalidValue(POLICY, ipFamilyPolicy, why))
  }
  return errors
}

export function ipFamilyChangeErrors(spec: ServiceSpec, old: ServiceSpec): FieldError[] {
  if (spec.type === 'ExternalName' || old.type === 'ExternalName') return []
  if (isHeadless(spec) || isHeadless(old)) return []
  const { ipFamilies: now, clusterIPs, ipFamilyPolicy = null } = spec
  const next = now ?? []
  const before = old.ipFamilies ?? []
  const at = `${FAMILIES}[0]`
  if (before.length === next.length) {
    return before.flatMap((family, index) =>
      family === next[index] ? [] : [invalidValue(at, next, 'may not change once set')],
    )
  }
  const errors: FieldError[] = []
  if (before.length > next.length && (clusterIPs ?? []).length === 0) {
    errors.push(invalidValue(at, now ?? null, 'primary ipFamily can not be unset'))
  }
  if (before.length > 0 && next.length > 0 && next[0] !== before[0]) {
    // Upstream shows the addresses here, not the families.
    errors.push(invalidValue(at, clusterIPs ?? null, 'may not change once set'))
  }
  if (before.length > next.length && next.length === 1 && ipFamilyPolicy !== 'SingleStack') {
    const why = "must be set to 'SingleStack' when releasing the secondary ipFamily"
    errors.push(invalidValue(POLICY, ipFamilyPolicy, why))
  }
  return errors
}
