/**
 * The pages of a lab's Services, each on an origin of its own: a request comes in under a preview's name, goes to one of the Service's
 * ready Pods by a connection that the API server makes, and the answer is handed on as it comes. Redirects are the browser's to follow.
 */
import { request as httpRequest, type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Clock } from '../clock.ts'
import type { Limits } from '../http/limits.ts'
import { KubeError } from '../kube/connection.ts'
import type { Logger } from '../log.ts'
import type { PodPort } from '../providers/provider.ts'
import { namesOf, requestHeaders, responseHeaders } from './headers.ts'
import type { PreviewHosts } from './hosts.ts'
import { type Trouble, troubleHeaders, troubleOf, troublePage, troubles } from './page.ts'
import { ENTRANCE, type Preview, type Previews } from './previews.ts'
import { findPods } from './services.ts'

export interface PreviewServices {
  hosts: PreviewHosts
  previews: Previews
  clock: Clock
  log: Logger
  limits: Pick<Limits, 'previewConnectTimeout' | 'previewAnswerTimeout'>
  /** Takes a place among the open connections; undefined if there is none left. */
  enter(address: string, session: string): (() => void) | undefined
  addressOf(request: IncomingMessage): string
}

/** Thrown on the way, shown in the frame. */
class TroubleError extends Error {
  override name = 'TroubleError'
  readonly trouble: Trouble

  constructor(trouble: Trouble, options?: { cause?: unknown }) {
    super(trouble.title, options)
    this.trouble = trouble
  }
}

/** A connection to a Pod. */
interface Reached {
  readonly pod: PodPort
  readonly stream: Duplex
}

export function servePreviews(services: PreviewServices) {
  const { hosts, previews, clock, log, limits } = services
  // A secure origin alone can have the prefix; on a name under localhost, browsers take Secure without it.
  const cookieName = (origin: string) => (origin.startsWith('https:') ? '__Host-quayside-preview' : 'quayside-preview')
  const isSecure = (origin: string) => origin.startsWith('https:') || /\.localhost(:\d+)?$/.test(origin)

  function cookieOf(request: IncomingMessage, name: string): string | undefined {
    const pairs = request.headers.cookie?.split(';').map((pair) => pair.trim()) ?? []
    return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1)
  }

  /** @throws {TroubleError} unless this browser has opened it, and its lab still runs */
  function previewOf(request: IncomingMessage): Preview {
    const label = hosts.labelOf(request.headers.host) ?? ''
    const name = cookieName(hosts.originOf(label) ?? '')
    const preview = previews.get(label, cookieOf(request, name))
    if (!preview) throw new TroubleError(troubles.unknown)
    if (preview.session.view().status.state === 'ended') throw new TroubleError(troubles['lab-over'])
    return preview
  }

  /** A one-time ticket becomes a cookie of this host alone, and the address loses it. */
  function open(request: IncomingMessage, response: ServerResponse): void {
    const label = hosts.labelOf(request.headers.host) ?? ''
    const asked = new URL(request.url ?? '/', 'http://preview').searchParams
    const entered = previews.enter(label, asked.get('ticket') ?? '')
    if (!entered) throw new TroubleError(troubles.unknown)
    const { origin } = entered.preview
    const secure = isSecure(origin)
    // Partitioned: a frame in our page may have it, a frame in another site's page has none.
    const attributes = secure ? ['SameSite=None', 'Secure', 'Partitioned'] : ['SameSite=Lax']
    response.writeHead(303, {
      location: ownPath(asked.get('path') ?? '/', origin),
      'set-cookie': [`${cookieName(origin)}=${entered.cookie}`, 'Path=/', 'HttpOnly', ...attributes].join('; '),
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'content-length': 0,
    })
    response.end()
  }

  /** Finds a ready Pod, each in its turn, and connects to it. @throws {TroubleError} */
  async function reach(preview: Preview, signal: AbortSignal): Promise<Reached> {
    const { target, session } = preview
    const cluster = session.reach()
    if (!cluster) throw new TroubleError(troubles['lab-busy'])
    const late = new AbortController()
    const cancel = clock.after(limits.previewConnectTimeout, () => late.abort(new Error('no connection in time')))
    const within = AbortSignal.any([signal, late.signal])
    try {
      const found = await findPods(cluster.admin, target, within)
      if (found.kind !== 'pods') throw new TroubleError(troubleOf[found.kind](target))
      const pod = found.pods[preview.requests++ % found.pods.length] ?? found.pods[0]
      const stream = await cluster.forward(pod, within)
      if (stream.destroyed) throw new TroubleError(troubleOf.silent(pod.pod, pod.port), { cause: stream.errored })
      return { pod, stream }
    } catch (error) {
      if (error instanceof TroubleError || signal.aborted) throw error
      const reason = error instanceof KubeError ? error.message : 'The cluster did not answer in time.'
      throw new TroubleError(troubleOf.refused(reason), { cause: error })
    } finally {
      cancel()
    }
  }

  /** Takes a place for a request until `over` is called, which ends too what is to end with the lab. */
  function admit(preview: Preview, request: IncomingMessage, cut: () => void): () => void {
    const leave = services.enter(services.addressOf(request), preview.session.id)
    if (!leave) throw new TroubleError(troubles['too-many'])
    preview.open.add(cut)
    return () => {
      preview.open.delete(cut)
      leave()
    }
  }

  const outgoing = (request: IncomingMessage, { origin }: Preview) =>
    requestHeaders(request.rawHeaders, {
      cookie: cookieName(origin),
      scheme: new URL(origin).protocol.slice(0, -1),
      address: request.socket.remoteAddress ?? '',
    })

  const incoming = (raw: readonly string[], preview: Preview) =>
    responseHeaders(raw, {
      cookie: cookieName(preview.origin),
      hosts: namesOf(preview),
      secure: isSecure(preview.origin),
    })

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET' && request.url?.startsWith(`${ENTRANCE}?`)) return open(request, response)
    const preview = previewOf(request)
    const gone = new AbortController()
    const over = admit(preview, request, () => response.destroy())
    response.once('close', () => {
      gone.abort(new Error('The browser has gone.'))
      over()
    })
    const { pod, stream } = await reach(preview, gone.signal)
    const abandon = () => stream.destroy()
    if (gone.signal.aborted) return void abandon()
    gone.signal.addEventListener('abort', abandon, { once: true })
    await new Promise<void>((resolve, reject) => {
      const chunked = request.headers['transfer-encoding'] !== undefined
      const asked = httpRequest({
        method: request.method ?? 'GET',
        path: request.url ?? '/',
        headers: [
          ...outgoing(request, preview),
          'Connection',
          'close',
          ...(chunked ? ['Transfer-Encoding', 'chunked'] : []),
        ],
        createConnection: () => stream,
      })
      const cancel = clock.after(limits.previewAnswerTimeout, () => {
        asked.destroy()
        reject(new TroubleError(troubleOf.slow(pod.pod)))
      })
      asked.on('error', (cause) => {
        cancel()
        // Once the answer has begun, the browser sees it break off.
        if (response.headersSent) response.destroy()
        else reject(new TroubleError(troubleOf.silent(pod.pod, pod.port), { cause }))
      })
      asked.once('response', (answered) => {
        cancel()
        response.writeHead(
          answered.statusCode ?? 502,
          answered.statusMessage ?? '',
          incoming(answered.rawHeaders, preview),
        )
        response.flushHeaders()
        answered.on('error', () => response.destroy())
        answered.pipe(response)
        resolve()
      })
      request.on('error', () => asked.destroy())
      request.pipe(asked)
    })
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const preview = previewOf(request)
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') throw new TroubleError(troubles['no-upgrade'])
    // No same-origin policy protects a WebSocket.
    if (request.headers.origin !== preview.origin) throw new TroubleError(troubles['foreign-origin'])
    const gone = new AbortController()
    const over = admit(preview, request, () => socket.destroy())
    socket.once('close', () => {
      gone.abort(new Error('The browser has gone.'))
      over()
    })
    const { pod, stream } = await reach(preview, gone.signal)
    gone.signal.addEventListener('abort', () => stream.destroy(), { once: true })
    if (gone.signal.aborted) return void stream.destroy()
    await new Promise<void>((resolve, reject) => {
      const asked = httpRequest({
        method: 'GET',
        path: request.url ?? '/',
        headers: [...outgoing(request, preview), 'Connection', 'Upgrade', 'Upgrade', 'websocket'],
        createConnection: () => stream,
      })
      const cancel = clock.after(limits.previewAnswerTimeout, () => {
        asked.destroy()
        reject(new TroubleError(troubleOf.slow(pod.pod)))
      })
      let begun = false
      asked.on('error', (cause) => {
        cancel()
        if (begun) socket.destroy()
        else reject(new TroubleError(troubleOf.silent(pod.pod, pod.port), { cause }))
      })
      asked.once('upgrade', (answered, _, rest: Buffer) => {
        cancel()
        begun = true
        const headers = [...incoming(answered.rawHeaders, preview), 'Connection', 'Upgrade', 'Upgrade', 'websocket']
        socket.write(headText(101, 'Switching Protocols', headers))
        if (rest.length > 0) socket.write(rest)
        if (head.length > 0) stream.write(head)
        for (const [from, to] of [
          [socket, stream],
          [stream, socket],
        ] as const) {
          from.on('error', () => to.destroy())
          from.once('close', () => to.destroy())
          from.pipe(to)
        }
        resolve()
      })
      asked.once('response', (answered) => {
        cancel()
        begun = true
        const headers = [...incoming(answered.rawHeaders, preview), 'Connection', 'close']
        socket.write(headText(answered.statusCode ?? 502, answered.statusMessage ?? '', headers))
        answered.on('error', () => socket.destroy())
        answered.pipe(socket)
        resolve()
      })
      asked.end()
    })
  }

  /** What to tell, and what the log is told. Never a header or an address with its query: tickets and cookies are there. */
  function troubleIn(error: unknown): Trouble {
    if (error instanceof TroubleError) {
      log.debug({ err: error.cause, status: error.trouble.status }, 'preview: nothing to show')
      return error.trouble
    }
    log.error({ err: error }, 'a preview failed')
    return { status: 500, title: 'Something went wrong', text: 'The lab server’s log has the detail.' }
  }

  return {
    /** Whether a request is a preview's, by its Host: then nothing else of the server may answer it. */
    owns: (request: IncomingMessage) => hosts.labelOf(request.headers.host) !== undefined,

    handle(request: IncomingMessage, response: ServerResponse): void {
      answer(request, response).catch((error: unknown) => {
        if (response.destroyed) return
        if (response.headersSent) return void response.destroy()
        const trouble = troubleIn(error)
        const page = troublePage(trouble)
        response.writeHead(trouble.status, {
          ...troubleHeaders,
          'content-length': Buffer.byteLength(page),
          // What the browser still sends of a body would be taken for the next request.
          connection: 'close',
        })
        response.end(request.method === 'HEAD' ? undefined : page)
      })
    },

    handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
      socket.on('error', () => socket.destroy())
      upgrade(request, socket, head).catch((error: unknown) => {
        if (socket.destroyed) return
        const trouble = troubleIn(error)
        const page = troublePage(trouble)
        const headers = Object.entries({ ...troubleHeaders, 'content-length': `${Buffer.byteLength(page)}` }).flat()
        socket.end(
          headText(trouble.status, STATUS_CODES[trouble.status] ?? '', [...headers, 'connection', 'close']) + page,
        )
      })
    },
  }
}

/** An address within the preview, whatever was asked for. */
function ownPath(path: string, origin: string): string {
  const url = URL.canParse(path, origin) ? new URL(path, origin) : undefined
  // An address of another host; and a path that would be read as one.
  if (url?.origin !== origin || url.pathname.startsWith('//')) return '/'
  return url.pathname + url.search + url.hash
}

function headText(status: number, phrase: string, headers: readonly string[]): string {
  const lines: string[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) lines.push(`${headers[at]}: ${headers[at + 1]}`)
  return `HTTP/1.1 ${status} ${phrase}\r\n${lines.join('\r\n')}\r\n\r\n`
}
