import type { Clock } from '../../clock.ts'
import type { KubeConnection, KubeObject } from '../../kube/connection.ts'
import { until } from '../../kube/until.ts'

/**
 * A node that is late does not hold up the rest for longer than this, in ms: the reader's Pods find the others, and sees it
 * come.
 */
const LONGEST = 10_000

export function isReady(node: KubeObject): boolean {
  const { conditions = [] } = (node.status ?? {}) as { conditions?: { type: string; status: string }[] }
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True')
}

/** Resolves with whether so many nodes are ready, as soon as they are or the time is up. */
export function nodesReady(kube: KubeConnection, clock: Clock, count: number, signal: AbortSignal): Promise<boolean> {
  const enough = (nodes: readonly KubeObject[]) => nodes.filter(isReady).length >= count
  return until(kube, { apiVersion: 'v1', kind: 'Node' }, enough, { clock, within: LONGEST, signal })
}
