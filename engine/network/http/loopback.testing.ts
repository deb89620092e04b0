import type { Listener, NetworkError, NetworkErrorCode, PodNetwork, Socket, SocketAddress } from '../contract.ts'

/** A network of one Pod with all names, for tests: every host is itself. */
export function loopback(): PodNetwork {
  const listeners = new Map<number, (socket: Socket) => void>()
  let next = 40_000
  return {
    address: '10.244.1.2',
    hostname: 'web-0',
    resolver: { nameservers: ['10.96.0.10'], searches: [], options: [] },
    listen(port, connection): Listener {
      const taken = port === 0 ? next++ : port
      if (listeners.has(taken)) throw networkError('EADDRINUSE', 'Address already in use')
      listeners.set(taken, connection)
      return { port: taken, close: () => listeners.delete(taken) }
    },
    async connect(host, port, options) {
      options?.signal?.throwIfAborted()
      if (host.endsWith('.invalid')) throw networkError('ENOTFOUND', 'Name or service not known')
      if (host === 'silent') {
        return new Promise((_, reject) =>
          options?.signal?.addEventListener('abort', () => reject(options.signal?.reason), { once: true }),
        )
      }
      const accept = listeners.get(port)
      if (accept === undefined) throw networkError('ECONNREFUSED', 'Connection refused')
      const [near, far] = socketPair({ address: addressOf(host), port: next++ }, { address: addressOf(host), port })
      queueMicrotask(() => accept(far))
      return near
    },
    lookup: async () => ['10.244.1.2'],
    ask: async () => ({ code: 'NXDOMAIN', server: { address: '10.96.0.10', port: 53 }, records: [] }),
  }
}

/** The loopback reaches itself from itself. */
const addressOf = (host: string): string =>
  host.startsWith('127.') || host === 'localhost' ? '127.0.0.1' : '10.244.1.2'

export function networkError(code: NetworkErrorCode, message: string): NetworkError {
  return Object.assign(new Error(message), { code })
}

/** Bytes that one side may have written and the other not read. */
const WINDOW = 64 * 1024

class Pipe {
  readonly #parts: Uint8Array[] = []
  #size = 0
  #ended = false
  #reset = false
  #wake: (() => void)[] = []

  async read(): Promise<Uint8Array | null> {
    for (;;) {
      if (this.#reset) throw networkError('ECONNRESET', 'Connection reset by peer')
      const part = this.#parts.shift()
      if (part !== undefined) {
        this.#size -= part.length
        this.#woken()
        return part
      }
      if (this.#ended) return null
      await this.#changed()
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#reset) throw networkError('ECONNRESET', 'Connection reset by peer')
    if (this.#ended) throw networkError('EPIPE', 'Broken pipe')
    if (bytes.length === 0) return
    this.#parts.push(bytes.slice())
    this.#size += bytes.length
    this.#woken()
    while (this.#size > WINDOW && !this.#reset) await this.#changed()
    if (this.#reset) throw networkError('ECONNRESET', 'Connection reset by peer')
  }

  end(): void {
    this.#ended = true
    this.#woken()
  }

  reset(): void {
    if (this.#ended && this.#size === 0) return
    this.#reset = !this.#ended
    this.#woken()
  }

  stop(): void {
    this.#reset = true
    this.#woken()
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => this.#wake.push(resolve))
  }

  #woken(): void {
    for (const wake of this.#wake.splice(0)) wake()
  }
}

export function socketPair(near: SocketAddress, far: SocketAddress): [Socket, Socket] {
  const there = new Pipe()
  const back = new Pipe()
  const socket = (local: SocketAddress, remote: SocketAddress, incoming: Pipe, outgoing: Pipe): Socket => ({
    local,
    remote,
    read: () => incoming.read(),
    write: (bytes) => outgoing.write(bytes),
    end: () => outgoing.end(),
    destroy() {
      outgoing.reset()
      incoming.stop()
    },
  })
  return [socket(near, far, back, there), socket(far, near, there, back)]
}
