/** What pages that show a cluster's map are sent: watched only while there is such a page, and gathered before it is told. */
import { type MapEvent, type MapObject, mapKinds, toMapObject } from '../../protocol/map.ts'
import type { Clock } from '../clock.ts'
import type { KubeConnection, KubeObject, Watch } from '../kube/connection.ts'

/** Changes are told at most this often, in ms. */
const TELL_EVERY = 100

export interface MapFeed {
  /** The cluster, as soon as there is one. */
  attach(kube: KubeConnection): void
  /** Calls at once with everything that is known, then with what changes; the function returned ends it. */
  subscribe(listener: (event: MapEvent) => void): () => void
  close(): void
}

export function createMapFeed({ clock }: { clock: Clock }): MapFeed {
  const listeners = new Set<(event: MapEvent) => void>()
  const known = new Map<string, MapObject>()
  /** Uids of what has changed since it was last told. */
  const changed = new Set<string>()
  let kube: KubeConnection | undefined
  let watches: Watch[] = []
  let cancelTelling: (() => void) | undefined

  const tell = () => {
    cancelTelling = undefined
    const event: MapEvent = { whole: false, put: [], gone: [] }
    for (const uid of changed) {
      const object = known.get(uid)
      if (object) event.put.push(object)
      else event.gone.push(uid)
    }
    changed.clear()
    for (const listener of [...listeners]) listener(event)
  }
  const note = (uid: string, object: MapObject | undefined) => {
    const before = known.get(uid)
    // Heartbeats and managed fields change objects all the time, and nothing of what is drawn.
    if (JSON.stringify(before) === JSON.stringify(object)) return
    if (object) known.set(uid, object)
    else known.delete(uid)
    changed.add(uid)
    cancelTelling ??= clock.after(TELL_EVERY, tell)
  }
  /** An object that has left the map is gone by the uid under which it was known. */
  const take = (object: KubeObject, there: boolean) => {
    const drawn = toMapObject(object)
    const uid = drawn?.uid ?? object.metadata.uid
    if (uid !== undefined) note(uid, there ? drawn : undefined)
  }
  const start = () => {
    const connection = kube
    if (!connection || watches.length > 0 || listeners.size === 0) return
    watches = mapKinds.map((kind) => connection.watch(kind, ({ type, object }) => take(object, type !== 'DELETED')))
    // A kind that may not be watched is left out of the map.
    for (const { synced } of watches) synced.catch(() => {})
  }
  const stop = () => {
    for (const watch of watches) watch.close()
    watches = []
    cancelTelling?.()
    cancelTelling = undefined
    known.clear()
    changed.clear()
  }

  return {
    attach(connection) {
      if (kube === connection) return
      stop()
      kube = connection
      start()
    },
    subscribe(listener) {
      // What has changed and was not told yet is part of what the newcomer gets, and told to all a moment later.
      listener({ whole: true, put: [...known.values()], gone: [] })
      listeners.add(listener)
      start()
      return () => {
        if (listeners.delete(listener) && listeners.size === 0) stop()
      }
    },
    close() {
      listeners.clear()
      stop()
      kube = undefined
    },
  }
}
