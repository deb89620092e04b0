import { invalidEach, qualifiedName } from '../../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../../objects/field-error.ts'
import { parseIp } from '../../../objects/ip.ts'
import { legacyCidrErrors } from '../../../objects/ip-errors.ts'
import { labelErrors } from '../../../objects/label-errors.ts'
import { dns1123SubdomainErrors } from '../../../objects/names.ts'
import type { ApiObject } from '../../../objects/types.ts'
import { endpointIpErrors, keptIpErrors } from '../address-errors.ts'
import { clusterIpChangeErrors, clusterIpErrors, ipFamilyChangeErrors } from './cluster-ip-errors.ts'
import { portErrors } from './port-errors.ts'
import { isExternallyAccessible, isHeadless, needsHealthCheck, type ServiceSpec, specOf, statusOf } from './types.ts'

/** Seconds: a day. */
const LONGEST_AFFINITY = 86_400
const TOPOLOGY_HINTS = 'service.kubernetes.io/topology-aware-hints'
const TOPOLOGY_MODE = 'service.kubernetes.io/topology-mode'
const SOURCE_RANGES = 'service.beta.kubernetes.io/load-balancer-source-ranges'
const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']
const ONLY_LOAD_BALANCER = "may only be used when `type` is 'LoadBalancer'"

/** `validateService` (1.34): everything but the metadata. */
export function serviceErrors(service: ApiObject, old?: ApiObject): FieldError[] {
  const spec = specOf(service)
  return [
    ...topologyErrors(service.metadata.annotations),
    ...((spec.ports ?? []).length === 0 && !isHeadless(spec) && spec.type !== 'ExternalName'
      ? [requiredValue('spec.ports')]
      : []),
    ...typeErrors(spec),
    ...portErrors(spec.ports ?? []),
    ...labelErrors(spec.selector, 'spec.selector'),
    ...affinityErrors(spec),
    ...clusterIpErrors(spec, old === undefined ? undefined : specOf(old)),
    ...externalIpErrors(spec, old === undefined ? undefined : specOf(old)),
    ...(TYPES.includes(spec.type ?? '') ? [] : [notSupported('spec.type', spec.type, TYPES)]),
    ...nodePortErrors(spec),
    ...duplicatePortErrors(spec),
    ...sourceRangeErrors(service, old),
    ...(spec.allocateLoadBalancerNodePorts !== undefined && spec.type !== 'LoadBalancer'
      ? [forbiddenField('spec.allocateLoadBalancerNodePorts', ONLY_LOAD_BALANCER)]
      : []),
    ...loadBalancerClassErrors(spec),
    ...externalTrafficErrors(spec),
    ...internalTrafficErrors(spec),
    ...distributionErrors(spec),
  ]
}

export function serviceChangeErrors(service: ApiObject, old: ApiObject): FieldError[] {
  const now = specOf(service)
  const before = specOf(old)
  const both = now.type === 'LoadBalancer' && before.type === 'LoadBalancer'
  const { loadBalancerClass = null } = now
  return [
    ...clusterIpChangeErrors(now, before),
    ...ipFamilyChangeErrors(now, before),
    ...(both && now.loadBalancerClass !== before.loadBalancerClass
      ? [invalidValue('spec.loadBalancerClass', loadBalancerClass, 'may not change once set')]
      : []),
    ...loadBalancerClassErrors(now),
    ...(needsHealthCheck(before) && needsHealthCheck(now) && before.healthCheckNodePort !== now.healthCheckNodePort
      ? [forbiddenField('spec.healthCheckNodePort', 'field is immutable')]
      : []),
    ...serviceErrors(service, old),
  ]
}

function topologyErrors(annotations: Readonly<Record<string, string>> = {}): FieldError[] {
  const mode = annotations[TOPOLOGY_MODE]
  const hints = annotations[TOPOLOGY_HINTS]
  if (mode === undefined || hints === undefined || mode === hints) return []
  const why = `must match annotations[${TOPOLOGY_HINTS}] when both are specified`
  return [invalidValue(`metadata.annotations[${TOPOLOGY_MODE}]`, mode, why)]
}

function typeErrors(spec: ServiceSpec): FieldError[] {
  switch (spec.type) {
    case 'LoadBalancer':
    case 'NodePort':
      if (!isHeadless(spec)) return []
      return [invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
    case 'ExternalName':
      return externalNameErrors(spec)
    default:
      return []
  }
}

function externalNameErrors(spec: ServiceSpec): FieldError[] {
  const why = 'may not be set for ExternalName services'
  const errors: FieldError[] = []
  if ((spec.clusterIPs ?? []).length > 0) errors.push(forbiddenField('spec.clusterIPs', why))
  if ((spec.ipFamilies ?? []).length > 0) errors.push(forbiddenField('spec.ipFamilies', why))
  if (spec.ipFamilyPolicy !== undefined) errors.push(forbiddenField('spec.ipFamilyPolicy', why))
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  if (name === '') return [...errors, requiredValue('spec.externalName')]
  return [...errors, ...invalidEach('spec.externalName', name, dns1123SubdomainErrors(name))]
}

function affinityErrors({ sessionAffinity = '', sessionAffinityConfig: config }: ServiceSpec): FieldError[] {
  const field = 'spec.sessionAffinityConfig'
  if (sessionAffinity === '') return [requiredValue('spec.sessionAffinity')]
  if (sessionAffinity === 'None') {
    return config === undefined ? [] : [forbiddenField(field, 'must not be set when session affinity is None')]
  }
  if (sessionAffinity !== 'ClientIP') {
    return [notSupported('spec.sessionAffinity', sessionAffinity, ['ClientIP', 'None'])]
  }
  const seconds = config?.clientIP?.timeoutSeconds
  if (seconds === undefined) {
    const missing = config === undefined ? field : config.clientIP === undefined ? `${field}.clientIP` : undefined
    return [requiredValue(missing ?? `${field}.clientIP.timeoutSeconds`, 'when session affinity type is ClientIP')]
  }
  if (seconds > 0 && seconds <= LONGEST_AFFINITY) return []
  const why = `must be greater than 0 and less than ${LONGEST_AFFINITY}`
  return [invalidValue(`${field}.clientIP.timeoutSeconds`, seconds, why)]
}

function externalIpErrors({ externalIPs = [] }: ServiceSpec, old: ServiceSpec | undefined): FieldError[] {
  return externalIPs.flatMap((ip, index) => {
    const at = `spec.externalIPs[${index}]`
    const errors = keptIpErrors(at, ip, old?.externalIPs)
    return errors.length > 0 ? errors : endpointIpErrors(at, ip)
  })
}

function nodePortErrors({ type, ports = [] }: ServiceSpec): FieldError[] {
  const errors: FieldError[] = []
  if (type === 'ClusterIP') {
    for (const [index, { nodePort = 0 }] of ports.entries()) {
      if (nodePort === 0) continue
      errors.push(forbiddenField(`spec.ports[${index}].nodePort`, "may not be used when `type` is 'ClusterIP'"))
    }
  }
  const seen = new Set<string>()
  for (const [index, { nodePort = 0, protocol }] of ports.entries()) {
    if (nodePort === 0) continue
    const key = `${protocol} ${nodePort}`
    if (seen.has(key)) errors.push(duplicateValue(`spec.ports[${index}].nodePort`, nodePort))
    seen.add(key)
  }
  return errors
}

function duplicatePortErrors({ ports = [] }: ServiceSpec): FieldError[] {
  const seen = new Set<string>()
  return ports.flatMap(({ protocol = '', port }, index) => {
    const key = `${protocol} ${port}`
    // Upstream shows its internal type, whose fields have Go's names.
    const shown = { Name: '', Protocol: protocol, AppProtocol: null, Port: port, TargetPort: 0, NodePort: 0 }
    const errors = seen.has(key) ? [duplicateValue(`spec.ports[${index}]`, shown)] : []
    seen.add(key)
    return errors
  })
}

function sourceRangeErrors(service: ApiObject, old: ApiObject | undefined): FieldError[] {
  const { type, loadBalancerSourceRanges: ranges = [] } = specOf(service)
  const refused = (field: string): FieldError[] =>
    type === 'LoadBalancer' ? [] : [forbiddenField(field, ONLY_LOAD_BALANCER)]
  if (ranges.length > 0) {
    const field = 'spec.LoadBalancerSourceRanges'
    const existing = (old === undefined ? [] : (specOf(old).loadBalancerSourceRanges ?? [])).map((range) =>
      range.trim(),
    )
    const malformed = ranges.flatMap((range, index) =>
      existing.includes(range.trim()) ? [] : legacyCidrErrors(`${field}[${index}]`, range.trim()),
    )
    return [...refused(field), ...malformed]
  }
  const annotation = service.metadata.annotations?.[SOURCE_RANGES]
  if (annotation === undefined) return []
  const field = `metadata.annotations[${SOURCE_RANGES}]`
  if (old?.metadata.annotations?.[SOURCE_RANGES] === annotation || annotation.trim() === '') return refused(field)
  return [
    ...refused(field),
    ...annotation
      .trim()
      .split(',')
      .flatMap((range) => legacyCidrErrors(field, range.trim())),
  ]
}

function loadBalancerClassErrors({ type, loadBalancerClass }: ServiceSpec): FieldError[] {
  if (loadBalancerClass === undefined) return []
  if (type === 'LoadBalancer') return qualifiedName('spec.loadBalancerClass', loadBalancerClass)
  return [forbiddenField('spec.loadBalancerClass', ONLY_LOAD_BALANCER)]
}

function externalTrafficErrors(spec: ServiceSpec): FieldError[] {
  const { externalTrafficPolicy: policy = '', healthCheckNodePort: port = 0 } = spec
  const field = 'spec.externalTrafficPolicy'
  const errors: FieldError[] = []
  if (!isExternallyAccessible(spec)) {
    if (policy !== '') errors.push(invalidValue(field, policy, 'may only be set for externally-accessible services'))
  } else if (policy === '') errors.push(requiredValue(field))
  else if (policy !== 'Cluster' && policy !== 'Local') errors.push(notSupported(field, policy, ['Cluster', 'Local']))
  const healthField = 'spec.healthCheckNodePort'
  if (!needsHealthCheck(spec)) {
    const why = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
    if (port !== 0) errors.push(invalidValue(healthField, port, why))
  } else if (port === 0) errors.push(requiredValue(healthField))
  else if (port < 1 || port > 65535) {
    errors.push(invalidValue(healthField, port, 'must be between 1 and 65535, inclusive'))
  }
  return errors
}

function internalTrafficErrors({ type = '', internalTrafficPolicy: policy }: ServiceSpec): FieldError[] {
  const field = 'spec.internalTrafficPolicy'
  if (policy === undefined) {
    return ['NodePort', 'LoadBalancer', 'ClusterIP'].includes(type) ? [requiredValue(field)] : []
  }
  return policy === 'Cluster' || policy === 'Local' ? [] : [notSupported(field, policy, ['Cluster', 'Local'])]
}

const DISTRIBUTIONS = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

function distributionErrors({ trafficDistribution: distribution }: ServiceSpec): FieldError[] {
  if (distribution === undefined) return []
  // PreferSameTrafficDistribution is on in 1.34.
  if (DISTRIBUTIONS.includes(distribution)) return []
  return [notSupported('spec.trafficDistribution', distribution, DISTRIBUTIONS)]
}

const IP_MODES = ['Proxy', 'VIP']

/** `ValidateLoadBalancerStatus` for Services. */
export function serviceStatusErrors(service: ApiObject, old: ApiObject): FieldError[] {
  const ingress = statusOf(service).loadBalancer?.ingress ?? []
  const field = 'status.loadBalancer.ingress'
  if (specOf(service).type !== 'LoadBalancer') {
    if (ingress.length === 0) return []
    return [forbiddenField(field, "may only be used when `spec.type` is 'LoadBalancer'")]
  }
  const existing = (statusOf(old).loadBalancer?.ingress ?? []).map(({ ip = '' }) => ip)
  return ingress.flatMap(({ ip = '', ipMode, hostname = '' }, index) => {
    const at = `${field}[${index}]`
    const errors = ip === '' ? [] : keptIpErrors(`${at}.ip`, ip, existing)
    if (ipMode === undefined) {
      if (ip !== '') errors.push(requiredValue(`${at}.ipMode`, 'must be specified when `ip` is set'))
    } else if (ip === '') errors.push(forbiddenField(`${at}.ipMode`, 'may not be specified when `ip` is not set'))
    else if (!IP_MODES.includes(ipMode)) errors.push(notSupported(`${at}.ipMode`, ipMode, IP_MODES))
    if (hostname !== '') {
      errors.push(...invalidEach(`${at}.hostname`, hostname, dns1123SubdomainErrors(hostname)))
      if (parseIp(hostname) !== undefined) {
        errors.push(invalidValue(`${at}.hostname`, hostname, 'must be a DNS name, not an IP address'))
      }
    }
    return errors
  })
}
