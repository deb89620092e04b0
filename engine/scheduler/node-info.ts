import type { Taint } from '../kinds/core/node.ts'
import type { Quantities } from '../kinds/pod/types.ts'
import type { Labels } from '../objects/requirement.ts'
import type { ApiObject } from '../objects/types.ts'
import type { HostPort, PodGroup, PodInfo } from './pod-info.ts'
import type { RequestReader, Requests } from './requests.ts'

interface NodeSpec {
  readonly unschedulable?: boolean
  readonly taints?: readonly Taint[]
}

interface NodeStatus {
  readonly allocatable?: Quantities
  readonly images?: readonly { readonly names?: readonly string[]; readonly sizeBytes?: number }[]
}

const NO_LABELS: Labels = {}
const NO_TAINTS: readonly Taint[] = []

export const nodeSpec = (node: ApiObject): NodeSpec => (node.spec ?? {}) as NodeSpec
export const nodeStatus = (node: ApiObject): NodeStatus => (node.status ?? {}) as NodeStatus

/** A node with the sums of its Pods: scheduler's `NodeInfo`. It may have Pods before the node itself is known. */
export class NodeInfo {
  readonly name: string
  readonly pods = new Map<string, PodInfo>()
  /** How many Pods there are of each group. */
  readonly groups = new Map<PodGroup, number>()
  /** Pods with terms about other Pods. */
  readonly withAffinity = new Set<PodInfo>()
  node: ApiObject | undefined
  labels: Labels = NO_LABELS
  taints: readonly Taint[] = NO_TAINTS
  unschedulable = false
  allocatable: Requests = { cpu: 0, memory: 0, storage: 0, others: undefined }
  mostPods = 0
  /** Bytes of the images that are there, by each of their names. */
  images: ReadonlyMap<string, number> | undefined
  cpu = 0
  memory = 0
  storage = 0
  scoredCpu = 0
  scoredMemory = 0
  others: Map<string, number> | undefined
  readonly #totals: Map<PodGroup, number> | undefined
  #ports: Map<string, Map<string, number>> | undefined

  /** `totals` counts the Pods of each group on all nodes that share it. */
  constructor(name: string, totals?: Map<PodGroup, number>) {
    this.name = name
    this.#totals = totals
  }

  set(node: ApiObject, reader: RequestReader): void {
    const { unschedulable = false, taints = NO_TAINTS } = nodeSpec(node)
    const { allocatable, images = [] } = nodeStatus(node)
    this.node = node
    this.labels = node.metadata.labels ?? NO_LABELS
    this.taints = taints
    this.unschedulable = unschedulable
    this.allocatable = reader.ofNode(allocatable)
    this.mostPods = reader.value('pods', allocatable?.pods ?? '0')
    this.images =
      images.length === 0
        ? undefined
        : new Map(images.flatMap(({ names = [], sizeBytes = 0 }) => names.map((name) => [name, sizeBytes] as const)))
  }

  add(info: PodInfo): void {
    this.pods.set(info.key, info)
    this.#count(info, 1)
    if (info.affinity !== undefined) this.withAffinity.add(info)
  }

  /** Takes away the Pod of this key, whatever is known of it. */
  remove(key: string): PodInfo | undefined {
    const info = this.pods.get(key)
    if (info === undefined) return undefined
    this.pods.delete(key)
    this.#count(info, -1)
    this.withAffinity.delete(info)
    return info
  }

  /** The same, to try things on. */
  copy(): NodeInfo {
    const copy = new NodeInfo(this.name)
    copy.node = this.node
    copy.labels = this.labels
    copy.taints = this.taints
    copy.unschedulable = this.unschedulable
    copy.allocatable = this.allocatable
    copy.mostPods = this.mostPods
    copy.images = this.images
    for (const info of this.pods.values()) copy.add(info)
    return copy
  }

  portConflicts(ports: readonly HostPort[]): boolean {
    const used = this.#ports
    if (used === undefined) return false
    return ports.some(({ ip, port }) => {
      if (ip === ANY) return [...used.values()].some((taken) => taken.has(port))
      return (used.get(ANY)?.has(port) ?? false) || (used.get(ip)?.has(port) ?? false)
    })
  }

  #count({ requests, group, ports }: PodInfo, sign: 1 | -1): void {
    this.cpu += sign * requests.cpu
    this.memory += sign * requests.memory
    this.storage += sign * requests.storage
    this.scoredCpu += sign * requests.scoredCpu
    this.scoredMemory += sign * requests.scoredMemory
    if (requests.others !== undefined) {
      this.others ??= new Map()
      for (const [name, amount] of requests.others) tally(this.others, name, sign * amount)
    }
    tally(this.groups, group, sign)
    if (this.#totals !== undefined) tally(this.#totals, group, sign)
    for (const { ip, port } of ports) {
      this.#ports ??= new Map()
      let taken = this.#ports.get(ip)
      if (taken === undefined) {
        taken = new Map()
        this.#ports.set(ip, taken)
      }
      tally(taken, port, sign)
      if (taken.size === 0) this.#ports.delete(ip)
    }
  }
}

const ANY = '0.0.0.0'

/** Adds to a count, which is gone at nothing. */
export function tally<K>(counts: Map<K, number>, key: K, by: number): void {
  const count = (counts.get(key) ?? 0) + by
  if (count === 0) counts.delete(key)
  else counts.set(key, count)
}
