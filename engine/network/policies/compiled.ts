import type { NetworkPolicySpec, PolicyPeer, PolicyPort, PolicyRule } from '../../kinds/networking/policy-validation.ts'
import type { IntOrString } from '../../objects/int-or-string.ts'
import { type Cidr, contains, parseCidr, parseIp } from '../../objects/ip.ts'
import { LabelSelector } from '../../objects/label-selector.ts'
import type { Labels } from '../../objects/requirement.ts'
import type { ApiObject } from '../../objects/types.ts'

/** One side of a connection, as policies see it. */
export interface Side {
  readonly address: string
  /** None for nodes, Pods on the host network, and what is outside. */
  readonly pod?: {
    readonly namespace: string
    readonly labels: Labels
    readonly namespaceLabels: Labels
    /** The number of a port that its containers have by this name. */
    port(name: string, protocol: string): number | undefined
  }
}

export interface Packet {
  readonly from: Side
  readonly to: Side
  readonly protocol: string
  readonly port: number
}

export type Direction = 'ingress' | 'egress'

interface Rule {
  /** Undefined: all. */
  readonly ports: readonly PolicyPort[] | undefined
  readonly peers: readonly Peer[] | undefined
}

interface Peer {
  readonly namespace: string
  readonly pods: LabelSelector | undefined
  readonly namespaces: LabelSelector | undefined
  readonly network: Cidr | undefined
  readonly except: readonly Cidr[]
}

/** A NetworkPolicy with its selectors and networks read once. */
export class Policy {
  readonly namespace: string
  readonly #pods: LabelSelector
  /** What it allows; undefined for a direction of which it says nothing. */
  readonly #rules: Readonly<Record<Direction, readonly Rule[] | undefined>>

  constructor(policy: ApiObject) {
    const spec = (policy.spec ?? {}) as NetworkPolicySpec
    this.namespace = policy.metadata.namespace ?? ''
    this.#pods = LabelSelector.fromObject(spec.podSelector ?? {})
    const types = spec.policyTypes ?? ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])]
    const rules = (all: readonly PolicyRule[] | undefined) => (all ?? []).map((rule) => compiled(rule, this.namespace))
    this.#rules = {
      ingress: types.includes('Ingress') ? rules(spec.ingress) : undefined,
      egress: types.includes('Egress') ? rules(spec.egress) : undefined,
    }
  }

  /** It is about these Pods, in this direction. */
  concerns(labels: Labels, direction: Direction): boolean {
    return this.#rules[direction] !== undefined && this.#pods.matches(labels)
  }

  allows(packet: Packet, direction: Direction): boolean {
    const other = direction === 'ingress' ? packet.from : packet.to
    return (this.#rules[direction] ?? []).some(
      ({ ports, peers }) =>
        (ports === undefined || ports.some((port) => fits(port, packet))) &&
        (peers === undefined || peers.some((peer) => isPeer(peer, other))),
    )
  }
}

function compiled({ ports = [], from, to }: PolicyRule, namespace: string): Rule {
  const peers = from ?? to ?? []
  return {
    ports: ports.length === 0 ? undefined : ports,
    peers: peers.length === 0 ? undefined : peers.map((peer) => compiledPeer(peer, namespace)),
  }
}

function compiledPeer({ podSelector, namespaceSelector, ipBlock }: PolicyPeer, namespace: string): Peer {
  const selector = (of: PolicyPeer['podSelector']) => (of === undefined ? undefined : LabelSelector.fromObject(of))
  return {
    namespace,
    pods: selector(podSelector),
    namespaces: selector(namespaceSelector),
    network: ipBlock === undefined ? undefined : parseCidr(ipBlock.cidr),
    except: (ipBlock?.except ?? []).flatMap((text) => parseCidr(text) ?? []),
  }
}

function fits({ protocol = 'TCP', port, endPort }: PolicyPort, packet: Packet): boolean {
  if (protocol !== packet.protocol) return false
  if (port === undefined) return true
  const first = numberOf(port, protocol, packet.to)
  if (first === undefined) return false
  return packet.port >= first && packet.port <= (endPort ?? first)
}

/** Names are those of the Pod that is connected to, whichever side the policy is on. */
function numberOf(port: IntOrString, protocol: string, { pod }: Side): number | undefined {
  return typeof port === 'number' ? port : pod?.port(port, protocol)
}

function isPeer({ namespace, pods, namespaces, network, except }: Peer, { address, pod }: Side): boolean {
  if (network !== undefined) {
    const ip = parseIp(address)
    return ip !== undefined && contains(network, ip) && !except.some((cidr) => contains(cidr, ip))
  }
  if (pod === undefined) return false
  if (namespaces === undefined ? pod.namespace !== namespace : !namespaces.matches(pod.namespaceLabels)) return false
  return pods === undefined || pods.matches(pod.labels)
}
