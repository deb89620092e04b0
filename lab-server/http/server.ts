/** Puts the rim together: pages, API, event streams and terminals on one port. */
import { createHash, timingSafeEqual } from 'node:crypto'
import { existsSync } from 'node:fs'
import { createServer as createHttpServer, type IncomingMessage } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import helmet from '@fastify/helmet'
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { ServerStatus } from '../../protocol/session.ts'
import type { Capacity } from '../../protocol/workshop.ts'
import type { Clock } from '../clock.ts'
import { type Config, isPrivate } from '../config.ts'
import { ReaderError } from '../errors.ts'
import { FLOW_SECONDS } from '../host/openid.ts'
import { SIGNED_IN_MS, type SignIns } from '../host/sign-ins.ts'
import type { Ids } from '../ids.ts'
import type { Logger } from '../log.ts'
import { createPreviewHosts } from '../preview/hosts.ts'
import { Previews } from '../preview/previews.ts'
import { servePreviews } from '../preview/serve.ts'
import type { Sessions } from '../sessions/sessions.ts'
import type { Rooms } from '../workshops/rooms.ts'
import { clientAddress, trustedProxies } from './address.ts'
import { enterAll, OpenCount } from './connections.ts'
import { streamFeed } from './feed.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { createLooking } from './looking.ts'
import type { Metrics } from './metrics.ts'
import { createGuard } from './origin.ts'
import { contentSecurityPolicy, scriptHashesOf } from './policy.ts'
import { parseBody, problemOf } from './problems.ts'
import { RateLimit } from './rate.ts'
import { createReaderCookie } from './reader.ts'
import { type Answer, type ApiRequest, type ApiRoute, routes } from './routes.ts'
import { createSignedCookie, keyFor } from './signed-cookie.ts'
import { serveSite } from './site.ts'
import { serveTerminals } from './terminals.ts'

export interface ServerOptions {
  config: Pick<Config, 'host' | 'startsPerMinute' | 'publicUrl' | 'previewHost' | 'hostSecret' | 'trustedProxy'>
  sessions: Sessions
  signIns: SignIns
  rooms: Rooms
  capacity(): Capacity
  status(): Promise<ServerStatus>
  /** One sentence if labs cannot be started now. */
  notReady(): Promise<string | undefined>
  log: Logger
  clock: Clock
  ids: Pick<Ids, 'secret'>
  metrics: Metrics
  /** The folder of the built pages. */
  site: string
  /** Signs readers' and hosts' cookies. */
  key: Buffer
  limits?: Partial<Limits>
}

/** Milliseconds that a connection may wait for its next request. */
const KEEP_ALIVE = 72_000

export interface LabServer {
  readonly app: FastifyInstance
  /** Resolves with the port. Rejects with EADDRINUSE if it is taken. */
  listen(port: number): Promise<number>
  /** Ends all streams and sockets, so that pages come back when the next server is there. */
  close(): Promise<void>
}

export async function createServer(options: ServerOptions): Promise<LabServer> {
  const { config, sessions, signIns, rooms, log, clock, metrics } = options
  const limits = { ...defaultLimits, ...options.limits }
  const port = () => (app.server.address() as AddressInfo | null)?.port ?? 0
  const hosts = createPreviewHosts({ port, publicUrl: config.publicUrl, wildcard: config.previewHost })
  const app: FastifyInstance = fastify({
    bodyLimit: limits.body,
    // Which part answers is decided by the Host and nothing else: pages of labs are strangers' pages.
    serverFactory: (handler) =>
      createHttpServer(
        {
          requestTimeout: limits.requestWithin,
          headersTimeout: limits.headersWithin,
          connectionsCheckingInterval: limits.lookEvery,
          keepAliveTimeout: KEEP_ALIVE,
        },
        (request, response) => (atPreviews.owns(request) ? atPreviews.handle : handler)(request, response),
      ),
    routerOptions: { maxParamLength: 100 },
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    // A key named __proto__ or constructor is never meant well.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    clientErrorHandler: (error, socket) => answerBrokenRequest(error, socket),
    frameworkErrors: (error, _, reply) => void answerProblem(error, reply),
  })
  const guard = createGuard({ port, publicUrl: config.publicUrl })
  const secure = config.publicUrl?.startsWith('https:') ?? false
  const cookies = createReaderCookie({ key: options.key, secure })
  const hostCookies = createSignedCookie({
    name: 'quayside-host',
    key: keyFor('hosts', options.key),
    secure,
    kept: SIGNED_IN_MS / 1000,
  })
  const flowCookies = createSignedCookie({
    name: 'quayside-openid',
    key: keyFor('openid', options.key),
    secure,
    kept: FLOW_SECONDS,
  })
  const trusted = trustedProxies(config.trustedProxy ?? [])
  const requests = new RateLimit(limits.requestsPerMinute, clock)
  const previews = new Previews({ hosts, clock, ids: options.ids })
  const services = { ...options, previews, starts: new RateLimit(config.startsPerMinute, clock) }
  const open = new OpenCount()
  const endStreams = new Set<() => void>()

  const addressOf = (request: IncomingMessage) =>
    clientAddress(request.socket.remoteAddress, request.headers['x-forwarded-for']?.toString(), trusted)
  const readerOf = (request: IncomingMessage) => cookies.read(request.headers.cookie)
  /** Whom limits count: a room full of people often shares an address. */
  const countedAs = (request: IncomingMessage) => rooms.countedAs(readerOf(request)) ?? addressOf(request)
  const enter = (kind: string, most: number) => (address: string, session: string) =>
    enterAll(open, [
      [`address ${address}`, limits.connectionsPerAddress],
      [`${kind} ${session}`, most],
    ])
  const enterStream = enter('events', limits.streamsPerSession)
  const atPreviews = servePreviews({
    hosts,
    previews,
    clock,
    log,
    limits,
    addressOf,
    enter: enter('previews', limits.previewsPerSession),
  })

  await app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: contentSecurityPolicy(
        existsSync(options.site) ? await scriptHashesOf(options.site) : [],
        () => hosts.source() ?? "'none'",
      ),
    },
    frameguard: { action: 'deny' },
    referrerPolicy: { policy: 'same-origin' },
    // Only a proxy brings TLS; on a loopback port the header would lock the reader's other servers there out.
    strictTransportSecurity: config.publicUrl?.startsWith('https:')
      ? { maxAge: 31_536_000, includeSubDomains: false }
      : false,
  })
  app.removeContentTypeParser('text/plain')

  app.addHook('onRequest', async (request) => {
    // A probe asks by an address of its own, and learns nothing but whether we are there.
    if (request.url === '/healthz' || request.url === '/readyz') return
    guard.checkHost(request.headers.host)
    if (request.method !== 'GET' && request.method !== 'HEAD') guard.checkChange(request.headers)
    if (!isApi(request)) return
    guard.checkRead(request.headers)
    const wait = requests.take(countedAs(request.raw))
    if (wait > 0) {
      throw new ReaderError('too-many-requests', `Too many requests from this network; try again in ${wait} s.`, {
        status: 429,
        retryAfter: wait,
      })
    }
  })
  app.addHook('onSend', async (request, reply) => {
    if (isApi(request)) reply.header('cache-control', 'no-store')
  })
  app.addHook('onResponse', async (request, reply) => {
    // The route's pattern, not the address: what a reader puts there is not ours to keep.
    log.debug(
      {
        method: request.method,
        route: request.routeOptions.url,
        status: reply.statusCode,
        ms: Math.round(reply.elapsedTime),
        session: (request.params as { id?: string } | undefined)?.id,
      },
      'request',
    )
  })
  app.setErrorHandler((error, request, reply) => answerProblem(error, reply, request))

  for (const route of routes) {
    const { method, path: url, bodyLimit = limits.body } = route
    app.route({ method, url, bodyLimit, handler: handlerOf(route) })
  }
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_, reply) => {
    const reason = await options.notReady()
    return reason === undefined
      ? { status: 'ready' }
      : reply.code(503).send({ error: { code: 'unavailable', message: reason } })
  })
  app.get('/metrics', async (request, reply) => {
    checkSecret(config, request.headers.authorization)
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics())
  })
  const site = await serveSite(app, options.site)
  app.setNotFoundHandler((request, reply) => {
    if (!isApi(request) && (request.method === 'GET' || request.method === 'HEAD'))
      return reply.code(404).type('text/html; charset=utf-8').header('cache-control', 'no-cache').send(site.notFound)
    return answerProblem(
      new ReaderError('not-found', 'There is nothing at this address.', { status: 404 }),
      reply,
      request,
    )
  })
  metrics.observe(sessions)
  const closeTerminals = serveTerminals({
    server: app.server,
    isElsewhere: atPreviews.owns,
    sessions,
    lookAt: createLooking({ signIns, rooms, hostOf: ({ headers }) => hostCookies.read(headers.cookie) }),
    guard,
    clock,
    log,
    limits,
    metrics,
    readerOf,
    addressOf: countedAs,
    enter: enter('terminals', limits.terminalsPerSession),
  })

  app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    if (atPreviews.owns(request)) atPreviews.handleUpgrade(request, socket, head)
  })

  function handlerOf(route: ApiRoute) {
    return async (request: FastifyRequest, reply: FastifyReply) => {
      const params = request.params as Record<string, string>
      const reader = readerOf(request.raw)
      const session = () => {
        if (reader === undefined) throw new ReaderError('unknown-session', 'You have no such lab.', { status: 404 })
        return sessions.get(reader, params.id ?? '')
      }
      const signedIn = () => signIns.who(hostCookies.read(request.headers.cookie))
      const signIn = () => {
        const found = signedIn()
        if (found) return found
        throw new ReaderError('not-a-host', 'Sign in as a host first.', { status: 403 })
      }
      const workshop = () => rooms.get(signIn().host, params.workshop ?? '')
      const seat = () => {
        const found = rooms.seatOf(reader)
        if (found) return found
        throw new ReaderError('no-seat', 'You have no seat in a workshop.', { status: 404 })
      }
      // Who may ask comes first, so that nobody learns anything of another's from what a body is refused for.
      mayAsk(route.about, { session, signIn, workshop, seat })
      const body = route.body ? parseBody(route.body, request.body) : undefined
      const answer = await route.answer(
        {
          params,
          query: request.query as Record<string, unknown>,
          body,
          reader,
          session,
          signedIn,
          signIn,
          workshop,
          seat,
          address: addressOf(request.raw),
          begun: {
            flow: flowCookies.read(request.headers.cookie),
            // The guard has seen that the Host is one of ours.
            origin: config.publicUrl ?? `http://${request.headers.host}`,
          },
        },
        services,
      )
      switch (answer.kind) {
        case 'nothing':
          if (answer.signedOut) reply.header('set-cookie', hostCookies.clear())
          return reply.code(204).send()
        case 'json':
          if (answer.reader !== undefined) reply.header('set-cookie', cookies.issue(answer.reader))
          if (answer.host !== undefined) reply.header('set-cookie', hostCookies.issue(answer.host))
          return reply.code(answer.status).send(answer.body)
        case 'elsewhere':
          return reply.header('set-cookie', flowCookies.issue(answer.flow)).redirect(answer.location, 303)
        case 'file':
          return reply
            .header('content-type', answer.type)
            .header('content-disposition', `attachment; filename="${answer.name}"`)
            .send(answer.text)
        case 'feed': {
          const asHost = route.about === 'host' || route.about === 'workshop' ? signIn() : undefined
          return sendFeed(request, reply, answer, (end) => (asHost ? signIns.attend(asHost, end) : () => {}))
        }
      }
    }
  }

  /** @param attend told how to end it; what it returns is called once when it is over */
  function sendFeed(
    request: FastifyRequest,
    reply: FastifyReply,
    { of, open }: Extract<Answer, { kind: 'feed' }>,
    attend: (end: () => void) => () => void,
  ) {
    const leave = enterStream(countedAs(request.raw), of)
    if (!leave) {
      throw new ReaderError('too-many-streams', 'This is open in too many tabs.', { status: 429, retryAfter: 10 })
    }
    reply.hijack()
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value)
    reply.raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // nginx would keep events back to fill its buffer.
      'x-accel-buffering': 'no',
    })
    metrics.opened('events')
    const end = streamFeed({ open, sink: reply.raw, clock })
    const left = attend(end)
    reply.raw.once('close', () => {
      leave()
      left()
      endStreams.delete(end)
      metrics.closed('events')
    })
    endStreams.add(end)
  }

  function answerProblem(error: unknown, reply: FastifyReply, request?: FastifyRequest) {
    const { status, body, unexpected } = problemOf(error)
    metrics.refused(body.error.code)
    if (unexpected || status === 503) {
      const session = (request?.params as { id?: string } | undefined)?.id
      log.error({ err: error, route: request?.routeOptions.url, session }, body.error.message)
    }
    if (body.error.retryAfter !== undefined) reply.header('retry-after', String(body.error.retryAfter))
    // Also where the hooks have not run: an address that no router takes.
    return reply.code(status).header('cache-control', 'no-store').send(body)
  }

  return {
    app,
    async listen(wanted) {
      await app.listen({ port: wanted, host: config.host })
      return port()
    },
    async close() {
      for (const end of [...endStreams]) end()
      previews.close()
      await closeTerminals()
      await app.close()
    },
  }
}

/** @throws {ReaderError} unless whoever asks may ask for that */
function mayAsk(about: ApiRoute['about'], whose: Pick<ApiRequest, 'session' | 'signIn' | 'workshop' | 'seat'>): void {
  switch (about) {
    case 'session':
      whose.session()
      return
    case 'host':
      whose.signIn()
      return
    case 'workshop':
      whose.workshop()
      return
    case 'seat':
      whose.seat()
      return
    case 'server':
    case 'anyone':
    case 'reader':
      return
  }
}

/** By the route as well, as an address may be written in many ways. */
const isApi = (request: FastifyRequest) =>
  [request.url, request.routeOptions.url].some((url) => url === '/api' || url?.startsWith('/api/'))

/** @throws {ReaderError} forbidden (403) unless the header brings the secret; without one, where others come too */
function checkSecret(
  config: Pick<Config, 'host' | 'publicUrl' | 'hostSecret'>,
  authorization: string | undefined,
): void {
  const { hostSecret } = config
  if (hostSecret === undefined && isPrivate(config)) return
  const digest = (text: string) => createHash('sha256').update(text).digest()
  if (hostSecret !== undefined && timingSafeEqual(digest(`Bearer ${hostSecret}`), digest(authorization ?? ''))) return
  throw new ReaderError('forbidden', 'This needs the secret of whoever runs this server.', { status: 403 })
}

/** Not even HTTP, or too slow: there is no request to answer through. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return
  if (socket.writable) {
    const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
    const body = JSON.stringify({
      error: { code: 'invalid-request', message: late ? 'The request took too long.' : 'The request is malformed.' },
    })
    socket.write(
      `HTTP/1.1 ${late ? '408 Request Timeout' : '400 Bad Request'}\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    )
  }
  socket.destroy(error)
}
