/** What one page is told of its session: the newest view, and what has changed on its cluster's map. */
import type { MapEvent, MapObject } from '../../protocol/map.ts'
import type { SessionView } from '../../protocol/session.ts'
import type { Session } from '../sessions/sessions.ts'
import type { OpenFeed } from './feed.ts'

/**
 * The session's view now and on each change, and the map if the page shows it. A page that reads slowly skips views: only the newest one
 * waits, so that it costs no more than one view of memory; of each object on the map, too, only the newest state waits. The view that tells
 * of the session's end is the last.
 */
export const sessionFeed =
  (session: Session, { map }: { map: boolean }): OpenFeed =>
  (changed) => {
    let newest: SessionView | undefined = session.view()
    /** What of the map the page has not been sent. */
    let unsent: { whole: boolean; put: Map<string, MapObject>; gone: Set<string> } | undefined
    const takeMap = ({ whole, put, gone }: MapEvent) => {
      if (whole || !unsent) unsent = { whole, put: new Map(), gone: new Set() }
      for (const object of put) {
        unsent.put.set(object.uid, object)
        unsent.gone.delete(object.uid)
      }
      for (const uid of gone) {
        unsent.put.delete(uid)
        unsent.gone.add(uid)
      }
      changed()
    }
    const unsubscribe = session.subscribe((view) => {
      newest = view
      changed()
    })
    const leaveMap = map && newest.status.state !== 'ended' ? session.watchMap(takeMap) : () => {}
    return {
      take() {
        if (newest) {
          const view = newest
          newest = undefined
          return { event: 'session', data: view, last: view.status.state === 'ended' }
        }
        if (!unsent) return undefined
        const { whole, put, gone } = unsent
        unsent = undefined
        const event: MapEvent = { whole, put: [...put.values()], gone: [...gone] }
        return { event: 'map', data: event }
      },
      close() {
        unsubscribe()
        leaveMap()
      },
    }
  }
