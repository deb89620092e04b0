/** The server's side of RFC 6455, for messages that fit in memory. */

import { decode, join, toBytes } from '../../objects/bytes.ts'
import type { Socket } from '../contract.ts'
import type { ByteReader } from './byte-reader.ts'
import { HttpError } from './http-error.ts'
import type { Answer, ServerRequest } from './server.ts'

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
/** Bytes of a message. */
const LONGEST_MESSAGE = 1024 * 1024

const CONTINUATION = 0
const TEXT = 1
const BINARY = 2
const CLOSE = 8
const PING = 9
const PONG = 10

export interface WebSocketConnection {
  /** The next message, or null when the client has closed. */
  receive(): Promise<string | Uint8Array | null>
  send(message: string | Uint8Array): Promise<void>
  close(code?: number): Promise<void>
}

/** Answers a request that asks for it; 400 for one that does not. */
export async function acceptWebSocket(
  request: ServerRequest,
  talk: (connection: WebSocketConnection) => Promise<void>,
): Promise<Answer> {
  const key = request.headers.get('sec-websocket-key')
  const asks =
    request.method === 'GET' &&
    request.headers.says('connection', 'upgrade') &&
    request.headers.says('upgrade', 'websocket') &&
    request.headers.get('sec-websocket-version') === '13'
  if (!asks || key === undefined) {
    return {
      status: 400,
      headers: [
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['Sec-Websocket-Version', '13'],
        ['X-Content-Type-Options', 'nosniff'],
      ],
      body: 'Bad Request\n',
    }
  }
  return {
    status: 101,
    headers: [
      ['Upgrade', 'websocket'],
      ['Connection', 'Upgrade'],
      ['Sec-WebSocket-Accept', await acceptKey(key)],
    ],
    upgrade: (reader, socket) => talk(new Talk(reader, socket)),
  }
}

export async function acceptKey(key: string): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(key + GUID))
  return btoa(String.fromCharCode(...new Uint8Array(hash)))
}

class Talk implements WebSocketConnection {
  readonly #reader: ByteReader
  readonly #socket: Socket
  #closed = false

  constructor(reader: ByteReader, socket: Socket) {
    this.#reader = reader
    this.#socket = socket
  }

  async receive(): Promise<string | Uint8Array | null> {
    const parts: Uint8Array[] = []
    let kind = CONTINUATION
    for (;;) {
      const frame = await this.#frame(parts.reduce((sum, part) => sum + part.length, 0))
      switch (frame.opcode) {
        case PING:
          await this.#send(PONG, frame.payload)
          continue
        case PONG:
          continue
        case CLOSE:
          await this.close(frame.payload.length >= 2 ? ((frame.payload[0] ?? 0) << 8) | (frame.payload[1] ?? 0) : 1000)
          return null
        case CONTINUATION:
          if (kind === CONTINUATION) return this.#refuse(1002)
          break
        case TEXT:
        case BINARY:
          if (kind !== CONTINUATION) return this.#refuse(1002)
          kind = frame.opcode
          break
        default:
          return this.#refuse(1002)
      }
      parts.push(frame.payload)
      if (frame.last) return kind === TEXT ? decode(join(parts)) : join(parts)
    }
  }

  send(message: string | Uint8Array): Promise<void> {
    return this.#send(typeof message === 'string' ? TEXT : BINARY, toBytes(message))
  }

  async close(code = 1000): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#send(CLOSE, Uint8Array.of(code >> 8, code & 255))
  }

  async #refuse(code: number): Promise<null> {
    await this.close(code)
    return null
  }

  async #frame(before: number): Promise<{ opcode: number; last: boolean; payload: Uint8Array }> {
    const [first = 0, second = 0] = await this.#reader.exactly(2)
    let length = second & 127
    if (length >= 126) {
      const bytes = await this.#reader.exactly(length === 126 ? 2 : 8)
      length = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
    }
    const masked = (second & 128) !== 0
    if (!masked || (first & 0x70) !== 0 || (first & 8 && length > 125) || before + length > LONGEST_MESSAGE) {
      await this.close(before + length > LONGEST_MESSAGE ? 1009 : 1002)
      throw new HttpError('malformed', 'bad WebSocket frame')
    }
    const mask = (await this.#reader.exactly(4)).slice()
    const payload = (await this.#reader.exactly(length)).map((byte, index) => byte ^ (mask[index & 3] as number))
    return { opcode: first & 15, last: (first & 128) !== 0, payload }
  }

  #send(opcode: number, payload: Uint8Array): Promise<void> {
    const { length } = payload
    const size =
      length < 126
        ? [length]
        : length < 65_536
          ? [126, length >> 8, length & 255]
          : [127, 0, 0, 0, 0, (length >>> 24) & 255, (length >>> 16) & 255, (length >>> 8) & 255, length & 255]
    return this.#socket.write(join([Uint8Array.of(128 | opcode, ...size), payload]))
  }
}
