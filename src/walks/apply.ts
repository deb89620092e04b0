import type { applyWalk } from '../strings/apply-walk.ts'

export type Box = keyof typeof applyWalk.boxes
export type Kept = keyof typeof applyWalk.kept

/** The boxes that a step goes through, in order; one alone is at work by itself. On nodes, `a-kubelet` is the kubelet of node a. */
export type Place = Exclude<Box, 'a' | 'b'> | `${'a' | 'b'}-${'kubelet' | 'runtime' | 'proxy' | 'pod'}`

/** One entry per step; their words are in the strings, in the same order. */
export const ways: Place[][] = [
  ['kubectl', 'api'],
  ['api'],
  ['api', 'etcd'],
  ['controllers', 'api', 'etcd'],
  ['controllers', 'api', 'etcd'],
  ['scheduler', 'api', 'etcd'],
  ['a-kubelet', 'a-runtime'],
  ['a-runtime', 'a-pod'],
  ['a-kubelet', 'api', 'etcd'],
  ['controllers', 'api', 'etcd'],
  ['api', 'a-proxy'],
  ['controllers', 'api', 'etcd'],
]

/** In which steps an object is in etcd in this form, counted from one; without a last one, until the end. */
export const kept: Record<Kept, readonly [first: number, last?: number]> = {
  service: [1],
  deployment: [3, 11],
  deploymentReady: [12],
  replicaSet: [4],
  pods: [5, 5],
  bound: [6, 8],
  ready: [9],
  slice: [10],
}

/** From which step on a Pod runs on its node. */
export const podRuns = 8
