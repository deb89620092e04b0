import type { NetworkPolicySpec, PolicyPeer, PolicyPort } from '../../kinds/networking/policy-validation.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'

/** A Pod with all that policies ask of it. */
export interface ReferencePod {
  readonly address: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly namespaceLabels: Readonly<Record<string, string>>
  readonly ports: Readonly<Record<string, number>>
}

export interface ReferencePolicy {
  readonly namespace: string
  readonly spec: NetworkPolicySpec
}

/** NetworkPolicies read as their documentation reads, one sentence after the other, with no thought of speed. */
export function referenceAllows(
  policies: readonly ReferencePolicy[],
  from: ReferencePod,
  to: ReferencePod,
  port: number,
): boolean {
  return allowsSide(policies, 'Egress', from, to, to, port) && allowsSide(policies, 'Ingress', to, from, to, port)
}

function allowsSide(
  policies: readonly ReferencePolicy[],
  type: 'Ingress' | 'Egress',
  subject: ReferencePod,
  other: ReferencePod,
  target: ReferencePod,
  port: number,
): boolean {
  const applying = policies.filter(
    ({ namespace, spec }) =>
      namespace === subject.namespace &&
      (spec.policyTypes ?? []).includes(type) &&
      selects(spec.podSelector ?? {}, subject.labels),
  )
  if (applying.length === 0) return true
  for (const { namespace, spec } of applying) {
    for (const rule of (type === 'Ingress' ? spec.ingress : spec.egress) ?? []) {
      const peers = (type === 'Ingress' ? rule.from : rule.to) ?? []
      const ports = rule.ports ?? []
      const portFits = ports.length === 0 || ports.some((one) => fits(one, target, port))
      const peerFits = peers.length === 0 || peers.some((peer) => isPeer(peer, namespace, other))
      if (portFits && peerFits) return true
    }
  }
  return false
}

function fits({ protocol = 'TCP', port, endPort }: PolicyPort, target: ReferencePod, actual: number): boolean {
  if (protocol !== 'TCP') return false
  if (port === undefined) return true
  if (typeof port === 'string') return target.ports[port] === actual
  return endPort === undefined ? port === actual : port <= actual && actual <= endPort
}

function isPeer(
  { podSelector, namespaceSelector, ipBlock }: PolicyPeer,
  namespace: string,
  pod: ReferencePod,
): boolean {
  if (ipBlock !== undefined) {
    return isIn(ipBlock.cidr, pod.address) && (ipBlock.except ?? []).every((except) => !isIn(except, pod.address))
  }
  const rightNamespace =
    namespaceSelector === undefined ? pod.namespace === namespace : selects(namespaceSelector, pod.namespaceLabels)
  return rightNamespace && selects(podSelector ?? {}, pod.labels)
}

function selects(
  { matchLabels = {}, matchExpressions = [] }: LabelSelectorObject,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (Object.entries(matchLabels).some(([key, value]) => labels[key] !== value)) return false
  return matchExpressions.every(({ key, operator, values = [] }) => {
    const value = labels[key]
    if (operator === 'Exists') return value !== undefined
    if (operator === 'DoesNotExist') return value === undefined
    if (operator === 'In') return value !== undefined && values.includes(value)
    return value === undefined || !values.includes(value)
  })
}

const bits = (address: string): string =>
  address
    .split('.')
    .map((part) => Number(part).toString(2).padStart(8, '0'))
    .join('')

function isIn(cidr: string, address: string): boolean {
  const [network = '', length = ''] = cidr.split('/')
  return bits(address).startsWith(bits(network).slice(0, Number(length)))
}
