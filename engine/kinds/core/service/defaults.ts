import type { NewObject } from '../../../objects/types.ts'
import { isExternallyAccessible, type ServicePort, type ServiceSpec, specOf, statusOf, withSpec } from './types.ts'

/** Seconds for which a client stays with its Pod if nothing else is said. */
const STICKY_SECONDS = 10_800

/** `SetDefaults_Service` (1.34). */
export function defaultService(service: NewObject): NewObject {
  const spec = specOf(service)
  const { sessionAffinity = 'None', type = 'ClusterIP' } = spec
  const full: ServiceSpec = {
    ...spec,
    sessionAffinity,
    type,
    ...(spec.ports === undefined ? {} : { ports: spec.ports.map(defaultPort) }),
  }
  const policy = spec.externalTrafficPolicy ?? (isExternallyAccessible(full) ? 'Cluster' : undefined)
  const defaulted = withSpec(
    { ...service, spec: full },
    {
      sessionAffinityConfig: defaultAffinity(sessionAffinity, spec.sessionAffinityConfig),
      externalTrafficPolicy: policy,
      internalTrafficPolicy:
        spec.internalTrafficPolicy ??
        (['ClusterIP', 'NodePort', 'LoadBalancer'].includes(type) ? 'Cluster' : undefined),
      allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? (type === 'LoadBalancer' ? true : undefined),
    },
  )
  return type === 'LoadBalancer' ? defaultStatus(defaulted) : defaulted
}

function defaultPort(port: ServicePort): ServicePort {
  const { protocol, targetPort = 0 } = port
  const missing = targetPort === 0 || targetPort === ''
  if (protocol !== undefined && protocol !== '' && !missing) return port
  return { ...port, protocol: protocol || 'TCP', targetPort: missing ? port.port : targetPort }
}

function defaultAffinity(
  affinity: string,
  config: ServiceSpec['sessionAffinityConfig'],
): ServiceSpec['sessionAffinityConfig'] {
  if (affinity === 'None') return undefined
  if (affinity !== 'ClientIP' || config?.clientIP?.timeoutSeconds !== undefined) return config
  return { clientIP: { timeoutSeconds: STICKY_SECONDS } }
}

function defaultStatus(service: NewObject): NewObject {
  const { loadBalancer } = statusOf(service)
  const ingress = loadBalancer?.ingress
  if (ingress === undefined || ingress.every(({ ip = '', ipMode }) => ip === '' || ipMode !== undefined)) return service
  const full = ingress.map((one) =>
    (one.ip ?? '') === '' || one.ipMode !== undefined ? one : { ...one, ipMode: 'VIP' },
  )
  return { ...service, status: { ...statusOf(service), loadBalancer: { ...loadBalancer, ingress: full } } }
}
