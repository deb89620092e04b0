import { parseIp } from '../objects/ip.ts'
import type {
  DnsAnswer,
  DnsQuestion,
  Hop,
  IngressOptions,
  Listener,
  PodAttachment,
  PodNetwork,
  ResolverConfig,
  Socket,
} from './contract.ts'
import type { Dialer } from './dialer.ts'
import { parseCorefile } from './dns/corefile.ts'
import { askOnce, type Query, resolve } from './dns/resolver.ts'
import { type Attached, listenedAddress } from './host.ts'
import type { Ingresses } from './ingress/ingresses.ts'
import { serveIngresses } from './ingress/proxy.ts'
import { isNetworkError, networkError } from './network-error.ts'

const NAMES_PORT = 53

type ConnectOptions = NonNullable<Parameters<PodNetwork['connect']>[2]>

export interface NamespaceOptions extends Attached {
  readonly hostname: string
  readonly resolver: ResolverConfig
  readonly hostAliases: PodAttachment['hostAliases']
  readonly trusted: boolean
  readonly dialer: Dialer
  readonly ingresses: Ingresses
}

/** What programs see of the network: a Pod's, a kubelet's, or that of a client outside. */
export class Namespace implements PodNetwork {
  readonly #options: NamespaceOptions
  readonly #listeners = new Set<Listener>()
  readonly #query: Query
  #detached = false

  constructor(options: NamespaceOptions) {
    this.#options = options
    this.#query = (server, question, timeout, signal) =>
      options.dialer.query(options, server, question, timeout, signal)
  }

  get address(): string {
    return this.#options.host.address
  }

  get hostname(): string {
    return this.#options.hostname
  }

  get resolver(): ResolverConfig {
    return this.#options.resolver
  }

  listen(
    port: number,
    connection: (socket: Socket) => void,
    { host, tls, glance }: NonNullable<Parameters<PodNetwork['listen']>[2]> = {},
  ): Listener {
    if (this.#detached) throw networkError('ENETUNREACH')
    const owner = this.#options
    return this.#held(owner.host.listen({ port, connection, host: listenedAddress(host), tls, owner, glance }))
  }

  connect(host: string, port: number, options: ConnectOptions = {}): Promise<Socket> {
    return this.#connect(host, port, options)
  }

  glance(address: string, port: number, options: { readonly tls: boolean; readonly path: string }): number | undefined {
    const { host, dialer } = this.#options
    return this.#detached ? undefined : dialer.glance(host, { address, port }, options)
  }

  async lookup(name: string, signal?: AbortSignal): Promise<readonly string[]> {
    if (parseIp(name) !== undefined) return [name]
    const known = this.#fromHosts(name)
    return known.length > 0 ? known : resolve(name, this.resolver, this.#query, signal)
  }

  ask(question: DnsQuestion, signal?: AbortSignal): Promise<DnsAnswer> {
    return askOnce(question, this.resolver, this.#query, signal)
  }

  serveNames(corefile: string): Listener {
    const { host } = this.#options
    const names = { corefile: parseCorefile(corefile), owner: this.#options }
    if (host.names !== undefined) throw networkError('EADDRINUSE')
    host.names = names
    return this.#held({
      port: NAMES_PORT,
      close: () => {
        if (host.names === names) host.names = undefined
      },
    })
  }

  serveIngresses(options: IngressOptions): Listener {
    return this.#held(
      serveIngresses({
        ...options,
        network: this,
        through: (via) => ({ connect: (host, port, wishes = {}) => this.#connect(host, port, wishes, via) }),
        ingresses: this.#options.ingresses,
      }),
    )
  }

  /** Ends all that it has open; who is at the other end hears of it. */
  detach(): void {
    this.#detached = true
    for (const listener of [...this.#listeners]) listener.close()
    for (const socket of [...this.#options.sockets]) socket.destroy()
    for (const give of [...this.#options.pauses]) give()
  }

  async #connect(host: string, port: number, options: ConnectOptions, via?: Hop['via']): Promise<Socket> {
    if (this.#detached) throw networkError('ENETUNREACH')
    const { dialer, trusted } = this.#options
    const wishes = { ...options, trusted, via }
    if (parseIp(host) !== undefined) return dialer.dial(this.#options, { address: host, port }, wishes)
    const addresses = await this.lookup(host, options.signal)
    let why: unknown
    for (const address of addresses) {
      if (this.#detached) throw networkError('ENETUNREACH')
      try {
        return await dialer.dial(this.#options, { address, port }, { ...wishes, name: host })
      } catch (error) {
        // The next address may do; who has waited in vain does not wait again
        if (!isNetworkError(error) || error.code === 'ETIMEDOUT') throw error
        why = error
      }
    }
    throw why
  }

  #held(listener: Listener): Listener {
    const held: Listener = {
      port: listener.port,
      close: () => {
        this.#listeners.delete(held)
        listener.close()
      },
    }
    this.#listeners.add(held)
    return held
  }

  /** /etc/hosts, as kubelets write it. */
  #fromHosts(name: string): readonly string[] {
    const { hostname, hostAliases } = this.#options
    const wanted = name.endsWith('.') ? name.slice(0, -1) : name
    if (wanted === 'localhost') return ['127.0.0.1']
    if (wanted === hostname) return [this.address]
    return hostAliases.flatMap(({ ip, hostnames }) => (hostnames.includes(wanted) ? [ip] : []))
  }
}
