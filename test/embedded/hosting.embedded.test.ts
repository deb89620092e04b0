/** What a host has of the real server round a workshop: clusters made beforehand, webhooks, metrics, results. */
import { createServer, type Server } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { freePort } from '../../lab-server/port.ts'
import type { Capacity, WorkshopView } from '../../protocol/workshop.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'

const SECRET = 'the-harbour-master-s-word'

let server: TestServer
let receiver: Server
const received: { event: string; seat?: { name: string } }[] = []

beforeAll(async () => {
  const port = await freePort()
  receiver = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    received.push(JSON.parse(body))
    response.end()
  }).listen(port, '127.0.0.1')
  server = await startServer({
    settings: {
      PROVIDER: 'embedded',
      POOL: '0',
      HOST_SECRET: SECRET,
      WEBHOOK_URLS: `http://127.0.0.1:${port}/`,
      WEBHOOK_SECRET: 'a-secret-of-the-receivers',
    },
  })
})
afterAll(async () => {
  receiver?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

async function until<T>(read: () => Promise<T> | T, wanted: (value: T) => boolean): Promise<T> {
  for (let n = 0; n < 400; n++) {
    const value = await read()
    if (wanted(value)) return value
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  throw new Error(`never came to be: ${JSON.stringify(await read())}`)
}

it('clusters are ready before the start, and what happens is told', async () => {
  const host = new Reader(server.url)
  await host.ask('POST', '/api/host/sign-in', { secret: SECRET })
  const capacity = await until(
    () => host.ask<Capacity>('GET', '/api/host/capacity'),
    ({ providers }) => (providers[0]?.seats ?? 0) > 0,
  )
  expect(capacity.providers[0]).toMatchObject({ name: 'embedded', limit: expect.stringMatching(/\.$/) })
  const now = Date.now()
  const made = await host.ask<WorkshopView>('POST', '/api/workshops', {
    ...{ title: 'Pods', labs: ['first-cluster'], startsAt: now + 25_000, endsAt: now + 600_000 },
    ...{ seats: 3, codes: 'one', provider: 'embedded', warmUpMinutes: 5 },
  })
  const path = `/api/workshops/${made.id}`
  const look = () => host.ask<WorkshopView>('GET', path)
  await until(look, ({ warm }) => warm === 3)

  const ann = new Reader(server.url)
  await ann.ask('POST', '/api/join', { code: made.code, name: 'Ann' })
  await until(look, ({ state }) => state === 'running')
  const { id } = await ann.start('first-cluster')
  await ann.until(id, ({ status }) => status.state === 'ready', 30_000)
  // Two are left for the others, and none is made anew for her.
  await until(look, ({ warm }) => warm === 2)
  await new Promise((resolve) => setTimeout(resolve, 12_000))
  expect((await look()).warm).toBe(2)

  const metrics = await fetch(`${server.url}/metrics`, { headers: { authorization: `Bearer ${SECRET}` } })
  const text = await metrics.text()
  for (const line of [
    'quayside_workshops{state="running"} 1',
    'quayside_workshop_seats{state="taken"} 1',
    'quayside_workshop_labs 1',
    'quayside_workshop_events_total{kind="workshop-started"} 1',
    'quayside_webhooks_total{outcome="delivered"} 2',
  ])
    expect(text).toContain(line)

  await host.ask('POST', `${path}/end`)
  await until(
    () => received.length,
    (length) => length === 3,
  )
  // On a slow machine it has started before all clusters are there and she joins.
  expect(received.map(({ event, seat }) => `${event} ${seat?.name}`).sort()).toEqual([
    'joined Ann',
    'workshop-ended undefined',
    'workshop-started undefined',
  ])
  // What was made for those who did not come is given up.
  await until(look, ({ warm }) => warm === 0)
  const csv = await fetch(`${server.url}${path}/export.csv`, { headers: { cookie: host.cookie } })
  expect((await csv.text()).split('\r\n')[1]).toMatch(/^Ann,[\d-]+T[\d:.]+Z,first-cluster,/)
})
