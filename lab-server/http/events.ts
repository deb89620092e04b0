/** One page's stream of what happens in its session (server-sent events). */
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
const HEARTBEAT_EVERY = 15_000
/** Heartbeats that a page may leave unread before it counts as gone. */
const MOST_UNREAD = 4

/**
 * Sends the session's view now and on each change. A page that reads slowly skips views: only the newest one waits, so
 * that it costs no more than one view of memory. Ends by itself after the view that tells of the session's end.
 * @returns ends the stream; the page comes back by itself
 */
export function streamEvents(options: { session: Session; sink: EventSink; clock: Clock }): () => void {
  const { session, sink, clock } = options
  let newest: SessionView | undefined
  let blocked = false
  let unread = 0
  let closed = false
  let cancelBeat = () => {}

  const write = (text: string) => {
    if (!sink.write(text)) blocked = true
  }
  const flush = () => {
    if (closed || blocked || !newest) return
    const view = newest
    newest = undefined
    write(`event: session\ndata: ${JSON.stringify(view)}\n\n`)
    if (view.status.state === 'ended') {
      stop()
      sink.end()
    }
  }
  const stop = () => {
    if (closed) return
    closed = true
    cancelBeat()
    unsubscribe()
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
  return () => {
    stop()
    sink.end()
  }
}
