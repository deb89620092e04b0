import type { IntOrString } from '../../../objects/int-or-string.ts'
import type { NewObject } from '../../../objects/types.ts'

/** core/v1 `ServiceSpec`, what of it the server looks at. */
export interface ServiceSpec {
  readonly type?: string
  readonly ports?: readonly ServicePort[]
  readonly selector?: Readonly<Record<string, string>>
  readonly clusterIP?: string
  readonly clusterIPs?: readonly string[]
  readonly ipFamilies?: readonly string[]
  readonly ipFamilyPolicy?: string
  readonly externalIPs?: readonly string[]
  readonly externalName?: string
  readonly externalTrafficPolicy?: string
  readonly internalTrafficPolicy?: string
  readonly healthCheckNodePort?: number
  readonly sessionAffinity?: string
  readonly sessionAffinityConfig?: { readonly clientIP?: { readonly timeoutSeconds?: number } }
  readonly loadBalancerIP?: string
  readonly loadBalancerClass?: string
  readonly loadBalancerSourceRanges?: readonly string[]
  readonly allocateLoadBalancerNodePorts?: boolean
  readonly trafficDistribution?: string
}

export interface ServicePort {
  readonly name?: string
  readonly protocol?: string
  readonly appProtocol?: string
  readonly port: number
  readonly targetPort?: IntOrString
  readonly nodePort?: number
}

export interface LoadBalancerIngress {
  readonly ip?: string
  readonly ipMode?: string
  readonly hostname?: string
}

export interface ServiceStatus {
  readonly loadBalancer?: { readonly ingress?: readonly LoadBalancerIngress[] }
}

export const HEADLESS = 'None'

export function specOf(service: NewObject): ServiceSpec {
  return (service.spec ?? {}) as ServiceSpec
}

export function statusOf(service: NewObject): ServiceStatus {
  return (service.status ?? {}) as ServiceStatus
}

/** The object with other fields in its spec; undefined takes one away. */
export function withSpec<T extends NewObject>(
  service: T,
  changes: { [F in keyof ServiceSpec]?: ServiceSpec[F] | undefined },
): T {
  const spec: Record<string, unknown> = { ...specOf(service), ...changes }
  for (const [field, value] of Object.entries(changes)) if (value === undefined) delete spec[field]
  return { ...service, spec }
}

export function isHeadless({ clusterIPs = [] }: ServiceSpec): boolean {
  return clusterIPs.length === 1 && clusterIPs[0] === HEADLESS
}

export function needsClusterIp({ type }: ServiceSpec): boolean {
  return type !== 'ExternalName'
}

export function isExternallyAccessible({ type, externalIPs = [] }: ServiceSpec): boolean {
  return type === 'LoadBalancer' || type === 'NodePort' || (type === 'ClusterIP' && externalIPs.length > 0)
}

export function needsHealthCheck({ type, externalTrafficPolicy }: ServiceSpec): boolean {
  return type === 'LoadBalancer' && externalTrafficPolicy === 'Local'
}

export function nodePortsOf({ ports = [] }: ServiceSpec): number[] {
  return ports.flatMap(({ nodePort = 0 }) => (nodePort === 0 ? [] : [nodePort]))
}

export function sameList(left: readonly string[] = [], right: readonly string[] = []): boolean {
  return left.length === right.length && left.every((value, index) => value === right[index])
}
