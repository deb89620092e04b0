import type { Backend } from '../admission/plugin.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { Mirror } from './mirror.ts'

const NODES: GroupResource = { group: '', resource: 'nodes' }

interface KnownNode {
  readonly name: string
  readonly address: string | undefined
  readonly podCIDR: string | undefined
  readonly zone: string
}

/** Where nodes are, as the API tells it. */
export class Nodes {
  readonly #nodes: Mirror<KnownNode>
  readonly #byAddress = new Map<string, string>()

  constructor(backend: Backend) {
    this.#nodes = new Mirror(backend, NODES, {
      keep: known,
      changed: (now, before) => {
        if (before?.address !== undefined && this.#byAddress.get(before.address) === before.name) {
          this.#byAddress.delete(before.address)
        }
        if (now?.address !== undefined) this.#byAddress.set(now.address, now.name)
      },
    })
  }

  get(name: string): KnownNode | undefined {
    return this.#nodes.get(undefined, name)
  }

  at(address: string): string | undefined {
    return this.#byAddress.get(address)
  }

  stop(): void {
    this.#nodes.stop()
  }
}

function known(node: ApiObject): KnownNode {
  const { addresses = [] } = (node.status ?? {}) as {
    readonly addresses?: readonly { readonly type: string; readonly address: string }[]
  }
  return {
    name: node.metadata.name,
    address: addresses.find(({ type }) => type === 'InternalIP')?.address,
    podCIDR: (node.spec as { readonly podCIDR?: string } | undefined)?.podCIDR,
    zone: node.metadata.labels?.['topology.kubernetes.io/zone'] ?? '',
  }
}
