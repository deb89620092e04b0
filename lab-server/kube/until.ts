import type { Clock } from '../clock.ts'
import type { KubeConnection, KubeObject, ObjectQuery } from './connection.ts'

/**
 * Watches objects until they are as wanted. Resolves with true as soon as they are, with false once `within` milliseconds
 * are over. Rejects with the signal's reason, or if the API refuses the watch.
 */
export function until(
  kube: KubeConnection,
  query: ObjectQuery,
  wanted: (objects: readonly KubeObject[]) => boolean,
  { clock, within, signal }: { clock: Clock; within: number; signal: AbortSignal },
): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      cancel()
      signal.removeEventListener('abort', abort)
      watch.close()
      settle()
    }
    const abort = () => end(() => reject(signal.reason))
    const cancel = clock.after(within, () => end(() => resolve(false)))
    const watch = kube.watch(query, () => {
      if (wanted(watch.objects)) end(() => resolve(true))
    })
    watch.synced.catch((error: unknown) => end(() => reject(error)))
    signal.addEventListener('abort', abort, { once: true })
  })
}
