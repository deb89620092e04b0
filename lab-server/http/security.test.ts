/** Who may do what. Each name carries the number of the attack that it tries. */
import { createConnection } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { closeCodes, encodeClientFrame } from '../../protocol/terminal.ts'
import { routes, TERMINAL_PATH } from './routes.ts'
import { type Rim, startRim } from './server.fake.ts'

let rim: Rim
beforeEach(async () => {
  rim = await startRim()
})
afterEach(() => rim.close())

const fill = (path: string, id: string) =>
  path.replace(':id', id).replace(':step', 'one').replace(':shell', '1').replace(':edit', 'e1')
const bodyFor = (path: string) =>
  path === '/api/sessions' ? { lab: 'scaling' } : path.endsWith('/shells') ? { cols: 80, rows: 24 } : undefined
const refusal = (attempt: Promise<unknown>) =>
  attempt.then(
    () => 'opened',
    (error: { status: number }) => error.status,
  )

/** Origins that resemble ours. */
const foreignOrigins = (port: number): [string, string | undefined][] => [
  ['null', 'null'],
  ['another site', 'https://docs.example.evil'],
  ['our host as a suffix', `http://evil127.0.0.1:${port}`],
  ['our host as a prefix', `http://127.0.0.1:${port}.evil.example`],
  ['a wildcard read as a pattern', `http://127x0.0.1:${port}`],
  ['https instead of http', `https://127.0.0.1:${port}`],
  ['another port', `http://127.0.0.1:${port + 1}`],
  ['no port', 'http://127.0.0.1'],
  ['another of our names', `http://localhost:${port}`],
  ['a path', `http://127.0.0.1:${port}/`],
  ['upper case', `HTTP://127.0.0.1:${port}`],
]

describe('Origin and Host', () => {
  it('S-1: refuses the upgrade from any foreign origin, and without one', async () => {
    const { connect } = await rim.reader()
    for (const [name, origin] of [...foreignOrigins(rim.port), ['a missing one', undefined] as const])
      expect(await refusal(connect({ headers: { origin } })), name).toBe(403)
    expect(await refusal(connect({ headers: { 'sec-fetch-site': 'same-site' } }))).toBe(403)
    const own = await connect()
    own.socket.close()
  })

  it('S-1: behind a public address takes its origin alone', async () => {
    const url = 'https://labs.example.org'
    const other = await startRim({ env: { QUAYSIDE_PUBLIC_URL: url } })
    const host = 'labs.example.org'
    const started = await other.ask('POST', '/api/sessions', {
      body: { lab: 'scaling' },
      headers: { host, origin: url },
    })
    expect(started.status).toBe(201)
    const cookie = started.headers['set-cookie']?.[0]?.split(';')[0]
    expect(cookie).toMatch(/^__Host-quayside=/)
    const path = `/api/sessions/${started.json.id}/shells/1/terminal`
    for (const origin of [
      'http://labs.example.org',
      'https://evil.labs.example.org',
      'https://example.org',
      'https://labs-example.org',
      'https://evillabs.example.org',
      'https://labs.example.org:8443',
      other.origin,
      undefined,
    ])
      expect(await refusal(other.connect(path, { host, origin, cookie })), origin).toBe(403)
    const own = await other.connect(path, { host, origin: url, cookie })
    own.socket.close()
    await other.close()
  })

  it('S-2: answers only under its own names', async () => {
    const { cookie, path, connect } = await rim.reader()
    for (const host of [
      'evil.example',
      `evil.example:${rim.port}`,
      '127.0.0.1',
      `127.0.0.1.evil.example:${rim.port}`,
      `0.0.0.0:${rim.port}`,
    ]) {
      for (const target of ['/', '/api/status', path, '/metrics'])
        expect((await rim.ask('GET', target, { headers: { host, cookie } })).status, host + target).toBe(421)
      const origin = `http://${host}`
      expect(
        (await rim.ask('POST', '/api/sessions', { body: { lab: 'scaling' }, headers: { host, origin } })).status,
      ).toBe(421)
      expect(await refusal(connect({ headers: { host, origin } })), host).toBe(421)
    }
    for (const host of [`localhost:${rim.port}`, `[::1]:${rim.port}`])
      expect((await rim.ask('GET', '/', { headers: { host } })).status).toBe(200)
  })

  it('S-3: gives no foreign page leave to read, and refuses its preflight', async () => {
    const origin = 'https://evil.example'
    for (const { path } of routes) {
      const answer = await rim.ask('OPTIONS', fill(path, 'x'), {
        headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-quayside' },
      })
      expect(answer.status, path).toBe(403)
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
    for (const headers of [{ origin }, { origin: undefined }, {}]) {
      const answer = await rim.ask('GET', '/api/status', { headers })
      expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([])
    }
  })
})

describe('S-12: changes', () => {
  const changing = routes.filter((route) => route.method !== 'GET')

  it('are refused on every route without our header, from elsewhere, or from a foreign origin', {
    timeout: 30_000,
  }, async () => {
    const { cookie, session } = await rim.reader()
    const { size } = rim.sessions.all
    for (const { method, path } of changing) {
      const attempts: Record<string, string | undefined>[] = [
        { 'x-quayside': undefined },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: undefined, 'sec-fetch-site': 'cross-site' },
        ...foreignOrigins(rim.port).map(([, origin]) => ({ origin })),
      ]
      for (const headers of attempts) {
        const answer = await rim.ask(method, fill(path, session.id), {
          headers: { cookie, ...headers },
          ...(bodyFor(path) ? { body: bodyFor(path) } : {}),
        })
        expect([answer.status, answer.json.error.code], `${method} ${path} ${JSON.stringify(headers)}`).toEqual([
          403,
          'foreign-origin',
        ])
      }
    }
    expect(session.calls).toEqual([])
    expect(rim.sessions.all.size).toBe(size)
  })

  it('are taken from a program on the same machine that brings our header', async () => {
    const answer = await rim.ask('POST', '/api/sessions', { body: { lab: 'scaling' }, headers: { origin: undefined } })
    expect(answer.status).toBe(201)
  })

  it('are made by no GET', async () => {
    const { ask, session } = await rim.reader()
    const before = JSON.stringify(session.view())
    for (const { method, path } of routes) {
      if (method === 'GET' && path.endsWith('/events')) continue
      for (const verb of ['GET', 'HEAD']) await ask(verb, fill(path, session.id))
    }
    expect(session.calls).toEqual([])
    expect(JSON.stringify(session.view())).toBe(before)
    expect(rim.sessions.all.size).toBe(1)
  })

  it('and reads of the API from another site are refused, streams too', async () => {
    const { ask, session } = await rim.reader()
    for (const { path } of routes.filter((route) => route.method === 'GET')) {
      for (const headers of [
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
        { origin: 'https://evil.example' },
      ])
        expect((await ask('GET', fill(path, session.id), { headers })).status, path).toBe(403)
    }
    expect(
      (await ask('GET', '/%61pi/sessions', { headers: { 'sec-fetch-site': 'cross-site' } })).status,
    ).toBeGreaterThanOrEqual(400)
  })
})

describe('other readers', () => {
  it('S-5: get the same 404 on every route as for a session that does not exist', { timeout: 30_000 }, async () => {
    const owner = await rim.reader()
    const stranger = await rim.reader()
    for (const { method, path, about } of routes) {
      if (about !== 'session') continue
      for (const cookie of [stranger.cookie, undefined, `${owner.cookie}x`, `${owner.cookie.split('=')[0]}=abc.def`]) {
        const body = bodyFor(path)
        const ask = (id: string) => rim.ask(method, fill(path, id), { headers: { cookie }, ...(body ? { body } : {}) })
        const [theirs, nobodys] = [await ask(owner.session.id), await ask('AAAAAAAAAAAAAAAAAAAAAA')]
        expect([theirs.status, theirs.text], `${method} ${path}`).toEqual([404, nobodys.text])
      }
    }
    expect(owner.session.calls).toEqual([])
    expect((await stranger.ask('GET', '/api/sessions')).json.sessions).toHaveLength(1)
  })

  it("S-5: cannot open another's terminal, and it is logged", async () => {
    const owner = await rim.reader()
    const stranger = await rim.reader()
    const path = `${owner.path}/shells/1/terminal`
    for (const cookie of [stranger.cookie, undefined]) {
      const terminal = await rim.connect(path, { cookie })
      expect(await terminal.closed).toBe(closeCodes.forbidden)
    }
    expect(rim.log()).toContain('terminal refused')
    expect(owner.session.shells.get(1)?.shell.typed).toBe('')
    expect(owner.session.listeners).toBe(0)
  })

  it('S-26: two readers who use theirs in the same tick a hundred times see nothing of each other', async () => {
    const pairs = await Promise.all([rim.reader(), rim.reader()])
    const terminals = await Promise.all(pairs.map(({ connect }) => connect()))
    for (const terminal of terminals) terminal.hello()
    const shells = pairs.map(({ session }) => session.shells.get(1)?.shell)
    for (let i = 0; i < 100; i++) {
      for (const [n, terminal] of terminals.entries()) terminal.type('ab'[n] ?? '')
      for (const [n, shell] of shells.entries()) shell?.print('AB'[n] ?? '')
    }
    await expect.poll(() => shells.map((shell) => shell?.typed)).toEqual(['a'.repeat(100), 'b'.repeat(100)])
    await expect.poll(() => terminals.map(({ text }) => text)).toEqual(['A'.repeat(100), 'B'.repeat(100)])
    for (const terminal of terminals) terminal.socket.close()
  })
})

describe('terminals', () => {
  it('pass bytes both ways', async () => {
    const { connect, session } = await rim.reader()
    const terminal = await connect()
    terminal.hello({ cols: 100, rows: 40 })
    terminal.type('ls\n')
    const shell = session.shells.get(1)?.shell
    await expect.poll(() => shell?.typed).toBe('ls\n')
    shell?.print('files')
    await expect.poll(() => terminal.text).toBe('files')
    expect(shell?.sizes).toEqual([{ cols: 100, rows: 40 }])
    terminal.socket.close()
  })

  it('S-4: do nothing before the hello', async () => {
    const { connect, session } = await rim.reader()
    const terminal = await connect()
    terminal.type('rm -rf /\n')
    expect(await terminal.closed).toBe(closeCodes.protocol)
    expect(session.shells.get(1)?.shell.typed).toBe('')
  })

  it.each([
    ['text', '{"kind":"input"}', closeCodes.protocol],
    ['an unknown kind', Buffer.from([99]), closeCodes.protocol],
    ['nothing', Buffer.alloc(0), closeCodes.protocol],
    ['a hello with __proto__', Buffer.from('\x01{"__proto__":{"offset":0}}'), closeCodes.protocol],
    ['a hello nested deep', Buffer.from(`\x01${'['.repeat(60_000)}`), closeCodes.protocol],
    // The standard's own code for it, sent by the WebSocket layer, which reads no further.
    ['1 MiB', Buffer.alloc(1024 * 1024, 2), 1009],
  ])('S-6: %s closes that socket and harms nobody else', async (_, frame, code) => {
    const { connect, session } = await rim.reader()
    const [good, bad] = [await connect(), await connect()]
    good.hello()
    bad.socket.send(frame)
    expect(await bad.closed).toBe(code)
    good.type('ok')
    await expect.poll(() => session.shells.get(1)?.shell.typed).toBe('ok')
    expect((await rim.ask('GET', '/healthz')).status).toBe(200)
    good.socket.close()
  })

  it('S-6: a broken WebSocket frame closes that connection and harms nobody else', async () => {
    const { connect, session } = await rim.reader()
    const [good, bad] = [await connect(), await connect()]
    good.hello()
    // biome-ignore lint/suspicious/noExplicitAny: the connection under the WebSocket is not public
    const raw = (bad.socket as any)._socket as import('node:net').Socket
    raw.write(Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
    expect(await bad.closed).toBe(1002)
    good.type('ok')
    await expect.poll(() => session.shells.get(1)?.shell.typed).toBe('ok')
    good.socket.close()
  })

  it('S-7: that do not exist allocate nothing', async () => {
    const { connect, path, session } = await rim.reader()
    for (const shell of ['2', '999999', '0', '-1', '1e3', 'x', '1%00']) {
      const terminal = await connect({ path: `${path}/shells/${shell}/terminal` })
      expect(await terminal.closed, shell).toBe(closeCodes.unknownShell)
    }
    expect(session.shells.size).toBe(1)
    expect(session.listeners).toBe(0)
    expect(await refusal(connect({ path: '/api/elsewhere' }))).toBe(404)
  })

  it('are asked to come again while the lab is not there yet, as after a restart of the server', async () => {
    const { connect, path, session } = await rim.reader()
    session.change({ status: { state: 'preparing', stage: 'cluster' } })
    const terminal = await connect({ path: `${path}/shells/2/terminal` })
    expect(await terminal.closed).toBe(1013)
  })

  it('S-8: are limited for each session and each address, and a closed one makes room', async () => {
    const other = await startRim({ limits: { terminalsPerSession: 2, connectionsPerAddress: 3 } })
    const [one, two] = [await other.reader(), await other.reader()]
    const first = await one.connect()
    const second = await one.connect()
    expect(await refusal(one.connect())).toBe(429)
    const third = await two.connect()
    expect(await refusal(two.connect())).toBe(429)
    const stream = await two.ask('GET', `${two.path}/events`)
    expect([stream.status, stream.headers['retry-after']]).toEqual([429, '10'])
    first.socket.close()
    await first.closed
    const fourth = await two.connect()
    for (const { socket } of [second, third, fourth]) socket.close()
    await other.close()
  })

  it('S-8: an upgrade or a request that dribbles in is cut off', async () => {
    const other = await startRim({ limits: { headersWithin: 200, requestWithin: 300, lookEvery: 50 } })
    const heads = [
      `GET ${TERMINAL_PATH} HTTP/1.1\r\nHost: ${other.host}\r\nUpgrade: websocket\r\n`,
      `POST /api/sessions HTTP/1.1\r\nHost: ${other.host}\r\nOrigin: ${other.origin}\r\nX-Quayside: 1\r\nContent-Type: application/json\r\nContent-Length: 50\r\n\r\n{`,
    ]
    for (const head of heads) {
      const text = await new Promise<string>((resolve) => {
        let all = ''
        const socket = createConnection(other.port, '127.0.0.1', () => socket.write(head))
        socket.on('data', (chunk) => (all += chunk))
        socket.on('error', () => {})
        socket.on('close', () => resolve(all))
      })
      expect(text).toMatch(/^HTTP\/1.1 408 /)
    }
    await other.close()
  })

  it('that answer no ping are closed', async () => {
    const other = await startRim({ limits: { pingEvery: 50 } })
    const { connect } = await other.reader()
    const [alive, dead] = [await connect(), await connect()]
    alive.hello()
    dead.hello()
    dead.socket.pong = () => {}
    // biome-ignore lint/suspicious/noExplicitAny: stops the client from answering pings by itself
    ;(dead.socket as any)._autoPong = false
    expect(await dead.closed).toBe(1006)
    expect(alive.socket.readyState).toBe(alive.socket.OPEN)
    alive.socket.close()
    await other.close()
  })

  it('S-11: close when the session ends, and the streams with them', async () => {
    const { cookie, connect, path, session } = await rim.reader()
    const terminal = await connect()
    terminal.hello()
    const stream = await rim.open('GET', `${path}/events`, { headers: { cookie } })
    stream.resume()
    const ended = new Promise((resolve) => stream.on('end', resolve))
    session.end('expired')
    expect(await terminal.closed).toBe(closeCodes.forbidden)
    await ended
    expect(session.listeners).toBe(0)
    const late = await connect()
    expect(await late.closed).toBe(closeCodes.forbidden)
  })

  it('are told to come back when the server closes', async () => {
    const other = await startRim()
    const { cookie, connect, path } = await other.reader()
    const terminal = await connect()
    const stream = await other.open('GET', `${path}/events`, { headers: { cookie } })
    stream.resume()
    const ended = new Promise((resolve) => stream.on('end', resolve))
    await other.close()
    expect(await terminal.closed).toBe(1012)
    await ended
  })

  it('S-23: that do not read cost the server a bounded amount, and still take Ctrl-C', async () => {
    const { connect, session } = await rim.reader()
    const terminal = await connect()
    terminal.hello()
    await expect.poll(() => terminal.frames.length).toBe(1)
    terminal.socket.pause()
    const shell = session.shells.get(1)?.shell
    if (!shell) throw new Error('no shell')
    const chunk = 'y\n'.repeat(32 * 1024)
    let printed = 0
    for (let i = 0; i < 2_000 && !shell.paused; i++) {
      shell.print(chunk)
      printed += chunk.length
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
    expect(shell.paused).toBe(true)
    expect(printed).toBeLessThanOrEqual(512 * 1024)
    terminal.socket.send(encodeClientFrame({ kind: 'input', data: new Uint8Array([3]) }))
    await expect.poll(() => shell.typed).toBe('\x03')
    terminal.socket.terminate()
    await expect.poll(() => shell.paused).toBe(false)
  })
})

describe('limits', () => {
  it('refuses more starts in a minute from one address than allowed, but gives a reader the own lab back', async () => {
    const other = await startRim({ env: { QUAYSIDE_STARTS_PER_MINUTE: '2' } })
    const own = await other.reader()
    await other.reader()
    const third = await other.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })
    expect([third.status, third.json.error.code]).toEqual([429, 'too-many-starts'])
    expect(Number(third.headers['retry-after'])).toBeGreaterThan(0)
    expect((await own.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })).status).toBe(200)
    await other.close()
  })

  it('refuses more requests in a minute than allowed', async () => {
    const other = await startRim({ limits: { requestsPerMinute: 3 } })
    const statuses = []
    for (let i = 0; i < 4; i++) statuses.push((await other.ask('GET', '/api/status')).status)
    expect(statuses).toEqual([200, 200, 200, 429])
    expect((await other.ask('GET', '/')).status).toBe(200)
    await other.close()
  })
})

describe('secrets', () => {
  it('S-10: appear in no log, metric, address or answer after everything has been used', async () => {
    const secret = 'correct-horse-battery'
    const other = await startRim({ env: { QUAYSIDE_HOST_SECRET: secret } })
    const { cookie, ask, connect, path, session } = await other.reader()
    for (const { method, path } of routes) {
      if (path.endsWith('/events') || (method === 'DELETE' && path.endsWith(':id'))) continue
      const body = bodyFor(path)
      await ask(method, fill(path, session.id), body ? { body } : {})
    }
    const terminal = await connect({ path: `${path}/shells/2/terminal` })
    terminal.hello()
    terminal.type('export TOKEN=typed-by-the-reader\n')
    await other.connect(`${path}/shells/1/terminal`, { cookie: `${cookie}x` })
    await other.ask('GET', `/api/sessions?token=${cookie}`, { headers: { authorization: `Bearer ${secret}` } })
    expect((await other.ask('GET', '/metrics')).status).toBe(403)
    expect(
      (await other.ask('GET', '/metrics', { headers: { authorization: 'Bearer wrong-horse-battery' } })).status,
    ).toBe(403)
    const metrics = await other.ask('GET', '/metrics', { headers: { authorization: `Bearer ${secret}` } })
    expect(metrics.status).toBe(200)
    await ask('DELETE', path)
    other.sessions.breaks = new Error(`could not use ${secret} with Cookie: ${cookie}`)
    const broken = await ask('POST', '/api/sessions', { body: { lab: 'storage' } })
    expect(broken.status).toBe(500)
    terminal.socket.close()
    await other.close()

    const value = cookie.split('=')[1] ?? ''
    expect(value.length).toBeGreaterThan(40)
    for (const text of [other.log(), metrics.text, broken.text]) {
      for (const hidden of [value, session.reader, secret, 'typed-by-the-reader']) expect(text).not.toContain(hidden)
    }
    expect(other.log()).toContain(session.id)
    expect(metrics.text).not.toContain(session.id)
  })
})
