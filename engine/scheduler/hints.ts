import type { SpreadConstraint, Volume } from '../kinds/pod/types.ts'
import { deepEqual } from '../objects/equal.ts'
import type { Labels } from '../objects/requirement.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Cache } from './cache.ts'
import { fitsAlone } from './filters.ts'
import { mayGoTo } from './node-affinity.ts'
import { type NodeInfo, nodeSpec, nodeStatus } from './node-info.ts'
import { type AffinityTerm, NO_TOLERATIONS, type PodInfo, podSpec, termMatches } from './pod-info.ts'
import type { SchedulingQueue } from './queue.ts'
import type { Requests } from './requests.ts'
import { untolerated } from './taints.ts'
import { constraintsOf } from './topology-spread.ts'
import { claimNameOf } from './volume-binding.ts'

/** A node as it was. */
interface FormerNode {
  readonly name: string
  readonly labels: Labels
  readonly taints: NodeInfo['taints']
  readonly unschedulable: boolean
  readonly allocatable: Requests
  readonly mostPods: number
}

const NO_TERMS: readonly AffinityTerm[] = []
const NO_CONSTRAINTS: readonly SpreadConstraint[] = []
const always = (): boolean => true

/**
 * What changes in the cluster may help which Pods that no node would take: the plug-ins' queueing hints (1.34). Where upstream's are too narrow,
 * these are too: a Pod that is tried more often tells of it more often.
 */
export class Hints {
  readonly #queue: SchedulingQueue
  readonly #cache: Cache

  constructor(queue: SchedulingQueue, cache: Cache) {
    this.#queue = queue
    this.#cache = cache
  }

  nodeCame(node: NodeInfo): void {
    if (this.#queue.unschedulable === 0) return
    this.#nodeMayDo(undefined, node)
    for (const plugin of ['NodePorts', 'VolumeRestrictions', 'VolumeBinding', 'VolumeZone'] as const) {
      this.#queue.move(plugin, always)
    }
  }

  nodeChanged(before: ApiObject, node: NodeInfo): void {
    if (this.#queue.unschedulable === 0) return
    const former = this.#former(before)
    this.#nodeMayDo(former, node)
    if (deepEqual(former.labels, node.labels)) return
    for (const plugin of ['VolumeBinding', 'VolumeZone'] as const) this.#queue.move(plugin, always)
  }

  nodeWent({ metadata: { labels = {} } }: ApiObject): void {
    this.#queue.move('PodTopologySpread', (pod) => this.#keysOf(pod).every((key) => Object.hasOwn(labels, key)))
  }

  podCame(pod: PodInfo): void {
    if (this.#queue.unschedulable === 0) return
    this.#queue.move('PodTopologySpread', (waiting) => this.#isSpreadOver(waiting, pod).includes(true))
    this.#queue.move('InterPodAffinity', (waiting) => this.#isMeant(waiting.affinity?.required, pod))
  }

  podWent(pod: PodInfo): void {
    if (this.#queue.unschedulable === 0) return
    this.#queue.move('NodePorts', ({ ports }) =>
      ports.some(({ port }) => pod.ports.some((other) => other.port === port)),
    )
    this.#queue.move('NodeResourcesFit', always)
    this.#queue.move('VolumeRestrictions', ({ pod: waiting, group }) => {
      if (group.namespace !== pod.group.namespace) return false
      const released = claimsOf(pod.pod)
      return claimsOf(waiting).some((name) => released.includes(name))
    })
    this.#queue.move('PodTopologySpread', (waiting) => this.#isSpreadOver(waiting, pod).includes(true))
    this.#queue.move('InterPodAffinity', (waiting) => this.#isMeant(waiting.affinity?.requiredAnti, pod))
  }

  podChanged(before: PodInfo, pod: PodInfo): void {
    if (this.#queue.unschedulable === 0) return
    if (asksForLess(before, pod)) this.#queue.move('NodeResourcesFit', always)
    if (before.group.labels === pod.group.labels) return
    this.#queue.move(
      'PodTopologySpread',
      (waiting) => !deepEqual(this.#isSpreadOver(waiting, before), this.#isSpreadOver(waiting, pod)),
    )
    this.#queue.move('InterPodAffinity', ({ affinity }) => {
      const near = affinity?.required
      const far = affinity?.requiredAnti
      return (
        (!this.#isMeant(near, before) && this.#isMeant(near, pod)) ||
        (this.#isMeant(far, before) && !this.#isMeant(far, pod))
      )
    })
  }

  /** A Pod that waits has changed itself. */
  waitingChanged(before: PodInfo, pod: PodInfo): void {
    const queued = this.#queue.get(pod.key)
    if (queued === undefined) return
    const { plugins } = queued
    const tolerant = !deepEqual(podSpec(before.pod).tolerations, podSpec(pod.pod).tolerations)
    const helps =
      (plugins.has('NodeResourcesFit') && asksForLess(before, pod)) ||
      (tolerant && (plugins.has('TaintToleration') || plugins.has('NodeUnschedulable'))) ||
      (plugins.has('PodTopologySpread') &&
        ((tolerant && hardConstraintsOf(pod).some(({ nodeTaintsPolicy }) => nodeTaintsPolicy === 'Honor')) ||
          !deepEqual(this.#isSpreadOver(pod, before), this.#isSpreadOver(pod, pod))))
    if (helps) this.#queue.activate(queued)
  }

  claimChanged({ metadata: { namespace, name } }: ApiObject, isNew: boolean): void {
    const uses = ({ pod, group }: PodInfo): boolean => group.namespace === namespace && claimsOf(pod).includes(name)
    for (const plugin of ['VolumeBinding', 'VolumeZone'] as const) this.#queue.move(plugin, uses)
    if (isNew) this.#queue.move('VolumeRestrictions', uses)
  }

  storageChanged(): void {
    for (const plugin of ['VolumeBinding', 'VolumeZone'] as const) this.#queue.move(plugin, always)
  }

  /** Those go on for whom the node will do where it did not before, or where it may make others do. */
  #nodeMayDo(former: FormerNode | undefined, node: NodeInfo): void {
    const { taints, unschedulable } = node
    if (!unschedulable && (former?.unschedulable ?? true)) this.#queue.move('NodeUnschedulable', always)
    this.#queue.move('TaintToleration', ({ pod }) => {
      const tolerations = podSpec(pod).tolerations ?? NO_TOLERATIONS
      const was = former !== undefined && untolerated(former.taints, tolerations) === undefined
      return !was && untolerated(taints, tolerations) === undefined
    })
    this.#queue.move('NodeAffinity', ({ pod }) => {
      const spec = podSpec(pod)
      return mayGoTo(spec, node) && !(former !== undefined && mayGoTo(spec, former))
    })
    this.#queue.move(
      'NodeResourcesFit',
      (pod) => fitsAlone(pod, node) && (former === undefined || hasMore(pod, former, node)),
    )
    this.#queue.move('PodTopologySpread', (pod) => this.#spreadsOtherwise(pod, former, node))
    this.#queue.move('InterPodAffinity', (pod) => placesOtherwise(pod, former, node))
  }

  #former(node: ApiObject): FormerNode {
    const { metadata } = node
    const { taints = [], unschedulable = false } = nodeSpec(node)
    const { allocatable } = nodeStatus(node)
    const { requests } = this.#cache.reader
    return {
      name: metadata.name,
      labels: metadata.labels ?? {},
      taints,
      unschedulable,
      allocatable: requests.ofNode(allocatable),
      mostPods: requests.value('pods', allocatable?.pods ?? '0'),
    }
  }

  #keysOf(pod: PodInfo): readonly string[] {
    return hardConstraintsOf(pod).map(({ topologyKey }) => topologyKey)
  }

  #spreadsOtherwise(pod: PodInfo, former: FormerNode | undefined, node: NodeInfo): boolean {
    const keys = this.#keysOf(pod)
    const has = (labels: Labels): boolean => keys.every((key) => Object.hasOwn(labels, key))
    if (former === undefined) return has(node.labels)
    if (has(former.labels) !== has(node.labels)) return true
    if (!has(node.labels)) return false
    return keys.some((key) => former.labels[key] !== node.labels[key]) || !deepEqual(former.taints, node.taints)
  }

  /** Of each of the waiting Pod's constraints, whether it counts the other. */
  #isSpreadOver(waiting: PodInfo, { group, key }: PodInfo): readonly boolean[] {
    if (key !== waiting.key && group.namespace !== waiting.group.namespace) return []
    return constraintsOf(waiting, hardConstraintsOf(waiting), 'DoNotSchedule', this.#cache).map(({ selector }) =>
      selector.matches(group.labels),
    )
  }

  /** Whether all of the terms are about the other Pod; there has to be one. */
  #isMeant(terms: readonly AffinityTerm[] = NO_TERMS, { group }: PodInfo): boolean {
    if (terms.length === 0) return false
    const labels = this.#cache.labelsOf(group.namespace)
    return terms.every((term) => termMatches(term, group, labels))
  }
}

const hardConstraintsOf = ({ pod }: PodInfo): readonly SpreadConstraint[] =>
  podSpec(pod).topologySpreadConstraints?.filter(({ whenUnsatisfiable }) => whenUnsatisfiable === 'DoNotSchedule') ??
  NO_CONSTRAINTS

function claimsOf(pod: ApiObject): readonly string[] {
  const volumes: readonly Volume[] = podSpec(pod).volumes ?? []
  return volumes.flatMap((volume) => claimNameOf(pod, volume) ?? [])
}

function asksForLess({ requests: before }: PodInfo, { requests: now }: PodInfo): boolean {
  return now !== before && (now.cpu < before.cpu || now.memory < before.memory || now.storage < before.storage)
}

/** Whether the node has more than it had of what the Pod asks for. */
function hasMore({ requests }: PodInfo, { allocatable: before, mostPods }: FormerNode, node: NodeInfo): boolean {
  const { allocatable: now } = node
  if (node.mostPods > mostPods) return true
  const more = (wanted: number, had: number, has: number): boolean => wanted > 0 && has > had
  if (more(requests.cpu, before.cpu, now.cpu) || more(requests.memory, before.memory, now.memory)) return true
  if (more(requests.storage, before.storage, now.storage)) return true
  for (const [name, wanted] of requests.others ?? []) {
    if (more(wanted, before.others?.get(name) ?? 0, now.others?.get(name) ?? 0)) return true
  }
  return false
}

/** Whether the node has come to, or left, a place that the Pod's terms are about. */
function placesOtherwise({ affinity }: PodInfo, former: FormerNode | undefined, { labels }: NodeInfo): boolean {
  const near = (affinity?.required ?? NO_TERMS).some(({ topologyKey }) => {
    const now = labels[topologyKey]
    return now !== undefined && now !== former?.labels[topologyKey]
  })
  if (near) return true
  return (affinity?.requiredAnti ?? NO_TERMS).some(({ topologyKey }) => {
    if (former === undefined) return true
    const before = former.labels[topologyKey]
    return before !== undefined && before !== labels[topologyKey]
  })
}
