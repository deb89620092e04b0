import type { Cluster, Controller } from './cluster.ts'
import { TaintEviction } from './nodes/eviction.ts'
import { NodeLifecycle } from './nodes/lifecycle.ts'
import { PodGc } from './nodes/pod-gc.ts'
import { NodeSetup } from './nodes/setup.ts'

/** What watches over nodes, and over Pods whose nodes do not. Nodes have to renew their leases or post their status, or they are given up. */
export function nodeControllers(cluster: Cluster, report?: (error: unknown) => void): Controller[] {
  return [
    new NodeSetup(cluster, report),
    new NodeLifecycle(cluster, report),
    new TaintEviction(cluster, report),
    new PodGc(cluster, report),
  ]
}
