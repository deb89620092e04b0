import { needsClusterIp, needsHealthCheck, nodePortsOf, type ServicePort, type ServiceSpec, sameList } from './types.ts'

/** What a client leaves out of an update of what was allocated for it is put back: `patchAllocatedValues` (1.34). */
export function patchAllocated(now: ServiceSpec, before: ServiceSpec): ServiceSpec {
  let spec = now
  if (needsClusterIp(before) && needsClusterIp(now)) {
    const { clusterIP, clusterIPs } = before
    if ((now.clusterIP ?? '') === '' && clusterIP !== undefined) spec = { ...spec, clusterIP }
    if ((now.clusterIPs ?? []).length === 0 && clusterIPs !== undefined) spec = { ...spec, clusterIPs }
  }
  if (needsNodePorts(before) && needsNodePorts(now) && now.ports !== undefined) {
    spec = { ...spec, ports: patchedPorts(now.ports, before) }
  }
  const { healthCheckNodePort } = before
  if (needsHealthCheck(before) && needsHealthCheck(now) && (now.healthCheckNodePort ?? 0) === 0) {
    if (healthCheckNodePort !== undefined) spec = { ...spec, healthCheckNodePort }
  }
  return spec
}

export function needsNodePorts({ type, allocateLoadBalancerNodePorts = true }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts)
}

function patchedPorts(ports: readonly ServicePort[], before: ServiceSpec): readonly ServicePort[] {
  const known = nodePortsOf(before)
  const used = new Set(nodePortsOf({ ports }).filter((port) => known.includes(port)))
  const byName = new Map((before.ports ?? []).map(({ name = '', nodePort = 0 }) => [name, nodePort]))
  return ports.map((port) => {
    const old = byName.get(port.name ?? '') ?? 0
    return (port.nodePort ?? 0) !== 0 || old === 0 || used.has(old) ? port : { ...port, nodePort: old }
  })
}

/** Keeps `clusterIP` and `clusterIPs` in step for clients that know only the first: `normalizeClusterIPs` (1.34). */
export function normalizeClusterIps(now: ServiceSpec, before: ServiceSpec | undefined): ServiceSpec {
  const { clusterIP = '', clusterIPs = [] } = now
  if (before === undefined) {
    return clusterIP !== '' && clusterIPs.length === 0 ? { ...now, clusterIPs: [clusterIP] } : now
  }
  const { clusterIP: oldIp = '', clusterIPs: oldIps = [] } = before
  if (oldIp === clusterIP) {
    return oldIps.length > 0 && clusterIPs.length === 0 ? { ...now, clusterIPs: oldIps } : now
  }
  if (!sameList(oldIps, clusterIPs)) return now
  if (oldIp !== '' && clusterIP === '') {
    const { clusterIPs: _, ...rest } = now
    return rest
  }
  return { ...now, clusterIPs: [clusterIP] }
}
