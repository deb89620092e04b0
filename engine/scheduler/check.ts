import type { Labels } from '../objects/requirement.ts'
import type { Store } from '../storage/store.ts'
import type { NodeInfo } from './node-info.ts'
import type { PodGroup, PodInfo, Selectors } from './pod-info.ts'

/** The plug-ins of the default profile that can turn a node down, in their order (1.34). */
export const PLUGINS = [
  'NodeUnschedulable',
  'NodeName',
  'TaintToleration',
  'NodeAffinity',
  'NodePorts',
  'NodeResourcesFit',
  'VolumeRestrictions',
  'VolumeBinding',
  'VolumeZone',
  'PodTopologySpread',
  'InterPodAffinity',
] as const
export type Plugin = (typeof PLUGINS)[number]

/** Why a node will not do, and by whose word. */
export interface Rejection {
  readonly plugin: Plugin
  readonly reasons: readonly string[]
  /** Whether it may help if Pods of the node go: upstream's `Unschedulable`, as against `UnschedulableAndUnresolvable`. */
  readonly resolvable: boolean
}

/** One plug-in's look at nodes for one Pod; what it needs for it has been worked out. */
export interface Check {
  readonly plugin: Plugin
  /** Undefined if the node will do. */
  reject(node: NodeInfo): Rejection | undefined
  /** What if this Pod were on that node too, or no longer. Of a check that depends on Pods elsewhere than on the node it looks at. */
  count?(pod: PodInfo, node: NodeInfo, sign: 1 | -1): void
  /** With counts of its own, to try things on. */
  copy?(): Check
}

/** What a plug-in says before any node is looked at. */
export type Prepared =
  /** It has nothing to say about this Pod. */
  | undefined
  | Check
  /** No node will do. */
  | { readonly refused: Rejection }

/** What plug-ins see of the cluster. */
export interface Surroundings {
  readonly store: Store
  readonly selectors: Selectors
  /** All nodes, those of different zones by turns. */
  readonly nodes: readonly NodeInfo[]
  /** Nodes with Pods that have terms about others. */
  readonly nodesWithAffinity: Iterable<NodeInfo>
  /** How many Pods of each group there are on all nodes. */
  readonly groups: ReadonlyMap<PodGroup, number>
  labelsOf(namespace: string): Labels
}

/** Something is wrong with what a Pod needs, which is no reason to call it unschedulable. `message` is upstream's. */
export class SchedulerError extends Error {
  override name = 'SchedulerError'
}
