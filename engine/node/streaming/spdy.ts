import { Queue } from './queue.ts'
import { HeaderReader, HeaderWriter, type SpdyHeaders } from './spdy-headers.ts'

/** Both ways of a connection of bytes, under SPDY. */
export interface Bytes {
  readonly incoming: AsyncIterable<Uint8Array>
  /** Resolves when more may be written. */
  write(bytes: Uint8Array): Promise<void>
  close(): void
}

const SYN_STREAM = 1
const SYN_REPLY = 2
const RST_STREAM = 3
const PING = 6
const GOAWAY = 7
const CONTROL = 0x80
const FINISHED = 0x01
const HEAD = 8
/** Length of a frame, in bytes, above which the other side cannot mean well. */
const MOST = 4 * 1024 * 1024
/** Chunks that a stream holds for a slow reader before the whole connection waits for it. */
const HELD = 64

/** A stream that the client has opened. */
export class SpdyStream {
  readonly id: number
  readonly headers: SpdyHeaders
  readonly incoming = new Queue<Uint8Array>()
  readonly #connection: SpdyConnection
  #finished = false

  constructor(connection: SpdyConnection, id: number, headers: SpdyHeaders) {
    this.#connection = connection
    this.id = id
    this.headers = headers
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (!this.#finished && bytes.length > 0) await this.#connection.data(this.id, bytes, false)
  }

  /** Nothing more is written. */
  async finish(): Promise<void> {
    if (this.#finished) return
    this.#finished = true
    await this.#connection.data(this.id, new Uint8Array(), true)
  }
}

/** The server's side of SPDY/3.1 as clients of Kubernetes speak it (moby/spdystream): without flow control, streams opened by the client only. */
export class SpdyConnection {
  readonly streams = new Queue<SpdyStream>()
  readonly #bytes: Bytes
  readonly #reader = new HeaderReader()
  readonly #writer = new HeaderWriter()
  readonly #open = new Map<number, SpdyStream>()

  constructor(bytes: Bytes) {
    this.#bytes = bytes
  }

  /** Serves until the other side is gone or sends what is not SPDY. Never fails. */
  async run(): Promise<void> {
    try {
      for await (const frame of frames(this.#bytes.incoming)) {
        if (!(await this.#take(frame))) break
      }
    } catch {
      // The other side does not speak the protocol, or went away in the middle of it: both end the connection.
    } finally {
      this.close()
    }
  }

  async data(id: number, bytes: Uint8Array, finished: boolean): Promise<void> {
    const head = Buffer.alloc(HEAD)
    head.writeUInt32BE(id)
    head.writeUInt32BE(((finished ? FINISHED : 0) << 24) | bytes.length, 4)
    await this.#bytes.write(Buffer.concat([head, bytes]))
  }

  close(): void {
    this.streams.end()
    for (const stream of this.#open.values()) stream.incoming.end()
    this.#open.clear()
    this.#bytes.close()
    this.#reader.close()
    this.#writer.close()
  }

  /** False when the connection is to end. */
  async #take(frame: Buffer): Promise<boolean> {
    const flags = frame.readUInt8(4)
    const body = frame.subarray(HEAD)
    if ((frame.readUInt8(0) & CONTROL) === 0) {
      await this.#takeData(frame.readUInt32BE(0), body, (flags & FINISHED) !== 0)
      return true
    }
    switch (frame.readUInt16BE(2)) {
      case SYN_STREAM:
        await this.#openStream(body, (flags & FINISHED) !== 0)
        return true
      case RST_STREAM:
        this.#forget(body.readUInt32BE(0) & 0x7fffffff)
        return true
      case PING:
        await this.#control(PING, body)
        return true
      case GOAWAY:
        return false
      default:
        // Settings and windows: a server without flow control has no use for them.
        return true
    }
  }

  async #openStream(body: Buffer, finished: boolean): Promise<void> {
    const id = body.readUInt32BE(0) & 0x7fffffff
    const stream = new SpdyStream(this, id, await this.#reader.read(body.subarray(10)))
    this.#open.set(id, stream)
    const head = Buffer.alloc(4)
    head.writeUInt32BE(id)
    await this.#control(SYN_REPLY, Buffer.concat([head, await this.#writer.write({})]))
    if (finished) this.#forget(id)
    this.streams.push(stream)
  }

  async #takeData(id: number, bytes: Buffer, finished: boolean): Promise<void> {
    const stream = this.#open.get(id)
    if (stream === undefined) return
    if (bytes.length > 0) stream.incoming.push(bytes)
    if (finished) this.#forget(id)
    else await stream.incoming.drained(HELD)
  }

  #forget(id: number): void {
    this.#open.get(id)?.incoming.end()
    this.#open.delete(id)
  }

  async #control(type: number, body: Uint8Array): Promise<void> {
    const head = Buffer.alloc(HEAD)
    head.writeUInt16BE(0x8003, 0)
    head.writeUInt16BE(type, 2)
    head.writeUInt32BE(body.length, 4)
    await this.#bytes.write(Buffer.concat([head, body]))
  }
}

async function* frames(incoming: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let held = Buffer.alloc(0)
  for await (const bytes of incoming) {
    held = held.length === 0 ? Buffer.from(bytes) : Buffer.concat([held, bytes])
    while (held.length >= HEAD) {
      const length = HEAD + held.readUIntBE(5, 3)
      if (length > MOST) throw new Error('The frame is too long.')
      if (held.length < length) break
      yield held.subarray(0, length)
      held = held.subarray(length)
    }
  }
}
