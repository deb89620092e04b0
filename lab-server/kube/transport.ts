import type { ClientRequest, IncomingMessage } from 'node:http'
import { Agent, request as httpsRequest, type RequestOptions } from 'node:https'
import { StringDecoder } from 'node:string_decoder'
import type { Clock } from '../clock.ts'
import type { Credentials } from './kubeconfig.ts'

export interface Answer {
  status: number
  body: string
}

export interface Ask {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With its query, escaped. */
  path: string
  body?: string
  contentType?: string
  headers?: Record<string, string>
  signal?: AbortSignal | undefined
  /** Milliseconds for the whole answer; 30 s if left out. */
  timeout?: number
  /** Bytes of the body that are read at most; what follows is cut off. 64 MiB if left out. */
  limit?: number
}

/** HTTPS to one API server, with a client certificate. Knows nothing of Kubernetes. */
export interface Transport {
  request(ask: Ask): Promise<Answer>
  /**
   * A GET whose answer comes line by line, as a watch's does. Resolves when the server ends it; the body is there only if the
   * status is not 200. Rejects after `idle` milliseconds without a byte: a half-open connection says nothing, for ever.
   */
  lines(path: string, onLine: (line: string) => void, options: { signal: AbortSignal; idle: number }): Promise<Answer>
  close(): void
}

const REQUEST_TIMEOUT = 30_000
const BODY_LIMIT = 64 * 1024 * 1024

/** The time a request was given is used up. */
export class TimeoutError extends Error {
  override name = 'TimeoutError'
}

/** What opens a request: `request` of node:https. */
export type Opener = (options: RequestOptions) => ClientRequest

export function createTransport(credentials: Credentials, clock: Clock, opener: Opener = httpsRequest): Transport {
  const { hostname, port } = new URL(credentials.server)
  const { ca, cert, key } = credentials
  const agent = new Agent({ keepAlive: true, ca, cert, key, minVersion: 'TLSv1.2' })
  const closed = new AbortController()

  const open = (ask: Ask, signal: AbortSignal): Promise<IncomingMessage> =>
    new Promise((resolve, reject) => {
      const body = ask.body === undefined ? undefined : Buffer.from(ask.body)
      const outgoing = opener({
        hostname,
        port,
        method: ask.method,
        path: ask.path,
        agent,
        signal,
        headers: {
          accept: 'application/json',
          ...ask.headers,
          ...(body && { 'content-type': ask.contentType ?? 'application/json', 'content-length': body.length }),
        },
      })
      outgoing.on('response', resolve)
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  return {
    async request(ask) {
      const late = new AbortController()
      const timeout = ask.timeout ?? REQUEST_TIMEOUT
      const cancel = clock.after(timeout, () => late.abort())
      try {
        const signal = AbortSignal.any([late.signal, closed.signal, ...(ask.signal ? [ask.signal] : [])])
        const response = await open(ask, signal)
        return { status: response.statusCode ?? 0, body: await readAll(response, ask.limit ?? BODY_LIMIT) }
      } catch (error) {
        if (late.signal.aborted) throw new TimeoutError(`no answer within ${timeout} ms`, { cause: error })
        throw error
      } finally {
        cancel()
      }
    },

    async lines(path, onLine, { signal, idle }) {
      const silent = new AbortController()
      let cancel = clock.after(idle, () => silent.abort())
      try {
        const response = await open({ method: 'GET', path }, AbortSignal.any([silent.signal, closed.signal, signal]))
        if (response.statusCode !== 200) {
          return { status: response.statusCode ?? 0, body: await readAll(response, BODY_LIMIT) }
        }
        const decoder = new StringDecoder('utf8')
        let rest = ''
        for await (const chunk of response) {
          cancel()
          cancel = clock.after(idle, () => silent.abort())
          const lines = (rest + decoder.write(chunk as Buffer)).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) if (line !== '') onLine(line)
        }
        return { status: 200, body: '' }
      } catch (error) {
        if (silent.signal.aborted) throw new TimeoutError(`nothing heard for ${idle} ms`, { cause: error })
        throw error
      } finally {
        cancel()
      }
    },

    close() {
      closed.abort()
      agent.destroy()
    },
  }
}

async function readAll(response: IncomingMessage, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response) {
    const bytes = chunk as Buffer
    chunks.push(bytes.subarray(0, limit - size))
    size += bytes.length
    if (size >= limit) break
  }
  return Buffer.concat(chunks).toString('utf8')
}
