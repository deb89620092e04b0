import { type FieldError, invalidValue } from '../../../objects/field-error.ts'
import { internalError, invalid, unclassified } from '../../../objects/status-error.ts'
import { AllocationError, type PortOperation } from './pools.ts'
import { needsHealthCheck, nodePortsOf, type ServicePort, type ServiceSpec } from './types.ts'

const SERVICE = { group: '', kind: 'Service' }

/** Whether ports are given to a Service that does not ask for certain ones. */
function givesPorts({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean {
  return type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts === true)
}

const takesPorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer'

/** `txnAllocNodePorts` (1.34). */
export function createNodePorts(name: string, spec: ServiceSpec, operation: PortOperation): ServiceSpec {
  const given =
    takesPorts(spec) && spec.ports !== undefined
      ? { ...spec, ports: initPorts(name, spec, spec.ports, operation) }
      : spec
  return needsHealthCheck(given) ? withHealthPort(given, operation) : given
}

/** TCP and UDP of one port share a node's port. */
function initPorts(
  name: string,
  spec: ServiceSpec,
  ports: readonly ServicePort[],
  operation: PortOperation,
): readonly ServicePort[] {
  const byPort = new Map<number, number>()
  return ports.map((port, index) => {
    const { nodePort = 0 } = port
    if (nodePort === 0 && !givesPorts(spec)) return port
    const shared = byPort.get(port.port)
    if (shared === undefined) {
      const wanted = ports.find((other) => other.port === port.port && (other.nodePort ?? 0) !== 0)?.nodePort
      if (wanted !== undefined) claim(name, index, wanted, operation)
      const chosen = wanted ?? nextPort(operation)
      byPort.set(port.port, chosen)
      return { ...port, nodePort: chosen }
    }
    if (nodePort === shared) return port
    if (nodePort === 0) return { ...port, nodePort: shared }
    claim(name, index, nodePort, operation)
    return port
  })
}

/** `txnUpdateNodePorts` (1.34). What the Service had before needs no claim. */
export function updateNodePorts(
  name: string,
  spec: ServiceSpec,
  old: ServiceSpec,
  operation: PortOperation,
): ServiceSpec {
  const given =
    takesPorts(spec) && spec.ports !== undefined
      ? { ...spec, ports: changedPorts(name, spec, spec.ports, nodePortsOf(old), operation) }
      : spec
  return !needsHealthCheck(old) && needsHealthCheck(given) ? withHealthPort(given, operation) : given
}

function changedPorts(
  name: string,
  spec: ServiceSpec,
  ports: readonly ServicePort[],
  known: readonly number[],
  operation: PortOperation,
): readonly ServicePort[] {
  const claimed = new Set<number>()
  const seen = new Set<string>()
  return ports.map((port, index) => {
    const { nodePort = 0 } = port
    if (nodePort === 0 && !givesPorts(spec)) return port
    if (nodePort !== 0 && !known.includes(nodePort) && !claimed.has(nodePort)) {
      claim(name, index, nodePort, operation)
      claimed.add(nodePort)
    }
    const chosen = nodePort === 0 ? nextPort(operation) : nodePort
    const pair = `{${port.protocol} ${chosen}}`
    if (seen.has(pair)) throw unclassified(`duplicate nodePort: ${pair}`)
    seen.add(pair)
    return chosen === nodePort ? port : { ...port, nodePort: chosen }
  })
}

function withHealthPort(spec: ServiceSpec, operation: PortOperation): ServiceSpec {
  const { healthCheckNodePort: wanted = 0 } = spec
  if (wanted === 0) {
    const port = attempt(
      () => operation.next(),
      (why) => internalError(`failed to allocate a HealthCheck NodePort 0: ${why}`),
    )
    return { ...spec, healthCheckNodePort: port }
  }
  attempt(
    () => operation.claim(wanted),
    (why) => internalError(`failed to allocate requested HealthCheck NodePort ${wanted}: ${why}`),
  )
  return spec
}

function claim(name: string, index: number, port: number, operation: PortOperation): void {
  const field = `spec.ports[${index}].nodePort`
  attempt(
    () => operation.claim(port),
    (why) => refused(name, [invalidValue(field, port, why)]),
  )
}

function nextPort(operation: PortOperation): number {
  return attempt(
    () => operation.next(),
    (why) => internalError(`failed to allocate a nodePort: ${why}`),
  )
}

export function refused(name: string, errors: readonly FieldError[]): Error {
  return invalid(SERVICE, name, errors)
}

/** What a pool refuses, as the API tells it. */
export function attempt<T>(call: () => T, tell: (why: string) => Error): T {
  try {
    return call()
  } catch (error) {
    throw error instanceof AllocationError ? tell(error.message) : error
  }
}
