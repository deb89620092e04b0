/** What the process before this one has left of a cluster, put together again. */
import type { KeptCluster } from '../cluster.ts'
import { LOOK_EVERY } from './keeper.ts'
import { type Identity, type Note, type Shelf, unpackCluster } from './shelf.ts'
import { unpackShells } from './shells.ts'

/** @throws {Error} if what is needed is not there, or is none */
export async function readKept(
  shelf: Pick<Shelf, 'read'>,
  id: string,
  note: Note | undefined,
  now: number,
): Promise<{ identity: Identity; kept: KeptCluster }> {
  const [identity, cluster, home, shells] = await Promise.all(
    (['identity', 'cluster', 'home', 'shells'] as const).map((part) => shelf.read(id, part)),
  )
  if (identity === undefined || cluster === undefined) throw new Error('nothing whole of it is on disk')
  const facts = JSON.parse(identity.bytes.toString()) as Identity
  const { snapshot, templates } = unpackCluster(cluster.bytes)
  return {
    identity: facts,
    kept: {
      keys: facts.keys,
      snapshot,
      templates,
      home: home?.bytes,
      shells: shells && unpackShells(shells.bytes),
      restored: { at: now, seconds: secondsLost(id, cluster.taken, note) },
    },
  }
}

/** Of how many seconds before the last process ended nothing may be left. */
export function secondsLost(id: string, taken: number, note: Note | undefined): number {
  if (note === undefined) return 0
  const { at, stopped, changed } = note
  if (changed.includes(id)) return Math.ceil(Math.max(LOOK_EVERY, at + LOOK_EVERY - taken) / 1000)
  // What happened after the last look nobody knows
  return stopped ? 0 : LOOK_EVERY / 1000
}
