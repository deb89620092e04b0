import type { Backend } from '../../admission/plugin.ts'
import type { Container, PodSpec } from '../../kinds/pod/types.ts'
import type { GroupResource } from '../../objects/types.ts'
import type { Host } from '../host.ts'
import type { Packet, Side } from './compiled.ts'
import { PolicyTable } from './table.ts'

const PODS: GroupResource = { group: '', resource: 'pods' }
const NAMESPACES: GroupResource = { group: '', resource: 'namespaces' }

export interface Passage {
  readonly from: Host
  /** The address that a node has put in place of the sender's. */
  readonly disguise: string | undefined
  /** None where nobody has the address. */
  readonly to: Host | undefined
  readonly address: string
  readonly port: number
  readonly protocol: string
}

/** Whether NetworkPolicies let a connection through, as kindnet asks them: what they do not is dropped without a word. */
export class Gate {
  readonly #backend: Backend
  readonly #policies: PolicyTable

  constructor(backend: Backend) {
    this.#backend = backend
    this.#policies = new PolicyTable(backend)
  }

  passes({ from, disguise, to, address, port, protocol }: Passage): boolean {
    if (this.#policies.isEmpty) return true
    // A node's own programs reach its Pods, or no probe would pass
    if (from.pod === undefined && from.place !== undefined && from.place === to?.place) return true
    const packet: Packet = { from: this.#side(from, from.address), to: this.#side(to, address), protocol, port }
    const seen = disguise === undefined ? packet : { ...packet, from: { address: disguise } }
    return this.#policies.allows(packet, 'egress') && this.#policies.allows(seen, 'ingress')
  }

  stop(): void {
    this.#policies.stop()
  }

  #side(host: Host | undefined, address: string): Side {
    const pod = host?.pod
    if (pod === undefined) return { address }
    const { store } = this.#backend
    const { namespace, name } = pod
    return {
      address,
      pod: {
        namespace,
        labels: pod.labels(),
        namespaceLabels: store.collection(NAMESPACES)?.get(undefined, namespace)?.metadata.labels ?? {},
        port: (wanted, protocol) => namedPort(store.collection(PODS)?.get(namespace, name)?.spec, wanted, protocol),
      },
    }
  }
}

function namedPort(spec: unknown, wanted: string, protocol: string): number | undefined {
  const { containers, initContainers } = (spec ?? {}) as Partial<PodSpec>
  const all: readonly Container[] = [...(containers ?? []), ...(initContainers ?? [])]
  for (const { ports = [] } of all) {
    const found = ports.find((port) => port.name === wanted && (port.protocol ?? 'TCP') === protocol)
    if (found !== undefined) return found.containerPort
  }
  return undefined
}
