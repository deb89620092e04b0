/** What the server says of a participant's seat, over lost connections and restarts of the server. */
import type { SeatView } from '../../protocol/workshop.ts'
import { Refusal } from '../lab/api.ts'
import { backoff } from '../terminal/policy.ts'
import { participant } from './api.ts'

export interface SeatListener {
  changed(view: SeatView): void
  lost(lost: boolean): void
  /** The seat is nobody's any more, or was never this browser's. */
  gone(): void
}

/** @returns ends it */
export function followSeat({ changed, lost, gone }: SeatListener): () => void {
  let events: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let attempt = 0
  let over = false

  const stop = () => {
    over = true
    clearTimeout(retry)
    events?.close()
  }
  const end = () => {
    stop()
    gone()
  }
  /** Finds out why the stream was refused. */
  const check = async () => {
    try {
      changed(await participant.seat())
      listen()
    } catch (error) {
      if (over) return
      if (error instanceof Refusal && error.code === 'no-seat') end()
      else later()
    }
  }
  const later = () => {
    clearTimeout(retry)
    retry = setTimeout(() => void check(), backoff(attempt++, Math.random()))
  }
  const listen = () => {
    if (over) return
    const stream = participant.events()
    events = stream
    stream.addEventListener('seat', (event) => {
      attempt = 0
      lost(false)
      changed(JSON.parse((event as MessageEvent<string>).data) as SeatView)
    })
    stream.addEventListener('gone', end)
    stream.addEventListener('error', () => {
      if (over) return
      lost(true)
      // While it is connecting the browser tries again by itself; closed means the server refused.
      if (stream.readyState !== EventSource.CLOSED) return
      stream.close()
      later()
    })
  }
  listen()
  return stop
}
