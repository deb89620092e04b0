/** One page's stream of what happens in its session (server-sent events). */
import type { MapEvent, MapObject } from '../../protocol/map.ts'
import type { SessionView } from '../../protocol/session.ts'
import type { Clock } from '../clock.ts'
import type { Session } from '../sessions/sessions.ts'

/** The part of a response that a stream needs; `ServerResponse` has it. */
export interface EventSink {
  /** False: no more for now, until `drain`. */
  write(text: string): boolean
  end(): void
  destroy(): void
  on(event: 'drain' | 'close', listener: () => void): unknown
}

/** Milliseconds between signs of life; proxies cut streams that are silent for 30 to 60 s. */
export const HEARTBEAT_EVERY = 15_000
/** Heartbeats that a page may leave unread before it counts as gone. */
export const MOST_UNREAD = 4

/**
 * Sends the session's view now and on each change. A page that reads slowly skips views: only the newest one waits, so
 * that it costs no more than one view of memory. Ends by itself after the view that tells of the session's end.
 * @returns ends the stream; the page comes back by itself
 */
export function streamEvents(options: {
  session: Session
  sink: EventSink
  clock: Clock
  /** Whether the page shows the cluster's map. */
  map?: boolean
}): () => void {
  const { session, sink, clock } = options
  let newest: SessionView | undefined
  /** What of the map the page has not been sent; of each object only the newest waits. */
  let unsent: { whole: boolean; put: Map<string, MapObject>; gone: Set<string> } | undefined
  let blocked = false
  let unread = 0
  let closed = false
  let cancelBeat = () => {}
  let leaveMap = () => {}

  const write = (text: string) => {
    if (!sink.write(text)) blocked = true
  }
  const flush = () => {
    if (closed || blocked) return
    if (newest) {
      const view = newest
      newest = undefined
      write(`event: session\ndata: ${JSON.stringify(view)}\n\n`)
      if (view.status.state === 'ended') {
        stop()
        sink.end()
        return
      }
    }
    if (blocked || !unsent) return
    const { whole, put, gone } = unsent
    unsent = undefined
    const event: MapEvent = { whole, put: [...put.values()], gone: [...gone] }
    write(`event: map\ndata: ${JSON.stringify(event)}\n\n`)
  }
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
    flush()
  }
  const stop = () => {
    if (closed) return
    closed = true
    cancelBeat()
    unsubscribe()
    leaveMap()
  }
  const beat = () => {
    if (blocked && ++unread >= MOST_UNREAD) {
      stop()
      sink.destroy()
      return
    }
    if (!blocked) write(':\n\n')
    cancelBeat = clock.after(HEARTBEAT_EVERY, beat)
  }

  sink.on('drain', () => {
    blocked = false
    unread = 0
    flush()
  })
  sink.on('close', stop)
  const unsubscribe = session.subscribe((view) => {
    newest = view
    flush()
  })
  // After a lost connection the browser waits so many ms before it comes back.
  write('retry: 1000\n\n')
  cancelBeat = clock.after(HEARTBEAT_EVERY, beat)
  newest = session.view()
  flush()
  if (options.map && !closed) leaveMap = session.watchMap(takeMap)
  return () => {
    stop()
    sink.end()
  }
}
