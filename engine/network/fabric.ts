import type { Backend } from '../admission/plugin.ts'
import { KIND_FACTS } from '../bootstrap/bootstrap.ts'
import type { Random } from '../clock/random.ts'
import { contains, parseCidr, parseIp } from '../objects/ip.ts'
import type { Hop, SocketAddress } from './contract.ts'
import { Host, isLoopback } from './host.ts'
import { Nodes } from './nodes.ts'
import { PodHosts } from './pod-hosts.ts'
import { Gate } from './policies/gate.ts'
import { Balancer } from './services/balancer.ts'
import { type ProxyDelays, type Rule, ServiceTable } from './services/table.ts'
import { type Place, Wires } from './wires.ts'

/** Addresses that nobody has are sent nowhere here, and nobody answers. */
const DARK = [KIND_FACTS.serviceCidr, '10.244.0.0/16'].flatMap((text) => parseCidr(text) ?? [])
/** Here somebody would say so. All else is the Internet, to which there is no way. */
const NODE_NETWORK = ['172.18.0.0/16'].flatMap((text) => parseCidr(text) ?? [])
/** The host's address on the nodes' network: where clients outside come from, and where nodes ask for names. */
export const GATEWAY = '172.18.0.1'

type Via = NonNullable<Hop['via']>

/** It gets there: `source` is the address that is seen as the sender's. */
export interface Reached {
  readonly to: 'host'
  readonly host: Host
  readonly address: string
  readonly port: number
  readonly source: string
  readonly via?: Via
}

export type Route =
  | Reached
  /** Somebody says no; nobody says anything; nobody is there; there is no way. */
  | {
      readonly to: 'refused' | 'silence' | 'no-host' | 'no-way'
      readonly outcome: Hop['outcome']
      readonly host?: Host
      readonly via?: Via
    }

/** What is sent, and by whom. */
export interface Sent {
  readonly from: Host
  readonly protocol: 'TCP' | 'UDP'
  /** Past policies, as kubelets are. */
  readonly trusted: boolean
}

/** The packets' way: addresses, Services, policies and cuts. */
export class Fabric {
  readonly wires: Wires
  readonly nodes: Nodes
  readonly pods: PodHosts
  readonly #services: ServiceTable
  readonly #gate: Gate
  readonly #balancer: Balancer
  readonly #nodeHosts = new Map<string, Host>()

  constructor(backend: Backend, random: Random, delays?: ProxyDelays) {
    this.wires = new Wires(backend.clock)
    this.nodes = new Nodes(backend)
    this.pods = new PodHosts(this.nodes)
    this.#services = new ServiceTable(backend, delays)
    this.#gate = new Gate(backend)
    this.#balancer = new Balancer(backend.clock, random)
  }

  nodeHost(name: string): Host {
    let host = this.#nodeHosts.get(name)
    if (host === undefined) {
      host = new Host(() => this.nodes.get(name)?.address ?? '0.0.0.0', name)
      this.#nodeHosts.set(name, host)
    }
    return host
  }

  route(sent: Sent, to: SocketAddress): Route {
    const { from, protocol } = sent
    const { address, port } = to
    if (address === '0.0.0.0') return this.#toSelf(sent, { address: '127.0.0.1', port })
    if (isLoopback(address) || address === from.address) return this.#toSelf(sent, to)
    const rule = from.place === undefined ? undefined : this.#services.at(address, protocol, port)
    if (rule !== undefined && from.place !== undefined) return this.#toService(sent, rule, from.place, address)
    const node = this.nodes.at(address)
    if (node === undefined) return this.#toAddress(sent, to, from.address, from.place)
    const host = this.nodeHost(node)
    if (this.wires.areCut(from.place, node)) return { to: 'no-host', outcome: 'unreachable', host }
    return this.#toNode(sent, node, to)
  }

  stop(): void {
    this.#services.stop()
    this.#gate.stop()
    this.nodes.stop()
  }

  #toSelf(sent: Sent, to: SocketAddress): Route {
    const { from } = sent
    if (from.pod === undefined && from.place !== undefined) return this.#toNode(sent, from.place, to)
    return { to: 'host', host: from, ...to, source: to.address }
  }

  /** A node has its own ports, those of NodePort Services, and those that it has for Pods. */
  #toNode(sent: Sent, node: string, to: SocketAddress): Route {
    const { from, protocol } = sent
    const host = this.nodeHost(node)
    const rule = this.#services.atNodePort(protocol, to.port)
    if (rule !== undefined) return this.#toNodePort(sent, rule, node)
    const source = from === host ? to.address : from.address
    const hostPort = protocol === 'TCP' ? this.pods.hostPort(node, to.address, to.port) : undefined
    if (hostPort === undefined) return this.#arrive(sent, { to: 'host', host, ...to, source }, node)
    const { host: pod, port } = hostPort
    const seen = from === host ? host.address : from.address
    return this.#arrive(sent, { to: 'host', host: pod, address: pod.address, port, source: seen }, node)
  }

  #toService(sent: Sent, rule: Rule, node: string, address: string): Route {
    const isOwn = rule.spec.clusterIPs?.includes(address) ?? false
    const isLocal = isOwn && rule.spec.internalTrafficPolicy === 'Local'
    return this.#balanced(sent, rule, { node, isLocal, source: sent.from.address, kind: 'ClusterIP' })
  }

  #toNodePort(sent: Sent, rule: Rule, node: string): Route {
    const host = this.nodeHost(node)
    // Pods and the node itself are led as inside the cluster, whatever the policy for others
    const isInside = sent.from.pod !== undefined || sent.from === host
    const isLocal = !isInside && rule.spec.externalTrafficPolicy === 'Local'
    const source = isLocal ? sent.from.address : host.address
    return this.#balanced(sent, rule, { node, isLocal, source, kind: 'NodePort' })
  }

  #balanced(
    sent: Sent,
    rule: Rule,
    by: { readonly node: string; readonly isLocal: boolean; readonly source: string; readonly kind: Via['kind'] },
  ): Route {
    const via: Via = { kind: by.kind, namespace: rule.namespace, name: rule.name }
    const here = { node: by.node, zone: this.nodes.get(by.node)?.zone ?? '' }
    const endpoint = this.#balancer.pick(rule, sent.from.address, here, by.isLocal)
    if (endpoint === 'refused') return { to: 'refused', outcome: 'no-endpoints', via }
    if (endpoint === 'dropped') return { to: 'silence', outcome: 'no-endpoints', via }
    const { address, port } = endpoint
    // Who is led back to itself would not know the answer for one: its node takes its place
    const source = address === sent.from.address ? this.nodeHost(by.node).address : by.source
    return { ...this.#toAddress(sent, { address, port }, source, by.node), via }
  }

  /** `last`: the node that it leaves from, which may have put its own address in place of the sender's. */
  #toAddress(sent: Sent, to: SocketAddress, source: string, last: Place): Route {
    const node = this.nodes.at(to.address)
    const host = node === undefined ? this.pods.at(to.address) : this.nodeHost(node)
    // From outside there is a way to nodes only
    if (last === undefined && node === undefined) return this.#nowhere(to.address, true)
    if (host !== undefined) return this.#arrive(sent, { to: 'host', host, ...to, source }, last)
    if (!this.#passes(sent, to, undefined, undefined)) return { to: 'silence', outcome: 'denied' }
    return this.#nowhere(to.address, false)
  }

  #nowhere(address: string, isOutside: boolean): Route {
    const ip = parseIp(address)
    const isIn = (networks: typeof DARK) => ip !== undefined && networks.some((cidr) => contains(cidr, ip))
    const to = isIn(NODE_NETWORK) ? 'no-host' : !isOutside && isIn(DARK) ? 'silence' : 'no-way'
    return { to, outcome: 'unreachable' }
  }

  #arrive(sent: Sent, route: Reached, last: Place): Route {
    const { from } = sent
    const { host, source } = route
    if (this.wires.areCut(from.place, last) || this.wires.areCut(last, host.place)) {
      return { to: 'no-host', outcome: 'unreachable', host }
    }
    // Policies see who it was, up to the node that takes the sender's place
    const disguise = last === host.place || source === from.address ? undefined : source
    if (from === host || this.#passes(sent, route, host, disguise)) return route
    return { to: 'silence', outcome: 'denied', host }
  }

  #passes({ from, protocol, trusted }: Sent, to: SocketAddress, host: Host | undefined, disguise: string | undefined) {
    return trusted || this.#gate.passes({ from, disguise, to: host, address: to.address, port: to.port, protocol })
  }
}
