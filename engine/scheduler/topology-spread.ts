import type { SpreadConstraint } from '../kinds/pod/types.ts'
import type { LabelSelector } from '../objects/label-selector.ts'
import type { Check, Prepared, Rejection, Surroundings } from './check.ts'
import { defaultSelector } from './default-selector.ts'
import { mayGoTo } from './node-affinity.ts'
import type { NodeInfo } from './node-info.ts'
import { NO_TOLERATIONS, type PodGroup, type PodInfo, podSpec } from './pod-info.ts'
import { untolerated } from './taints.ts'

export const HOSTNAME = 'kubernetes.io/hostname'
const ZONE = 'topology.kubernetes.io/zone'

/** What Pods of a workload get that have no constraints of their own: the scheduler's system defaults. */
const DEFAULTS: readonly SpreadConstraint[] = [
  { topologyKey: HOSTNAME, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 3 },
  { topologyKey: ZONE, whenUnsatisfiable: 'ScheduleAnyway', maxSkew: 5 },
]

const SKEWED: Rejection = {
  plugin: 'PodTopologySpread',
  reasons: ["node(s) didn't match pod topology spread constraints"],
  resolvable: true,
}
const UNLABELLED: Rejection = {
  plugin: 'PodTopologySpread',
  reasons: ["node(s) didn't match pod topology spread constraints (missing required label)"],
  resolvable: false,
}

/** A constraint, read. */
export interface Constraint {
  readonly key: string
  readonly maxSkew: number
  readonly minDomains: number
  readonly selector: LabelSelector
  readonly honorsAffinity: boolean
  readonly honorsTaints: boolean
}

export function constraintsOf(
  { pod }: PodInfo,
  constraints: readonly SpreadConstraint[],
  action: string,
  { selectors }: Pick<Surroundings, 'selectors'>,
): Constraint[] {
  const labels = pod.metadata.labels ?? {}
  return constraints
    .filter(({ whenUnsatisfiable }) => whenUnsatisfiable === action)
    .map(({ topologyKey, maxSkew, minDomains, labelSelector, matchLabelKeys = [], ...policies }) => ({
      key: topologyKey,
      maxSkew,
      minDomains: minDomains ?? 1,
      selector: withLabels(
        selectors.of(labelSelector),
        matchLabelKeys.filter((key) => Object.hasOwn(labels, key)),
        labels,
      ),
      honorsAffinity: policies.nodeAffinityPolicy !== 'Ignore',
      honorsTaints: policies.nodeTaintsPolicy === 'Honor',
    }))
}

function withLabels(selector: LabelSelector, keys: readonly string[], labels: Readonly<Record<string, string>>) {
  if (keys.length === 0) return selector
  return selector.and(...keys.map((key) => ({ key, operator: '=' as const, values: [labels[key] as string] })))
}

/** What the Pod only would like: its own constraints, or else the defaults, for the Pods that belong together with it. */
export function softConstraintsOf(info: PodInfo, surroundings: Surroundings): Constraint[] {
  const own = podSpec(info.pod).topologySpreadConstraints ?? []
  if (own.length > 0) return constraintsOf(info, own, 'ScheduleAnyway', surroundings)
  const selector = defaultSelector(info.pod, surroundings)
  if (selector.isEmpty()) return []
  return constraintsOf(info, DEFAULTS, 'ScheduleAnyway', surroundings).map((constraint) => ({
    ...constraint,
    selector,
  }))
}

/** Whether Pods on this node count. */
export function counts({ honorsAffinity, honorsTaints }: Constraint, { pod }: PodInfo, node: NodeInfo): boolean {
  const spec = podSpec(pod)
  if (honorsAffinity && !mayGoTo(spec, node)) return false
  return !honorsTaints || untolerated(node.taints, spec.tolerations ?? NO_TOLERATIONS) === undefined
}

export const hasKeys = ({ labels }: NodeInfo, constraints: readonly Constraint[]): boolean =>
  constraints.every(({ key }) => Object.hasOwn(labels, key))

/** Counts Pods of a namespace that a selector means, those apart that are ending. */
export class MatchCounter {
  /** A node has Pods of many groups, of which mostly one is meant. */
  readonly #meant: readonly PodGroup[]

  constructor(selector: LabelSelector, namespace: string, groups: ReadonlyMap<PodGroup, number>) {
    const meant: PodGroup[] = []
    // An empty selector counts nothing, as upstream has it
    if (!selector.isEmpty()) {
      for (const group of groups.keys()) {
        if (!group.ending && group.namespace === namespace && selector.matches(group.labels)) meant.push(group)
      }
    }
    this.#meant = meant
  }

  on({ groups }: NodeInfo): number {
    let count = 0
    for (const group of this.#meant) count += groups.get(group) ?? 0
    return count
  }
}

export function podTopologySpread(info: PodInfo, surroundings: Surroundings): Prepared {
  const own = podSpec(info.pod).topologySpreadConstraints ?? []
  if (own.length === 0) return undefined
  const constraints = constraintsOf(info, own, 'DoNotSchedule', surroundings)
  if (constraints.length === 0) return undefined
  const namespace = info.group.namespace
  const found = constraints.map(() => new Map<string, number>())
  const counters = constraints.map(({ selector }) => new MatchCounter(selector, namespace, surroundings.groups))
  for (const node of surroundings.nodes) {
    if (!hasKeys(node, constraints)) continue
    for (const [index, constraint] of constraints.entries()) {
      if (!counts(constraint, info, node)) continue
      const domains = found[index] as Map<string, number>
      const value = node.labels[constraint.key] as string
      domains.set(value, (domains.get(value) ?? 0) + (counters[index] as MatchCounter).on(node))
    }
  }
  return new SpreadCheck(info, constraints, found)
}

class SpreadCheck implements Check {
  readonly plugin = 'PodTopologySpread'
  readonly #info: PodInfo
  readonly #constraints: readonly Constraint[]
  /** Per constraint, how many Pods are in which domain. */
  readonly #found: readonly Map<string, number>[]
  /** Per constraint, the fewest in any domain; worked out when asked for. */
  readonly #fewest: (number | undefined)[]

  constructor(info: PodInfo, constraints: readonly Constraint[], found: readonly Map<string, number>[]) {
    this.#info = info
    this.#constraints = constraints
    this.#found = found
    this.#fewest = constraints.map(() => undefined)
  }

  reject(node: NodeInfo): Rejection | undefined {
    for (const [index, { key, selector, maxSkew }] of this.#constraints.entries()) {
      if (!Object.hasOwn(node.labels, key)) return UNLABELLED
      const here = this.#found[index]?.get(node.labels[key] as string) ?? 0
      const itself = selector.matches(this.#info.group.labels) ? 1 : 0
      if (here + itself - this.#fewestOf(index) > maxSkew) return SKEWED
    }
    return undefined
  }

  count(pod: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    if (pod.group.namespace !== this.#info.group.namespace || !hasKeys(node, this.#constraints)) return
    for (const [index, constraint] of this.#constraints.entries()) {
      if (!constraint.selector.matches(pod.group.labels) || !counts(constraint, this.#info, node)) continue
      const domains = this.#found[index] as Map<string, number>
      const value = node.labels[constraint.key] as string
      domains.set(value, (domains.get(value) ?? 0) + sign)
      this.#fewest[index] = undefined
    }
  }

  copy(): Check {
    return new SpreadCheck(
      this.#info,
      this.#constraints,
      this.#found.map((domains) => new Map(domains)),
    )
  }

  #fewestOf(index: number): number {
    let fewest = this.#fewest[index]
    if (fewest === undefined) {
      const domains = this.#found[index] as Map<string, number>
      const enough = domains.size >= (this.#constraints[index] as Constraint).minDomains
      fewest = enough ? Math.min(...domains.values()) : 0
      this.#fewest[index] = fewest
    }
    return fewest
  }
}
