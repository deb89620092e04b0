import { createHmac, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { afterEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { randomIds as ids } from '../ids.ts'
import type { Happening } from './happenings.ts'
import { createWebhooks, MOST_WAITING, type Outcome, RETRY_AFTER } from './webhooks.ts'
import type { Seat, Workshop } from './workshop.ts'

const SECRET = 'a-secret-of-the-receivers'
const START = Date.UTC(2026, 4, 4, 9)
const workshop = { id: 'w', title: 'Pods', startsAt: START, endsAt: START + 3_600_000 } as Workshop
const seat = { id: 's', name: 'Ann' } as Seat
const joined: Happening = { kind: 'joined', workshop, seat }

const open: (() => void)[] = []
afterEach(() => {
  for (const close of open.splice(0)) close()
})

interface Received {
  headers: IncomingMessage['headers']
  body: string
}

/** A receiver on a real port; `answer` gives the status for each request, or nothing at all. */
async function receiver(answer: (nth: number) => { status: number; headers?: Record<string, string> } | undefined) {
  const received: Received[] = []
  const server: Server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push({ headers: request.headers, body })
    const given = answer(received.length)
    if (given) response.writeHead(given.status, given.headers).end('thanks')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return { received, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hooks/of-mine` }
}

function send(urls: string[], clock = new ManualClock(START)) {
  const outcomes: Outcome[] = []
  const logged: string[] = []
  const log = pino({}, { write: (line) => void logged.push(line) })
  const webhooks = createWebhooks({ urls, secret: SECRET, clock, ids, log, note: (outcome) => outcomes.push(outcome) })
  open.push(() => webhooks.close())
  return { webhooks, outcomes, clock, log: () => logged.join('') }
}

const until = async (holds: () => boolean) => {
  for (let n = 0; n < 500 && !holds(); n++) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(holds()).toBe(true)
}

describe('webhooks', () => {
  it('say what has happened, signed with its time', async () => {
    const { received, url } = await receiver(() => ({ status: 204 }))
    const { webhooks, outcomes } = send([url])
    webhooks.tell(joined)
    const milestone = {
      seat: 's',
      lab: 'pods',
      step: 'one',
      how: 'passed',
      openedAt: START,
      doneAt: START + 61_000,
    } as const
    webhooks.tell({ kind: 'step-done', workshop, seat, milestone })
    await until(() => outcomes.length === 2)
    expect(received.map(({ body }) => JSON.parse(body))).toEqual([
      {
        id: expect.any(String),
        event: 'joined',
        at: '2026-05-04T09:00:00.000Z',
        workshop: { id: 'w', title: 'Pods', startsAt: '2026-05-04T09:00:00.000Z', endsAt: '2026-05-04T10:00:00.000Z' },
        seat: { id: 's', name: 'Ann' },
      },
      expect.objectContaining({ event: 'step-done', step: { lab: 'pods', step: 'one', how: 'passed', seconds: 61 } }),
    ])
    const [first] = received
    expect(first?.headers).toMatchObject({
      'content-type': 'application/json',
      'quayside-event': 'joined',
      'quayside-delivery': JSON.parse(first?.body ?? '').id,
    })
    const [, time, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(first?.headers['quayside-signature'])) ?? []
    const right = createHmac('sha256', SECRET).update(`${time}.${first?.body}`).digest()
    expect(Number(time)).toBe(START / 1000)
    expect(timingSafeEqual(right, Buffer.from(given ?? '', 'hex'))).toBe(true)
  })

  it('are tried again with patience, in order and under the same id, and then given up', async () => {
    const { received, url } = await receiver((nth) => ({ status: nth <= 2 || nth > 3 ? 500 : 200 }))
    const { webhooks, outcomes, clock, log } = send([url])
    webhooks.tell(joined)
    webhooks.tell({ kind: 'finished', workshop, seat })
    await until(() => outcomes.length === 1)
    expect(received).toHaveLength(1)
    for (const [index, wait] of RETRY_AFTER.slice(0, 2).entries()) {
      await clock.advance(wait)
      await until(() => received.length >= index + 2 && outcomes.length >= index + 2)
    }
    // The third attempt was taken; the second message fails on its own.
    await until(() => outcomes.length === 4)
    expect(received.map(({ headers }) => headers['quayside-event'])).toEqual(['joined', 'joined', 'joined', 'finished'])
    expect(new Set(received.slice(0, 3).map(({ headers }) => headers['quayside-delivery'])).size).toBe(1)
    expect(received[2]?.headers['quayside-signature']).not.toBe(received[0]?.headers['quayside-signature'])
    for (const [index, wait] of RETRY_AFTER.entries()) {
      await clock.advance(wait)
      await until(() => outcomes.length === 5 + index)
    }
    expect(outcomes).toEqual(['retried', 'retried', 'delivered', ...RETRY_AFTER.map(() => 'retried'), 'failed'])
    expect(log()).toContain('webhook given up')
    for (const hidden of ['of-mine', SECRET, 'Ann']) expect(log()).not.toContain(hidden)
  })

  it('follow no redirect', async () => {
    const elsewhere = await receiver(() => ({ status: 200 }))
    const { received, url } = await receiver(() => ({ status: 307, headers: { location: elsewhere.url } }))
    const { webhooks, outcomes, log } = send([url])
    webhooks.tell(joined)
    await until(() => outcomes.length === 1)
    expect([outcomes, received.length, elsewhere.received.length]).toEqual([['retried'], 1, 0])
    expect(log()).toContain('the answer was 307')
  })

  it('wait ten seconds for an answer, and do not keep each other waiting', async () => {
    const silent = await receiver(() => undefined)
    const quick = await receiver(() => ({ status: 200 }))
    const { webhooks, outcomes, clock, log } = send([silent.url, quick.url])
    webhooks.tell(joined)
    await until(() => quick.received.length === 1 && silent.received.length === 1)
    await until(() => outcomes.length === 1)
    await clock.advance(9_999)
    expect(outcomes).toEqual(['delivered'])
    await clock.advance(1)
    await until(() => outcomes.length === 2)
    expect(log()).toContain('no answer within 10 s')
  })

  it('wait in a queue that is bounded: the oldest make room', async () => {
    const sent: string[] = []
    const outcomes: Outcome[] = []
    let answer = (_: number) => {}
    const webhooks = createWebhooks({
      urls: ['http://127.0.0.1:1/'],
      secret: SECRET,
      clock: new ManualClock(START),
      ids,
      log: pino({ level: 'silent' }),
      note: (outcome) => outcomes.push(outcome),
      post: (_, { body }) => {
        sent.push(JSON.parse(body).seat.name)
        return new Promise((resolve) => {
          answer = resolve
        })
      },
    })
    open.push(() => webhooks.close())
    for (let n = 0; n < MOST_WAITING + 3; n++)
      webhooks.tell({ kind: 'joined', workshop, seat: { ...seat, name: `${n}` } })
    expect(outcomes).toEqual(['dropped', 'dropped'])
    answer(200)
    await until(() => sent.length === 2)
    expect(sent).toEqual(['0', '3'])
  })

  it('end with the server, and say nothing where no address is set', async () => {
    const { received, url } = await receiver(() => undefined)
    const { webhooks, outcomes, clock } = send([url])
    webhooks.tell(joined)
    await until(() => received.length === 1)
    webhooks.close()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect([outcomes, clock.pending]).toEqual([[], 0])
    send([]).webhooks.tell(joined)
  })
})
