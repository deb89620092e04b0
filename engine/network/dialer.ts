import { KIND_FACTS } from '../bootstrap/bootstrap.ts'
import { connection } from './connection.ts'
import type { DnsAnswer, DnsQuestion, Hop, Peer, Socket, SocketAddress, TlsFacts } from './contract.ts'
import type { Answer, ClusterNames } from './dns/records.ts'
import { type Fabric, GATEWAY, type Reached, type Route } from './fabric.ts'
import { type Attached, Host, type Listening } from './host.ts'
import { networkError } from './network-error.ts'

/** Linux sends the first packet again after a second, then after twice as long each time, and gives up after six. Milliseconds. */
const FIRST_WAIT = 1000
export const CONNECT_TIMEOUT = 127_000
/** How long a node looks for another one on its own network. Milliseconds. */
const NEIGHBOUR_WAIT = 3000

export interface ApiServerEnd {
  /** Gets each connection to the API server's own port; bytes are plain. */
  handle(socket: Socket): void
  readonly tls: TlsFacts
}

export interface DialerOptions {
  readonly fabric: Fabric
  readonly names: ClusterNames
  readonly outsideNames: (question: DnsQuestion) => Answer
  readonly apiServer: ApiServerEnd | undefined
  readonly report: (error: unknown) => void
}

export interface DialOptions {
  readonly signal?: AbortSignal | undefined
  readonly timeout?: number | undefined
  readonly tls?: boolean | undefined
  readonly serverName?: string | undefined
  readonly trusted: boolean
  /** The name that was asked for. */
  readonly name?: string | undefined
  /** What it is made for, besides the Services on its way. */
  readonly via?: Hop['via'] | undefined
}

/** Makes connections: sends the first packet along its way, and again as long as nobody answers. */
export class Dialer {
  readonly #options: DialerOptions
  readonly #told = new Set<(hop: Hop) => void>()
  readonly #apiServer: Attached | undefined

  constructor(options: DialerOptions) {
    this.#options = options
    if (options.apiServer !== undefined) {
      const host = new Host(() => KIND_FACTS.address, undefined)
      this.#apiServer = { host, peer: { kind: 'apiserver' }, sockets: new Set(), pauses: new Set() }
    }
  }

  onHop(told: (hop: Hop) => void): () => void {
    // Each gets one of its own, so that the same function may ask twice
    const own = (hop: Hop) => told(hop)
    this.#told.add(own)
    return () => this.#told.delete(own)
  }

  async dial(from: Attached, to: SocketAddress, options: DialOptions): Promise<Socket> {
    const { fabric } = this.#options
    const { signal, timeout = CONNECT_TIMEOUT, trusted } = options
    const { clock } = fabric.wires
    const deadline = clock.now() + timeout
    let outcome: Hop['outcome'] | undefined
    for (let wait = FIRST_WAIT, silent = 0; ; wait *= 2) {
      signal?.throwIfAborted()
      const route = fabric.route({ from: from.host, protocol: 'TCP', trusted }, to)
      const listening = route.to === 'host' ? this.#listening(route) : undefined
      const now = outcomeOf(route, listening)
      if (now !== outcome) this.#tell(from, to, route, listening, now, options)
      outcome = now
      if (route.to === 'host') {
        const far = 2 * fabric.wires.delay(from.host.place, route.host.place)
        if (far > 0) await this.#pause(from, Math.min(far, Math.max(0, deadline - clock.now())), signal)
        if (far > 0 && clock.now() >= deadline) throw networkError('ETIMEDOUT')
        // It may have stopped listening while the packet was under way
        const still = far > 0 ? this.#listening(route) : listening
        if (still === undefined) throw networkError('ECONNREFUSED')
        return this.#open(from, to, route, still, options)
      }
      if (route.to === 'refused') throw networkError('ECONNREFUSED')
      if (route.to === 'no-way') throw networkError('ENETUNREACH')
      if (route.to === 'no-host') {
        if (silent >= NEIGHBOUR_WAIT) throw networkError('EHOSTUNREACH')
        wait = NEIGHBOUR_WAIT
      }
      const left = deadline - clock.now()
      await this.#pause(from, Math.min(wait, left), signal)
      silent += wait
      if (wait >= left) throw networkError('ETIMEDOUT')
    }
  }

  /** What a listener on this host itself says without a connection; undefined where somebody would want to see one. */
  glance(from: Host, to: SocketAddress, { tls, path }: { readonly tls: boolean; readonly path: string }) {
    if (this.#told.size > 0) return undefined
    const route = this.#options.fabric.route({ from, protocol: 'TCP', trusted: true }, to)
    if (route.to !== 'host' || route.via !== undefined || route.host.place !== from.place) return undefined
    const listening = this.#listening(route)
    return (listening?.tls !== undefined) === tls ? listening?.glance?.(path) : undefined
  }

  /** One question by UDP. */
  async query(
    from: Attached,
    server: string,
    question: DnsQuestion,
    timeout: number,
    signal?: AbortSignal,
  ): Promise<DnsAnswer> {
    const { fabric, names, outsideNames } = this.#options
    signal?.throwIfAborted()
    const to = { address: server, port: 53 }
    const answered = (answer: Answer): DnsAnswer => ({ ...answer, server: to })
    if (server === GATEWAY && from.host.place !== undefined) return answered(outsideNames(question))
    const route = fabric.route({ from: from.host, protocol: 'UDP', trusted: false }, to)
    if (route.to === 'host') {
      const far = 2 * fabric.wires.delay(from.host.place, route.host.place)
      if (far > 0) await this.#pause(from, Math.min(far, timeout), signal)
      if (far >= timeout) throw networkError('ETIMEDOUT')
      const own = route.host.names
      if (own === undefined) throw networkError('ECONNREFUSED')
      return answered(names.answer(question, own.corefile))
    }
    if (route.to === 'refused') throw networkError('ECONNREFUSED')
    if (route.to === 'no-way') throw networkError('ENETUNREACH')
    await this.#pause(from, timeout, signal)
    throw networkError('ETIMEDOUT')
  }

  #listening({ host, address, port }: Reached): Listening | undefined {
    const { apiServer } = this.#options
    const owner = this.#apiServer
    const isApi = apiServer !== undefined && port === KIND_FACTS.port && host.address === KIND_FACTS.address
    if (!isApi || owner === undefined) return host.listening(address, port)
    return { port, host: undefined, tls: apiServer.tls, owner, connection: (socket) => apiServer.handle(socket) }
  }

  #open(from: Attached, to: SocketAddress, route: Reached, listening: Listening, options: DialOptions): Socket {
    const { fabric, report } = this.#options
    const { tls = false, serverName = options.name } = options
    const near = from.host.ephemeral()
    const source = to.address.startsWith('127.') ? to.address : from.host.address
    const { client, server } = connection({
      wires: fabric.wires,
      client: {
        local: { address: source, port: near },
        remote: to,
        tls: typeof listening.tls === 'function' ? listening.tls(serverName) : listening.tls,
        owner: from.sockets,
        place: from.host.place,
      },
      server: {
        local: { address: route.address, port: route.port },
        remote: { address: route.source, port: near },
        tls: tls ? { names: [], authority: '' } : undefined,
        owner: listening.owner.sockets,
        place: route.host.place,
      },
    })
    try {
      listening.connection(server)
    } catch (error) {
      server.destroy()
      report(error)
    }
    return client
  }

  /** Ends early when the signal is aborted, or with who waits. */
  #pause({ pauses }: Attached, ms: number, signal: AbortSignal | undefined): Promise<void> {
    const { clock } = this.#options.fabric.wires
    return new Promise((resolve, reject) => {
      const over = () => {
        cancel()
        pauses.delete(give)
        signal?.removeEventListener('abort', abort)
      }
      const abort = () => {
        over()
        reject(signal?.reason)
      }
      const give = () => {
        over()
        reject(networkError('ECONNRESET'))
      }
      const cancel = clock.after(ms, () => {
        over()
        resolve()
      })
      pauses.add(give)
      signal?.addEventListener('abort', abort, { once: true })
    })
  }

  #tell(
    from: Attached,
    to: SocketAddress,
    route: Route,
    listening: Listening | undefined,
    outcome: Hop['outcome'],
    { name, via = route.via }: DialOptions,
  ): void {
    if (this.#told.size === 0) return
    const reached = listening?.owner.peer ?? (route.host === undefined ? undefined : peerOf(route.host))
    const hop: Hop = {
      at: this.#options.fabric.wires.clock.now(),
      from: from.peer,
      to: name === undefined ? to : { ...to, name },
      ...(via === undefined ? {} : { via }),
      ...(reached === undefined ? {} : { reached }),
      outcome,
    }
    for (const told of [...this.#told]) told(hop)
  }
}

function outcomeOf(route: Route, listening: Listening | undefined): Hop['outcome'] {
  if (route.to !== 'host') return route.outcome
  return listening === undefined ? 'refused' : 'connected'
}

function peerOf({ pod, place }: Host): Peer {
  if (pod !== undefined) return { kind: 'pod', namespace: pod.namespace, name: pod.name, node: pod.node }
  return place === undefined ? { kind: 'outside' } : { kind: 'node', name: place }
}
