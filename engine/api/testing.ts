import type { ApiServer } from './api-server.ts'
import type { ApiRequest, ApiResponse, StreamedResponse } from './http.ts'

export interface Asked {
  readonly status: number
  readonly headers: Readonly<Record<string, string | readonly string[]>>
  readonly text: string
  /** The text as JSON; undefined if it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
  readonly json: any
}

export interface AskOptions {
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON unless it is text or bytes already. */
  readonly body?: unknown
  readonly token?: string
}

export interface Client {
  /** `path` may have a query. */
  ask(method: string, path: string, options?: AskOptions): Promise<Asked>
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Asked>
  post(path: string, body: unknown, options?: AskOptions): Promise<Asked>
  put(path: string, body: unknown, options?: AskOptions): Promise<Asked>
  /** `type`: `merge`, `json`, `strategic`, or `apply`. */
  patch(path: string, type: keyof typeof PATCH_TYPES, body: unknown, options?: AskOptions): Promise<Asked>
  delete(path: string, body?: unknown): Promise<Asked>
  watch(path: string, headers?: Readonly<Record<string, string>>): Promise<WatchClient>
  raw(method: string, path: string, options?: AskOptions, signal?: AbortSignal): Promise<ApiResponse>
}

export interface WatchClient {
  /** The next so many events, as they came. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came.
  next(count: number): Promise<any[]>
  close(): void
}

const PATCH_TYPES = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const

const utf8 = new TextEncoder()

/** Requests to a server in this process, for tests: no network, nothing but text. */
export function clientOf(server: Pick<ApiServer, 'handle'>): Client {
  const raw: Client['raw'] = (method, path, options = {}, signal = new AbortController().signal) =>
    server.handle(requestOf(method, path, options, signal))
  const ask: Client['ask'] = async (method, path, options) => read(await raw(method, path, options))
  return {
    raw,
    ask,
    get: (path, headers = {}) => ask('GET', path, { headers }),
    post: (path, body, options = {}) => ask('POST', path, { ...options, body }),
    put: (path, body, options = {}) => ask('PUT', path, { ...options, body }),
    patch: (path, type, body, options = {}) =>
      ask('PATCH', path, { ...options, body, headers: { 'content-type': PATCH_TYPES[type], ...options.headers } }),
    delete: (path, body) => ask('DELETE', path, body === undefined ? {} : { body }),
    async watch(path, headers = {}) {
      const stop = new AbortController()
      const response = await raw('GET', path, { headers }, stop.signal)
      if (response.kind !== 'stream') throw new Error(`not a watch: ${(await read(response)).text}`)
      return watchOf(response, stop)
    },
  }
}

export function requestOf(method: string, path: string, options: AskOptions, signal: AbortSignal): ApiRequest {
  const [encoded = '', query = ''] = path.split('?', 2)
  return {
    method,
    path: encoded,
    query: new URLSearchParams(query),
    headers: { ...options.headers },
    body: bytesOf(options.body),
    credentials: options.token === undefined ? {} : { bearerToken: options.token },
    signal,
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body === undefined) return new Uint8Array()
  if (body instanceof Uint8Array) return body
  return utf8.encode(typeof body === 'string' ? body : JSON.stringify(body))
}

async function read(response: ApiResponse): Promise<Asked> {
  if (response.kind === 'upgrade') throw new Error('not an answer but a connection')
  const decoder = new TextDecoder()
  const text = (part: string | Uint8Array) => (typeof part === 'string' ? part : decoder.decode(part))
  let whole = ''
  if (response.kind === 'stream') for await (const chunk of response.chunks) whole += text(chunk)
  else {
    const { body } = response
    whole = typeof body === 'string' || body instanceof Uint8Array ? text(body) : body.map(text).join('')
  }
  return { status: response.status, headers: response.headers, text: whole, json: parsed(whole) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function watchOf(response: StreamedResponse, stop: AbortController): WatchClient {
  const chunks = response.chunks[Symbol.asyncIterator]()
  const decoder = new TextDecoder()
  const waiting: unknown[] = []
  return {
    async next(count) {
      while (waiting.length < count) {
        const { value, done } = await chunks.next()
        if (done === true) break
        for (const line of decoder.decode(value).split('\n')) if (line !== '') waiting.push(JSON.parse(line))
      }
      return waiting.splice(0, count)
    },
    close: () => stop.abort(),
  }
}
