import type { Socket, SocketAddress, TlsFacts } from './contract.ts'
import { networkError } from './network-error.ts'
import { Pipe } from './pipe.ts'
import type { Place, Wires } from './wires.ts'

/** Who has a connection's end, and lets go of it when the connection is over. */
export type Sockets = Set<Socket>

interface EndOptions {
  readonly local: SocketAddress
  readonly remote: SocketAddress
  readonly tls?: TlsFacts | undefined
  readonly owner: Sockets
}

class End implements Socket {
  readonly local: SocketAddress
  readonly remote: SocketAddress
  declare readonly tls?: TlsFacts
  readonly #in: Pipe
  readonly #out: Pipe
  readonly #owner: Sockets
  #peer: End | undefined
  #destroyed = false

  constructor({ local, remote, tls, owner }: EndOptions, incoming: Pipe, outgoing: Pipe) {
    this.local = local
    this.remote = remote
    if (tls !== undefined) this.tls = tls
    this.#in = incoming
    this.#out = outgoing
    this.#owner = owner
    owner.add(this)
  }

  static join(one: End, other: End): void {
    one.#peer = other
    other.#peer = one
  }

  read(): Promise<Uint8Array | null> {
    return this.#in.read()
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#destroyed) return Promise.reject(networkError('ECONNRESET'))
    return this.#out.write(bytes)
  }

  end(): void {
    this.#out.end()
    if (this.#in.hasEnded) this.#forget()
  }

  destroy(): void {
    if (this.#destroyed) return
    this.#destroyed = true
    this.#forget()
    this.#out.reset()
    this.#in.abandon()
  }

  /** Nothing is left to be reset when an owner goes. */
  #forget(): void {
    this.#owner.delete(this)
    const peer = this.#peer
    if (peer !== undefined) peer.#owner.delete(peer)
  }
}

export interface ConnectionOptions {
  readonly wires: Wires
  readonly client: Omit<EndOptions, 'owner'> & { readonly owner: Sockets; readonly place: Place }
  readonly server: Omit<EndOptions, 'owner'> & { readonly owner: Sockets; readonly place: Place }
}

/** Both ends of a new connection. What one writes is handed over to the other: it must not be changed afterwards. */
export function connection({ wires, client, server }: ConnectionOptions): { client: Socket; server: Socket } {
  const up = new Pipe(wires, client.place, server.place)
  const down = new Pipe(wires, server.place, client.place)
  const ends = { client: new End(client, down, up), server: new End(server, up, down) }
  End.join(ends.client, ends.server)
  return ends
}
