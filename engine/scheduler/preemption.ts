import type { Random } from '../clock/random.ts'
import type { LabelSelectorObject } from '../objects/label-selector.ts'
import { parseTime } from '../objects/time.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Cache } from './cache.ts'
import type { Cycle } from './cycle.ts'
import type { NodeInfo } from './node-info.ts'
import { type PodInfo, podSpec, podStatus, priorityOf } from './pod-info.ts'

const BUDGETS = { group: 'policy', resource: 'poddisruptionbudgets' } as const
/** Of the nodes where it may help, so many are tried in percent, and at least. */
const CANDIDATES_PERCENT = 10
const LEAST_CANDIDATES = 100

interface Budget {
  readonly spec?: { readonly selector?: LabelSelectorObject }
  readonly status?: {
    readonly disruptionsAllowed?: number
    readonly disruptedPods?: Readonly<Record<string, string>>
  }
}

export interface Candidate {
  readonly node: string
  /** The most important first. */
  readonly victims: readonly PodInfo[]
  /** How many of them a budget protects. */
  readonly violations: number
}

export interface Preempted {
  readonly candidate?: Candidate
  /** What the Pod's message says of it; empty when there is a candidate. */
  readonly message: string
  /** Whether a nomination that the Pod has is to go. */
  readonly clears: boolean
}

/** Looks for a node where lesser Pods could make room: DefaultPreemption's `PostFilter` (1.34). Nothing is changed. */
export function preempt(cycle: Cycle, cache: Cache, random: Random, now: number): Preempted {
  const refusal = whyNot(cycle, cache)
  if (refusal !== undefined) return { message: refusal, clears: false }
  const nodes = cache.nodes.filter(({ name }) => cycle.rejections.get(name)?.resolvable === true)
  const { candidates, reasons } = tryNodes(cycle, cache, nodes, random, now)
  const candidate = best(candidates, now)
  if (candidate !== undefined) return { candidate, message: '', clears: false }
  const others = cache.nodes.length - reasons.length
  const histogram = new Map<string, number>()
  for (const reason of reasons.flat()) histogram.set(reason, (histogram.get(reason) ?? 0) + 1)
  const useless = 'Preemption is not helpful for scheduling'
  if (others > 0) histogram.set(useless, (histogram.get(useless) ?? 0) + others)
  return { message: notAvailable(cache.nodes.length, histogram), clears: true }
}

/** `0/3 nodes are available: 1 Insufficient cpu, 2 …`. */
export function notAvailable(nodes: number, reasons: ReadonlyMap<string, number>): string {
  const listed = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort()
  const start = `0/${nodes} nodes are available:`
  return listed.length === 0 ? start : `${start} ${listed.join(', ')}.`
}

function whyNot({ info, rejections }: Cycle, cache: Cache): string | undefined {
  if (podSpec(info.pod).preemptionPolicy === 'Never') return 'not eligible due to preemptionPolicy=Never.'
  const { nominatedNodeName = '' } = podStatus(info.pod)
  if (nominatedNodeName === '' || rejections.get(nominatedNodeName)?.resolvable === false) return undefined
  const priority = priorityOf(info.pod)
  for (const { pod } of cache.node(nominatedNodeName)?.pods.values() ?? []) {
    if (priorityOf(pod) < priority && endsByPreemption(pod)) {
      return 'not eligible due to a terminating pod on the nominated node.'
    }
  }
  return undefined
}

function endsByPreemption(pod: ApiObject): boolean {
  if (pod.metadata.deletionTimestamp === undefined) return false
  const target = podStatus(pod).conditions?.find(({ type }) => type === 'DisruptionTarget')
  return target?.status === 'True' && target.reason === 'PreemptionByScheduler'
}

interface Tried {
  readonly candidates: readonly Candidate[]
  /** Of each node that will not do even so, why. */
  readonly reasons: readonly (readonly string[])[]
}

function tryNodes(cycle: Cycle, cache: Cache, nodes: readonly NodeInfo[], random: Random, now: number): Tried {
  if (nodes.length === 0) return { candidates: [], reasons: [] }
  const wanted = Math.min(
    nodes.length,
    Math.max(LEAST_CANDIDATES, Math.trunc((nodes.length * CANDIDATES_PERCENT) / 100)),
  )
  const offset = random.below(nodes.length)
  const budgets = [...(cache.store.collection(BUDGETS) ?? [])]
  const safe: Candidate[] = []
  const harmful: Candidate[] = []
  const reasons: (readonly string[])[] = []
  for (let index = 0; index < nodes.length; index++) {
    const tried = tryNode(cycle, cache, nodes[(offset + index) % nodes.length] as NodeInfo, budgets, now)
    if ('victims' in tried) (tried.violations === 0 ? safe : harmful).push(tried)
    else reasons.push(tried.reasons)
    if (safe.length > 0 && safe.length + harmful.length >= wanted) break
  }
  return { candidates: [...safe, ...harmful], reasons }
}

/** Takes all lesser Pods away, then puts back those that may stay, the most important first and those that budgets protect before others. */
function tryNode(
  cycle: Cycle,
  cache: Cache,
  node: NodeInfo,
  budgets: readonly ApiObject[],
  now: number,
): Candidate | { readonly reasons: readonly string[] } {
  const { info } = cycle
  const priority = priorityOf(info.pod)
  const lesser = [...node.pods.values()].filter(({ pod }) => priorityOf(pod) < priority)
  if (lesser.length === 0) return { reasons: ['No preemption victims found for incoming pod'] }
  const trial = cycle.trial(node)
  for (const one of lesser) trial.remove(one)
  const stillNot = trial.reject()
  if (stillNot !== undefined) return stillNot
  lesser.sort((a, b) => moreImportant(a, b, now))
  const { violating, others } = byBudgets(lesser, budgets, cache)
  const victims: PodInfo[] = []
  let violations = 0
  const reprieve = (one: PodInfo): boolean => {
    trial.add(one)
    if (trial.reject() === undefined) return true
    trial.remove(one)
    victims.push(one)
    return false
  }
  for (const one of violating) if (!reprieve(one)) violations++
  for (const one of others) reprieve(one)
  if (victims.length === 0) return { reasons: [`expected at least one victim pod on node "${node.name}"`] }
  victims.sort((a, b) => moreImportant(a, b, now))
  return { node: node.name, victims, violations }
}

function byBudgets(pods: readonly PodInfo[], budgets: readonly ApiObject[], { selectors }: Cache) {
  const left = budgets.map((budget) => (budget as Budget).status?.disruptionsAllowed ?? 0)
  const violating: PodInfo[] = []
  const others: PodInfo[] = []
  for (const one of pods) {
    const { name, namespace, labels } = one.pod.metadata
    let violates = false
    for (const [index, budget] of budgets.entries()) {
      if (budget.metadata.namespace !== namespace || labels === undefined) continue
      const { spec, status } = budget as Budget
      const selector = selectors.of(spec?.selector)
      if (selector.isEmpty() || !selector.matches(labels)) continue
      // The API server has counted it already
      if (status?.disruptedPods?.[name] !== undefined) continue
      left[index] = (left[index] as number) - 1
      if ((left[index] as number) < 0) violates = true
    }
    if (violates) violating.push(one)
    else others.push(one)
  }
  return { violating, others }
}

/** The higher priority, then who has run for longer. */
function moreImportant(a: PodInfo, b: PodInfo, now: number): number {
  return priorityOf(b.pod) - priorityOf(a.pod) || startOf(a, now) - startOf(b, now)
}

function startOf({ pod }: PodInfo, now: number): number {
  const { startTime } = podStatus(pod) as { readonly startTime?: string }
  return (startTime === undefined ? undefined : parseTime(startTime)) ?? now
}

/** The fewest broken budgets, then the least important victims, then the fewest, then the youngest. */
function best(candidates: readonly Candidate[], now: number): Candidate | undefined {
  const scores: readonly ((candidate: Candidate) => number)[] = [
    ({ violations }) => -violations,
    ({ victims }) => -priorityOf((victims[0] as PodInfo).pod),
    // Shifted, so that few Pods below 0 are less than many
    ({ victims }) => -victims.reduce((sum, { pod }) => sum + priorityOf(pod) + 2 ** 31, 0),
    ({ victims }) => -victims.length,
    ({ victims }) => {
      const highest = priorityOf((victims[0] as PodInfo).pod)
      return Math.min(...victims.filter(({ pod }) => priorityOf(pod) === highest).map((one) => startOf(one, now)))
    },
  ]
  let left = candidates
  for (const score of scores) {
    if (left.length < 2) break
    const most = Math.max(...left.map(score))
    left = left.filter((candidate) => score(candidate) === most)
  }
  return left[0]
}
