import { AddressRange } from './address-range.ts'
import type { PodAttachment } from './contract.ts'
import { Host } from './host.ts'
import type { Nodes } from './nodes.ts'

interface HostPort {
  readonly host: Host
  readonly port: number
  /** Of the node; undefined: all that it has. */
  readonly address: string | undefined
}

/** The Pods' own network namespaces, by their addresses and by the ports that nodes have for them. */
export class PodHosts {
  readonly #nodes: Nodes
  readonly #ranges = new Map<string, { readonly cidr: string; readonly range: AddressRange }>()
  readonly #hosts = new Map<string, Host>()
  readonly #hostPorts = new Map<string, HostPort>()

  constructor(nodes: Nodes) {
    this.#nodes = nodes
  }

  /** Throws when the node has no address left, or no range. */
  add(pod: PodAttachment): Host {
    const range = this.#range(pod.node)
    const address = pod.address === undefined ? range.take() : range.claim(pod.address)
    const host = new Host(() => address, pod.node, pod)
    this.#hosts.set(address, host)
    for (const { hostPort, port, hostIP = '' } of pod.hostPorts) {
      const isAny = ['', '0.0.0.0', '::'].includes(hostIP)
      this.#hostPorts.set(`${pod.node}/${hostPort}`, { host, port, address: isAny ? undefined : hostIP })
    }
    return host
  }

  remove(host: Host): void {
    const { address, pod } = host
    if (pod === undefined || this.#hosts.get(address) !== host) return
    this.#hosts.delete(address)
    this.#ranges.get(pod.node)?.range.give(address)
    for (const { hostPort } of pod.hostPorts) {
      const key = `${pod.node}/${hostPort}`
      if (this.#hostPorts.get(key)?.host === host) this.#hostPorts.delete(key)
    }
  }

  at(address: string): Host | undefined {
    return this.#hosts.get(address)
  }

  /** Whose Pod's port a node's is. */
  hostPort(node: string, address: string, port: number): HostPort | undefined {
    const found = this.#hostPorts.get(`${node}/${port}`)
    return found?.address === undefined || found.address === address ? found : undefined
  }

  get size(): number {
    return this.#hosts.size
  }

  #range(node: string): AddressRange {
    const cidr = this.#nodes.get(node)?.podCIDR
    const known = this.#ranges.get(node)
    if (known !== undefined && (cidr === undefined || known.cidr === cidr)) return known.range
    if (cidr === undefined) throw new Error(`The node ${node} has no range for its Pods.`)
    const range = new AddressRange(cidr)
    this.#ranges.set(node, { cidr, range })
    return range
  }
}
