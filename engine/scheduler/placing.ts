import type { Random } from '../clock/random.ts'
import type { Cache } from './cache.ts'
import { Cycle } from './cycle.ts'
import { requiredOf } from './filters.ts'
import { namedNodes } from './node-affinity.ts'
import type { NodeInfo } from './node-info.ts'
import type { Nominations } from './nominations.ts'
import { type PodInfo, podSpec, podStatus } from './pod-info.ts'
import { notAvailable } from './preemption.ts'
import { scoreNodes } from './scores.ts'
import type { VolumeBinding } from './volume-binding.ts'

/** So many nodes that will do are enough to choose from; of more nodes than that a share is looked for, in percent. */
const ENOUGH_NODES = 100
const LEAST_PERCENT = 5

export interface PlacingOptions {
  readonly cache: Cache
  readonly nominations: Nominations
  readonly volumes: VolumeBinding
  readonly random: Random
}

/** Where a Pod goes, or why it goes nowhere. */
export type Placed =
  | { readonly node: NodeInfo }
  | { readonly none: true }
  /** `message` without what preemption has to say. */
  | { readonly cycle: Cycle; readonly message: string }

/** Finds the best node for a Pod: scheduler's `schedulePod` (1.34). */
export class Placing {
  readonly #options: PlacingOptions
  /** Where the search for nodes goes on, so that all have the same chance. */
  #next = 0

  constructor(options: PlacingOptions) {
    this.#options = options
  }

  /** Throws `SchedulerError` where upstream has an error rather than a no. */
  place(info: PodInfo): Placed {
    const { cache } = this.#options
    if (cache.nodes.length === 0) return { none: true }
    const cycle = new Cycle(info, cache, this.#options)
    if (cycle.refused !== undefined) {
      const message = `0/${cache.nodes.length} nodes are available: ${cycle.refused.reasons.join(', ')}.`
      return { cycle, message }
    }
    const promised = cache.node(podStatus(info.pod).nominatedNodeName ?? '')
    if (promised !== undefined && cycle.fits(promised)) return { node: promised }
    const named = namedNodes(requiredOf(podSpec(info.pod)))
    const nodes = named === undefined ? cache.nodes : [...named].flatMap((name) => cache.node(name) ?? [])
    const fitting = this.#find(cycle, nodes)
    if (fitting.length === 0) return { cycle, message: this.#message(cycle, named !== undefined) }
    return { node: this.#best(info, fitting) }
  }

  #find(cycle: Cycle, nodes: readonly NodeInfo[]): NodeInfo[] {
    const enough = enoughOf(nodes.length)
    const fitting: NodeInfo[] = []
    for (let index = 0; index < nodes.length && fitting.length < enough; index++) {
      const node = nodes[(this.#next + index) % nodes.length] as NodeInfo
      if (cycle.fits(node)) fitting.push(node)
    }
    this.#next = (this.#next + fitting.length + cycle.rejections.size) % this.#options.cache.nodes.length
    return fitting
  }

  #message({ rejections }: Cycle, narrowed: boolean): string {
    const { length } = this.#options.cache.nodes
    const reasons = new Map<string, number>()
    for (const rejection of rejections.values()) {
      for (const reason of rejection.reasons) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    }
    if (narrowed && rejections.size < length) {
      reasons.set("node(s) didn't satisfy plugin(s) [NodeAffinity]", length - rejections.size)
    }
    return notAvailable(length, reasons)
  }

  /** One of those with the highest score, by chance. */
  #best(info: PodInfo, nodes: readonly NodeInfo[]): NodeInfo {
    if (nodes.length === 1) return nodes[0] as NodeInfo
    const scores = scoreNodes(info, nodes, this.#options.cache)
    const most = Math.max(...scores)
    return this.#options.random.pick(nodes.filter((_, index) => scores[index] === most))
  }
}

function enoughOf(nodes: number): number {
  if (nodes < ENOUGH_NODES) return nodes
  const percent = Math.max(LEAST_PERCENT, 50 - Math.trunc(nodes / 125))
  return Math.max(ENOUGH_NODES, Math.trunc((nodes * percent) / 100))
}
