/**
 * A connection to a port of a Pod through a real API server, as `kubectl port-forward` makes one: a WebSocket whose messages begin
 * with the number of a channel (`v4.channel.k8s.io`, kubelet/pkg/cri/streaming/portforward, 1.34). Channel 0 is the port, channel 1
 * tells what went wrong; the first message of each repeats the port's number.
 */
import { Duplex } from 'node:stream'
import { WebSocket } from 'ws'
import type { Clock } from '../clock.ts'
import type { PodPort } from '../providers/provider.ts'
import { forwardPath } from './forward-path.ts'
import type { Credentials } from './kubeconfig.ts'
import { refusal } from './paths.ts'
import { TimeoutError } from './transport.ts'

const PROTOCOL = 'v4.channel.k8s.io'
const DATA = 0
const ERROR = 1
/** Milliseconds until the API server has agreed. */
export const FORWARD_WITHIN = 10_000
/** Bytes of a refusal that are read. */
const REFUSAL_LIMIT = 64 * 1024

/** Opens it with the rights that the headers say. @throws {KubeError} if the API server refuses; TimeoutError */
export function forwardHttps(
  credentials: Pick<Credentials, 'server' | 'ca' | 'cert' | 'key'>,
  clock: Clock,
  target: PodPort,
  options: { headers: Record<string, string>; signal: AbortSignal },
): Promise<Duplex> {
  const address = new URL(`${forwardPath(target)}?ports=${target.port}`, credentials.server)
  address.protocol = 'wss:'
  const { ca, cert, key } = credentials
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(address, PROTOCOL, {
      ca,
      cert,
      key,
      headers: options.headers,
      perMessageDeflate: false,
      // A redirect would take our credentials with it.
      followRedirects: false,
    })
    const fail = (error: Error) => {
      settle()
      reject(error)
      socket.terminate()
    }
    const abort = () => fail(options.signal.reason as Error)
    const cancel = clock.after(FORWARD_WITHIN, () =>
      fail(new TimeoutError(`no connection within ${FORWARD_WITHIN} ms`)),
    )
    const settle = () => {
      cancel()
      options.signal.removeEventListener('abort', abort)
    }
    options.signal.addEventListener('abort', abort, { once: true })
    if (options.signal.aborted) abort()
    socket.on('error', fail)
    socket.once('unexpected-response', (_, response) => {
      const parts: Buffer[] = []
      let size = 0
      response.on('data', (part: Buffer) => {
        if (size < REFUSAL_LIMIT) parts.push(part)
        size += part.length
      })
      const told = () => fail(refusal({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }))
      response.once('end', told)
      response.once('error', told)
    })
    socket.once('open', () => {
      settle()
      socket.off('error', fail)
      resolve(new Forwarded(socket))
    })
  })
}

/** The bytes of channel 0, both ways. Ends when the other side does: the protocol has no half-closed connections. */
class Forwarded extends Duplex {
  readonly #socket: WebSocket
  /** Channels whose first message, the port's number, is still to come. */
  readonly #unnumbered = new Set([DATA, ERROR])

  constructor(socket: WebSocket) {
    // What is written last must still go out, but the answer to it still comes.
    super({ allowHalfOpen: true })
    this.#socket = socket
    socket.binaryType = 'nodebuffer'
    socket.on('message', (message: Buffer) => this.#hear(message))
    socket.on('error', (error) => this.destroy(error))
    // It may fail before anybody listens; `errored` tells them then.
    this.on('error', () => {})
    socket.on('close', () => {
      if (!this.destroyed) this.push(null)
    })
  }

  #hear(message: Buffer): void {
    const channel = message[0] ?? -1
    const rest = message.subarray(this.#unnumbered.delete(channel) ? 3 : 1)
    if (rest.length === 0) return
    if (channel === ERROR) this.destroy(new Error(rest.toString()))
    else if (channel === DATA && !this.push(rest)) this.#socket.pause()
  }

  override _read(): void {
    if (this.#socket.isPaused) this.#socket.resume()
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#socket.send(Buffer.concat([Buffer.of(DATA), chunk]), { binary: true }, done)
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // Without a close handshake: whoever has gone waits for nothing.
    this.#socket.terminate()
    done(error)
  }
}
