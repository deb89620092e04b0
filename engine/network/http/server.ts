import type { Clock } from '../../clock/clock.ts'
import { join, toBytes } from '../../objects/bytes.ts'
import type { PodNetwork, Socket, TlsFacts } from '../contract.ts'
import { Body, type Content, chunk, isStream, LAST_CHUNK } from './body.ts'
import { ByteReader } from './byte-reader.ts'
import { type HeaderFields, HeaderList } from './header-list.ts'
import { HttpError } from './http-error.ts'
import { mayHaveBody, parseRequestHead, requestFraming, responseText, staysOpen } from './message.ts'

export interface ServerRequest {
  readonly method: string
  /** As it was sent. */
  readonly target: string
  /** Of the target, percent-encoded as it was sent. */
  readonly path: string
  readonly query: URLSearchParams
  readonly minor: 0 | 1
  readonly headers: HeaderList
  /** Reading it asks a client that waits with `Expect: 100-continue` to go on. */
  readonly body: Body
  readonly socket: Socket
}

export interface Answer {
  readonly status: number
  /** Sent in this order. Date, the body's framing and Connection come after them where they are missing. */
  readonly headers?: HeaderFields
  /** In place of the registered phrase. */
  readonly reason?: string
  readonly body?: Content
  /** With 101: speaks on the connection from then on, which is over when it resolves. */
  readonly upgrade?: (reader: ByteReader, socket: Socket) => Promise<void>
  /** The connection ends after it. */
  readonly close?: boolean
}

export type Handler = (request: ServerRequest) => Promise<Answer>

export interface ServerOptions {
  readonly clock: Clock
  readonly port: number
  readonly host?: string
  readonly tls?: TlsFacts
  /** As of `PodNetwork.listen`. */
  readonly glance?: (path: string) => number | undefined
  /** Bytes of a request's head. 64 KiB. */
  readonly longestHead?: number
  /** Milliseconds that a connection may wait for its next request, none for ever. 75 s. */
  readonly idle?: number
  /** Milliseconds from a connection's or a request's begin until the head is there. 60 s. */
  readonly headTimeout?: number
  /** What a message gets that is none. Nothing: the connection just ends. */
  readonly malformed?: (error: HttpError) => Answer | undefined
  /** After each answer: how many bytes of body went out. */
  readonly answered?: (request: ServerRequest, answer: Answer, bytes: number) => void
  /** What a handler throws; the client gets `failure(error)`. 500. */
  readonly failure?: (error: unknown) => Answer | undefined
}

export interface HttpServer {
  readonly port: number
  /** Connections that are open now. */
  connections(): number
  /** Of them, those that wait for a request. */
  waiting(): number
  /** Takes no more connections and requests; resolves when those under way are answered. */
  close(): Promise<void>
  /** Ends all at once. */
  destroy(): void
}

/** Begins to listen. Throws NetworkError EADDRINUSE or EACCES. */
export function serve(network: Pick<PodNetwork, 'listen'>, options: ServerOptions, handler: Handler): HttpServer {
  const open = new Set<Connection>()
  let closing: (() => void) | undefined
  const listener = network.listen(
    options.port,
    (socket) => {
      const connection = new Connection(socket, options, handler)
      open.add(connection)
      void connection.run().finally(() => {
        open.delete(connection)
        if (open.size === 0) closing?.()
      })
    },
    {
      ...(options.host !== undefined && { host: options.host }),
      ...(options.tls && { tls: options.tls }),
      ...(options.glance && { glance: options.glance }),
    },
  )
  return {
    port: listener.port,
    connections: () => open.size,
    waiting() {
      let count = 0
      for (const connection of open) if (connection.idle) count++
      return count
    },
    close() {
      listener.close()
      for (const connection of open) connection.finish()
      if (open.size === 0) return Promise.resolve()
      return new Promise((resolve) => {
        closing = resolve
      })
    },
    destroy() {
      listener.close()
      for (const connection of open) connection.destroy()
    },
  }
}

const LONGEST_HEAD = 64 * 1024
const IDLE = 75_000
const HEAD_TIMEOUT = 60_000
const CONTINUE = toBytes('HTTP/1.1 100 Continue\r\n\r\n')

class Connection {
  readonly #socket: Socket
  readonly #options: ServerOptions
  readonly #handler: Handler
  readonly #reader: ByteReader
  /** It waits for a first byte of a request. */
  idle = true
  #last = false
  #destroyed = false

  constructor(socket: Socket, options: ServerOptions, handler: Handler) {
    this.#socket = socket
    this.#options = options
    this.#handler = handler
    this.#reader = new ByteReader({
      read: async () => {
        const bytes = await socket.read()
        this.idle = false
        return bytes
      },
    })
  }

  finish(): void {
    this.#last = true
    if (this.idle) this.destroy()
  }

  destroy(): void {
    this.#destroyed = true
    this.#socket.destroy()
  }

  /** Never rejects: a connection that fails is over. */
  async run(): Promise<void> {
    try {
      let first = true
      while (await this.#serveOne(first)) {
        first = false
        this.idle = this.#reader.ahead === 0
        if (this.#last && this.idle) break
      }
      this.#socket.end()
    } catch {
      this.destroy()
    } finally {
      if (!this.#destroyed) this.#socket.destroy()
    }
  }

  async #serveOne(first: boolean): Promise<boolean> {
    let request: ServerRequest
    try {
      const head = await this.#head(first)
      if (head === undefined) return false
      request = this.#request(head)
    } catch (error) {
      if (!(error instanceof HttpError) || error.fault === 'closed' || error.fault === 'timeout') return false
      const answer = this.#options.malformed === undefined ? plainAnswer(error.status) : this.#options.malformed(error)
      if (answer !== undefined) await this.#send(undefined, { ...answer, close: true })
      return false
    }
    let answer: Answer
    try {
      answer = await this.#handler(request)
    } catch (error) {
      if (this.#socket === undefined || this.#destroyed) return false
      const status = error instanceof HttpError ? error.status : 500
      const failed = this.#options.failure === undefined ? plainAnswer(status) : this.#options.failure(error)
      if (failed === undefined) return false
      answer = failed
    }
    return this.#send(request, answer)
  }

  async #head(first: boolean): Promise<string | undefined> {
    const { clock, idle = IDLE, headTimeout = HEAD_TIMEOUT, longestHead = LONGEST_HEAD } = this.#options
    if (this.#reader.ahead > 0) return this.#reader.head(longestHead)
    const cancel = clock.after(first ? headTimeout : idle, () => this.destroy())
    try {
      return await this.#reader.head(longestHead)
    } finally {
      cancel()
    }
  }

  #request(text: string): ServerRequest {
    const head = parseRequestHead(text)
    const waits = head.minor === 1 && head.headers.says('expect', '100-continue')
    const body = new Body(this.#reader, requestFraming(head), waits ? () => this.#socket.write(CONTINUE) : undefined)
    const { path, query } = splitTarget(head.target)
    return { ...head, path, query: new URLSearchParams(query), body, socket: this.#socket }
  }

  async #send(request: ServerRequest | undefined, answer: Answer): Promise<boolean> {
    const minor = request?.minor ?? 1
    const headers = new HeaderList(HeaderList.from(answer.headers))
    if (answer.upgrade !== undefined) {
      await this.#socket.write(toBytes(responseText(answer.status, 1, headers, answer.reason)))
      await answer.upgrade(this.#reader, this.#socket)
      return false
    }
    const { body = '', status } = answer
    const withBody = mayHaveBody(status)
    const stream = isStream(body)
    const bytes = stream || !withBody ? undefined : toBytes(body)
    if (!headers.has('date')) headers.append('Date', new Date(this.#options.clock.now()).toUTCString())
    if (withBody && !headers.has('content-length')) {
      if (bytes !== undefined) headers.append('Content-Length', String(bytes.length))
      else if (minor === 1 && !headers.has('transfer-encoding')) headers.append('Transfer-Encoding', 'chunked')
    }
    const chunked = headers.has('transfer-encoding')
    const endsByClose = stream && withBody && !chunked && !headers.has('content-length')
    const stays =
      !(answer.close || this.#last || endsByClose || headers.says('connection', 'close')) &&
      request !== undefined &&
      staysOpen(request) &&
      !(await this.#leavesBody(request))
    if (!headers.has('connection')) {
      if (!stays) headers.append('Connection', 'close')
      else if (minor === 0) headers.append('Connection', 'keep-alive')
    }
    const head = toBytes(responseText(status, 1, headers, answer.reason))
    const silent = request?.method === 'HEAD'
    let sent = 0
    try {
      if (bytes !== undefined && !silent) {
        sent = bytes.length
        await this.#socket.write(bytes.length === 0 ? head : join([head, bytes]))
      } else {
        await this.#socket.write(head)
        if (stream && withBody && !silent) {
          for await (const part of body) {
            if (part.length === 0) continue
            await this.#socket.write(chunked ? chunk(part) : part)
            sent += part.length
          }
          if (chunked) await this.#socket.write(LAST_CHUNK)
        }
      }
    } finally {
      if (request !== undefined) this.#options.answered?.(request, answer, sent)
    }
    return stays
  }

  /** The request's body is not read and will not be: the connection cannot go on. */
  async #leavesBody(request: ServerRequest): Promise<boolean> {
    if (request.body.over) return false
    if (!request.body.begun && request.headers.says('expect', '100-continue')) return true
    try {
      return !(await request.body.discard())
    } catch {
      return true
    }
  }
}

function plainAnswer(status: number): Answer {
  return { status, headers: [['Content-Type', 'text/plain; charset=utf-8']], close: true }
}

/** Of `/path?query`, and of `http://host/path?query` as proxies get it. */
export function splitTarget(target: string): { path: string; query: string } {
  const rest = target.replace(/^https?:\/\/[^/?]*/i, '')
  const mark = rest.indexOf('?')
  const path = (mark < 0 ? rest : rest.slice(0, mark)) || (target === '*' ? '*' : '/')
  return { path, query: mark < 0 ? '' : rest.slice(mark + 1) }
}
