import type { ApiRequest, ApiResponse } from '../api/http.ts'
import type { Clock } from '../clock/clock.ts'
import type { Socket, TlsFacts } from '../network/contract.ts'
import type { ApiServerEnd } from '../network/dialer.ts'
import { type Answer, type ServerRequest, serve } from '../network/http/server.ts'
import { join, toBytes } from '../objects/bytes.ts'

/** Milliseconds: a client in a Pod may watch for long. */
const IDLE = 300_000

export interface ApiServerEndOptions {
  readonly clock: Clock
  readonly handle: (request: ApiRequest) => Promise<ApiResponse>
  readonly tls: TlsFacts
}

/** The API server as Pods reach it: by the address of the Service `kubernetes`, with the token of their account. */
export function apiServerEnd({ clock, handle, tls }: ApiServerEndOptions): ApiServerEnd & { stop(): void } {
  let connected: (socket: Socket) => void = () => {}
  const network = {
    listen(port: number, connection: (socket: Socket) => void) {
      connected = connection
      return { port, close() {} }
    },
  }
  const server = serve(network, { clock, port: 6443, idle: IDLE }, (request) => answered(request, handle))
  return { tls, handle: (socket) => connected(socket), stop: () => server.destroy() }
}

async function answered(
  { method, path, query, headers, body, socket }: ServerRequest,
  handle: ApiServerEndOptions['handle'],
): Promise<Answer> {
  const gone = new AbortController()
  const [, bearerToken] = /^Bearer +(.+)$/i.exec(headers.get('authorization') ?? '') ?? []
  const response = await handle({
    method,
    path,
    query,
    headers: joinedByName(headers),
    body: await body.bytes(),
    credentials: bearerToken === undefined ? {} : { bearerToken },
    signal: gone.signal,
  })
  switch (response.kind) {
    case 'whole':
      return { status: response.status, headers: listed(response.headers), body: whole(response.body) }
    case 'stream':
      return {
        status: response.status,
        headers: listed(response.headers),
        body: until(response.chunks, socket, gone),
        close: true,
      }
    case 'upgrade':
      // exec, attach and port-forward from within a Pod: none of the images has a client that asks for them
      return { status: 400, body: 'Upgrade request required' }
  }
}

/** Names in lower case, several values of one as a list. */
function joinedByName(headers: Iterable<readonly [string, string]>): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {}
  for (const [name, value] of headers) {
    const key = name.toLowerCase()
    fields[key] = fields[key] === undefined ? value : `${fields[key]}, ${value}`
  }
  return fields
}

type Headers = Readonly<Record<string, string | readonly string[]>>

function listed(headers: Headers): (readonly [string, string])[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    typeof value === 'string' ? [[name, value] as const] : value.map((one) => [name, one] as const),
  )
}

function whole(body: string | Uint8Array | readonly (string | Uint8Array)[]): string | Uint8Array {
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  return join(body.map(toBytes))
}

/** A watch ends with its client, who has nothing more to say: what is read then is the end. */
async function* until(
  chunks: AsyncIterable<Uint8Array>,
  socket: Socket,
  gone: AbortController,
): AsyncGenerator<Uint8Array> {
  void socket.read().then(
    () => gone.abort(),
    () => gone.abort(),
  )
  try {
    yield* chunks
  } finally {
    gone.abort()
  }
}
