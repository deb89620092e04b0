/** The rim on a real port with fake sessions behind it, and requests whose every header can be chosen. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { WebSocket } from 'ws'
import { decodeServerFrame, encodeClientFrame, type Hello, type ServerFrame } from '../../protocol/terminal.ts'
import { type Clock, systemClock } from '../clock.ts'
import { type Config, readConfig } from '../config.ts'
import { createOpenId, openIdOf } from '../host/openid.ts'
import { createSignIns } from '../host/sign-ins.ts'
import { createHostStore, HOST_TABLES } from '../host/store.ts'
import { randomIds } from '../ids.ts'
import { fakeLab } from '../labs/lab.fake.ts'
import { createLog } from '../log.ts'
import { Rooms, type RoomsOptions } from '../workshops/rooms.ts'
import { createWorkshopStore } from '../workshops/store.ts'
import { WORKSHOP_TABLES } from '../workshops/tables.ts'
import type { Limits } from './limits.ts'
import { createMetrics } from './metrics.ts'
import { createServer } from './server.ts'
import { FakeSessions } from './sessions.fake.ts'

export interface Answered {
  status: number
  headers: IncomingHttpHeaders
  text: string
  // biome-ignore lint/suspicious/noExplicitAny: whatever the server says, for assertions
  json: any
}

export interface Ask {
  headers?: Record<string, string | undefined>
  body?: unknown
  /** Sent as it is. */
  raw?: string | Buffer
}

const pages: Record<string, string> = {
  'index.html': '<!doctype html><script>let a = 1</script><h1>Quayside</h1>',
  '404.html': '<!doctype html><h1>This page went overboard</h1>',
  'labs/scaling/index.html': '<!doctype html><h1>Scaling</h1>',
  '_astro/app.B4Fd.js': 'export const a = 1',
  '_astro/app.B4Fd.js.br': 'compressed',
}

const labs = ['scaling', 'storage']
const lab = fakeLab(['three'])

export async function startRim(
  options: {
    env?: Record<string, string>
    limits?: Partial<Limits>
    clock?: Clock
    notReady?: () => string | undefined
    bears?: RoomsOptions['bears']
  } = {},
) {
  const clock = options.clock ?? systemClock
  const config: Config = readConfig(options.env ?? {})
  const sessions = new FakeSessions({ labs, clock, ids: randomIds })
  const site = mkdtempSync(join(tmpdir(), 'quayside-site-'))
  for (const [name, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(site, name)), { recursive: true })
    writeFileSync(join(site, name), text)
  }
  let logged = ''
  const log = createLog({
    level: 'trace',
    destination: { write: (line) => (logged += line) },
    secrets: config.hostSecret ? [config.hostSecret] : [],
  })
  const key = Buffer.alloc(32, 7)
  const database = new DatabaseSync(':memory:')
  database.exec(HOST_TABLES + WORKSHOP_TABLES)
  const provider = openIdOf(config)
  const openId = provider && createOpenId({ config: provider, ids: randomIds, log, key })
  const signIns = createSignIns({ config, store: createHostStore(database), clock, ids: randomIds, openId })
  const rooms = new Rooms({
    store: createWorkshopStore(database),
    sessions,
    catalogue: new Map(labs.map((id) => [id, { lab: { ...lab, id }, setup: [], files: [] }])),
    clock,
    ids: randomIds,
    log,
    key,
    ...(options.bears ? { bears: options.bears } : {}),
  })
  rooms.open()
  const server = await createServer({
    config: { ...config, host: '127.0.0.1' },
    sessions,
    signIns,
    rooms,
    capacity: () => ({
      memoryBytes: { total: 2 ** 34, available: 2 ** 33 },
      cpus: 4,
      inotify: null,
      providers: [{ name: 'fake', title: 'a fake', seats: 30, limit: 'Nothing limits it.' }],
    }),
    status: async () => ({
      version: '0',
      provider: { name: 'fake', title: 'a fake', about: 'for tests' },
      providers: [
        { name: 'fake', title: 'a fake', about: 'for tests', simulated: false, startsWithin: 1, full: false },
      ],
      labs: [...sessions.labs],
    }),
    notReady: async () => options.notReady?.(),
    log,
    clock,
    ids: randomIds,
    metrics: createMetrics(),
    site,
    key,
    ...(options.limits ? { limits: options.limits } : {}),
  })
  const port = await server.listen(0)
  const host = `127.0.0.1:${port}`
  const origin = `http://${host}`

  const open = (method: string, path: string, { headers = {}, body, raw }: Ask) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const all: Record<string, string> = {}
      const own = {
        host,
        ...(method === 'GET' ? {} : { origin, 'x-quayside': '1' }),
        ...(body === undefined && raw === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      }
      for (const [name, value] of Object.entries(own)) if (value !== undefined) all[name] = value
      const request = httpRequest({ host: '127.0.0.1', port, method, path, headers: all, agent: false }, resolve)
      request.on('error', reject)
      request.end(raw ?? (body === undefined ? undefined : JSON.stringify(body)))
    })

  async function ask(method: string, path: string, options: Ask = {}): Promise<Answered> {
    const answer = await open(method, path, options)
    let text = ''
    for await (const chunk of answer) text += chunk
    let json: unknown
    try {
      json = JSON.parse(text)
    } catch {
      json = undefined
    }
    return { status: answer.statusCode ?? 0, headers: answer.headers, text, json }
  }

  /** A new reader with a session; `ask` and `connect` bring the cookie. */
  async function reader(lab = 'scaling') {
    const started = await ask('POST', '/api/sessions', { body: { lab } })
    const cookie = started.headers['set-cookie']?.[0]?.split(';')[0] ?? ''
    const session = sessions.all.get(started.json.id)
    if (!session) throw new Error(`no session was started: ${started.text}`)
    return {
      cookie,
      session,
      path: `/api/sessions/${session.id}`,
      ask: (method: string, path: string, options: Ask = {}) =>
        ask(method, path, { ...options, headers: { cookie, ...options.headers } }),
      connect: (options: { headers?: Record<string, string | undefined>; path?: string } = {}) =>
        connect(options.path ?? `/api/sessions/${session.id}/shells/1/terminal`, { cookie, ...options.headers }),
    }
  }

  /** Resolves once it is open; rejects with the status if the upgrade is refused. */
  function connect(path: string, headers: Record<string, string | undefined> = {}) {
    const all: Record<string, string> = {}
    for (const [name, value] of Object.entries({ host, origin, ...headers })) if (value !== undefined) all[name] = value
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: all })
    const frames: ServerFrame[] = []
    const closed = new Promise<number>((resolve) => socket.on('close', resolve))
    socket.on('message', (data) => frames.push(decodeServerFrame(Uint8Array.from(data as Buffer))))
    const terminal = {
      socket,
      frames,
      closed,
      hello: (hello: Partial<Hello> = {}) =>
        socket.send(encodeClientFrame({ kind: 'hello', hello: { offset: 0, cols: 80, rows: 24, ...hello } })),
      type: (text: string) => socket.send(encodeClientFrame({ kind: 'input', data: new TextEncoder().encode(text) })),
      get text() {
        return frames.map((frame) => (frame.kind === 'output' ? new TextDecoder().decode(frame.data) : '')).join('')
      },
    }
    return new Promise<typeof terminal>((resolve, reject) => {
      socket.on('open', () => resolve(terminal))
      socket.on('error', () => {})
      socket.on('unexpected-response', (request, response) => {
        request.destroy()
        reject(Object.assign(new Error(`refused with ${response.statusCode}`), { status: response.statusCode }))
      })
    })
  }

  return {
    port,
    host,
    origin,
    server,
    sessions,
    signIns,
    rooms,
    config,
    ask,
    open,
    reader,
    connect,
    log: () => logged,
    async close() {
      await server.close()
      rooms.close()
      rmSync(site, { recursive: true, force: true })
    },
  }
}

export type Rim = Awaited<ReturnType<typeof startRim>>
