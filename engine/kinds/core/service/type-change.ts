import { deepEqual } from '../../../objects/equal.ts'
import type { ApiObject } from '../../../objects/types.ts'
import {
  isExternallyAccessible,
  needsClusterIp,
  needsHealthCheck,
  nodePortsOf,
  type ServiceSpec,
  sameList,
  specOf,
  withSpec,
} from './types.ts'

type Changes = { [F in keyof ServiceSpec]?: ServiceSpec[F] | undefined }

const takesNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer'

/**
 * With another type, fields that no longer apply and that the user has not touched are taken away: `dropTypeDependentFields` (1.34).
 * Those that were touched stay, for validation to refuse.
 */
export function dropFieldsOfOldType(service: ApiObject, old: ApiObject): ApiObject {
  const now = specOf(service)
  const before = specOf(old)
  const changes: Changes = {
    ...droppedAddresses(now, before),
    ...droppedPorts(now, before),
    ...droppedLoadBalancer(now, before),
  }
  const changed = Object.keys(changes).length === 0 ? service : withSpec(service, changes)
  return now.type === 'LoadBalancer'
    ? changed
    : { ...changed, status: { ...(changed.status as object), loadBalancer: {} } }
}

function droppedAddresses(now: ServiceSpec, before: ServiceSpec): Changes {
  if (!needsClusterIp(before) || needsClusterIp(now)) return {}
  const same = (before.clusterIP ?? '') === (now.clusterIP ?? '') && sameList(before.clusterIPs, now.clusterIPs)
  return {
    ...(same ? { clusterIP: undefined, clusterIPs: undefined } : {}),
    ...(sameList(before.ipFamilies, now.ipFamilies) ? { ipFamilies: undefined } : {}),
    ...(before.ipFamilyPolicy === now.ipFamilyPolicy ? { ipFamilyPolicy: undefined } : {}),
  }
}

function droppedPorts(now: ServiceSpec, before: ServiceSpec): Changes {
  const known = nodePortsOf(before)
  const dropsPorts =
    takesNodePorts(before) && !takesNodePorts(now) && nodePortsOf(now).every((port) => known.includes(port))
  const dropsHealth =
    needsHealthCheck(before) &&
    !needsHealthCheck(now) &&
    (before.healthCheckNodePort ?? 0) === (now.healthCheckNodePort ?? 0)
  return {
    ...(dropsPorts && now.ports !== undefined ? { ports: now.ports.map(({ nodePort: _, ...port }) => port) } : {}),
    ...(dropsHealth ? { healthCheckNodePort: undefined } : {}),
  }
}

function droppedLoadBalancer(now: ServiceSpec, before: ServiceSpec): Changes {
  const left = before.type === 'LoadBalancer' && now.type !== 'LoadBalancer'
  const same = (field: 'allocateLoadBalancerNodePorts' | 'loadBalancerClass'): boolean =>
    deepEqual(before[field], now[field])
  const hidden = isExternallyAccessible(before) && !isExternallyAccessible(now)
  return {
    ...(left && same('allocateLoadBalancerNodePorts') ? { allocateLoadBalancerNodePorts: undefined } : {}),
    ...(left && same('loadBalancerClass') ? { loadBalancerClass: undefined } : {}),
    ...(hidden && before.externalTrafficPolicy === now.externalTrafficPolicy
      ? { externalTrafficPolicy: undefined }
      : {}),
  }
}
