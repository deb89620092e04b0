import type { Clock } from '../../clock/clock.ts'
import { join, toBytes } from '../../objects/bytes.ts'
import type { PodNetwork, Socket } from '../contract.ts'
import { Body, type Content, chunk, isStream, LAST_CHUNK } from './body.ts'
import { ByteReader } from './byte-reader.ts'
import { type HeaderFields, HeaderList } from './header-list.ts'
import { HttpError } from './http-error.ts'
import { parseResponseHead, requestText, responseFraming, staysOpen } from './message.ts'

/** Bytes of an answer's head. */
const LONGEST_HEAD = 100 * 1024

export interface RequestOptions {
  /** `http://host:port/path?query` or https; in place of host, port, path and tls. */
  readonly url?: string
  readonly host?: string
  readonly port?: number
  readonly tls?: boolean
  /** With its query, percent-encoded. */
  readonly path?: string
  /** GET. */
  readonly method?: string
  /** Host, Connection and the body's framing come of themselves where they are not given. */
  readonly headers?: HeaderFields
  readonly body?: Content
  readonly signal?: AbortSignal
  /** Milliseconds from now until the body has come whole, by `clock`. */
  readonly timeout?: number
  readonly clock?: Clock
  /** Milliseconds until the connection stands. */
  readonly connectTimeout?: number
  /** HTTP/1.0, as `0` says it. */
  readonly minor?: 0 | 1
  /** Says nothing of the connection's end, as clients do that may use it again. */
  readonly quietClose?: boolean
}

export interface HttpResponse {
  readonly status: number
  readonly reason: string
  readonly minor: 0 | 1
  readonly headers: HeaderList
  readonly body: Body
  /** For a 101: the connection, from after the head on. */
  readonly upgraded?: { readonly reader: ByteReader; readonly socket: Socket }
}

/**
 * Sends one request on a connection of its own, which ends with the answer's body: read it, or `cancel()` it. Throws the network's
 * NetworkError, HttpError, or the signal's reason. Redirects are the caller's.
 */
export async function request(network: Pick<PodNetwork, 'connect'>, options: RequestOptions): Promise<HttpResponse> {
  const target = addressOf(options)
  const guard = new Guard(options)
  let socket: Socket
  try {
    socket = await network.connect(target.host, target.port, {
      tls: target.tls,
      ...(guard.signal && { signal: guard.signal }),
      ...(options.connectTimeout !== undefined && { timeout: options.connectTimeout }),
    })
  } catch (error) {
    guard.end()
    throw guard.reason ?? error
  }
  const connection = new HttpConnection(socket)
  guard.onAbort(() => socket.destroy())
  try {
    const headers = HeaderList.from(options.headers)
    if (!headers.has('connection') && !options.quietClose) headers.set('Connection', 'close')
    return await connection.send(
      {
        method: options.method ?? 'GET',
        path: target.path,
        headers: withHost(headers, target),
        ...(options.body !== undefined && { body: options.body }),
        ...(options.minor !== undefined && { minor: options.minor }),
      },
      (whole) => {
        guard.end()
        if (whole) socket.end()
        socket.destroy()
      },
      () => guard.reason,
    )
  } catch (error) {
    guard.end()
    socket.destroy()
    throw guard.reason ?? error
  }
}

export interface Target {
  readonly host: string
  readonly port: number
  readonly path: string
  readonly tls: boolean
}

/** Throws TypeError for what is no URL of http or https. */
export function addressOf(options: RequestOptions): Target {
  if (options.url === undefined) {
    const tls = options.tls ?? false
    return { host: options.host ?? '127.0.0.1', port: options.port ?? (tls ? 443 : 80), path: options.path ?? '/', tls }
  }
  const url = new URL(options.url)
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new TypeError(`unsupported protocol: ${url.protocol}`)
  const tls = url.protocol === 'https:'
  return {
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? (tls ? 443 : 80) : Number(url.port),
    path: options.path ?? `${url.pathname}${url.search}`,
    tls,
  }
}

/** What the Host field says: the port only where it is not the scheme's. */
export function hostField(target: Target): string {
  const host = target.host.includes(':') ? `[${target.host}]` : target.host
  return target.port === (target.tls ? 443 : 80) ? host : `${host}:${target.port}`
}

function withHost(headers: HeaderList, target: Target): HeaderList {
  return headers.has('host') ? headers : new HeaderList([['Host', hostField(target)], ...headers])
}

export interface ConnectionRequest {
  readonly method: string
  readonly path: string
  readonly headers: HeaderList
  readonly body?: Content
  readonly minor?: 0 | 1
}

/** A connection on which requests go one after the other: the next only when the answer's body before it was read. */
export class HttpConnection {
  readonly socket: Socket
  readonly #reader: ByteReader
  #usable = true

  constructor(socket: Socket) {
    this.socket = socket
    this.#reader = new ByteReader(socket)
  }

  /** Another request may be sent. */
  get usable(): boolean {
    return this.#usable
  }

  /**
   * `done` is told when the answer's body has come, or nothing more of it will; not for an upgrade, and not when this throws.
   * `instead` gives the error to throw in place of the one that came of it, as a deadline's.
   */
  async send(sent: ConnectionRequest, done?: (whole: boolean) => void, instead?: () => unknown): Promise<HttpResponse> {
    if (!this.#usable) throw new HttpError('closed', 'the connection is in use or over')
    this.#usable = false
    const { method, path, body, minor = 1 } = sent
    const headers = new HeaderList(sent.headers)
    const sending = this.#write(method, path, minor, headers, body)
    // An answer may come before all was sent: then what is left to send does not matter, be it an error.
    let failed: { error: unknown } | undefined
    const sentAll = sending.catch((error: unknown) => {
      failed = { error }
    })
    const head = await this.#answer(sentAll, () => failed)
    const stays = staysOpen(head) && !headers.says('connection', 'close')
    if (head.status === 101)
      return { ...head, body: emptyBody(), upgraded: { reader: this.#reader, socket: this.socket } }
    const framing = responseFraming(head, method)
    const answer = new Body(this.#reader, framing, undefined, (whole) => {
      this.#usable = whole && stays && framing.by !== 'close' && failed === undefined
      done?.(whole)
    })
    if (instead !== undefined) rethrow(answer, instead)
    return { ...head, body: answer }
  }

  async #answer(sentAll: Promise<void>, failed: () => { error: unknown } | undefined) {
    try {
      for (;;) {
        const text = await this.#reader.head(LONGEST_HEAD)
        if (text === undefined) throw new HttpError('closed', 'EOF')
        const head = parseResponseHead(text)
        if (head.status >= 200 || head.status === 101) return head
      }
    } catch (error) {
      if (error instanceof HttpError && error.fault !== 'closed') throw error
      await sentAll
      throw failed()?.error ?? error
    }
  }

  async #write(method: string, path: string, minor: 0 | 1, headers: HeaderList, body: Content | undefined) {
    if (body !== undefined && isStream(body)) {
      const known = headers.has('content-length')
      if (!known) headers.set('Transfer-Encoding', 'chunked')
      await this.socket.write(toBytes(requestText(method, path, minor, headers)))
      for await (const part of body) if (part.length > 0) await this.socket.write(known ? part : chunk(part))
      if (!known) await this.socket.write(LAST_CHUNK)
      return
    }
    const bytes = body === undefined ? undefined : toBytes(body)
    if (!headers.has('content-length') && bytes !== undefined) headers.set('Content-Length', String(bytes.length))
    const head = toBytes(requestText(method, path, minor, headers))
    await this.socket.write(bytes === undefined || bytes.length === 0 ? head : join([head, bytes]))
  }
}

const emptyBody = (): Body => new Body(new ByteReader({ read: async () => null }), { by: 'length', length: 0 })

function rethrow(body: Body, instead: () => unknown): void {
  const read = body.read.bind(body)
  body.read = async () => {
    try {
      return await read()
    } catch (error) {
      throw instead() ?? error
    }
  }
}

/** A request's deadline and its caller's signal as one. */
class Guard {
  readonly #controller: AbortController | undefined
  readonly #endings: (() => void)[] = []

  constructor({ signal, timeout, clock }: RequestOptions) {
    if (signal === undefined && (timeout === undefined || clock === undefined)) return
    const controller = new AbortController()
    this.#controller = controller
    if (signal?.aborted) controller.abort(signal.reason)
    const abort = () => controller.abort(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    this.#endings.push(() => signal?.removeEventListener('abort', abort))
    if (timeout !== undefined && clock !== undefined) {
      this.#endings.push(
        clock.after(timeout, () => controller.abort(new HttpError('timeout', 'the request timed out', 504))),
      )
    }
  }

  get signal(): AbortSignal | undefined {
    return this.#controller?.signal
  }

  get reason(): unknown {
    return this.#controller?.signal.aborted ? this.#controller.signal.reason : undefined
  }

  onAbort(call: () => void): void {
    const signal = this.#controller?.signal
    if (signal?.aborted) call()
    signal?.addEventListener('abort', call, { once: true })
  }

  end(): void {
    for (const ending of this.#endings.splice(0)) ending()
  }
}
