/** Tells others what happens in workshops: signed, in order, tried again, and never more than there is room for. */
import { createHmac } from 'node:crypto'
import { type Clock, sleep } from '../clock.ts'
import type { Ids } from '../ids.ts'
import type { Logger } from '../log.ts'
import type { Happening } from './happenings.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND

/** Milliseconds that an answer may take. */
const ANSWER_WITHIN = 10 * SECOND
/** Milliseconds before each further attempt; after the last one it is given up. */
export const RETRY_AFTER = [SECOND, 5 * SECOND, 30 * SECOND, 2 * MINUTE, 10 * MINUTE]
/** Deliveries that wait for one address; the oldest makes room. */
export const MOST_WAITING = 1000

export type Outcome = 'delivered' | 'retried' | 'failed' | 'dropped'

export interface Webhooks {
  tell(happening: Happening): void
  /** What has not been delivered is not any more. */
  close(): void
}

/** Sends, and resolves with the status of the answer; rejects if there is none. Follows no redirect. */
export type Post = (
  url: string,
  request: { headers: Record<string, string>; body: string; signal: AbortSignal },
) => Promise<number>

interface Delivery {
  id: string
  event: string
  body: string
}

export function createWebhooks(options: {
  urls: readonly string[]
  secret: string
  clock: Clock
  ids: Pick<Ids, 'secret'>
  log: Logger
  note(outcome: Outcome): void
  post?: Post
}): Webhooks {
  const { urls, clock, ids } = options
  const closing = new AbortController()
  const lines = urls.map((url) =>
    createLine(url, { ...options, post: options.post ?? postByFetch, closing: closing.signal }),
  )
  return {
    tell(happening) {
      if (closing.signal.aborted || lines.length === 0) return
      const id = ids.secret()
      const body = JSON.stringify({ id, ...messageOf(happening, clock.now()) })
      for (const line of lines) line({ id, event: happening.kind, body })
    },
    close: () => closing.abort(new Error('the server is closing')),
  }
}

/** What is sent; times are ISO 8601 in UTC. */
export function messageOf(happening: Happening, now: number) {
  const iso = (time: number) => new Date(time).toISOString()
  const { kind, workshop } = happening
  return {
    event: kind,
    at: iso(now),
    workshop: {
      id: workshop.id,
      title: workshop.title,
      startsAt: iso(workshop.startsAt),
      endsAt: iso(workshop.endsAt),
    },
    ...('seat' in happening ? { seat: { id: happening.seat.id, name: happening.seat.name } } : {}),
    ...('milestone' in happening ? { step: stepOf(happening.milestone) } : {}),
  }
}

const stepOf = ({ lab, step, how, openedAt, doneAt }: Extract<Happening, { kind: 'step-done' }>['milestone']) => ({
  lab,
  step,
  how,
  seconds: doneAt === null ? null : Math.round((doneAt - openedAt) / SECOND),
})

/** `t=<seconds since the epoch>,v1=<hex of HMAC-SHA-256 over "t.body">`: with the time in it, an old message cannot be sent anew. */
export function signatureOf(secret: string, body: string, now: number): string {
  const time = Math.floor(now / SECOND)
  return `t=${time},v1=${createHmac('sha256', secret).update(`${time}.${body}`).digest('hex')}`
}

/** One address: one delivery after the other. */
function createLine(
  url: string,
  options: {
    secret: string
    clock: Clock
    log: Logger
    note(outcome: Outcome): void
    post: Post
    closing: AbortSignal
  },
): (delivery: Delivery) => void {
  const { secret, clock, note, post, closing } = options
  // The path may hold a secret of the receiver's.
  const log = options.log.child({ webhook: new URL(url).host })
  const waiting: Delivery[] = []
  let working = false

  /** Undefined: taken. */
  const attempt = async ({ id, event, body }: Delivery): Promise<string | undefined> => {
    const late = new AbortController()
    const cancel = clock.after(ANSWER_WITHIN, () =>
      late.abort(new Error(`no answer within ${ANSWER_WITHIN / SECOND} s`)),
    )
    try {
      const status = await post(url, {
        headers: {
          'content-type': 'application/json',
          'user-agent': 'Quayside',
          'quayside-event': event,
          'quayside-delivery': id,
          'quayside-signature': signatureOf(secret, body, clock.now()),
        },
        body,
        signal: AbortSignal.any([late.signal, closing]),
      })
      return status >= 200 && status < 300 ? undefined : `the answer was ${status}`
    } catch (error) {
      const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
      return cause instanceof Error ? cause.message : String(cause)
    } finally {
      cancel()
    }
  }
  const deliver = async (delivery: Delivery) => {
    for (const wait of [...RETRY_AFTER, undefined]) {
      const why = await attempt(delivery)
      if (why === undefined) return note('delivered')
      if (closing.aborted) return
      if (wait === undefined) {
        log.error({ event: delivery.event, delivery: delivery.id, why }, 'webhook given up')
        return note('failed')
      }
      log.warn({ event: delivery.event, delivery: delivery.id, why, retryInMs: wait }, 'webhook not delivered')
      note('retried')
      await sleep(clock, wait, closing)
    }
  }
  const work = async () => {
    working = true
    try {
      for (let next = waiting.shift(); next && !closing.aborted; next = waiting.shift()) await deliver(next)
    } catch (error) {
      if (!closing.aborted) throw error
    } finally {
      working = false
    }
  }
  return (delivery) => {
    if (waiting.length >= MOST_WAITING) {
      waiting.shift()
      note('dropped')
      log.error('a webhook is dropped: too many wait')
    }
    waiting.push(delivery)
    if (!working) void work()
  }
}

const postByFetch: Post = async (url, { headers, body, signal }) => {
  const response = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  await response.body?.cancel()
  return response.status
}
