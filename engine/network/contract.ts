/**
 * The cluster's network as those see it who are on it. Connections are byte streams in memory; who may reach whom, where Services lead and
 * what names mean is decided when a connection is made.
 */

/** One end of a connection. */
export interface Socket {
  readonly local: SocketAddress
  readonly remote: SocketAddress
  /** Set where the other side speaks TLS: what its certificate says. Bytes are plain all the same. */
  readonly tls?: TlsFacts
  /** Resolves with at least one byte, or with null when the other side has ended. Rejects with NetworkError ECONNRESET. */
  read(): Promise<Uint8Array | null>
  /** Resolves when the other side can take more. Rejects with ECONNRESET or EPIPE. */
  write(bytes: Uint8Array): Promise<void>
  /** No more is written; reading goes on. */
  end(): void
  /** Both directions at once; the other side reads ECONNRESET if it had more to read or write. What waits on this side rejects with ECONNRESET too. */
  destroy(): void
}

export interface SocketAddress {
  readonly address: string
  readonly port: number
}

export interface TlsFacts {
  readonly names: readonly string[]
  /** PEM. */
  readonly authority: string
}

export type NetworkErrorCode =
  | 'EADDRINUSE'
  | 'EACCES'
  | 'ECONNREFUSED'
  | 'ECONNRESET'
  | 'EHOSTUNREACH'
  | 'ENETUNREACH'
  | 'ENOTFOUND'
  | 'EPIPE'
  | 'ETIMEDOUT'
  | 'EAI_AGAIN'

/** `message` is strerror's or getaddrinfo's text. */
export interface NetworkError extends Error {
  readonly code: NetworkErrorCode
}

/** The network namespace of a Pod: shared by its containers, gone with it. */
export interface PodNetwork {
  readonly address: string
  readonly hostname: string
  /** Throws EADDRINUSE. Port 0 is any that is free. `host` 127.0.0.1 is reached from the Pod itself only. */
  listen(
    port: number,
    connection: (socket: Socket) => void,
    options?: {
      readonly host?: string
      /** A function, where it depends on the name that a client asks for (SNI). */
      readonly tls?: TlsFacts | ((serverName: string | undefined) => TlsFacts)
      /**
       * Which status a plain HTTP GET of this path gets, for who wants to know no more and asks each second. Undefined where only a
       * connection can tell.
       */
      readonly glance?: (path: string) => number | undefined
    },
  ): Listener
  /** By address or name, as getaddrinfo would. A silent host takes until `timeout` ms (127 s) and rejects with ETIMEDOUT. */
  connect(
    host: string,
    port: number,
    options?: {
      readonly signal?: AbortSignal
      readonly timeout?: number
      readonly tls?: boolean
      /** With `tls`: the name that is asked for (SNI); `host` where that is a name and nothing else is said. */
      readonly serverName?: string
    },
  ): Promise<Socket>
  /** Asks the cluster's DNS, with /etc/hosts before and the search domains of the Pod's DNS policy; rejects with ENOTFOUND or EAI_AGAIN. */
  lookup(name: string, signal?: AbortSignal): Promise<readonly string[]>
  /** One question, as nslookup and dig put it, without search domains. */
  ask(question: DnsQuestion, signal?: AbortSignal): Promise<DnsAnswer>
  /** What /etc/resolv.conf says. */
  readonly resolver: ResolverConfig
  /** Answers names on port 53, UDP, from now on, as CoreDNS would with this Corefile. Throws an Error with CoreDNS' text for one that it would not take. */
  serveNames?(corefile: string): Listener
  /** Answers HTTP on ports 80 and 443 from now on, as ingress-nginx would: by what Ingresses say, from the Pods behind their Services. */
  serveIngresses?(options: IngressOptions): Listener
}

export interface IngressOptions {
  /** What an IngressClass says of the controller that it is for. */
  readonly controller: string
  /** Whether Ingresses that name no class are its own, too. */
  readonly withoutClass: boolean
  /** What status.loadBalancer says: an address or a name. */
  readonly address: string
  /** A line for each request. */
  log(line: string): void
}

export interface ResolverConfig {
  readonly nameservers: readonly string[]
  readonly searches: readonly string[]
  readonly options: readonly string[]
}

export interface DnsQuestion {
  /** With a dot at its end or without: taken as absolute. */
  readonly name: string
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'SRV' | 'PTR' | 'TXT' | 'NS'
  /** The address to ask; the first nameserver of the resolver if not said. */
  readonly server?: string
}

export interface DnsAnswer {
  readonly code: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL' | 'REFUSED'
  readonly server: SocketAddress
  readonly records: readonly DnsRecord[]
}

export interface DnsRecord {
  readonly name: string
  readonly type: DnsQuestion['type']
  /** Seconds. */
  readonly ttl: number
  readonly data: string
}

export interface Listener {
  readonly port: number
  close(): void
}

export interface PodAttachment {
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly labels: () => Readonly<Record<string, string>>
  readonly node: string
  readonly hostname: string
  /** The address that it had before, and has again; any that is free if not said. */
  readonly address?: string | undefined
  /** Shares its node's address and ports. */
  readonly hostNetwork: boolean
  readonly resolver: ResolverConfig
  /** What /etc/hosts says besides the usual. */
  readonly hostAliases: readonly { readonly ip: string; readonly hostnames: readonly string[] }[]
  /** hostPort of its containers, which its node listens on for it. */
  readonly hostPorts: readonly { readonly hostPort: number; readonly port: number; readonly hostIP?: string }[]
}

/** What a kubelet asks of its node's network. */
export interface NodeNetwork {
  /** The Pod's namespace, with an address of the node's range. Throws when no address is left. */
  attach(pod: PodAttachment): PodNetwork & { detach(): void }
  /** As the kubelet itself connects, for probes: past NetworkPolicies. */
  connect(
    host: string,
    port: number,
    options?: { readonly signal?: AbortSignal; readonly timeout?: number },
  ): Promise<Socket>
  /** The status that an HTTP GET would get, where a listener can tell at once and no time and nobody lies in between; else undefined: connect. */
  glance?(address: string, port: number, options: { readonly tls: boolean; readonly path: string }): number | undefined
}

/** The whole: one for a cluster. */
export interface ClusterNetwork {
  node(name: string): NodeNetwork
  /** As a client outside the cluster: to a node's address (NodePort), for previews and `port-forward`. */
  readonly outside: Pick<PodNetwork, 'connect'>
  /** As the API server connects, for its proxy: to a Pod's or a node's address. */
  readonly apiServer: Pick<PodNetwork, 'connect'>
  /** A node that is cut off neither reaches nor is reached by anybody but itself. Pods on it still run. */
  setCutOff(node: string, cutOff: boolean): void
  isCutOff(node: string): boolean
  /** Milliseconds added to each way between nodes. */
  setLatency(node: string, ms: number): void
  /** Tells of each connection as it is made or refused, for pictures; what is returned ends it. */
  onHop(told: (hop: Hop) => void): () => void
  stop(): void
}

/** One connection: who, to what, through what, to whom, with what outcome. */
export interface Hop {
  /** Milliseconds since 1970. */
  readonly at: number
  readonly from: Peer
  readonly to: SocketAddress & { readonly name?: string }
  readonly via?: {
    readonly kind: 'ClusterIP' | 'NodePort' | 'Ingress'
    readonly namespace: string
    readonly name: string
  }
  readonly reached?: Peer
  readonly outcome: 'connected' | 'refused' | 'denied' | 'unreachable' | 'no-endpoints'
}

export type Peer =
  | { readonly kind: 'pod'; readonly namespace: string; readonly name: string; readonly node: string }
  | { readonly kind: 'node'; readonly name: string }
  | { readonly kind: 'outside' | 'apiserver' }
