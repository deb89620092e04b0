import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Rim, startRim } from './server.fake.ts'

let rim: Rim
beforeEach(async () => {
  rim = await startRim()
})
afterEach(() => rim.close())

describe('sessions over HTTP', () => {
  it('starts a lab with 201 and gives the same one back with 200', async () => {
    const first = await rim.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })
    const cookie = first.headers['set-cookie']?.[0]?.split(';')[0]
    const second = await rim.ask('POST', '/api/sessions', { body: { lab: 'scaling' }, headers: { cookie } })
    expect([first.status, second.status]).toEqual([201, 200])
    expect(second.json.id).toBe(first.json.id)
    expect(second.headers['set-cookie']?.[0]).toMatch(/^quayside-[0-9a-f]{8}=.*HttpOnly; SameSite=Strict$/)
    const list = await rim.ask('GET', '/api/sessions', { headers: { cookie } })
    expect(list.json.sessions.map((session: { id: string }) => session.id)).toEqual([first.json.id])
  })

  it('does everything that a page asks of a session', async () => {
    const { ask, path, session } = await rim.reader()
    expect((await ask('GET', path)).json).toMatchObject({ lab: 'scaling', extensionsLeft: 2 })
    expect((await ask('POST', `${path}/extend`)).json.extensionsLeft).toBe(1)
    expect((await ask('POST', `${path}/reset`)).status).toBe(200)
    expect((await ask('POST', `${path}/steps/three-replicas/skip`)).status).toBe(200)
    expect((await ask('POST', `${path}/steps/three-replicas/restart`)).status).toBe(200)
    expect((await ask('POST', `${path}/steps/three-replicas/catch-up`)).status).toBe(200)
    const opened = await ask('POST', `${path}/shells`, { body: { cols: 80, rows: 24 } })
    expect([opened.status, opened.json]).toEqual([201, { id: 2, state: 'running' }])
    expect((await ask('DELETE', `${path}/shells/2`)).status).toBe(204)
    expect((await ask('DELETE', path)).json.status).toMatchObject({ state: 'ended' })
    expect(session.calls).toEqual([
      'extend',
      'reset',
      'skip three-replicas',
      'restart three-replicas',
      'catchUp three-replicas',
      'openShell',
      'closeShell 2',
      'end',
    ])
  })

  it('tells the status', async () => {
    expect((await rim.ask('GET', '/api/status')).json).toMatchObject({ labs: ['scaling', 'storage'] })
  })

  it('streams the session until it ends', async () => {
    const { cookie, path, session } = await rim.reader()
    const stream = await rim.open('GET', `${path}/events`, { headers: { cookie } })
    expect(stream.headers).toMatchObject({ 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
    expect(stream.headers['content-security-policy']).toContain("default-src 'self'")
    setTimeout(() => session.end('reader'), 20)
    let text = ''
    for await (const chunk of stream) text += chunk
    const views = [...text.matchAll(/^data: (.*)$/gm)].map((match) => JSON.parse(match[1] ?? ''))
    expect(views.map((view) => view.status.state)).toEqual(['ready', 'ended'])
    await expect.poll(() => session.listeners).toBe(0)
    const late = await rim.open('GET', `${path}/events`, { headers: { cookie } })
    text = ''
    for await (const chunk of late) text += chunk
    expect(text).toContain('"state":"ended"')
  })
})

describe('bad input', () => {
  const errorOf = async (...args: Parameters<Rim['ask']>) => {
    const { status, json, headers } = await rim.ask(...args)
    expect(json.error.message).toMatch(/^[A-Z].*\.$/)
    expect(headers['cache-control']).toBe('no-store')
    return { status, code: json.error.code, field: json.error.field }
  }

  it('answers an unknown lab with 404', async () => {
    expect(await errorOf('POST', '/api/sessions', { body: { lab: 'nowhere' } })).toMatchObject({
      status: 404,
      code: 'unknown-lab',
    })
  })

  it('answers an unknown address of the API with 404 and JSON', async () => {
    expect(await errorOf('GET', '/api/nothing')).toMatchObject({ status: 404, code: 'not-found' })
    expect(await errorOf('POST', '/api/status', { body: {} })).toMatchObject({ status: 404, code: 'not-found' })
  })

  it('answers a body that is too large with 413', async () => {
    expect(await errorOf('POST', '/api/sessions', { body: { lab: 'x'.repeat(20_000) } })).toMatchObject({
      status: 413,
      code: 'too-large',
    })
  })

  it.each([
    ['malformed JSON', { raw: '{"lab":' }, 400, 'body'],
    ['an empty body', { raw: '' }, 400, 'body'],
    ['no body', {}, 400, 'body'],
    ['a list', { body: [] }, 400, 'body'],
    ['a field of the wrong type', { body: { lab: 3 } }, 400, 'lab'],
    ['an impossible lab', { body: { lab: '../etc' } }, 400, 'lab'],
    ['an unknown field', { body: { lab: 'scaling', command: 'rm' } }, 400, 'command'],
    ['another media type', { raw: 'lab=scaling', headers: { 'content-type': 'text/plain' } }, 415, undefined],
    ['S-6: __proto__ as a key', { raw: '{"lab":"scaling","__proto__":{"x":1}}' }, 400, 'body'],
    ['S-6: constructor.prototype', { raw: '{"lab":"a","constructor":{"prototype":{"x":1}}}' }, 400, 'body'],
    ['S-6: deep nesting', { raw: `${'['.repeat(8000)}${']'.repeat(8000)}` }, 400, 'body'],
  ])('answers %s as an invalid request with the field', async (_, options, status, field) => {
    expect(await errorOf('POST', '/api/sessions', options)).toEqual({ status, code: 'invalid-request', field })
  })

  it.each([0, -1, 1.5, 1_000_000, '80', null])('S-24: refuses a terminal of %s columns', async (cols) => {
    const { ask, path } = await rim.reader()
    const { status, json } = await ask('POST', `${path}/shells`, { body: { cols, rows: 24 } })
    expect([status, json.error.field]).toEqual([400, 'cols'])
  })

  it('answers too many sessions with 429 and when to come back', async () => {
    rim.sessions.most = 0
    const { status, headers, json } = await rim.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })
    expect(status).toBe(429)
    expect(headers['retry-after']).toBe('30')
    expect(json.error).toMatchObject({ code: 'too-many-sessions', retryAfter: 30 })
  })

  it('answers what went wrong inside with one sentence, and keeps the detail for the log', async () => {
    rim.sessions.breaks = new Error('sqlite: disk I/O error at /var/lib')
    const { status, text } = await rim.ask('POST', '/api/sessions', { body: { lab: 'scaling' } })
    expect(status).toBe(500)
    expect(JSON.parse(text).error.code).toBe('internal')
    expect(text).not.toContain('sqlite')
    expect(rim.log()).toContain('sqlite: disk I/O error')
  })

  it('answers what is not HTTP with 400', async () => {
    const { createConnection } = await import('node:net')
    const text = await new Promise<string>((resolve) => {
      let all = ''
      const socket = createConnection(rim.port, '127.0.0.1', () => socket.write('HELLO THERE\r\n\r\n'))
      socket.on('data', (chunk) => (all += chunk))
      socket.on('close', () => resolve(all))
    })
    expect(text).toMatch(/^HTTP\/1.1 400 /)
    expect(text).toContain('"code":"invalid-request"')
  })

  it('answers a malformed address with 400', async () => {
    expect(await errorOf('GET', '/api/%c0%80')).toMatchObject({ status: 400, code: 'invalid-request' })
  })
})

describe('pages', () => {
  it('are served with their kind of caching and a policy for their scripts', async () => {
    const page = await rim.ask('GET', '/labs/scaling/')
    expect([page.status, page.headers['cache-control']]).toEqual([200, 'no-cache'])
    const policy = page.headers['content-security-policy']
    expect(policy).toMatch(/script-src 'self' 'wasm-unsafe-eval' 'sha256-[\w+/=]+';/)
    expect(policy).toContain("frame-ancestors 'none'")
    expect(policy).not.toContain("'unsafe-eval'")
    expect(policy).not.toContain('upgrade-insecure-requests')
    const script = await rim.ask('GET', '/_astro/app.B4Fd.js')
    expect(script.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  })

  it('are sent compressed to whoever takes that', async () => {
    const headers = { 'accept-encoding': 'gzip, br' }
    const { headers: got, text } = await rim.ask('GET', '/_astro/app.B4Fd.js', { headers })
    expect([got['content-encoding'], got.vary, text]).toEqual(['br', 'accept-encoding', 'compressed'])
    expect(got['content-type']).toMatch(/javascript/)
    expect(got['cache-control']).toContain('immutable')
  })

  it('show a page of their own for addresses that lead nowhere', async () => {
    const { status, headers, text } = await rim.ask('GET', '/labs/nowhere/')
    expect([status, headers['content-type']]).toEqual([404, 'text/html; charset=utf-8'])
    expect(text).toContain('overboard')
  })

  it('S-13: redirect to nowhere else', async () => {
    for (const path of [
      '//evil.example',
      '//evil.example/..',
      '/\\evil.example',
      '/%5cevil.example/',
      '/labs/scaling',
    ]) {
      const { status, headers } = await rim.ask('GET', path)
      const { location } = headers
      if (location === undefined) expect(status, path).toBeGreaterThanOrEqual(400)
      else expect(new URL(location, rim.origin).origin, path).toBe(rim.origin)
    }
  })

  it('give no file from outside their folder', async () => {
    for (const path of ['/../package.json', '/%2e%2e/package.json', '/..%2fpackage.json', '/.git/config']) {
      const { status } = await rim.ask('GET', path)
      expect(status, path).toBeGreaterThanOrEqual(400)
    }
  })
})

describe('health and metrics', () => {
  it('answers /healthz and /readyz under any name', async () => {
    expect((await rim.ask('GET', '/healthz', { headers: { host: '10.0.0.9' } })).json).toEqual({ status: 'ok' })
    expect((await rim.ask('GET', '/readyz', { headers: { host: '10.0.0.9' } })).json).toEqual({ status: 'ready' })
  })

  it('says why it is not ready', async () => {
    const other = await startRim({ notReady: () => 'Docker does not answer.' })
    const { status, json } = await other.ask('GET', '/readyz')
    expect([status, json.error.message]).toEqual([503, 'Docker does not answer.'])
    await other.close()
  })

  it('counts', async () => {
    const { cookie, path } = await rim.reader()
    await rim.ask('POST', '/api/sessions', { body: { lab: 'nowhere' } })
    const stream = await rim.open('GET', `${path}/events`, { headers: { cookie } })
    const { text } = await rim.ask('GET', '/metrics')
    expect(text).toContain('quayside_sessions_started_total{lab="scaling"} 1')
    expect(text).toContain('quayside_sessions{state="ready"} 1')
    expect(text).toContain('quayside_connections{kind="events"} 1')
    expect(text).toContain('quayside_requests_refused_total{code="unknown-lab"} 1')
    stream.destroy()
    await expect
      .poll(async () => (await rim.ask('GET', '/metrics')).text)
      .toContain('quayside_connections{kind="events"} 0')
  })
})
