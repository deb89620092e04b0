/** A stream of events (server-sent events) whose source merges what a slow page has not read yet. */
import type { Clock } from '../clock.ts'

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

export interface FeedEvent {
  event: string
  data: unknown
  /** Nothing comes after it. */
  last?: boolean
}

export interface Feed {
  /** What the page has not been sent; undefined: it knows everything. */
  take(): FeedEvent | undefined
  close(): void
}

/** @param changed to be called when there may be something to take; the first time is on opening */
export type OpenFeed = (changed: () => void) => Feed

/** @returns ends the stream; the page comes back by itself */
export function streamFeed({ open, sink, clock }: { open: OpenFeed; sink: EventSink; clock: Clock }): () => void {
  let feed: Feed | undefined
  let blocked = false
  let unread = 0
  let closed = false
  let cancelBeat = () => {}

  const write = (text: string) => {
    if (!sink.write(text)) blocked = true
  }
  const flush = () => {
    while (feed && !closed && !blocked) {
      const next = feed.take()
      if (!next) return
      write(`event: ${next.event}\ndata: ${JSON.stringify(next.data)}\n\n`)
      if (next.last) {
        stop()
        sink.end()
      }
    }
  }
  const stop = () => {
    if (closed) return
    closed = true
    cancelBeat()
    feed?.close()
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
  // After a lost connection the browser waits so many ms before it comes back.
  write('retry: 1000\n\n')
  cancelBeat = clock.after(HEARTBEAT_EVERY, beat)
  feed = open(flush)
  flush()
  return () => {
    stop()
    sink.end()
  }
}

/** A feed of one thing, sent whole: only its newest state waits. Undefined: it is gone, which is told as the event `gone`. */
export const newestOf =
  (event: string, read: () => unknown, watch: (changed: () => void) => () => void): OpenFeed =>
  (changed) => {
    let due = true
    const close = watch(() => {
      due = true
      changed()
    })
    return {
      take() {
        if (!due) return undefined
        due = false
        const data = read()
        return data === undefined ? { event: 'gone', data: {}, last: true } : { event, data }
      },
      close,
    }
  }
