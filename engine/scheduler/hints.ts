import type { Volume } from '../kinds/pod/types.ts'
import { deepEqual } from '../objects/equal.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Cache } from './cache.ts'
import { fitsAlone } from './filters.ts'
import { mayGoTo } from './node-affinity.ts'
import { type NodeInfo, nodeSpec, nodeStatus } from './node-info.ts'
import { NO_TOLERATIONS, type PodInfo, podSpec, termMatches } from './pod-info.ts'
import type { SchedulingQueue } from './queue.ts'
import { untolerated } from './taints.ts'
import { claimNameOf } from './volume-binding.ts'

/** What changes in the cluster may help which Pods that no node would take: the plug-ins' queueing hints (1.34). */
export class Hints {
  readonly #queue: SchedulingQueue
  readonly #cache: Cache

  constructor(queue: SchedulingQueue, cache: Cache) {
    this.#queue = queue
    this.#cache = cache
  }

  nodeCame(node: NodeInfo): void {
    this.#nodeMayDo(node, () => false)
    for (const plugin of ['NodePorts', 'VolumeRestrictions'] as const) this.#queue.move(plugin, always)
    this.#nodeMoved()
  }

  nodeChanged(before: ApiObject, node: NodeInfo): void {
    if (this.#queue.unschedulable === 0 || node.node === undefined) return
    const { taints = [], unschedulable = false } = nodeSpec(before)
    const labels = before.metadata.labels ?? {}
    const relabelled = !deepEqual(labels, node.labels)
    const retainted = !deepEqual(taints, node.taints)
    const reopened = unschedulable && !node.unschedulable
    const resized = !deepEqual(nodeStatus(before).allocatable, nodeStatus(node.node).allocatable)
    if (!relabelled && !retainted && !reopened && !resized) return
    this.#nodeMayDo(node, (what, { pod }) => {
      const spec = podSpec(pod)
      switch (what) {
        case 'open':
          return !unschedulable
        case 'tolerated':
          return untolerated(taints, spec.tolerations ?? NO_TOLERATIONS) === undefined
        case 'wanted':
          return mayGoTo(spec, { name: node.name, labels })
        case 'large enough':
          return !resized
      }
    })
    if (relabelled || retainted) this.#nodeMoved()
  }

  nodeWent(): void {
    this.#queue.move('PodTopologySpread', always)
  }

  podCame(pod: PodInfo): void {
    this.#queue.move('PodTopologySpread', ({ group }) => group.namespace === pod.group.namespace)
    this.#queue.move('InterPodAffinity', (waiting) => this.#isMeant(waiting, pod))
  }

  podWent(pod: PodInfo): void {
    this.#queue.move('NodePorts', ({ ports }) =>
      ports.some(({ port }) => pod.ports.some((other) => other.port === port)),
    )
    for (const plugin of ['NodeResourcesFit', 'VolumeRestrictions'] as const) this.#queue.move(plugin, always)
    this.#queue.move('PodTopologySpread', ({ group }) => group.namespace === pod.group.namespace)
    this.#queue.move('InterPodAffinity', (waiting) => this.#isMeant(waiting, pod) || this.#isMeant(pod, waiting))
  }

  podChanged(before: PodInfo, pod: PodInfo): void {
    if (this.#queue.unschedulable === 0) return
    if (asksForLess(before, pod)) this.#queue.move('NodeResourcesFit', always)
    if (before.group.labels !== pod.group.labels) {
      this.podCame(pod)
      this.#queue.move('InterPodAffinity', (waiting) => this.#isMeant(waiting, before))
    }
  }

  /** A Pod that waits has changed itself. */
  waitingChanged(before: PodInfo, pod: PodInfo): void {
    const queued = this.#queue.get(pod.key)
    if (queued === undefined) return
    const { plugins } = queued
    const relabelled = before.group.labels !== pod.group.labels
    const tolerant = !deepEqual(podSpec(before.pod).tolerations, podSpec(pod.pod).tolerations)
    const helps =
      (plugins.has('NodeResourcesFit') && asksForLess(before, pod)) ||
      (relabelled && (plugins.has('PodTopologySpread') || plugins.has('InterPodAffinity'))) ||
      (tolerant && (plugins.has('TaintToleration') || plugins.has('NodeUnschedulable'))) ||
      // What else of a waiting Pod may change is where it may go
      !deepEqual(podSpec(before.pod).nodeSelector, podSpec(pod.pod).nodeSelector) ||
      !deepEqual(podSpec(before.pod).affinity, podSpec(pod.pod).affinity)
    if (helps) this.#queue.activate(queued)
  }

  claimChanged({ metadata: { namespace, name } }: ApiObject): void {
    for (const plugin of ['VolumeBinding', 'VolumeRestrictions', 'VolumeZone'] as const) {
      this.#queue.move(
        plugin,
        ({ pod, group }) =>
          group.namespace === namespace && volumesOf(pod).some((volume) => claimNameOf(pod, volume) === name),
      )
    }
  }

  storageChanged(): void {
    for (const plugin of ['VolumeBinding', 'VolumeZone'] as const) this.#queue.move(plugin, always)
  }

  /** Those go on for whom the node will do where it did not before. */
  #nodeMayDo(node: NodeInfo, did: (what: Demand, pod: PodInfo) => boolean): void {
    const { taints } = node
    this.#queue.move('NodeUnschedulable', (pod) => !node.unschedulable && !did('open', pod))
    this.#queue.move(
      'TaintToleration',
      (pod) =>
        untolerated(taints, podSpec(pod.pod).tolerations ?? NO_TOLERATIONS) === undefined && !did('tolerated', pod),
    )
    this.#queue.move('NodeAffinity', (pod) => mayGoTo(podSpec(pod.pod), node) && !did('wanted', pod))
    this.#queue.move('NodeResourcesFit', (pod) => fitsAlone(pod, node) && !did('large enough', pod))
  }

  #nodeMoved(): void {
    for (const plugin of ['VolumeBinding', 'VolumeZone', 'PodTopologySpread', 'InterPodAffinity'] as const) {
      this.#queue.move(plugin, always)
    }
  }

  /** Whether one of the Pod's required terms is about the other. */
  #isMeant({ affinity }: PodInfo, { group }: PodInfo): boolean {
    if (affinity === undefined) return false
    const labels = this.#cache.labelsOf(group.namespace)
    return [...affinity.required, ...affinity.requiredAnti].some((term) => termMatches(term, group, labels))
  }
}

type Demand = 'open' | 'tolerated' | 'wanted' | 'large enough'
const always = (): boolean => true

const volumesOf = (pod: ApiObject): readonly Volume[] => podSpec(pod).volumes ?? []

function asksForLess({ requests: before }: PodInfo, { requests: now }: PodInfo): boolean {
  return now !== before && (now.cpu < before.cpu || now.memory < before.memory || now.storage < before.storage)
}
