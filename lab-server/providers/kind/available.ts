import type { Clock } from '../../clock.ts'
import type { KubeConnection, KubeObject } from '../../kube/connection.ts'

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
export function available(kube: KubeConnection, clock: Clock, name: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (error?: unknown) => {
      cancel()
      signal.removeEventListener('abort', abort)
      watch.close()
      if (error === undefined) resolve()
      else reject(error)
    }
    const abort = () => end(signal.reason)
    const cancel = clock.after(LONGEST, () => end(new Error(`${name} is not available after ${LONGEST / 1000} s`)))
    const query = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'kube-system', name }
    const watch = kube.watch(query, (event) => {
      if (event.type !== 'DELETED' && isAvailable(event.object)) end()
    })
    watch.synced.catch(end)
    signal.addEventListener('abort', abort, { once: true })
  })
}
