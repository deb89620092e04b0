import { EventRecorder } from '../../events/recorder.ts'
import type { ApiObject } from '../../objects/types.ts'
import { withMetadata } from '../../storage/metadata.ts'
import { type Cluster, CONTROLLER_MANAGER } from '../cluster.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { NODES, type Node, regardingNode } from './node.ts'

/** Of kind's Pod network 10.244.0.0/16 each node gets one of so many parts. */
const RANGES = 256
const rangeOf = (index: number): string => `10.244.${index}.0/24`
/** How long kubelets may remember Secrets, in seconds: none in clusters of up to a hundred nodes. */
const TTL = 'node.alpha.kubernetes.io/ttl'
/** Labels that follow others. */
const FOLLOWING = [
  ['kubernetes.io/os', 'beta.kubernetes.io/os'],
  ['kubernetes.io/arch', 'beta.kubernetes.io/arch'],
] as const

/** Gives nodes that come what they need of others: a range of Pod addresses, labels of old, and the TTL of Secrets (node IPAM, lifecycle and TTL controllers, 1.34). */
export class NodeSetup extends QueueController {
  readonly #events: EventRecorder
  /** Where the search for a free range goes on: one that was given back is not used at once. */
  #next: number | undefined

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#events = new EventRecorder(cluster.backend, { component: 'cidrAllocator' }, CONTROLLER_MANAGER)
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: NODES,
        told: ({ type, object }) => {
          if (type !== 'DELETED' && isIncomplete(object)) this.queue.add(object.metadata.name)
        },
      },
    ]
  }

  protected sync(name: string): void {
    const { store } = this.cluster.backend
    const node = store.collection(NODES)?.get(undefined, name)
    if (node === undefined || !isIncomplete(node)) return
    const needed = lacksRange(node)
    const range = needed ? this.#freeRange() : undefined
    if (!needed || range !== undefined) {
      this.writer.update({ resource: NODES, name }, (now) => completed(now, range))
      return
    }
    this.#events.normal(regardingNode(node), 'CIDRNotAvailable', `Node ${name} status is now: CIDRNotAvailable`)
    this.writer.update({ resource: NODES, name }, (now) => completed(now, undefined))
    throw new Error(
      'failed to allocate cidr from cluster cidr at idx:0: CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range',
    )
  }

  #freeRange(): string | undefined {
    const used = new Set(
      [...(this.cluster.backend.store.collection(NODES) ?? [])].map((node) => (node as Node).spec?.podCIDR),
    )
    const start = this.#next ?? 0
    for (let index = 0; index < RANGES; index++) {
      const candidate = (start + index) % RANGES
      if (used.has(rangeOf(candidate))) continue
      this.#next = (candidate + 1) % RANGES
      return rangeOf(candidate)
    }
    return undefined
  }
}

const lacksRange = (node: ApiObject): boolean => ((node as Node).spec?.podCIDR ?? '') === ''

function labelsFor({ metadata: { labels = {} } }: ApiObject): Record<string, string> {
  const changed: Record<string, string> = {}
  for (const [first, second] of FOLLOWING) {
    const value = labels[first]
    if (value !== undefined && labels[second] !== value) changed[second] = value
  }
  return changed
}

function isIncomplete(node: ApiObject): boolean {
  return lacksRange(node) || node.metadata.annotations?.[TTL] === undefined || Object.keys(labelsFor(node)).length > 0
}

function completed(node: ApiObject, range: string | undefined): ApiObject {
  const marked = withMetadata(node, {
    annotations: { [TTL]: '0', ...node.metadata.annotations },
    labels: { ...node.metadata.labels, ...labelsFor(node) },
  })
  if (range === undefined || !lacksRange(node)) return marked
  return { ...marked, spec: { ...(node as Node).spec, podCIDR: range, podCIDRs: [range] } }
}
