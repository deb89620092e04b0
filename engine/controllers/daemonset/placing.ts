import { isAvailable, isEnding, isReady, type Pod, statusOf } from '../../kinds/pod/status.ts'
import { type Fit, HASH_LABEL, isUpdated } from './daemon-pod.ts'
import { allowsSurge, type DaemonSet, limits, type Node, oldestFirst, type PodsByNode } from './types.ts'

/** What is to be done. */
export interface Plan {
  /** Names of nodes that get a Pod. */
  readonly create: readonly string[]
  readonly remove: readonly Pod[]
}

export interface Situation {
  readonly set: DaemonSet
  readonly hash: string
  readonly nodes: readonly Node[]
  readonly pods: PodsByNode
  readonly fitOf: (node: Node) => Fit
  readonly now: number
}

/** Whether a Pod that has ended by itself is to be replaced now. */
export type Ended = (pod: Pod, node: string) => boolean

/** A Pod for each node that is to have one, none for others: `manage` (1.34). */
export function placing(situation: Situation, ended: Ended): Plan {
  const { nodes, pods } = situation
  const create: string[] = []
  const remove: Pod[] = []
  for (const node of nodes) placeOn(situation, node, ended, create, remove)
  const known = new Set(nodes.map(({ metadata }) => metadata.name))
  for (const [node, there] of pods) {
    if (!known.has(node)) remove.push(...there.filter(({ spec }) => (spec.nodeName ?? '') === ''))
  }
  return { create, remove }
}

function placeOn(situation: Situation, node: Node, ended: Ended, create: string[], remove: Pod[]): void {
  const { set, pods, fitOf } = situation
  const { name } = node.metadata
  const { runs, stays } = fitOf(node)
  const there = pods.get(name)
  if (there === undefined) {
    if (runs) create.push(name)
    return
  }
  const staying = there.filter((pod) => !isEnding(pod))
  if (!stays) {
    remove.push(...staying)
    return
  }
  const running: Pod[] = []
  for (const pod of staying) {
    const { phase } = statusOf(pod)
    if (phase !== 'Failed' && phase !== 'Succeeded') running.push(pod)
    else if (ended(pod, name)) remove.push(pod)
  }
  running.sort(oldestFirst)
  if (!allowsSurge(set)) remove.push(...running.slice(1))
  else if (running.length > 1) remove.push(...replacedBySurge(situation, running))
  else if (running.length === 0 && runs) create.push(name)
}

/** Of an old and a new Pod on a node the old one goes once the new one is available, or does not work itself; of each there is one. */
function replacedBySurge({ set, hash, now }: Situation, running: readonly Pod[]): Pod[] {
  const isNew = ({ metadata }: Pod) => metadata.labels?.[HASH_LABEL] === hash
  const [fresh, ...moreNew] = running.filter(isNew)
  const [old, ...moreOld] = running.filter((pod) => !isNew(pod))
  const surplus = [...moreNew, ...moreOld]
  if (fresh === undefined || old === undefined) return surplus
  const replaced = !isReady(old) || isAvailable(fresh, set.spec.minReadySeconds ?? 0, now)
  return replaced ? [...surplus, old] : surplus
}

interface OnNode {
  readonly name: string
  readonly fresh?: Pod
  readonly old?: Pod
  /** There is more than one of either. */
  readonly crowded: boolean
}

/** One step of a rolling update: `rollingUpdate` (1.34). */
export function rolling(situation: Situation): Plan {
  const { set, nodes, pods, fitOf } = situation
  const wanted = nodes.filter((node) => fitOf(node).runs).map(({ metadata }) => metadata.name)
  const names = new Set([...pods.keys(), ...wanted])
  const all = [...names].map((name) => onNode(situation, name))
  const { surge, unavailable } = limits(set, wanted.length)
  if (surge === 0) return { create: [], remove: replacing(situation, all, unavailable) }
  return surging(situation, all, surge, new Set(wanted))
}

function onNode({ set, hash, pods }: Situation, name: string): OnNode {
  const staying = (pods.get(name) ?? []).filter((pod) => !isEnding(pod))
  const [fresh, ...moreNew] = staying.filter((pod) => isUpdated(set, pod, hash))
  const [old, ...moreOld] = staying.filter((pod) => !isUpdated(set, pod, hash))
  const crowded = moreNew.length > 0 || moreOld.length > 0
  return { name, crowded, ...(fresh === undefined ? {} : { fresh }), ...(old === undefined ? {} : { old }) }
}

/** Old Pods that do not work go, and of the others as many as may be missing. */
function replacing(situation: Situation, all: readonly OnNode[], most: number): Pod[] {
  let unavailable = 0
  const broken: Pod[] = []
  const candidates: Pod[] = []
  for (const { fresh, old, crowded } of all) {
    if (crowded || (fresh === undefined) === (old === undefined)) unavailable++
    else if (fresh !== undefined) unavailable += works(situation, fresh) ? 0 : 1
    else if (old !== undefined && !works(situation, old)) {
      broken.push(old)
      unavailable++
    } else if (old !== undefined && unavailable < most) candidates.push(old)
  }
  return [...broken, ...candidates.slice(0, Math.max(0, most - unavailable))]
}

/** New Pods are made beside old ones as far as there may be too many, and take their places when they are available. */
function surging(situation: Situation, all: readonly OnNode[], most: number, wanted: ReadonlySet<string>): Plan {
  const remove: Pod[] = []
  const create: string[] = []
  const candidates: string[] = []
  const unwanted: Pod[] = []
  let surge = 0
  let available = 0
  for (const { name, fresh, old, crowded } of all) {
    if (crowded) {
      surge++
      continue
    }
    const serving = old ?? fresh
    if (serving !== undefined && works(situation, serving)) available++
    if (old === undefined) continue
    if (fresh !== undefined) {
      if (works(situation, fresh)) remove.push(old)
      else surge++
    } else if (!wanted.has(name)) (works(situation, old) ? unwanted : remove).push(old)
    else if (!works(situation, old)) create.push(name)
    else if (surge < most) candidates.push(name)
  }
  const surplus = Math.max(0, available - wanted.size)
  return {
    create: [...create, ...candidates.slice(0, Math.max(0, most - surge))],
    remove: [...remove, ...unwanted.slice(0, surplus)],
  }
}

const works = ({ set, now }: Situation, pod: Pod): boolean => isAvailable(pod, set.spec.minReadySeconds ?? 0, now)
