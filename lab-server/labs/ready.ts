/** When a lab that was laid out is ready for its reader. */

import { sleep } from '../clock.ts'
import type { KubeObject } from '../kube/connection.ts'
import { LOOK_EVERY, type Stage } from './stage.ts'

/** The lab's own Pods are ready within this time, in milliseconds. */
const READY_WITHIN = 120_000

/**
 * Waits for the Pods of the lab's own objects.
 * @returns which objects are still not ready after two minutes; none if all are
 */
export async function untilReady({
  entry,
  cluster,
  clock,
  signal,
}: Pick<Stage, 'entry' | 'cluster' | 'clock' | 'signal'>): Promise<string[]> {
  const began = clock.now()
  for (;;) {
    const waiting: string[] = []
    for (const { apiVersion, kind, metadata } of entry.setup) {
      const { name, namespace = 'default' } = metadata
      if (!isReady(await cluster.admin.get({ apiVersion, kind, name, namespace }, signal)))
        waiting.push(`${kind} "${name}"`)
    }
    if (waiting.length === 0 || clock.now() - began > READY_WITHIN) return waiting
    await sleep(clock, LOOK_EVERY, signal)
  }
}

/** An object whose author says so is broken on purpose: it is not waited for. */
const BROKEN = 'quayside.dev/starts-broken'

function isReady(object: KubeObject | undefined): boolean {
  if (!object) return false
  const { kind, metadata, spec, status } = object
  if (metadata.annotations?.[BROKEN] === 'true') return true
  const { replicas = 1 } = (spec ?? {}) as { replicas?: number }
  const { readyReplicas = 0, conditions = [] } = (status ?? {}) as {
    readyReplicas?: number
    conditions?: { type: string; status: string }[]
  }
  if (kind === 'Deployment' || kind === 'StatefulSet') return readyReplicas >= replicas
  if (kind === 'Pod') return conditions.some((one) => one.type === 'Ready' && one.status === 'True')
  return true
}
