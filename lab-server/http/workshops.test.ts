/** Who may host, change, join and see what. Each name carries the number of the attack that it tries. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { SIGNED_IN_MS } from '../host/sign-ins.ts'
import { cookieOf, draft, peopleOf } from './people.fake.ts'
import { routes } from './routes.ts'
import { type Rim, startRim } from './server.fake.ts'

const SECRET = 'correct-horse-battery'

let rim: Rim
beforeEach(async () => {
  rim = await startRim()
})
afterEach(() => rim.close())

const { asking, host, participant } = peopleOf(() => rim)
const takesBody = (method: string) => method === 'POST' || method === 'PUT'
const fill = (path: string, workshop: string, seat: string) =>
  path.replace(':workshop', workshop).replace(':seat', seat).replace(':shell', '1')

describe('signing in as a host', () => {
  it('sets a cookie that is signed, unreachable for scripts, of this site alone, and for twelve hours', async () => {
    const signedIn = await rim.ask('POST', '/api/host/sign-in', { body: { token: rim.signIns.link } })
    expect([signedIn.status, signedIn.json]).toEqual([200, { ways: [], name: 'Host' }])
    expect(signedIn.headers['set-cookie']?.[0]).toMatch(
      /^quayside-host-[0-9a-f]{8}=[\w-]{22}\.[\w-]{43}; Max-Age=43200; Path=\/; HttpOnly; SameSite=Strict$/,
    )
    const { ask, cookie } = asking(cookieOf(signedIn))
    expect((await ask('GET', '/api/host')).json).toEqual({ ways: [], name: 'Host' })
    for (const forged of [`${cookie}x`, cookie.replace(/=./, '=_'), cookie.split('.')[0]])
      expect((await asking(forged ?? '').ask('GET', '/api/host')).json).toEqual({ ways: [] })
  })

  it('is for the host’s cookie alone: neither of the two can stand in for the other', async () => {
    const reader = await rim.reader()
    const { cookie } = host('ada')
    const [readerName, hostName] = [reader.cookie, cookie].map((pair) => pair.split('=')[0])
    const swapped = [`${hostName}=${reader.cookie.split('=')[1]}`, `${readerName}=${cookie.split('=')[1]}`]
    expect((await asking(swapped[0] ?? '').ask('GET', '/api/host')).json.name).toBeUndefined()
    expect((await asking(swapped[1] ?? '').ask('GET', reader.path)).status).toBe(404)
  })

  it('S-14: answers right and wrong secrets alike after too many attempts', async () => {
    const other = await startRim({ env: { QUAYSIDE_HOST_SECRET: SECRET } })
    const attempt = (secret: string) => other.ask('POST', '/api/host/sign-in', { body: { secret } })
    for (let n = 0; n < 10; n++) expect((await attempt('wrong')).status).toBe(403)
    const answers = [await attempt(SECRET), await attempt('wrong')]
    expect(answers.map(({ status, json }) => [status, json.error.code])).toEqual(
      Array(2).fill([429, 'too-many-attempts']),
    )
    expect(answers[0]?.json.error.message.replace(/\d+/, '')).toBe(answers[1]?.json.error.message.replace(/\d+/, ''))
    expect(answers[0]?.headers['set-cookie']).toBeUndefined()
    await other.close()
  }, 20_000)

  it('S-11: ends on sign-out, for every copy of the cookie', async () => {
    const { ask } = host('ada')
    const out = await ask('DELETE', '/api/host/sign-in')
    expect([out.status, out.headers['set-cookie']?.[0]]).toEqual([
      204,
      expect.stringMatching(/^quayside-host-[0-9a-f]{8}=; Max-Age=0;/),
    ])
    expect((await ask('GET', '/api/host')).json.name).toBeUndefined()
    expect((await ask('GET', '/api/workshops')).status).toBe(403)
  })

  it('ends by itself after twelve hours', async () => {
    const clock = new ManualClock(Date.now())
    await rim.close()
    rim = await startRim({ clock })
    const { ask } = host('ada')
    expect((await ask('GET', '/api/workshops')).status).toBe(200)
    await clock.advance(SIGNED_IN_MS)
    expect((await ask('GET', '/api/workshops')).status).toBe(403)
  })

  it('S-10: leaves secret, link, codes and tokens in no log', async () => {
    const other = await startRim({ env: { QUAYSIDE_HOST_SECRET: SECRET } })
    await other.ask('POST', '/api/host/sign-in', { body: { secret: SECRET } })
    const link = rim.signIns.link ?? ''
    await rim.ask('POST', '/api/host/sign-in', { body: { token: link } })
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const { joined, cookie } = await participant(json.code)
    await rim.ask('POST', '/api/join/link', { body: { token: joined.json.link.split('=')[1] } })
    await rim.ask('POST', '/api/join', { body: { code: 'XXXX-XXXX', name: 'Eve' } })
    const hidden = [SECRET, link, json.code, joined.json.link, cookie.split('=')[1], ada.cookie.split('=')[1], 'Ann']
    for (const text of hidden) {
      expect(text?.length).toBeGreaterThan(2)
      for (const log of [rim.log(), other.log()]) expect(log).not.toContain(text)
    }
    expect(rim.log()).toContain(json.id)
    await other.close()
  })
})

describe('S-15: hosts’ routes', () => {
  const hosts = routes.filter(({ about }) => about === 'host' || about === 'workshop')

  it('are all that concern hosts and workshops, but for those by which one becomes a host', () => {
    const open = ['GET /api/host', 'POST /api/host/sign-in', 'GET /api/host/openid']
    for (const { method, path, about } of routes) {
      if (open.includes(`${method} ${path}`)) expect(about).toBe('anyone')
      else if (path.includes(':workshop')) expect(about, path).toBe('workshop')
      else if (/^\/api\/(host|workshops)(\/|$)/.test(path)) expect(about, path).toBe('host')
      else expect(['host', 'workshop'], path).not.toContain(about)
    }
    expect(hosts.length).toBeGreaterThanOrEqual(11)
  })

  it('answer 403 to readers, participants and strangers, whatever they send', { timeout: 30_000 }, async () => {
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const ann = await participant(json.code)
    const reader = await rim.reader()
    for (const { method, path } of hosts) {
      const address = fill(path, json.id, ann.joined.json.seat)
      for (const cookie of [reader.cookie, ann.cookie, undefined, 'quayside-host=x.y', `${ada.cookie}x`]) {
        for (const body of takesBody(method) ? [{}, draft(), { minutes: 5 }] : [undefined]) {
          const answer = await rim.ask(method, address, { headers: { cookie }, ...(body ? { body } : {}) })
          expect([answer.status, answer.json.error.code], `${method} ${path}`).toEqual([403, 'not-a-host'])
        }
      }
    }
    expect((await ada.ask('GET', `/api/workshops/${json.id}`)).json).toMatchObject({ state: 'running', taken: 1 })
  })

  it('open no WebSocket to readers, participants, strangers and other hosts', { timeout: 30_000 }, async () => {
    const [ada, bob] = [host('ada'), host('bob')]
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const ann = await participant(json.code)
    await ann.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })
    const reader = await rim.reader()
    const sockets = hosts.filter(({ path }) => path.endsWith('/terminal'))
    expect(sockets).toHaveLength(1)
    for (const { path } of sockets) {
      const address = fill(path, json.id, ann.joined.json.seat)
      for (const cookie of [reader.cookie, ann.cookie, undefined, 'quayside-host=x.y', `${ada.cookie}x`, bob.cookie]) {
        const socket = await rim.connect(address, { cookie })
        socket.hello()
        expect([await socket.closed, socket.frames], path).toEqual([4403, []])
      }
      const own = await rim.connect(address, { cookie: ada.cookie })
      own.hello()
      await expect.poll(() => own.frames.length).toBeGreaterThan(0)
    }
  })

  it('answer 403 to another host, the same as for a workshop that does not exist', { timeout: 30_000 }, async () => {
    const [ada, bob] = [host('ada'), host('bob')]
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const ann = await participant(json.code)
    for (const { method, path, about } of hosts) {
      if (about !== 'workshop') continue
      const ask = (workshop: string) =>
        bob.ask(method, fill(path, workshop, ann.joined.json.seat), takesBody(method) ? { body: { minutes: 5 } } : {})
      const [theirs, nobodys] = [await ask(json.id), await ask('AAAAAAAAAAAAAAAAAAAAAA')]
      expect([theirs.status, theirs.json.error.code], `${method} ${path}`).toEqual([403, 'not-yours'])
      expect(nobodys.text).toBe(theirs.text)
    }
    expect((await bob.ask('GET', '/api/workshops')).json).toEqual({ workshops: [] })
    const own = await bob.ask('POST', '/api/workshops', { body: draft() })
    const across = await bob.ask('GET', `/api/workshops/${own.json.id}/seats/${ann.joined.json.seat}/link`)
    expect([across.status, across.json.error.code]).toEqual([404, 'unknown-seat'])
    expect((await ada.ask('GET', `/api/workshops/${json.id}`)).json).toMatchObject({ state: 'running', taken: 1 })
  })

  it('say which field of a workshop is wrong', async () => {
    const ada = host('ada')
    const refused = async (change: object) =>
      (await ada.ask('POST', '/api/workshops', { body: draft(change) })).json.error.field
    expect([
      await refused({ title: '' }),
      await refused({ endsAt: 0 }),
      await refused({ labs: ['none'] }),
      await refused({ provider: 'kind' }),
      await refused({ seats: 501 }),
      await refused({ host: 'bob' }),
    ]).toEqual(['title', 'endsAt', 'labs', 'provider', 'seats', 'host'])
  })
})

describe('joining', () => {
  it('gives a browser its seat, which it finds again, and another browser the same seat by the link', async () => {
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const ann = await participant(json.code)
    expect([ann.joined.status, ann.joined.json]).toMatchObject([200, { name: 'Ann', workshop: { state: 'running' } }])
    expect((await ann.ask('GET', '/api/seat')).json.seat).toBe(ann.joined.json.seat)
    const again = await ann.ask('POST', '/api/join', { body: { code: json.code, name: 'Ann' } })
    expect(again.json.seat).toBe(ann.joined.json.seat)

    const lab = await ann.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })
    expect(lab.status).toBe(201)
    const { link } = (await ada.ask('GET', `/api/workshops/${json.id}/seats/${ann.joined.json.seat}/link`)).json
    const there = await rim.ask('POST', '/api/join/link', { body: { token: link.split('#seat=')[1] } })
    const other = asking(cookieOf(there))
    expect((await other.ask('GET', `/api/sessions/${lab.json.id}`)).json.lab).toBe('scaling')
    expect((await other.ask('GET', '/api/seat/progress')).json).toMatchObject({
      name: 'Ann',
      labs: [{ lab: 'scaling', title: 'Scaling', steps: [{ title: 'Three', how: null }] }],
    })
  })

  it('leaves what the browser had before to that browser alone: a seat’s link gives nothing else away', async () => {
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const reader = await rim.reader('storage')
    const joined = await reader.ask('POST', '/api/join', { body: { code: json.code, name: 'Ann' } })
    const there = await rim.ask('POST', '/api/join/link', { body: { token: joined.json.link.split('=')[1] } })
    expect((await asking(cookieOf(there)).ask('GET', reader.path)).status).toBe(404)
  })

  it('S-14: with a one-time code that many use at once lets exactly one in', async () => {
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft({ codes: 'one-time', seats: 3 }) })
    const all = await Promise.all(Array.from({ length: 10 }, () => participant(json.unusedCodes[0])))
    expect(all.map(({ joined }) => joined.status).sort()).toEqual([200, ...Array(9).fill(409)])
    expect((await ada.ask('GET', `/api/workshops/${json.id}`)).json.taken).toBe(1)
  })

  it('S-14: by guessing is over after twenty wrong codes, and the answer does not tell right from wrong', async () => {
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    for (let n = 0; n < 20; n++) expect((await participant('CDFG-HJKM')).joined.json.error.code).toBe('wrong-code')
    const [right, wrong] = [await participant(json.code), await participant('CDFG-HJKM')]
    expect([right.joined.status, right.cookie]).toEqual([429, ''])
    expect(right.joined.text.replace(/\d+/g, '')).toBe(wrong.joined.text.replace(/\d+/g, ''))
  })

  it('of a whole class behind one address is not limited as readers are', async () => {
    await rim.close()
    rim = await startRim({ env: { QUAYSIDE_STARTS_PER_MINUTE: '2' }, limits: { requestsPerMinute: 25 } })
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const class_ = await Promise.all(Array.from({ length: 20 }, (_, n) => participant(json.code, `P${n}`)))
    for (const { ask } of class_) {
      expect((await ask('POST', '/api/sessions', { body: { lab: 'scaling' } })).status).toBe(201)
      for (let n = 0; n < 3; n++) expect((await ask('GET', '/api/seat')).status).toBe(200)
    }
  })

  it('is what the pages of a seat need: without one they are told so', async () => {
    const { ask } = await rim.reader()
    for (const { method, path, about } of routes) {
      if (about !== 'seat') continue
      const answer = await ask(method, path)
      expect([answer.status, answer.json.error.code], path).toEqual([404, 'no-seat'])
    }
  })

  it('tells the seat’s pages when something changes, and when the seat is gone', async () => {
    const ada = host('ada')
    const { json } = await ada.ask('POST', '/api/workshops', { body: draft() })
    const ann = await participant(json.code)
    const stream = await rim.open('GET', '/api/seat/events', { headers: { cookie: ann.cookie } })
    expect(stream.headers['content-type']).toBe('text/event-stream')
    let text = ''
    stream.on('data', (chunk) => (text += chunk))
    const ended = new Promise((resolve) => stream.on('end', resolve))
    await expect.poll(() => text).toContain('event: seat\ndata: {"seat":')
    await ada.ask('POST', `/api/workshops/${json.id}/end`, { body: {} })
    await expect.poll(() => text).toContain('"state":"over"')
    await ada.ask('DELETE', `/api/workshops/${json.id}/seats/${ann.joined.json.seat}`)
    await ended
    expect(text).toContain('event: gone')
  })
})
