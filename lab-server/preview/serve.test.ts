/** Previews on a real port, with an app behind them that a lab might hold. */
import { createServer, type IncomingMessage, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { FakeKube } from '../checks/kube.fake.ts'
import { ManualClock } from '../clock.ts'
import { type Answered, type Ask, type Rim, startRim } from '../http/server.fake.ts'
import { KubeError, type KubeObject } from '../kube/connection.ts'
import type { PodPort } from '../providers/provider.ts'

let rim: Rim
let app: Server
let seen: { url?: string | undefined; headers: IncomingMessage['headers']; body: string }[]
let forwarded: PodPort[]
let reader: Awaited<ReturnType<Rim['reader']>>
let kube: FakeKube

beforeEach(async () => {
  seen = []
  forwarded = []
  app = createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    seen.push({ url: request.url, headers: request.headers, body })
    if (request.url === '/slow') return
    if (request.url === '/moved') response.writeHead(302, { location: `http://${request.headers.host}/there` })
    else if (request.url === '/away') response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' })
    else if (request.url === '/parts') {
      response.write('one ')
      await setTimeout(60)
      response.write('two')
    } else if (request.url === '/cookie')
      response.setHeader('set-cookie', ['id=1; Domain=localhost', 'quayside-preview=x'])
    response.end(request.url === '/parts' ? '' : `the app: ${request.method} ${request.url} ${body}`)
  })
  const echo = new WebSocketServer({ server: app, path: '/ws/echo' })
  echo.on('connection', (socket) =>
    socket.on('message', (message, isBinary) => socket.send(message, { binary: isBinary })),
  )
  await new Promise<void>((resolve) => app.listen(0, '127.0.0.1', resolve))
  rim = await startRim({ limits: { previewsPerSession: 3, previewAnswerTimeout: 300 } })
  reader = await rim.reader()
  kube = lab(reader)
})
afterEach(async () => {
  await rim.close()
  app.closeAllConnections()
  app.close()
})

/** A cluster with a Service `web`, whose two Pods are the app. */
function lab({ session }: Awaited<ReturnType<Rim['reader']>>): FakeKube {
  const admin = new FakeKube()
  admin.put({
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'web', namespace: 'default' },
    spec: { ports: [{ port: 80 }] },
  })
  admin.put({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: 'web-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'web' } },
    ports: [{ port: 8080 }],
    endpoints: ['a', 'b'].map((name) => ({ targetRef: { kind: 'Pod', name } })),
  } as unknown as KubeObject)
  session.cluster = {
    admin,
    async forward(target) {
      forwarded.push(target)
      if (target.pod === 'refused') throw new KubeError(403, 'Forbidden', 'pods "refused" is forbidden: <b>no</b>')
      return connect((app.address() as AddressInfo).port, '127.0.0.1')
    },
  }
  return admin
}

const web = { namespace: 'default', service: 'web', port: 80 }

/** A preview that its reader has opened. */
async function opened({ ask } = reader, target: object = web) {
  const made = await ask('POST', `${reader.path}/previews`, { body: target })
  expect(made.status, made.text).toBe(201)
  const { url, origin } = made.json as { url: string; origin: string }
  const host = new URL(origin).host
  const entered = await rim.ask('GET', new URL(url).pathname + new URL(url).search, { headers: { host } })
  const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  return {
    url: new URL(url),
    origin,
    host,
    cookie,
    entered,
    get: (path: string, { headers, ...options }: Ask = {}): Promise<Answered> =>
      rim.ask('GET', path, { ...options, headers: { host, cookie, ...headers } }),
    socket: (headers: Record<string, string | undefined> = {}) => {
      const all: Record<string, string> = {}
      for (const [name, value] of Object.entries({ host, origin, cookie, ...headers }))
        if (value !== undefined) all[name] = value
      return new WebSocket(`ws://127.0.0.1:${rim.port}/ws/echo`, { headers: all })
    },
  }
}

const refused = (socket: WebSocket) =>
  new Promise<number | string>((resolve) => {
    socket.on('open', () => resolve('opened'))
    socket.on('error', () => {})
    socket.on('unexpected-response', (request, response) => {
      resolve(response.statusCode ?? 0)
      request.destroy()
    })
  })

describe('a preview', () => {
  it('shows what the Service answers, each time from the next of its Pods', async () => {
    const { get } = await opened()
    expect((await get('/page?x=1')).text).toBe('the app: GET /page?x=1 ')
    await get('/')
    expect(forwarded).toEqual(['a', 'b'].map((pod) => ({ namespace: 'default', pod, port: 8080 })))
  })

  it('hands on bodies, with a length or in chunks, and answers as they come', async () => {
    const { host, cookie, origin, get } = await opened()
    const post = (headers: Record<string, string>) =>
      rim.ask('POST', '/form', { raw: 'a=1&b=2', headers: { host, cookie, origin, ...headers } })
    expect((await post({ 'content-type': 'application/x-www-form-urlencoded' })).text).toBe(
      'the app: POST /form a=1&b=2',
    )
    expect((await post({ 'transfer-encoding': 'chunked' })).text).toBe('the app: POST /form a=1&b=2')
    const answer = await rim.open('GET', '/parts', { headers: { host, cookie } })
    const parts: string[] = []
    for await (const part of answer) parts.push(String(part))
    expect(parts).toEqual(['one ', 'two'])
    expect((await get('/parts')).text).toBe('one two')
  })

  it('keeps redirects of the app in itself, and follows none', async () => {
    const { get } = await opened()
    expect((await get('/moved')).headers.location).toBe('/there')
    const away = await get('/away')
    expect([away.status, away.headers.location]).toEqual([302, 'http://169.254.169.254/latest/meta-data'])
    expect(seen.map(({ url }) => url)).toEqual(['/moved', '/away'])
  })

  it('lets the app have cookies of its own', async () => {
    const { get } = await opened()
    expect((await get('/cookie')).headers['set-cookie']).toEqual(['id=1; SameSite=None; Secure; Partitioned'])
    await get('/', { headers: { cookie: undefined } })
  })

  it('carries WebSockets', async () => {
    const { socket } = await opened()
    const echo = socket()
    const said = await new Promise((resolve, reject) => {
      echo.on('error', reject)
      echo.on('open', () => echo.send('hello'))
      echo.on('message', (message) => resolve(String(message)))
    })
    expect(said).toBe('hello')
    echo.terminate()
  })

  it('begins where it was asked to, and nowhere else', async () => {
    for (const [path, location] of [
      ['/docs/?a=b', '/docs/?a=b'],
      ['//evil.example/', '/'],
      ['/\\evil.example', '/'],
      ['/.//evil.example', '/'],
    ] as const) {
      expect((await opened(reader, { ...web, path })).entered.headers.location, path).toBe(location)
    }
    for (const path of ['https://evil.example/', 'evil', '/a b'])
      expect((await reader.ask('POST', `${reader.path}/previews`, { body: { ...web, path } })).status, path).toBe(400)
  })

  it('says in a sentence what is missing, with every name escaped', async () => {
    const { get } = await opened()
    const slice = kube.objects.find(({ kind }) => kind === 'EndpointSlice') as KubeObject
    kube.put({ ...slice, endpoints: [{ targetRef: { kind: 'Pod', name: 'refused' } }] })
    const forbidden = await get('/')
    expect(forbidden.status).toBe(502)
    expect(forbidden.text).toContain('pods &quot;refused&quot; is forbidden: &lt;b&gt;no&lt;/b&gt;')
    expect(forbidden.headers['content-security-policy']).toBe("default-src 'none'; style-src 'unsafe-inline'")
    kube.put({ ...slice, endpoints: [] })
    expect((await get('/')).text).toContain('The Service web has no ready Pods.')
    kube.remove('Service', 'web')
    expect([(await get('/')).status, (await get('/')).text]).toEqual([404, expect.stringContaining('no Service web')])
  })

  it('says that the Pod does not answer when its port is shut, and when it keeps silent', async () => {
    const { get } = await opened()
    const slow = await get('/slow')
    expect([slow.status, slow.text]).toEqual([504, expect.stringContaining('sent no answer')])
    app.closeAllConnections()
    await new Promise((resolve) => app.close(resolve))
    const port = (app.address() as AddressInfo | null)?.port ?? 1
    if (reader.session.cluster)
      reader.session.cluster = { admin: kube, forward: async () => connect(port, '127.0.0.1') }
    const shut = await get('/')
    expect([shut.status, shut.text]).toEqual([502, expect.stringContaining('answered HTTP on port 8080')])
  })

  it('lists the Services that can be shown, and makes no preview before there is a cluster', async () => {
    expect((await reader.ask('GET', `${reader.path}/services`)).json).toEqual({
      services: [{ namespace: 'default', name: 'web', ports: [{ port: 80 }], ready: 2 }],
    })
    reader.session.cluster = undefined
    expect((await reader.ask('GET', `${reader.path}/services`)).status).toBe(409)
    expect((await reader.ask('POST', `${reader.path}/previews`, { body: web })).json.error.code).toBe('not-ready')
  })

  it('takes no more connections of a lab than it may have, and gives places back', async () => {
    const { get, socket } = await opened()
    const open = [socket(), socket(), socket()]
    for (const one of open) await new Promise((resolve) => one.on('open', resolve))
    const full = await get('/')
    expect([full.status, full.text]).toEqual([503, expect.stringContaining('Too many connections')])
    for (const one of open) one.terminate()
    await expect.poll(async () => (await get('/')).status).toBe(200)
  })
})

describe('S-32: a preview', () => {
  it('has an origin of its own, where the server itself never answers, nor the other way round', async () => {
    const { host, cookie, get } = await opened()
    for (const path of ['/api/status', '/api/sessions', '/healthz', '/metrics', '/labs/scaling/'])
      expect((await get(path)).text, path).toBe(`the app: GET ${path} `)
    // Our reader's cookie opens nothing there.
    expect((await rim.ask('GET', '/api/status', { headers: { host, cookie: reader.cookie } })).status).toBe(404)
    expect(
      await refused(
        new WebSocket(`ws://127.0.0.1:${rim.port}${reader.path}/shells/1/terminal`, {
          headers: { host, origin: rim.origin, cookie: `${reader.cookie}; ${cookie}` },
        }),
      ),
    ).toBe(403)
    // A preview's cookie opens nothing here, and its address is nothing here.
    expect((await rim.ask('GET', reader.path, { headers: { cookie } })).status).toBe(404)
    expect((await rim.ask('GET', '/.quayside/preview?ticket=x')).status).toBe(404)
  })

  it('answers under no name but its own', async () => {
    const { host, cookie } = await opened()
    const label = host.split('.')[0] ?? ''
    for (const other of [
      `${label}.localhost`,
      `${label}.localhost:${rim.port + 1}`,
      `${label}.localhost.evil.example:${rim.port}`,
      `${label}.evil.example:${rim.port}`,
      `x.${host}`,
      `${label.slice(1)}.localhost:${rim.port}`,
      `preview.localhost:${rim.port}`,
    ])
      expect((await rim.ask('GET', '/', { headers: { host: other, cookie } })).status, other).toBe(421)
    const unknown = `${'0'.repeat(32)}.localhost:${rim.port}`
    expect((await rim.ask('GET', '/', { headers: { host: unknown, cookie } })).status).toBe(404)
    expect(seen).toEqual([])
  })

  it('opens to nobody without its cookie, by HTTP or by WebSocket', async () => {
    const { get, socket } = await opened()
    const other = await opened()
    for (const cookie of [undefined, reader.cookie, other.cookie, 'quayside-preview=', 'quayside-preview=x']) {
      expect((await get('/', { headers: { cookie } })).status, cookie).toBe(404)
      expect(await refused(socket({ cookie })), cookie).toBe(404)
    }
    for (const origin of [undefined, 'null', rim.origin, 'https://evil.example', other.origin])
      expect(await refused(socket({ origin })), origin).toBe(403)
    expect(seen).toEqual([])
  })

  it('takes its ticket once, and not for long', async () => {
    const { url, host, get } = await opened()
    const again = await rim.ask('GET', url.pathname + url.search, { headers: { host } })
    expect([again.status, again.headers['set-cookie']]).toEqual([404, undefined])
    expect((await get('/')).status, 'the first browser goes on').toBe(200)

    const clock = new ManualClock(1_000)
    const later = await startRim({ clock })
    const late = await later.reader()
    lab(late)
    const made = await late.ask('POST', `${late.path}/previews`, { body: web })
    await clock.advance(60_000)
    const address = new URL(made.json.url as string)
    const answer = await later.ask('GET', address.pathname + address.search, { headers: { host: address.host } })
    expect(answer.status).toBe(404)
    await later.close()
  })

  it('is made by the session’s reader alone', async () => {
    const stranger = await rim.reader()
    expect((await stranger.ask('POST', `${reader.path}/previews`, { body: web })).status).toBe(404)
    expect((await stranger.ask('GET', `${reader.path}/services`)).status).toBe(404)
  })

  it('keeps our cookie, the ticket and the reader’s address from the app, and all of them out of the log', async () => {
    const { get, url, cookie } = await opened()
    await get('/', { headers: { cookie: `mine=1; ${cookie}` } })
    expect(seen[0]?.headers.cookie).toBe('mine=1')
    const ticket = url.searchParams.get('ticket') ?? ''
    expect(ticket).toMatch(/^[\w-]{22}$/)
    const told = JSON.stringify(seen)
    for (const secret of [ticket, cookie.split('=')[1] ?? '', reader.cookie]) {
      expect(told).not.toContain(secret)
      expect(rim.log()).not.toContain(secret)
    }
  })

  it('has a cookie for its host alone, out of the reach of scripts and of other sites’ frames', async () => {
    const { entered } = await opened()
    expect(entered.status).toBe(303)
    expect(entered.headers['set-cookie']).toEqual([
      expect.stringMatching(/^quayside-preview=[\w-]{22}; Path=\/; HttpOnly; SameSite=None; Secure; Partitioned$/),
    ])
    expect(entered.headers['referrer-policy']).toBe('no-referrer')
    expect(entered.headers['cache-control']).toBe('no-store')
  })

  it('ends with its lab, whatever is open', async () => {
    const { get, socket } = await opened()
    const echo = socket()
    await new Promise((resolve) => echo.on('open', resolve))
    const closed = new Promise((resolve) => echo.on('close', resolve))
    reader.session.end('reader')
    await closed
    const over = await get('/')
    expect([over.status, over.text]).toEqual([410, expect.stringContaining('The lab has ended')])
    expect(seen).toEqual([])
  })

  it('may be framed by our pages, which may frame nothing else', async () => {
    const policy = (await rim.ask('GET', '/')).headers['content-security-policy']
    expect(policy).toContain(`frame-src http://*.localhost:${rim.port};`)
  })

  it('has a wildcard host of its own where readers come from elsewhere, or there is none', async () => {
    const url = 'https://labs.example.org'
    const without = await startRim({ env: { QUAYSIDE_PUBLIC_URL: url } })
    const host = 'labs.example.org'
    const start = async (server: Rim) => {
      const started = await server.ask('POST', '/api/sessions', {
        body: { lab: 'scaling' },
        headers: { host, origin: url },
      })
      const session = server.sessions.all.get(started.json.id as string)
      if (session) lab({ session } as typeof reader)
      const cookie = started.headers['set-cookie']?.[0]?.split(';')[0]
      return server.ask('POST', `/api/sessions/${started.json.id}/previews`, {
        body: web,
        headers: { host, origin: url, cookie },
      })
    }
    expect((await start(without)).json.error.code).toBe('no-previews')
    const localhost = `${'0'.repeat(32)}.localhost:${without.port}`
    expect((await without.ask('GET', '/', { headers: { host: localhost } })).status).toBe(421)
    expect((await without.ask('GET', '/', { headers: { host } })).headers['content-security-policy']).toContain(
      "frame-src 'none';",
    )
    await without.close()

    const hosted = await startRim({
      env: { QUAYSIDE_PUBLIC_URL: url, QUAYSIDE_PREVIEW_HOST: '*.preview.example.org' },
    })
    const made = await start(hosted)
    expect(made.json.origin).toMatch(/^https:\/\/[0-9a-f]{32}\.preview\.example\.org$/)
    const address = new URL(made.json.url as string)
    const entered = await hosted.ask('GET', address.pathname + address.search, { headers: { host: address.host } })
    expect(entered.headers['set-cookie']?.[0]).toMatch(
      /^__Host-quayside-preview=.*; SameSite=None; Secure; Partitioned$/,
    )
    const cookie = entered.headers['set-cookie']?.[0]?.split(';')[0]
    expect((await hosted.ask('GET', '/x', { headers: { host: address.host, cookie } })).text).toBe('the app: GET /x ')
    expect((await hosted.ask('GET', '/x', { headers: { host: 'preview.example.org', cookie } })).status).toBe(421)
    await hosted.close()
  })
})

describe('S-33: the name of a preview', () => {
  it('is never used again, not even for the same Service', async () => {
    const names = new Set<string>()
    for (let n = 0; n < 40; n++)
      names.add((await reader.ask('POST', `${reader.path}/previews`, { body: web })).json.origin)
    expect(names.size).toBe(40)
  })

  it('leads nowhere once it is over: not to the next preview, nor to the next reader', async () => {
    const first = await opened()
    for (let n = 0; n < 24; n++) await opened()
    const old = await first.get('/')
    expect([old.status, old.text]).toEqual([404, expect.stringContaining('This preview is over')])
  })
})
