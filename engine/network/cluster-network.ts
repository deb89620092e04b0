import type { Backend } from '../admission/plugin.ts'
import { KIND_FACTS } from '../bootstrap/bootstrap.ts'
import type { Random } from '../clock/random.ts'
import type { ClusterNetwork, DnsQuestion, NodeNetwork, Peer, PodAttachment, ResolverConfig } from './contract.ts'
import { type ApiServerEnd, Dialer } from './dialer.ts'
import { trimmed } from './dns/corefile.ts'
import { type Answer, ClusterNames } from './dns/records.ts'
import { Fabric, GATEWAY } from './fabric.ts'
import { Host } from './host.ts'
import { Ingresses } from './ingress/ingresses.ts'
import { Namespace } from './namespace.ts'
import type { ProxyDelays } from './services/table.ts'

/** What a node's own /etc/resolv.conf says: kind's nodes ask Docker. A Pod with dnsPolicy Default has the same. */
export const NODE_RESOLVER: ResolverConfig = { nameservers: [GATEWAY], searches: ['.'], options: ['ndots:0'] }

export interface ClusterNetworkOptions {
  readonly backend: Backend
  readonly random: Random
  /** Who answers at the API server's own address, to which the Service `kubernetes` leads. */
  readonly apiServer?: ApiServerEnd
  /** kind's kube-proxy's if not said. */
  readonly delays?: ProxyDelays
  /** Hears of what a listener throws. */
  readonly report?: (error: unknown) => void
}

/** The network of a cluster, as that of a kind cluster behaves: kindnet, kube-proxy in its iptables mode, CoreDNS. */
export function createClusterNetwork(options: ClusterNetworkOptions): ClusterNetwork {
  const { backend, random, delays, apiServer, report = () => {} } = options
  const fabric = new Fabric(backend, random.split('services'), delays)
  const outsideNames = (question: DnsQuestion) => askDocker(fabric, question)
  const names = new ClusterNames(backend, random.split('names'), outsideNames)
  const dialer = new Dialer({ fabric, names, outsideNames, apiServer, report })
  const ingresses = new Ingresses(backend)
  const open = new Set<Namespace>()
  const attach = (host: Host, peer: Peer, pod?: PodAttachment, trusted = false): Namespace => {
    const namespace = new Namespace({
      host,
      peer,
      sockets: new Set(),
      pauses: new Set(),
      hostname: pod?.hostname ?? host.place ?? 'outside',
      resolver: pod?.resolver ?? NODE_RESOLVER,
      hostAliases: pod?.hostAliases ?? [],
      trusted,
      dialer,
      ingresses,
    })
    open.add(namespace)
    return namespace
  }
  const nodes = new Map<string, NodeNetwork>()
  const control = fabric.nodes.at(KIND_FACTS.address)
  return {
    node(name) {
      let node = nodes.get(name)
      if (node === undefined) {
        node = nodeNetwork(name)
        nodes.set(name, node)
      }
      return node
    },
    outside: attach(new Host(() => GATEWAY, undefined), { kind: 'outside' }),
    apiServer: attach(
      control === undefined ? new Host(() => KIND_FACTS.address, undefined) : fabric.nodeHost(control),
      { kind: 'apiserver' },
    ),
    setCutOff: (node, cutOff) => fabric.wires.setCutOff(node, cutOff),
    isCutOff: (node) => fabric.wires.isCutOff(node),
    setLatency: (node, ms) => fabric.wires.setLatency(node, ms),
    onHop: (told) => dialer.onHop(told),
    stop() {
      for (const namespace of [...open]) namespace.detach()
      open.clear()
      ingresses.stop()
      fabric.stop()
    },
  }

  function nodeNetwork(name: string): NodeNetwork {
    const kubelet = attach(fabric.nodeHost(name), { kind: 'node', name }, undefined, true)
    return {
      attach(pod) {
        const host = pod.hostNetwork ? fabric.nodeHost(name) : fabric.pods.add(pod)
        const peer: Peer = { kind: 'pod', namespace: pod.namespace, name: pod.name, node: name }
        const namespace = attach(host, peer, pod)
        return Object.assign(namespace, {
          detach() {
            open.delete(namespace)
            Namespace.prototype.detach.call(namespace)
            if (!pod.hostNetwork) fabric.pods.remove(host)
          },
        })
      },
      connect: (host, port, connectOptions) => kubelet.connect(host, port, connectOptions),
      glance: (address, port, asked) => kubelet.glance(address, port, asked),
    }
  }
}

/** Docker knows the nodes by their names, and nothing else here: there is no Internet. */
function askDocker({ nodes }: Fabric, { name, type }: DnsQuestion): Answer {
  const address = nodes.get(trimmed(name))?.address
  if (address === undefined) return { code: 'NXDOMAIN', records: [] }
  if (type !== 'A') return { code: 'NOERROR', records: [] }
  return { code: 'NOERROR', records: [{ name: `${trimmed(name)}.`, type, ttl: 600, data: address }] }
}
