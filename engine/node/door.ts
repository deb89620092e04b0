import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, Server as Listening, Socket } from 'node:net'
import type { Duplex as Stream } from 'node:stream'
import type { PeerCertificate, TLSSocket } from 'node:tls'
import { type ApiRequest, type ApiResponse, MAX_BODY } from '../api/http.ts'
import type { Credentials } from '../auth/user.ts'
import { requestEntityTooLarge, type StatusError, unauthorized } from '../objects/status-error.ts'
import type { KeyPair } from './certificates/authority.ts'
import type { Upgrades } from './upgrades.ts'

/** What answers the requests: the API server. Never fails. */
export interface Handler {
  handle(request: ApiRequest): Promise<ApiResponse>
}

export interface DoorOptions {
  readonly handler: Handler
  readonly certificate: KeyPair
  /** PEM, of the authority whose client certificates are believed. */
  readonly clientAuthority: string
  /** Connections at the same time; as many as come if not said. */
  readonly maxConnections?: number
}

export interface ListenOptions {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
}

/** Serves an API over HTTPS, HTTP/1.1, with client certificates for those who have one. */
export class Door {
  readonly #handler: Handler
  readonly #server: Server
  #upgrades: Promise<Upgrades> | undefined
  readonly #upgraded = new Set<Stream>()

  constructor({ handler, certificate, clientAuthority, maxConnections }: DoorOptions) {
    this.#handler = handler
    this.#server = createServer({
      key: certificate.key,
      cert: certificate.certificate,
      ca: clientAuthority,
      requestCert: true,
      // Who has no certificate may have a token, and who has neither is anonymous.
      rejectUnauthorized: false,
      ALPNProtocols: ['http/1.1'],
      keepAliveTimeout: 90_000,
    })
    // A watch or a followed log lasts as long as it does.
    this.#server.requestTimeout = 0
    this.#server.timeout = 0
    if (maxConnections !== undefined) this.#server.maxConnections = maxConnections
    this.#server.on('request', (request, response) => void this.#serve(request, response))
    this.#server.on('upgrade', (request, socket, head) => void this.#upgrade(request, socket, head))
    // A client that goes away in the middle of its handshake is not our failure.
    this.#server.on('tlsClientError', () => undefined)
  }

  /** The port that it listens on. Fails as `net.Server.listen` does: `EADDRINUSE`. */
  async listen({ host, port }: ListenOptions): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(port, host, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
    return (this.#server.address() as AddressInfo).port
  }

  /** Takes over what listens already: a server that another process has opened, in another network than ours perhaps. */
  async takeOver(listening: Listening): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen(listening, () => {
        this.#server.off('error', reject)
        resolve()
      })
    })
  }

  /** Ends all connections, watches among them. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#upgraded) socket.destroy()
    this.#server.closeAllConnections()
    await closed
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController()
    // What comes of a client that has gone is of no use to anybody.
    response.on('close', () => gone.abort(GONE))
    response.on('error', () => gone.abort(GONE))
    const answer = await this.#answer(request, gone.signal)
    if (answer === undefined) return
    if (answer.kind === 'stream') await sendStream(response, answer, gone.signal)
    else await sendWhole(response, answer.kind === 'whole' ? answer : upgradeRequired)
  }

  async #upgrade(request: IncomingMessage, socket: Stream, head: Buffer): Promise<void> {
    this.#upgraded.add(socket)
    const gone = new AbortController()
    socket.on('close', () => {
      this.#upgraded.delete(socket)
      gone.abort(GONE)
    })
    socket.on('error', () => socket.destroy())
    const answer = await this.#answer(request, gone.signal)
    if (answer === undefined) return
    if (answer.kind === 'upgrade') await (await this.#loadUpgrades()).serve(request, socket, head, answer.session)
    else if (answer.kind === 'whole') refuseUpgrade(socket, answer)
    else socket.destroy()
  }

  /** Loaded when first asked for: most clusters never need it, and it would be a tenth of what an idle one adds to Node. */
  #loadUpgrades(): Promise<Upgrades> {
    this.#upgrades ??= import('./upgrades.ts').then((module) => new module.Upgrades())
    return this.#upgrades
  }

  /** Undefined if the client has gone before it had asked. */
  async #answer(request: IncomingMessage, signal: AbortSignal): Promise<ApiResponse | undefined> {
    const credentials = credentialsOf(request)
    if (credentials === undefined) return failure(unauthorized())
    const body = await bodyOf(request)
    if (body === 'too large') return failure(requestEntityTooLarge(`limit is ${MAX_BODY}`))
    if (body === 'gone') return undefined
    const url = request.url ?? '/'
    const mark = url.indexOf('?')
    return this.#handler.handle({
      method: request.method ?? 'GET',
      path: mark === -1 ? url : url.slice(0, mark),
      query: new URLSearchParams(mark === -1 ? '' : url.slice(mark + 1)),
      headers: headersOf(request.headers),
      body,
      credentials,
      signal,
    })
  }
}

/** Said of each request when its connection is done with it: an error made anew each time would cost more than all else here. */
const GONE = new Error('The client has gone.')
const nothing = new Uint8Array()

const upgradeRequired = {
  kind: 'whole',
  status: 400,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: 'you must specify at least 1 of stdin, stdout, stderr over an upgraded connection\n',
} as const

/** What is beyond the limit is read to its end, and let go, so that the client hears why it is refused. */
async function bodyOf(request: IncomingMessage): Promise<Uint8Array | 'too large' | 'gone'> {
  if (request.headers['content-length'] === undefined && request.headers['transfer-encoding'] === undefined) {
    return nothing
  }
  const parts: Buffer[] = []
  let size = 0
  return new Promise((resolve) => {
    request.on('data', (part: Buffer) => {
      size += part.length
      if (size <= MAX_BODY) parts.push(part)
      else resolve('too large')
    })
    request.on('end', () => resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts)))
    request.on('error', () => resolve('gone'))
    request.on('close', () => resolve('gone'))
  })
}

function headersOf(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain[name] = typeof value === 'string' ? value : value.join(', ')
  }
  return plain
}

/** Undefined for a certificate that is not of our authority. */
function credentialsOf(request: IncomingMessage): Credentials | undefined {
  const { authorization } = request.headers
  const bearerToken = authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]
  const socket = request.socket as TLSSocket
  const certificate = certificateOf(socket)
  if (certificate !== undefined && !socket.authorized) return undefined
  return {
    ...(bearerToken === undefined ? {} : { bearerToken }),
    ...(certificate === undefined ? {} : { certificate }),
  }
}

/** Connections keep their certificate; reading it anew for each request took a twentieth of its time. */
const certificates = new WeakMap<Socket, Credentials['certificate'] | null>()

function certificateOf(socket: TLSSocket): Credentials['certificate'] | undefined {
  const known = certificates.get(socket)
  if (known !== undefined) return known ?? undefined
  const { subject, fingerprint256 } = socket.getPeerCertificate() as Partial<PeerCertificate>
  const found =
    subject === undefined
      ? undefined
      : {
          commonName: single(subject.CN),
          organizations: subject.O === undefined ? [] : [subject.O].flat(),
          ...(fingerprint256 === undefined ? {} : { sha256: fingerprint256.replaceAll(':', '').toLowerCase() }),
        }
  certificates.set(socket, found ?? null)
  return found
}

const single = (name: string | string[] | undefined): string => (Array.isArray(name) ? (name[0] ?? '') : (name ?? ''))

function failure(error: StatusError): Extract<ApiResponse, { kind: 'whole' }> {
  return {
    kind: 'whole',
    status: error.code,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(error.toStatus()),
  }
}

/** Bytes that are written at once: less than a socket takes before it wants to be waited for. */
const SLICE = 32 * 1024

/**
 * A long answer goes in slices that are waited for, so that nothing of it is under way any more once the client has all of it:
 * Node breaks a TLS connection (`Parse Error: Paused`) whose next request comes with a body while it still waits for a write.
 */
async function sendWhole(response: ServerResponse, answer: Extract<ApiResponse, { kind: 'whole' }>): Promise<void> {
  const parts = typeof answer.body === 'string' || answer.body instanceof Uint8Array ? [answer.body] : answer.body
  let length = 0
  for (const part of parts) length += Buffer.byteLength(part)
  const headers: OutgoingHttpHeaders = { ...headersFor(answer.headers), 'content-length': length }
  response.writeHead(answer.status, headers)
  if (length > SLICE) {
    for (const slice of slicesOf(parts)) if (!response.write(slice)) await drained(response)
    response.end()
    return
  }
  // The last part goes with the end: together with the headers where it is the only one, as one packet.
  for (const part of parts.slice(0, -1)) response.write(part)
  response.end(parts.at(-1))
}

function* slicesOf(parts: readonly (string | Uint8Array)[]): Generator<Uint8Array> {
  for (const part of parts) {
    const bytes = typeof part === 'string' ? Buffer.from(part) : part
    for (let at = 0; at < bytes.length; at += SLICE) yield bytes.subarray(at, at + SLICE)
  }
}

/** Header values are bytes: of what is beyond ASCII, in warnings above all, those of UTF-8, as Go writes them. */
function headersFor(headers: Readonly<Record<string, string | readonly string[]>>): OutgoingHttpHeaders {
  const bytes = (value: string): string => Buffer.from(value).toString('latin1')
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? bytes(value) : value.map(bytes)]),
  )
}

async function sendStream(
  response: ServerResponse,
  answer: Extract<ApiResponse, { kind: 'stream' }>,
  signal: AbortSignal,
): Promise<void> {
  response.writeHead(answer.status, headersFor(answer.headers))
  response.flushHeaders()
  try {
    for await (const chunk of answer.chunks) {
      if (signal.aborted) break
      if (!response.write(chunk)) await drained(response)
    }
  } finally {
    response.end()
  }
}

/** Resolves too when the client goes. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
    if (response.destroyed) done()
  })
}

function refuseUpgrade(socket: Stream, answer: Extract<ApiResponse, { kind: 'whole' }>): void {
  const parts = typeof answer.body === 'string' || answer.body instanceof Uint8Array ? [answer.body] : answer.body
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)))
  const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}\r\n`),
  )
  socket.write(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status] ?? ''}\r\n${headers.join('')}`)
  socket.write(`content-length: ${body.length}\r\nconnection: close\r\n\r\n`)
  socket.end(body)
}
