import type { Listener, Peer, PodAttachment, Socket, TlsFacts } from './contract.ts'
import type { Corefile } from './dns/corefile.ts'
import { networkError } from './network-error.ts'
import type { Place } from './wires.ts'

/** Ports that Linux gives to who asks for none. */
const FIRST_FREE = 32_768
const LAST_FREE = 60_999

export interface Listening {
  readonly port: number
  /** Undefined: on all addresses. */
  readonly host: string | undefined
  readonly tls: TlsFacts | ((serverName: string | undefined) => TlsFacts) | undefined
  /** Who listens, and has the connections that come of it. */
  readonly owner: Attached
  connection(socket: Socket): void
  readonly glance?: ((path: string) => number | undefined) | undefined
}

/** Something with programs on a host: a Pod, a kubelet, a client outside. All that it has open ends with it. */
export interface Attached {
  readonly host: Host
  readonly peer: Peer
  readonly sockets: Set<Socket>
  /** What gives up what it waits for. */
  readonly pauses: Set<() => void>
}

/** A network namespace with its addresses and ports: a Pod's, or a node's, which Pods on the host network share. */
export class Host {
  /** A function, since a node is given its address by its status. */
  readonly #address: () => string
  readonly place: Place
  /** The Pod that it is of; none for nodes and what is outside. */
  readonly pod: PodAttachment | undefined
  /** Who answers questions for names here. */
  names: { readonly corefile: Corefile; readonly owner: Attached } | undefined
  readonly #listening = new Map<number, Listening[]>()
  #next = FIRST_FREE

  constructor(address: () => string, place: Place, pod?: PodAttachment) {
    this.#address = address
    this.place = place
    this.pod = pod
  }

  get address(): string {
    return this.#address()
  }

  listen(options: Omit<Listening, 'port'> & { readonly port: number }): Listener {
    const port = options.port === 0 ? this.#free() : options.port
    const others = this.#listening.get(port) ?? []
    if (others.some(({ host }) => clash(host, options.host))) throw networkError('EADDRINUSE')
    const listening = { ...options, port }
    this.#listening.set(port, [...others, listening])
    return {
      port,
      close: () => {
        const left = (this.#listening.get(port) ?? []).filter((one) => one !== listening)
        if (left.length > 0) this.#listening.set(port, left)
        else this.#listening.delete(port)
      },
    }
  }

  /** Who listens on the port of one of its addresses. */
  listening(address: string, port: number): Listening | undefined {
    const all = this.#listening.get(port)
    if (all === undefined) return undefined
    return all.find(({ host }) => host === undefined || host === address || (isLoopback(host) && isLoopback(address)))
  }

  /** A port for a connection that is made from here. */
  ephemeral(): number {
    const port = this.#next
    this.#next = port === LAST_FREE ? FIRST_FREE : port + 1
    return port
  }

  #free(): number {
    for (let tries = FIRST_FREE; tries <= LAST_FREE; tries++) {
      const port = this.ephemeral()
      if (!this.#listening.has(port)) return port
    }
    throw networkError('EADDRINUSE')
  }
}

const clash = (one: string | undefined, other: string | undefined): boolean =>
  one === undefined || other === undefined || one === other

export function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1'
}

/** What a listener's `host` means: all addresses where it says so, or nothing. */
export function listenedAddress(host: string | undefined): string | undefined {
  if (host === undefined || host === '' || host === '0.0.0.0' || host === '::') return undefined
  return host === 'localhost' ? '127.0.0.1' : host
}
