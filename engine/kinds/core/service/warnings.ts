import { goQuote } from '../../../objects/go-quote.ts'
import { cidrWarnings, ipWarnings } from '../../../objects/ip-errors.ts'
import type { ApiObject } from '../../../objects/types.ts'
import { HEADLESS, specOf, statusOf } from './types.ts'

const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints'
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'

/** `GetWarningsForService` (1.34). */
export function serviceWarnings(service: ApiObject): string[] {
  const spec = specOf(service)
  const { clusterIP = '', clusterIPs = [], externalIPs = [], loadBalancerIP = '', type } = spec
  const warnings: string[] = []
  if (service.metadata.annotations?.[TOPOLOGY_HINTS] !== undefined) {
    warnings.push(`annotation ${TOPOLOGY_HINTS} is deprecated, please use ${TOPOLOGY_MODE} instead`)
  }
  if (clusterIP !== '' && clusterIP !== HEADLESS) {
    warnings.push(...clusterIPs.flatMap((ip, index) => ipWarnings(`spec.clusterIPs[${index}]`, ip)))
  }
  if (type === 'ClusterIP' && clusterIP === HEADLESS) {
    if (loadBalancerIP !== '') warnings.push('spec.loadBalancerIP is ignored for headless services')
    if (externalIPs.length > 0) warnings.push('spec.externalIPs is ignored for headless services')
    if (spec.sessionAffinity !== 'None') warnings.push('spec.SessionAffinity is ignored for headless services')
  }
  warnings.push(...externalIPs.flatMap((ip, index) => ipWarnings(`spec.externalIPs[${index}]`, ip)))
  if (loadBalancerIP !== '') warnings.push(...ipWarnings('spec.loadBalancerIP', loadBalancerIP))
  for (const [index, range] of (spec.loadBalancerSourceRanges ?? []).entries()) {
    warnings.push(...cidrWarnings(`spec.loadBalancerSourceRanges[${index}]`, range))
  }
  if (type === 'ExternalName' && externalIPs.length > 0) {
    warnings.push(`spec.externalIPs is ignored when spec.type is ${goQuote('ExternalName')}`)
  }
  if (type !== 'ExternalName' && (spec.externalName ?? '') !== '') {
    warnings.push(`spec.externalName is ignored when spec.type is not ${goQuote('ExternalName')}`)
  }
  return warnings
}

export function serviceStatusWarnings(service: ApiObject): string[] {
  const ingress = statusOf(service).loadBalancer?.ingress ?? []
  return ingress.flatMap(({ ip = '' }, index) =>
    ip === '' ? [] : ipWarnings(`status.loadBalancer.ingress[${index}]`, ip),
  )
}
