import type { Labels } from '../objects/requirement.ts'
import type { Check, Prepared, Rejection, Surroundings } from './check.ts'
import { type NodeInfo, tally } from './node-info.ts'
import { type AffinityTerm, type PodGroup, type PodInfo, termMatches } from './pod-info.ts'

const APART: Rejection = {
  plugin: 'InterPodAffinity',
  reasons: ["node(s) didn't match pod affinity rules"],
  resolvable: false,
}
const TOGETHER: Rejection = {
  plugin: 'InterPodAffinity',
  reasons: ["node(s) didn't match pod anti-affinity rules"],
  resolvable: true,
}
const UNWELCOME: Rejection = {
  plugin: 'InterPodAffinity',
  reasons: ["node(s) didn't satisfy existing pods anti-affinity rules"],
  resolvable: true,
}

/** Counts by `topology key`, then value. */
type Domains = Map<string, number>
const NO_TERMS: readonly AffinityTerm[] = []
const domain = (key: string, value: string): string => `${key}\n${value}`

/** How many Pods satisfy, or would break, which terms in which part of the cluster: InterPodAffinity's `preFilterState`. */
interface Counts {
  /** Parts where others do not want this Pod. */
  readonly unwelcome: Domains
  readonly near: Domains
  readonly far: Domains
}

export function interPodAffinity(info: PodInfo, surroundings: Surroundings): Prepared {
  const near = info.affinity?.required ?? NO_TERMS
  const far = info.affinity?.requiredAnti ?? NO_TERMS
  const own: Counts = { unwelcome: new Map(), near: new Map(), far: new Map() }
  const check = new AffinityCheck(info, surroundings, own)
  for (const node of surroundings.nodesWithAffinity) {
    for (const other of node.withAffinity) check.countUnwelcome(other, node, 1)
  }
  if (near.length > 0 || far.length > 0) {
    for (const node of surroundings.nodes) {
      for (const [group, pods] of node.groups) check.countOwn(group, node, pods)
    }
  }
  return near.length === 0 && far.length === 0 && own.unwelcome.size === 0 ? undefined : check
}

class AffinityCheck implements Check {
  readonly plugin = 'InterPodAffinity'
  readonly #info: PodInfo
  readonly #surroundings: Surroundings
  readonly #counts: Counts
  readonly #near: readonly AffinityTerm[]
  readonly #far: readonly AffinityTerm[]
  readonly #namespaceLabels: Labels

  constructor(info: PodInfo, surroundings: Surroundings, counts: Counts) {
    this.#info = info
    this.#surroundings = surroundings
    this.#counts = counts
    this.#near = info.affinity?.required ?? NO_TERMS
    this.#far = info.affinity?.requiredAnti ?? NO_TERMS
    this.#namespaceLabels = surroundings.labelsOf(info.group.namespace)
  }

  reject({ labels }: NodeInfo): Rejection | undefined {
    if (!this.#isNear(labels)) return APART
    const { far, unwelcome } = this.#counts
    if (far.size > 0) {
      for (const { topologyKey } of this.#far) {
        const value = labels[topologyKey]
        if (value !== undefined && (far.get(domain(topologyKey, value)) ?? 0) > 0) return TOGETHER
      }
    }
    if (unwelcome.size > 0) {
      for (const key in labels) if ((unwelcome.get(domain(key, labels[key] as string)) ?? 0) > 0) return UNWELCOME
    }
    return undefined
  }

  count(pod: PodInfo, node: NodeInfo, sign: 1 | -1): void {
    this.countUnwelcome(pod, node, sign)
    this.countOwn(pod.group, node, sign)
  }

  copy(): Check {
    const { unwelcome, near, far } = this.#counts
    return new AffinityCheck(this.#info, this.#surroundings, {
      unwelcome: new Map(unwelcome),
      near: new Map(near),
      far: new Map(far),
    })
  }

  /** What another Pod's terms say about this one. */
  countUnwelcome(other: PodInfo, { labels }: NodeInfo, by: number): void {
    for (const term of other.affinity?.requiredAnti ?? NO_TERMS) {
      const value = labels[term.topologyKey]
      if (value === undefined || !termMatches(term, this.#info.group, this.#namespaceLabels)) continue
      tally(this.#counts.unwelcome, domain(term.topologyKey, value), by)
    }
  }

  /** What this Pod's terms say about others. */
  countOwn(group: PodGroup, { labels }: NodeInfo, by: number): void {
    if (this.#near.length === 0 && this.#far.length === 0) return
    const ofNamespace = this.#surroundings.labelsOf(group.namespace)
    if (this.#near.length > 0 && this.#near.every((term) => termMatches(term, group, ofNamespace))) {
      for (const { topologyKey } of this.#near) count(this.#counts.near, topologyKey, labels, by)
    }
    for (const term of this.#far) {
      if (termMatches(term, group, ofNamespace)) count(this.#counts.far, term.topologyKey, labels, by)
    }
  }

  #isNear(labels: Labels): boolean {
    let found = true
    for (const { topologyKey } of this.#near) {
      const value = labels[topologyKey]
      if (value === undefined) return false
      if ((this.#counts.near.get(domain(topologyKey, value)) ?? 0) <= 0) found = false
    }
    if (found) return true
    // The first of Pods that want to be near each other must be let in somewhere
    const { group } = this.#info
    return this.#counts.near.size === 0 && this.#near.every((term) => termMatches(term, group, this.#namespaceLabels))
  }
}

function count(counts: Domains, key: string, labels: Labels, by: number): void {
  const value = labels[key]
  if (value !== undefined) tally(counts, domain(key, value), by)
}

/** Weight of required terms of others, in scores: `hardPodAffinityWeight`. */
const HARD_WEIGHT = 1

/** How much a node is liked for the Pods that are near; undefined where nobody has any wishes (InterPodAffinity's `PreScore`). */
export function affinityScores(info: PodInfo, surroundings: Surroundings): ((node: NodeInfo) => number) | undefined {
  const liked = info.affinity?.preferred ?? NO_TERMS
  const disliked = info.affinity?.preferredAnti ?? NO_TERMS
  const scores = new Map<string, Map<string, number>>()
  const add = ({ topologyKey }: AffinityTerm, { labels }: NodeInfo, weight: number): void => {
    const value = labels[topologyKey]
    if (value === undefined) return
    let values = scores.get(topologyKey)
    if (values === undefined) {
      values = new Map()
      scores.set(topologyKey, values)
    }
    values.set(value, (values.get(value) ?? 0) + weight)
  }
  if (liked.length > 0 || disliked.length > 0) {
    for (const node of surroundings.nodes) {
      for (const [group, pods] of node.groups) {
        const labels = surroundings.labelsOf(group.namespace)
        for (const term of liked) if (termMatches(term, group, labels)) add(term, node, term.weight * pods)
        for (const term of disliked) if (termMatches(term, group, labels)) add(term, node, -term.weight * pods)
      }
    }
  }
  const own = surroundings.labelsOf(info.group.namespace)
  for (const node of surroundings.nodesWithAffinity) {
    for (const { affinity } of node.withAffinity) {
      if (affinity === undefined) continue
      for (const term of affinity.required) if (termMatches(term, info.group, own)) add(term, node, HARD_WEIGHT)
      for (const term of affinity.preferred) if (termMatches(term, info.group, own)) add(term, node, term.weight)
      for (const term of affinity.preferredAnti) if (termMatches(term, info.group, own)) add(term, node, -term.weight)
    }
  }
  if (scores.size === 0) return undefined
  return ({ labels }) => {
    let score = 0
    for (const [key, values] of scores) {
      const value = labels[key]
      if (value !== undefined) score += values.get(value) ?? 0
    }
    return score
  }
}
