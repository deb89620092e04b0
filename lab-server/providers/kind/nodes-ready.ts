import type { Clock } from '../../clock.ts'
import type { KubeConnection, KubeObject } from '../../kube/connection.ts'
import { until } from '../../kube/until.ts'
import { isReady } from '../../nodes/ready.ts'

/**
 * A node that is late does not hold up the rest for longer than this, in ms: the reader's Pods find the others, and sees it
 * come.
 */
const LONGEST = 10_000

/** Resolves with whether so many nodes are ready, as soon as they are or the time is up. */
export function nodesReady(kube: KubeConnection, clock: Clock, count: number, signal: AbortSignal): Promise<boolean> {
  const enough = (nodes: readonly KubeObject[]) => nodes.filter(isReady).length >= count
  return until(kube, { apiVersion: 'v1', kind: 'Node' }, enough, { clock, within: LONGEST, signal })
}
