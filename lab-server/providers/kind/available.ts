import type { Clock } from '../../clock.ts'
import type { KubeConnection, KubeObject } from '../../kube/connection.ts'
import { until } from '../../kube/until.ts'

/** A cluster whose add-ons are not ready by then, in ms, will not have them. */
const LONGEST = 5 * 60_000

interface Condition {
  type: string
  status: string
}

/** The condition `Available` of a Deployment, of its newest generation. */
export function isAvailable(deployment: KubeObject): boolean {
  const { conditions = [], observedGeneration } = (deployment.status ?? {}) as {
    conditions?: Condition[]
    observedGeneration?: number
  }
  return (
    observedGeneration === deployment.metadata.generation &&
    conditions.some((condition) => condition.type === 'Available' && condition.status === 'True')
  )
}

/** Resolves when a Deployment of kube-system is available. */
export async function available(kube: KubeConnection, clock: Clock, name: string, signal: AbortSignal): Promise<void> {
  const query = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'kube-system', name }
  const inTime = await until(kube, query, (found) => found.some(isAvailable), { clock, within: LONGEST, signal })
  if (!inTime) throw new Error(`${name} is not available after ${LONGEST / 1000} s`)
}
