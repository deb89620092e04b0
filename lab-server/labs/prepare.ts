/** Lays a lab out on a fresh cluster. */
import type { Cluster } from '../providers/provider.ts'
import type { LabEntry } from './catalogue.ts'
import { recordStart } from './start-state.ts'

/**
 * The lab's objects and files on a cluster that holds nothing of a lab yet. What the cluster holds before is recorded in
 * it, so that a reset knows what to leave alone even after a restart of the server. Does not wait for Pods.
 */
export async function prepareLab(cluster: Cluster, entry: LabEntry, signal?: AbortSignal): Promise<void> {
  await recordStart(cluster.admin, signal)
  await layOut(cluster, entry, signal)
}

/** Objects in their order, and files beside them. */
export async function layOut(cluster: Cluster, entry: LabEntry, signal?: AbortSignal): Promise<void> {
  const objects = async () => {
    for (const object of entry.setup) await cluster.admin.apply(object, signal)
  }
  await Promise.all([objects(), ...entry.files.map(({ path, content }) => cluster.writeFile(path, content))])
}
