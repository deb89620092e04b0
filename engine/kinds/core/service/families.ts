import { type FieldError, invalidValue } from '../../../objects/field-error.ts'
import { clusterIpErrors, isIpv6 } from './cluster-ip-errors.ts'
import { HEADLESS, type ServiceSpec, sameList } from './types.ts'

/** The families of a cluster that knows one: kind's default. */
const FAMILY = 'IPv4'
const POLICY = 'spec.ipFamilyPolicy'

export type Fitted = { readonly spec: ServiceSpec } | { readonly errors: readonly FieldError[] }

/** `initIPFamilyFields` (1.34) on a cluster with IPv4 alone: families and policy that are not said follow from the rest. */
export function fitFamilies(given: ServiceSpec, old: ServiceSpec | undefined): Fitted {
  if (given.type === 'ExternalName' || keepsBothStacks(given, old)) return { spec: given }
  const lonely = given.clusterIP === HEADLESS && Object.keys(given.selector ?? {}).length === 0
  const policy = given.ipFamilyPolicy ?? old?.ipFamilyPolicy ?? (lonely ? 'RequireDualStack' : 'SingleStack')
  const spec = { ...given, ipFamilyPolicy: policy }
  const malformed = clusterIpErrors(spec, old)
  if (malformed.length > 0) return { errors: malformed }
  const released = old === undefined ? { spec, errors: [] } : releaseSecond(spec, old)
  const inferred = inferFamilies(released.spec)
  const errors = [...released.errors, ...policyErrors(released.spec), ...inferred.errors]
  if (errors.length > 0) return { errors }
  const families = inferred.families.length === 0 ? [FAMILY] : inferred.families
  if (lonely) return { spec: { ...released.spec, ipFamilies: withOther(families, policy) } }
  const unknown = unknownErrors(policy, inferred.families)
  return unknown.length > 0 ? { errors: unknown } : { spec: { ...released.spec, ipFamilies: families } }
}

/** A Service that prefers two stacks, and says nothing else than before, is left as it is. */
function keepsBothStacks(now: ServiceSpec, old: ServiceSpec | undefined): boolean {
  if (old === undefined || now.ipFamilyPolicy !== 'PreferDualStack' || old.type !== now.type) return false
  if (!['ClusterIP', 'NodePort', 'LoadBalancer'].includes(now.type ?? '')) return false
  if (old.ipFamilyPolicy !== undefined && old.ipFamilyPolicy !== 'PreferDualStack') return false
  return sameList(old.clusterIPs, now.clusterIPs) && sameList(old.ipFamilies, now.ipFamilies)
}

function releaseSecond(spec: ServiceSpec, old: ServiceSpec): { spec: ServiceSpec; errors: FieldError[] } {
  const { clusterIPs = [], ipFamilies = [], ipFamilyPolicy } = spec
  if (ipFamilyPolicy === 'SingleStack') {
    const dropsIp = clusterIPs.length > 1 && sameList(old.clusterIPs, clusterIPs)
    const dropsFamily = ipFamilies.length > 1 && sameList(old.ipFamilies, ipFamilies)
    return {
      spec: {
        ...spec,
        ...(dropsIp ? { clusterIPs: clusterIPs.slice(0, 1) } : {}),
        ...(dropsFamily ? { ipFamilies: ipFamilies.slice(0, 1) } : {}),
      },
      errors: [],
    }
  }
  const errors: FieldError[] = []
  const fewer = (now: readonly string[], before: readonly string[] = []) => now.length > 0 && now.length < before.length
  const refuse = (what: string): void => {
    errors.push(invalidValue(POLICY, ipFamilyPolicy, `must be 'SingleStack' to release the secondary ${what}`))
  }
  if (fewer(clusterIPs, old.clusterIPs)) refuse('cluster IP')
  if (fewer(ipFamilies, old.ipFamilies)) refuse('IP family')
  return { spec, errors }
}

function policyErrors({ ipFamilyPolicy, clusterIPs = [], ipFamilies = [] }: ServiceSpec): FieldError[] {
  if (ipFamilyPolicy !== 'SingleStack') return []
  const refuse = (what: string): FieldError[] => {
    const why = `must be 'RequireDualStack' or 'PreferDualStack' when multiple ${what} are specified`
    return [invalidValue(POLICY, ipFamilyPolicy, why)]
  }
  return [
    ...(clusterIPs.length === 2 ? refuse('cluster IPs') : []),
    ...(ipFamilies.length === 2 ? refuse('IP families') : []),
  ]
}

function inferFamilies({ clusterIPs = [], ipFamilies = [] }: ServiceSpec): {
  families: string[]
  errors: FieldError[]
} {
  const families = [...ipFamilies]
  const errors: FieldError[] = []
  for (const [index, ip] of clusterIPs.entries()) {
    if (ip === HEADLESS) break
    if (index < families.length) continue
    const family = isIpv6(ip) ? 'IPv6' : 'IPv4'
    if (family === FAMILY) families.push(family)
    else {
      const why = `${family} is not configured on this cluster`
      errors.push(invalidValue(`spec.clusterIPs[${index}]`, clusterIPs, why))
    }
  }
  return { families, errors }
}

function withOther(families: readonly string[], policy: string): readonly string[] {
  if (families.length > 1 || policy === 'SingleStack') return families
  return [...families, families[0] === 'IPv4' ? 'IPv6' : 'IPv4']
}

function unknownErrors(policy: string, families: readonly string[]): FieldError[] {
  return [
    ...(policy === 'RequireDualStack'
      ? [invalidValue(POLICY, policy, 'this cluster is not configured for dual-stack services')]
      : []),
    ...families.flatMap((family, index) =>
      family === FAMILY ? [] : [invalidValue(`spec.ipFamilies[${index}]`, family, 'not configured on this cluster')],
    ),
  ]
}
