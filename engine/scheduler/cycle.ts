import type { Check, Plugin, Prepared, Rejection, Surroundings } from './check.ts'
import { nodeAffinity, nodeName, nodePorts, nodeResourcesFit, nodeUnschedulable, taintToleration } from './filters.ts'
import type { NodeInfo } from './node-info.ts'
import type { Nominations } from './nominations.ts'
import { interPodAffinity } from './pod-affinity.ts'
import { type PodInfo, priorityOf } from './pod-info.ts'
import { podTopologySpread } from './topology-spread.ts'
import type { VolumeBinding } from './volume-binding.ts'
import { volumeRestrictions, volumeZone } from './volume-restrictions.ts'

/** One Pod's turn: what all plug-ins have worked out for it, and what they said of the nodes. */
export class Cycle {
  readonly info: PodInfo
  /** No node will do, whichever. */
  readonly refused: Rejection | undefined
  readonly rejections = new Map<string, Rejection>()
  readonly #checks: readonly Check[]
  readonly #nominations: Nominations

  constructor(
    info: PodInfo,
    world: Surroundings,
    { nominations, volumes }: { readonly nominations: Nominations; readonly volumes: VolumeBinding },
  ) {
    this.info = info
    this.#nominations = nominations
    const checks: Check[] = []
    let refused: Rejection | undefined
    const prepare: readonly (() => Prepared)[] = [
      () => nodeUnschedulable(info),
      () => nodeName(info),
      () => taintToleration(info),
      () => nodeAffinity(info),
      () => nodePorts(info),
      () => nodeResourcesFit(info),
      () => volumeRestrictions(info, world),
      () => volumes.check(info),
      () => volumeZone(info, world),
      () => podTopologySpread(info, world),
      () => interPodAffinity(info, world),
    ]
    for (const one of prepare) {
      const prepared = one()
      if (prepared === undefined) continue
      if ('refused' in prepared) {
        refused = prepared.refused
        break
      }
      checks.push(prepared)
    }
    this.#checks = checks
    this.refused = refused
  }

  /** Whose word it was that the Pod went nowhere. */
  get plugins(): ReadonlySet<Plugin> {
    const plugins = new Set<Plugin>()
    if (this.refused !== undefined) plugins.add(this.refused.plugin)
    for (const { plugin } of this.rejections.values()) plugins.add(plugin)
    return plugins
  }

  /** Whether the node will do, also if the Pods that have been promised a place there and are no less important come. */
  fits(node: NodeInfo): boolean {
    const rejection = this.#rejectWithNominated(this.#checks, node)
    if (rejection === undefined) return true
    this.rejections.set(node.name, rejection)
    return false
  }

  /** To try what would be if other Pods were on a node. */
  trial(node: NodeInfo): Trial {
    const copy = node.copy()
    const checks = this.#checks.map((check) => check.copy?.() ?? check)
    const change = (pod: PodInfo, sign: 1 | -1): void => {
      if (sign > 0) copy.add(pod)
      else copy.remove(pod.key)
      for (const check of checks) check.count?.(pod, copy, sign)
    }
    return {
      add: (pod) => change(pod, 1),
      remove: (pod) => change(pod, -1),
      reject: () => this.#rejectWithNominated(checks, copy),
    }
  }

  #rejectWithNominated(checks: readonly Check[], node: NodeInfo): Rejection | undefined {
    const promised = this.#nominations
      .on(node.name)
      .filter(({ pod, key }) => key !== this.info.key && priorityOf(pod) >= priorityOf(this.info.pod))
    if (promised.length > 0) {
      const full = node.copy()
      const counting = checks.map((check) => check.copy?.() ?? check)
      for (const pod of promised) {
        full.add(pod)
        for (const check of counting) check.count?.(pod, full, 1)
      }
      const rejection = firstRejection(counting, full)
      if (rejection !== undefined) return rejection
    }
    return firstRejection(checks, node)
  }
}

export interface Trial {
  add(pod: PodInfo): void
  remove(pod: PodInfo): void
  reject(): Rejection | undefined
}

function firstRejection(checks: readonly Check[], node: NodeInfo): Rejection | undefined {
  for (const check of checks) {
    const rejection = check.reject(node)
    if (rejection !== undefined) return rejection
  }
  return undefined
}
