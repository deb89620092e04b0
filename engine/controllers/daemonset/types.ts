import type { DaemonSetSpec } from '../../kinds/apps/types.ts'
import type { Taint } from '../../kinds/core/node.ts'
import { isEnding, isTerminal, type Pod } from '../../kinds/pod/status.ts'
import { type IntOrString, scaledValue } from '../../objects/int-or-string.ts'
import { parseTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { Conditions } from '../pod-control/conditions.ts'
import { targetNode } from './daemon-pod.ts'

export const DAEMON_SETS: GroupResource = { group: 'apps', resource: 'daemonsets' }
export const NODES: GroupResource = { group: '', resource: 'nodes' }

export interface DaemonSet extends ApiObject {
  readonly spec: DaemonSetSpec
  readonly status?: DaemonSetStatus
}

export interface DaemonSetStatus {
  readonly currentNumberScheduled: number
  readonly numberMisscheduled: number
  readonly desiredNumberScheduled: number
  readonly numberReady: number
  readonly observedGeneration?: number
  readonly updatedNumberScheduled?: number
  readonly numberAvailable?: number
  readonly numberUnavailable?: number
  readonly collisionCount?: number
  readonly conditions?: Conditions
}

export interface Node extends ApiObject {
  readonly spec?: { readonly taints?: readonly Taint[]; readonly unschedulable?: boolean }
}

export type PodsByNode = ReadonlyMap<string, readonly Pod[]>

/** The Pods by the nodes that they are on, or made for; those that have ended and are being deleted do not count. */
export function byNode(pods: readonly Pod[]): PodsByNode {
  const all = new Map<string, Pod[]>()
  for (const pod of pods) {
    if (isTerminal(pod) && isEnding(pod)) continue
    const node = targetNode(pod)
    if (node === undefined) continue
    const there = all.get(node)
    if (there === undefined) all.set(node, [pod])
    else there.push(pod)
  }
  return all
}

/** Those with a node first, then the oldest. */
export function oldestFirst(left: Pod, right: Pod): number {
  const [first, second] = [left, right].map(({ spec }) => (spec.nodeName ?? '') !== '')
  if (first !== second) return first ? -1 : 1
  const age = (parseTime(left.metadata.creationTimestamp) ?? 0) - (parseTime(right.metadata.creationTimestamp) ?? 0)
  return age !== 0 ? age : left.metadata.name < right.metadata.name ? -1 : 1
}

/** How many Pods may be missing or too many during an update, of so many nodes. */
export function limits({ spec }: DaemonSet, nodes: number): { readonly surge: number; readonly unavailable: number } {
  const { type, rollingUpdate = {} } = spec.updateStrategy
  if (type !== 'RollingUpdate') return { surge: 0, unavailable: 0 }
  const count = (value: IntOrString | undefined) => scaledValue(value ?? 0, nodes, 'up')
  const [surge, unavailable] = [count(rollingUpdate.maxSurge), count(rollingUpdate.maxUnavailable)]
  return { surge, unavailable: nodes > 0 && surge === 0 && unavailable === 0 ? 1 : unavailable }
}

export const allowsSurge = (set: DaemonSet): boolean => limits(set, 1).surge > 0
