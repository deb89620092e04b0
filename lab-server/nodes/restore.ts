import type { Clock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import type { KubeObject } from '../kube/connection.ts'
import { until } from '../kube/until.ts'
import type { Cluster } from '../providers/provider.ts'
import { annotation } from './annotations.ts'
import { isReady } from './ready.ts'

/** A real node that was switched off needs some 20 s, one on a busy machine more; in ms. */
const READY_WITHIN = 120_000

const NODE = { apiVersion: 'v1', kind: 'Node' } as const

/**
 * Switches all nodes on again, as they were at the start, and waits until they are ready: what ran on one that was off cannot
 * be removed before.
 * @throws {ReaderError} reset-failed
 */
export async function restorePower(
  { admin, nodes }: Pick<Cluster, 'admin' | 'nodes'>,
  { clock, signal }: { clock: Clock; signal: AbortSignal },
): Promise<void> {
  if (!nodes) return
  // Whatever is under way for a node comes to its end first
  await Promise.all(nodes.workers.map((name) => nodes.set(name, { state: 'running' })))
  const none = Object.fromEntries(Object.values(annotation).map((key) => [key, null]))
  const marked = (await admin.list(NODE, signal)).filter(({ metadata }) =>
    Object.keys(none).some((key) => metadata.annotations?.[key] !== undefined),
  )
  for (const { metadata } of marked)
    await admin.merge({ ...NODE, name: metadata.name }, { metadata: { annotations: none } }, signal)
  const allReady = (found: readonly KubeObject[]) => found.length > 0 && found.every(isReady)
  if (!(await until(admin, NODE, allReady, { clock, within: READY_WITHIN, signal })))
    throw new ReaderError('reset-failed', 'A node does not become ready: end this lab and start a new one.')
}
