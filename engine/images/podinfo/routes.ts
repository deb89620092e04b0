/** What podinfo answers, path by path. */
import type { Process } from '../../containers/contract.ts'
import { request as send } from '../../network/http/client.ts'
import type { HeaderList } from '../../network/http/header-list.ts'
import type { Answer, ServerRequest } from '../../network/http/server.ts'
import { acceptWebSocket } from '../../network/http/websocket.ts'
import { goJson, goJsonIndented } from '../programs/go-json.ts'
import { messageOf } from '../programs/io.ts'
import type { Cache } from './cache.ts'
import type { Log } from './log.ts'
import type { Options } from './options.ts'
import { page } from './page.ts'
import { issueToken, readToken } from './token.ts'

/** Changed by requests and at the end. */
export interface State {
  healthy: boolean
  ready: boolean
}

export interface Context {
  readonly process: Process
  readonly options: Options
  readonly version: string
  readonly goVersion: string
  readonly log: Log
  readonly state: State
  readonly cache: Cache | undefined
  /** Ends the program. */
  exit(code: number): void
  goroutines(): number
}

export interface Route {
  /** Any method, where none is said. */
  readonly methods?: readonly string[]
  readonly path: RegExp
  /** As the metrics name it. */
  readonly label: string
  readonly when?: (headers: HeaderList) => boolean
  answer(context: Context, request: ServerRequest, parts: readonly string[]): Promise<Answer>
}

const REVISION = 'unknown'
/** Milliseconds between what the WebSocket says of itself. */
const HOST_MESSAGE = 5000

const GET = ['GET']
const WRITE = ['POST', 'PUT']

export const routes: readonly Route[] = [
  {
    methods: GET,
    path: /^\/$/,
    label: 'root',
    when: (headers) => headers.get('user-agent')?.startsWith('Mozilla') ?? false,
    answer: async (context) => ({
      status: 200,
      headers: [['Content-Type', 'text/html; charset=utf-8']],
      body: page(context.process.hostname, context.options, context.version),
    }),
  },
  { methods: GET, path: /^\/$/, label: 'root', answer: info },
  { methods: GET, path: /^\/api\/info$/, label: 'api_info', answer: info },
  {
    methods: GET,
    path: /^\/version$/,
    label: 'version',
    answer: async ({ version }) => json({ commit: REVISION, version }),
  },
  { path: /^\/echo$/, label: 'echo', answer: echo },
  { path: /^\/echo\//, label: 'echo', answer: echo },
  { path: /^\/api\/echo$/, label: 'api_echo', answer: echo },
  { path: /^\/api\/echo\//, label: 'api_echo', answer: echo },
  {
    methods: ['GET', 'POST'],
    path: /^\/env$/,
    label: 'env',
    answer: async ({ process }) => json(Array.from(process.env, ([name, value]) => `${name}=${value}`)),
  },
  { methods: ['GET', 'POST'], path: /^\/headers$/, label: 'headers', answer: headers },
  {
    methods: GET,
    path: /^\/delay\/([0-9]+)$/,
    label: 'delay',
    async answer({ process }, _, [seconds]) {
      await process.sleep(Number(seconds) * 1000)
      return json({ delay: Number(seconds) })
    },
  },
  { methods: GET, path: /^\/healthz$/, label: 'healthz', answer: async ({ state }) => healthAnswer(state.healthy) },
  { methods: GET, path: /^\/readyz$/, label: 'readyz', answer: async ({ state }) => healthAnswer(state.ready) },
  { methods: ['POST'], path: /^\/readyz\/enable$/, label: 'readyz_enable', answer: setReady(true) },
  { methods: ['POST'], path: /^\/readyz\/disable$/, label: 'readyz_disable', answer: setReady(false) },
  {
    methods: GET,
    path: /^\/panic$/,
    label: 'panic',
    async answer({ log, exit, process }) {
      await log('info', 'http/panic.go:15', 'Panic command received')
      exit(255)
      await process.sleep(60_000)
      return { status: 500 }
    },
  },
  {
    methods: ['GET', 'POST', 'PUT'],
    path: /^\/status\/([0-9]+)$/,
    label: 'status',
    answer: async (_, __, [code]) => json({ status: Number(code) }, Number(code)),
  },
  { methods: WRITE, path: /^\/store$/, label: 'store', answer: storeWrite },
  { methods: GET, path: /^\/store\/([^/]+)$/, label: 'store', answer: storeRead },
  { methods: WRITE, path: /^\/cache\/([^/]+)$/, label: 'cache_key', answer: cacheWrite },
  { methods: ['DELETE'], path: /^\/cache\/([^/]+)$/, label: 'cache_key', answer: cacheDelete },
  { methods: GET, path: /^\/cache\/([^/]+)$/, label: 'cache', answer: cacheRead },
  { methods: GET, path: /^\/configs$/, label: 'configs', answer: configs },
  { methods: ['POST'], path: /^\/token$/, label: 'token', answer: tokenIssue },
  { methods: GET, path: /^\/token\/validate$/, label: 'token_validate', answer: tokenValidate },
  { path: /^\/ws\/echo$/, label: 'ws_echo', answer: echoSocket },
  { path: /^\/chunked$/, label: 'chunked', answer: chunked },
  { path: /^\/chunked\/([0-9]+)$/, label: 'chunked_wait_0_9', answer: chunked },
]

export function json(value: unknown, status = 200): Answer {
  return {
    status,
    headers: [
      ['Content-Type', 'application/json; charset=utf-8'],
      ['X-Content-Type-Options', 'nosniff'],
    ],
    body: goJsonIndented(value),
  }
}

/** podinfo says in the body which status it meant, and sends 200. */
const refusal = (code: number, message: string): Answer => json({ code, message })

const healthAnswer = (good: boolean): Answer => (good ? json({ status: 'OK' }) : { status: 503 })

function setReady(ready: boolean): Route['answer'] {
  return async ({ state }) => {
    state.ready = ready
    return { status: 202 }
  }
}

async function info({ process, options, version, goVersion, goroutines }: Context): Promise<Answer> {
  return json({
    hostname: process.hostname,
    version,
    revision: REVISION,
    color: options.text('ui-color'),
    logo: options.text('ui-logo'),
    message: options.text('ui-message'),
    goos: 'linux',
    goarch: 'amd64',
    runtime: goVersion,
    num_goroutine: String(goroutines()),
    num_cpu: '2',
  })
}

async function headers({ version }: Context, request: ServerRequest): Promise<Answer> {
  const all = new Map<string, string[]>()
  for (const [name, value] of request.headers) {
    if (name.toLowerCase() === 'host') continue
    const canonical = canonicalName(name)
    all.set(canonical, [...(all.get(canonical) ?? []), value])
  }
  all.set('X-Api-Version', [version])
  all.set('X-Api-Revision', [REVISION])
  return json(Object.fromEntries([...all].sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** As Go's textproto has it: `x-some` is `X-Some`. */
const canonicalName = (name: string): string =>
  name.toLowerCase().replace(/(^|-)([a-z])/g, (_, before: string, letter: string) => before + letter.toUpperCase())

const TRACING = [
  'x-request-id',
  'x-b3-traceid',
  'x-b3-spanid',
  'x-b3-parentspanid',
  'x-b3-sampled',
  'x-b3-flags',
  'x-ot-span-context',
]

async function echo(context: Context, request: ServerRequest): Promise<Answer> {
  const { options } = context
  const body = await request.body.bytes()
  const color = [['X-Color', options.text('ui-color')]] as const
  const backends = options.list('backend-url')
  if (backends.length === 0) return { status: 202, headers: color, body }
  const answers = await Promise.all(backends.map((backend) => askBackend(context, request, backend, body)))
  const answer = json(answers)
  return { ...answer, headers: [...(answer.headers as [string, string][]), ...color] }
}

async function askBackend(
  { process, options, version, log }: Context,
  request: ServerRequest,
  backend: string,
  body: Uint8Array,
): Promise<string> {
  const traced = TRACING.flatMap((name) => {
    const value = request.headers.get(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  try {
    const answer = await send(process.network, {
      url: backend,
      method: 'POST',
      headers: [
        ['User-Agent', 'Go-http-client/1.1'],
        ...traced,
        ['X-API-Version', version],
        ['X-API-Revision', REVISION],
      ],
      body,
      timeout: options.duration('http-client-timeout'),
      clock: process.clock,
      signal: process.signal,
    })
    if (answer.status >= 400) {
      answer.body.cancel()
      await log('error', 'http/echo.go:77', 'backend call failed', { status: answer.status, url: backend })
      return `backend ${backend} response status code ${answer.status}`
    }
    return await answer.body.text()
  } catch (error) {
    const why = `Post "${backend}": ${messageOf(error)}`
    await log('error', 'http/echo.go:69', 'backend call failed', { error: why, url: backend })
    return `backend ${backend} call failed ${why}`
  }
}

async function storeWrite({ process, options, log }: Context, request: ServerRequest): Promise<Answer> {
  const body = await request.body.bytes()
  const hash = hexOf(await crypto.subtle.digest('SHA-1', new Uint8Array(body)))
  const file = `${options.text('data-path')}/${hash}`
  try {
    process.files.write(file, body)
  } catch (error) {
    const fault = { error: `open ${file}: ${goMessage(error)}`, file }
    await log('warn', 'http/store.go:34', 'writing file failed', fault)
    return refusal(500, 'writing file failed')
  }
  return json({ hash }, 202)
}

async function storeRead(
  { process, options, log }: Context,
  _: ServerRequest,
  [hash]: readonly string[],
): Promise<Answer> {
  const file = `${options.text('data-path')}/${hash}`
  try {
    return { status: 202, body: process.files.read(file) }
  } catch (error) {
    const fault = { error: `open ${file}: ${goMessage(error)}`, file }
    await log('warn', 'http/store.go:59', 'reading file failed', fault)
    return refusal(500, 'reading file failed')
  }
}

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

/** Go writes strerror's sentences in small letters. */
const goMessage = (error: unknown): string => {
  const message = messageOf(error)
  return message.charAt(0).toLowerCase() + message.slice(1)
}

const OFFLINE = refusal(400, 'cache server is offline')

async function cacheWrite(
  { cache, log }: Context,
  request: ServerRequest,
  [key = '']: readonly string[],
): Promise<Answer> {
  if (cache === undefined) return OFFLINE
  const body = await request.body.bytes()
  try {
    await cache.set(key, body)
    return { status: 202 }
  } catch (error) {
    await log('warn', 'http/cache.go:42', 'cache set failed', { error: messageOf(error) })
    return refusal(500, 'cache set failed')
  }
}

async function cacheDelete({ cache, log }: Context, _: ServerRequest, [key = '']: readonly string[]): Promise<Answer> {
  if (cache === undefined) return OFFLINE
  try {
    await cache.delete(key)
    return { status: 202 }
  } catch (error) {
    await log('warn', 'http/cache.go:73', 'cache delete failed', { error: messageOf(error) })
    return { status: 400 }
  }
}

async function cacheRead({ cache, log }: Context, _: ServerRequest, [key = '']: readonly string[]): Promise<Answer> {
  if (cache === undefined) return OFFLINE
  const value = await cache.get(key).catch(() => undefined)
  if (value !== undefined) return { status: 200, body: value }
  await log('warn', 'http/cache.go:105', 'cache key not found', { key })
  return { status: 404 }
}

async function configs({ process, options }: Context): Promise<Answer> {
  const path = options.text('config-path')
  if (path === '' || !process.files.exists(path)) return json({})
  const files: Record<string, string> = {}
  for (const name of process.files.list(path)) {
    if (name.startsWith('..') || process.files.stat(`${path}/${name}`).type !== 'file') continue
    files[name] = process.files.readText(`${path}/${name}`)
  }
  return json(files)
}

async function tokenIssue({ process, options }: Context, request: ServerRequest): Promise<Answer> {
  const name = (await request.body.text()) || 'anonymous'
  const expires = Math.floor(process.clock.now() / 1000) + 60
  return json({ token: await issueToken(options.text('jwt-secret'), name, expires), expires_at: timeOf(expires) })
}

async function tokenValidate({ process, options }: Context, request: ServerRequest): Promise<Answer> {
  const words = (request.headers.get('authorization') ?? '').split(' ')
  const [scheme, token] = words
  if (words.length !== 2 || scheme?.toLowerCase() !== 'bearer' || token === undefined) {
    return refusal(401, 'authorization bearer header required')
  }
  const read = await readToken(options.text('jwt-secret'), token, process.clock.now() / 1000)
  return 'fault' in read ? refusal(401, read.fault) : json({ token_name: read.name, expires_at: timeOf(read.expires) })
}

const timeOf = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')

function echoSocket({ process }: Context, request: ServerRequest): Promise<Answer> {
  return acceptWebSocket(request, async (connection) => {
    const now = () => new Date(process.clock.now()).toISOString()
    const stop = process.clock.every(HOST_MESSAGE, () => {
      connection.send(`${goJson({ ts: now(), server: process.hostname })}\n`).catch(() => stop())
    })
    try {
      for (let message = await connection.receive(); message !== null; message = await connection.receive()) {
        await connection.send(`${goJson({ ts: now(), msg: typeof message === 'string' ? message : '' })}\n`)
      }
    } finally {
      stop()
    }
  })
}

async function chunked({ process, options }: Context, _: ServerRequest, [wait]: readonly string[]): Promise<Answer> {
  const longest = Math.max(11, Math.floor(options.duration('http-server-timeout') / 1000))
  const delay = wait === undefined ? 10 + Math.floor(process.random() * (longest - 10)) : Number(wait)
  const body = goJsonIndented({ delay })
  return {
    status: 200,
    headers: [['X-Content-Type-Options', 'nosniff']],
    body: (async function* () {
      await process.sleep(delay * 1000)
      yield new TextEncoder().encode(body)
    })(),
  }
}
