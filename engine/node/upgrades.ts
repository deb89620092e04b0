import type { IncomingMessage } from 'node:http'
import type { Duplex as Stream } from 'node:stream'
import { createWebSocketStream, type WebSocket, WebSocketServer } from 'ws'
import type { StreamingSession } from '../api/http.ts'
import { portForwardProtocol, servePortForward, tunnelledPortForwardProtocol } from './streaming/port-forward.ts'
import { type Bytes, SpdyConnection } from './streaming/spdy.ts'
import { serveSpdyProcess, spdyProcessProtocols } from './streaming/spdy-process.ts'
import { processProtocols, serveProcess } from './streaming/web-socket-process.ts'

/** Takes over connections for exec, attach and port-forward, in the protocol that the client asks for: WebSocket, or SPDY/3.1 of older clients. */
export class Upgrades {
  readonly #webSockets = new WebSocketServer({ noServer: true, handleProtocols: chosenProcessProtocol })

  constructor() {
    // The name of the tunnel's protocol has a slash, which `ws` does not take for a name: it never sees it.
    this.#webSockets.on('headers', (headers, request) => {
      if (tunnels.has(request)) headers.push(`Sec-WebSocket-Protocol: ${tunnelledPortForwardProtocol}`)
    })
  }

  async serve(request: IncomingMessage, socket: Stream, head: Buffer, session: StreamingSession): Promise<void> {
    const wanted = (request.headers.upgrade ?? '').toLowerCase()
    if (wanted === 'websocket') await this.#webSocket(request, socket, head, session)
    else if (wanted === 'spdy/3.1') await spdy(request, socket, head, session)
    else refuse(socket, 400, `unable to upgrade: unknown protocol ${request.headers.upgrade}`)
  }

  async #webSocket(request: IncomingMessage, socket: Stream, head: Buffer, session: StreamingSession): Promise<void> {
    const offered = namesIn(request.headers['sec-websocket-protocol'])
    const supported = session.kind === 'portforward' ? [tunnelledPortForwardProtocol] : processProtocols
    if (!supported.some((name) => offered.includes(name))) {
      refuse(socket, 400, `unable to upgrade: none of the offered protocols (${offered.join(', ')}) is supported`)
      return
    }
    if (session.kind === 'portforward') {
      tunnels.add(request)
      delete request.headers['sec-websocket-protocol']
    }
    const opened = await new Promise<WebSocket>((resolve) =>
      this.#webSockets.handleUpgrade(request, socket, head, resolve),
    )
    opened.on('error', () => opened.terminate())
    if (session.kind === 'portforward') await servePortForward(tunnel(opened), session)
    else await serveProcess(opened, session)
  }
}

/** Requests for a tunnel whose protocol's name was taken out of them. */
const tunnels = new WeakSet<IncomingMessage>()

function chosenProcessProtocol(offered: Set<string>): string | false {
  return processProtocols.find((name) => offered.has(name)) ?? false
}

const namesIn = (header: string | string[] | undefined): string[] =>
  [header ?? []].flat().flatMap((names) => names.split(',').map((name) => name.trim()))

function tunnel(socket: WebSocket): SpdyConnection {
  const stream = createWebSocketStream(socket)
  stream.on('error', () => socket.terminate())
  return connect(stream)
}

async function spdy(request: IncomingMessage, socket: Stream, head: Buffer, session: StreamingSession): Promise<void> {
  const offered = namesIn(request.headers['x-stream-protocol-version'])
  const supported = session.kind === 'portforward' ? [portForwardProtocol] : spdyProcessProtocols
  const protocol = supported.find((name) => offered.includes(name))
  if (protocol === undefined) {
    refuse(socket, 403, `unable to upgrade: unable to negotiate protocol: client supports ${JSON.stringify(offered)}`)
    return
  }
  socket.write(
    `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: ${protocol}\r\n\r\n`,
  )
  if (head.length > 0) socket.unshift(head)
  const connection = connect(socket)
  if (session.kind === 'portforward') await servePortForward(connection, session)
  else await serveSpdyProcess(connection, session)
}

function connect(stream: Stream): SpdyConnection {
  const bytes: Bytes = {
    incoming: stream,
    write: (chunk) =>
      new Promise((resolve) => {
        if (stream.destroyed || stream.write(chunk)) resolve()
        else {
          stream.once('drain', resolve)
          stream.once('close', resolve)
        }
      }),
    close: () => stream.end(),
  }
  const connection = new SpdyConnection(bytes)
  stream.once('close', () => connection.close())
  return connection
}

function refuse(socket: Stream, status: number, text: string): void {
  const phrase = status === 403 ? 'Forbidden' : 'Bad Request'
  socket.end(
    `HTTP/1.1 ${status} ${phrase}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: ${text.length}\r\nConnection: close\r\n\r\n${text}`,
  )
}
