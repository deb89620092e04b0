import type { PodSpec, Toleration } from '../kinds/pod/types.ts'
import type { Surroundings } from './check.ts'
import { preferenceOf } from './node-affinity.ts'
import type { NodeInfo } from './node-info.ts'
import { affinityScores } from './pod-affinity.ts'
import { NO_TOLERATIONS, type PodInfo, podSpec } from './pod-info.ts'
import { tolerates } from './taints.ts'
import { type Constraint, counts, HOSTNAME, hasKeys, MatchCounter, softConstraintsOf } from './topology-spread.ts'

/** The best that a plug-in can say of a node: `MaxNodeScore`. */
const MOST = 100

/** Bytes: images smaller than this, and per container larger than that, make no more difference. */
const SMALL_IMAGE = 23 * 1024 * 1024
const LARGE_IMAGE = 1000 * 1024 * 1024

export interface ScoreWorld extends Surroundings {
  /** On how many nodes an image of this name is. */
  imageNodes(name: string): number
}

/** How good each of the nodes is for the Pod: the sum of the default profile's score plug-ins with their weights (1.34). */
export function scoreNodes(info: PodInfo, nodes: readonly NodeInfo[], world: ScoreWorld): number[] {
  const total = nodes.map(() => 0)
  const add = (weight: number, scores: readonly number[] | undefined): void => {
    if (scores === undefined) return
    for (let index = 0; index < total.length; index++) (total[index] as number) += weight * (scores[index] as number)
  }
  add(3, taintScores(info, nodes))
  add(2, preferenceScores(info, nodes))
  add(
    1,
    nodes.map((node) => leastAllocated(info, node)),
  )
  add(2, spreadScores(info, nodes, world))
  add(2, nearnessScores(info, nodes, world))
  add(1, balanceScores(info, nodes))
  add(1, imageScores(info, nodes, world))
  return total
}

function taintScores({ pod }: PodInfo, nodes: readonly NodeInfo[]): number[] | undefined {
  const tolerations = (podSpec(pod).tolerations ?? NO_TOLERATIONS).filter(
    ({ effect = '' }: Toleration) => effect === '' || effect === 'PreferNoSchedule',
  )
  let isDisliked = false
  const disliked = nodes.map(({ taints }) => {
    let count = 0
    for (const taint of taints) if (taint.effect === 'PreferNoSchedule' && !tolerates(tolerations, taint)) count++
    isDisliked ||= count > 0
    return count
  })
  // The same for all is no reason
  return isDisliked ? normalized(disliked).map((score) => MOST - score) : undefined
}

function preferenceScores({ pod }: PodInfo, nodes: readonly NodeInfo[]): number[] | undefined {
  const spec = podSpec(pod)
  if (spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution === undefined) return undefined
  return normalized(nodes.map((node) => preferenceOf(spec, node)))
}

/** To 0…100, by the greatest. */
function normalized(scores: readonly number[]): number[] {
  const most = Math.max(...scores)
  return scores.map((score) => (most === 0 ? 0 : Math.trunc((MOST * score) / most)))
}

function leastAllocated({ requests }: PodInfo, { allocatable, scoredCpu, scoredMemory }: NodeInfo): number {
  let sum = 0
  let weights = 0
  const part = (asked: number, there: number): void => {
    if (there === 0) return
    if (asked <= there) sum += Math.trunc(((there - asked) * MOST) / there)
    weights++
  }
  part(scoredCpu + requests.scoredCpu, allocatable.cpu)
  part(scoredMemory + requests.scoredMemory, allocatable.memory)
  return weights === 0 ? 0 : Math.trunc(sum / weights)
}

function balanceScores({ requests }: PodInfo, nodes: readonly NodeInfo[]): number[] | undefined {
  // Who asks for nothing would else all go to one node
  if (requests.cpu === 0 && requests.memory === 0) return undefined
  return nodes.map(({ allocatable, cpu, memory }) => {
    if (allocatable.cpu === 0 || allocatable.memory === 0) return MOST
    const ofCpu = Math.min((cpu + requests.cpu) / allocatable.cpu, 1)
    const ofMemory = Math.min((memory + requests.memory) / allocatable.memory, 1)
    return Math.trunc((1 - Math.abs((ofCpu - ofMemory) / 2)) * MOST)
  })
}

function imageScores({ pod }: PodInfo, nodes: readonly NodeInfo[], world: ScoreWorld): number[] {
  const { containers, initContainers = [] } = podSpec(pod)
  const all = [...initContainers, ...(containers ?? [])].map(({ image = '' }) => {
    const name = image.lastIndexOf(':') <= image.lastIndexOf('/') ? `${image}:latest` : image
    return { name, nodes: world.imageNodes(name) }
  })
  const large = LARGE_IMAGE * all.length
  return nodes.map(({ images }) => {
    if (images === undefined || all.length === 0) return 0
    let sum = 0
    for (const image of all) {
      const size = images.get(image.name)
      if (size !== undefined) sum += Math.trunc((size * image.nodes) / world.nodes.length)
    }
    return Math.trunc((MOST * (Math.min(Math.max(sum, SMALL_IMAGE), large) - SMALL_IMAGE)) / (large - SMALL_IMAGE))
  })
}

function nearnessScores(info: PodInfo, nodes: readonly NodeInfo[], world: ScoreWorld): number[] | undefined {
  const score = affinityScores(info, world)
  if (score === undefined) return undefined
  const scores = nodes.map(score)
  const least = Math.min(...scores)
  const apart = Math.max(...scores) - least
  return scores.map((one) => (apart > 0 ? Math.trunc(MOST * ((one - least) / apart)) : 0))
}

function spreadScores(info: PodInfo, nodes: readonly NodeInfo[], world: ScoreWorld): number[] | undefined {
  const constraints = softConstraintsOf(info, world)
  if (constraints.length === 0) return undefined
  const strict = isOwn(podSpec(info.pod))
  const counters = constraints.map(({ selector }) => new MatchCounter(selector, info.group.namespace, world.groups))
  const domains = domainCounts(info, nodes, world, { constraints, counters, strict })
  const eligible = nodes.map((node) => !strict || hasKeys(node, constraints))
  const taken = eligible.filter(Boolean).length
  const weights = constraints.map(({ key }, index) =>
    Math.log((key === HOSTNAME ? taken : (domains[index] as Map<string, number>).size) + 2),
  )
  const raw = nodes.map((node, place) => {
    if (!eligible[place]) return 0
    let score = 0
    for (let index = 0; index < constraints.length; index++) {
      const { key, maxSkew } = constraints[index] as Constraint
      const value = node.labels[key]
      if (value === undefined) continue
      const count = key === HOSTNAME ? (counters[index] as MatchCounter).on(node) : (domains[index]?.get(value) ?? 0)
      score += count * (weights[index] as number) + maxSkew - 1
    }
    return Math.round(score)
  })
  const counted = raw.filter((_, place) => eligible[place])
  const least = Math.min(...counted)
  const most = Math.max(0, ...counted)
  return raw.map((score, place) => {
    if (!eligible[place]) return 0
    return most === 0 ? MOST : Math.trunc((MOST * (most + least - score)) / most)
  })
}

const isOwn = ({ topologySpreadConstraints = [] }: PodSpec): boolean => topologySpreadConstraints.length > 0

/** Per constraint, how many Pods are in each domain that one of the nodes is in; hosts are counted when they are scored. */
function domainCounts(
  info: PodInfo,
  nodes: readonly NodeInfo[],
  world: ScoreWorld,
  {
    constraints,
    counters,
    strict,
  }: {
    readonly constraints: readonly Constraint[]
    readonly counters: readonly MatchCounter[]
    readonly strict: boolean
  },
): Map<string, number>[] {
  const domains = constraints.map(() => new Map<string, number>())
  const isKnown = (node: NodeInfo) => !strict || hasKeys(node, constraints)
  // One constraint after the other: this runs for each Pod on each node, and must leave nothing behind
  for (let index = 0; index < constraints.length; index++) {
    const constraint = constraints[index] as Constraint
    const { key } = constraint
    if (key === HOSTNAME) continue
    const known = domains[index] as Map<string, number>
    // Nodes without the label are a domain of their own, as upstream has it
    for (const node of nodes) if (isKnown(node)) known.set(node.labels[key] ?? '', 0)
    const counter = counters[index] as MatchCounter
    for (const node of world.nodes) {
      const value = node.labels[key] ?? ''
      const before = known.get(value)
      if (before === undefined || !isKnown(node) || !counts(constraint, info, node)) continue
      known.set(value, before + counter.on(node))
    }
  }
  return domains
}
