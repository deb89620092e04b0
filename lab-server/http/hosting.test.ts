/** What a host is told of the machine, and what they take home of a workshop. */
import { afterEach, describe, expect, it } from 'vitest'
import { type Rim, startRim } from './server.fake.ts'
import { createSignedCookie, keyFor } from './signed-cookie.ts'

const MINUTE = 60_000

let rim: Rim | undefined
afterEach(() => rim?.close())

/** A server with a host who is signed in. */
async function hosted(options: Parameters<typeof startRim>[0] = {}) {
  rim = await startRim(options)
  const { ask, signIns } = rim
  const cookies = createSignedCookie({
    name: 'quayside-host',
    key: keyFor('hosts', Buffer.alloc(32, 7)),
    secure: false,
    kept: 1,
  })
  const cookie = cookies.issue(signIns.admit({ id: 'ada', name: 'Ada' })).split(';')[0] ?? ''
  return {
    ask: (method: string, path: string, body?: unknown) =>
      ask(method, path, { headers: { cookie }, ...(body === undefined ? {} : { body }) }),
  }
}

const draft = (change: object = {}) => ({
  title: 'First steps',
  labs: ['scaling'],
  startsAt: Date.now() + 60 * MINUTE,
  endsAt: Date.now() + 120 * MINUTE,
  seats: 30,
  codes: 'one',
  provider: 'fake',
  warmUpMinutes: 0,
  ...change,
})

describe('what this machine can host', () => {
  it('is told to hosts', async () => {
    const { ask } = await hosted()
    expect((await ask('GET', '/api/host/capacity')).json).toMatchObject({
      cpus: 4,
      providers: [{ name: 'fake', seats: 30, limit: 'Nothing limits it.' }],
    })
  })

  it('refuses a workshop with more seats, and warns of one that would be slow', async () => {
    const { ask } = await hosted({ bears: () => ({ most: 40, seats: 20, limit: 'Processors: there are 2.' }) })
    const refused = await ask('POST', '/api/workshops', draft({ seats: 41 }))
    expect([refused.status, refused.json.error]).toEqual([
      400,
      expect.objectContaining({
        field: 'seats',
        message: 'This server has at most 40 such clusters. Processors: there are 2.',
      }),
    ])
    const made = await ask('POST', '/api/workshops', draft())
    const warning =
      '30 seats are more than this machine bears well at this moment, which is 20. Processors: there are 2.'
    expect([made.status, made.json.warning]).toEqual([201, warning])
    // The seats that it has already are not promised to another.
    const changed = await ask('PUT', `/api/workshops/${made.json.id}`, draft({ seats: 20 }))
    expect([changed.status, changed.json.warning]).toEqual([200, undefined])
    expect((await ask('POST', '/api/workshops', draft({ seats: 21 }))).status).toBe(400)
  })
})

describe('metrics', () => {
  it('are open on this machine alone, and not once a proxy of it brings others', async () => {
    const { ask } = await hosted()
    expect((await ask('GET', '/metrics')).status).toBe(200)
    await rim?.close()
    const { ask: askThere } = await hosted({ env: { QUAYSIDE_PUBLIC_URL: 'http://labs.example.org' } })
    expect((await askThere('GET', '/metrics')).status).toBe(403)
  })
})

describe('the export', () => {
  it('is a file to save, as CSV and as JSON', async () => {
    const { ask } = await hosted()
    const { json } = await ask('POST', '/api/workshops', draft({ startsAt: Date.now() - MINUTE }))
    await rim?.ask('POST', '/api/join', { body: { code: json.code, name: '=1+1' } })
    const path = `/api/workshops/${json.id}/export`
    const csv = await ask('GET', `${path}.csv`)
    expect([csv.status, csv.headers['content-type'], csv.headers['content-disposition']]).toEqual([
      200,
      'text/csv; charset=utf-8',
      expect.stringMatching(/^attachment; filename="first-steps-\d{4}-\d\d-\d\d\.csv"$/),
    ])
    expect(csv.text).toContain(`\r\n"'=1+1",`)
    expect([csv.headers['cache-control'], csv.headers['x-content-type-options']]).toEqual(['no-store', 'nosniff'])
    const whole = await ask('GET', `${path}.json`)
    expect(whole.headers['content-disposition']).toMatch('.json"')
    expect(whole.json).toMatchObject({
      workshop: { title: 'First steps', labs: ['scaling'] },
      seats: [{ name: '=1+1', steps: [{ lab: 'scaling', step: 'three', how: null, doneAt: null }] }],
    })
  })
})
