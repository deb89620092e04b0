import { Random } from '../clock/random.ts'
import { World } from '../controllers/world.testing.ts'
import { createClusterNetwork } from './cluster-network.ts'
import type { ClusterNetwork, PodAttachment, PodNetwork, Socket } from './contract.ts'
import type { ApiServerEnd } from './dialer.ts'

export const CLUSTER_RESOLVER = {
  nameservers: ['10.96.0.10'],
  searches: ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
  options: ['ndots:5'],
}

export type TestPod = PodNetwork & { detach(): void }

interface PodOptions {
  readonly namespace?: string
  readonly node?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly attachment?: Partial<PodAttachment>
}

/** A cluster whose Pods are no more than their places on the network. */
export class NetworkWorld {
  readonly world: World
  readonly network: ClusterNetwork
  readonly errors: unknown[] = []

  private constructor(world: World, apiServer: ApiServerEnd | undefined) {
    this.world = world
    this.network = createClusterNetwork({
      backend: world.cluster.backend,
      random: new Random('network'),
      report: (error) => this.errors.push(error),
      ...(apiServer === undefined ? {} : { apiServer }),
    })
  }

  static async make({ nodes = 3, apiServer }: { readonly nodes?: number; readonly apiServer?: ApiServerEnd } = {}) {
    return new NetworkWorld(await World.make(() => [], { nodes }), apiServer)
  }

  pod(name: string, { namespace = 'default', node = 'worker', labels = {}, attachment }: PodOptions = {}): TestPod {
    return this.network.node(node).attach({
      namespace,
      name,
      uid: `uid-of-${name}`,
      labels: () => labels,
      node,
      hostname: name,
      hostNetwork: false,
      resolver: CLUSTER_RESOLVER,
      hostAliases: [],
      hostPorts: [],
      ...attachment,
    })
  }

  /** With its EndpointSlice, in which each Pod is ready unless said otherwise. */
  service(
    name: string,
    spec: Readonly<Record<string, unknown>>,
    endpoints: readonly Readonly<Record<string, unknown>>[],
    { namespace = 'default', ports }: { readonly namespace?: string; readonly ports?: readonly object[] } = {},
  ): void {
    this.world.create(
      { group: '', resource: 'services' },
      { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { type: 'ClusterIP', ...spec } },
      namespace,
    )
    const own = (spec['ports'] ?? []) as readonly {
      readonly name?: string
      readonly port: number
      readonly targetPort?: number
    }[]
    this.world.create(
      { group: 'discovery.k8s.io', resource: 'endpointslices' },
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: `${name}-1`, namespace, labels: { 'kubernetes.io/service-name': name } },
        addressType: 'IPv4',
        endpoints,
        ports:
          ports ??
          own.map((port) => ({
            name: port.name ?? '',
            port: port.targetPort ?? port.port,
            protocol: 'TCP',
            ...('protocol' in port ? { protocol: port.protocol } : {}),
          })),
      },
      namespace,
    )
    this.settle()
  }

  /** Lets nodes follow the API. */
  settle(): void {
    this.world.step(2000)
  }

  policy(name: string, spec: Readonly<Record<string, unknown>>, namespace = 'default'): void {
    this.world.create(
      { group: 'networking.k8s.io', resource: 'networkpolicies' },
      { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name, namespace }, spec },
      namespace,
    )
  }

  /** A CoreDNS that answers behind kube-dns. */
  names(corefile = COREFILE): TestPod {
    const pod = this.pod('coredns', {
      namespace: 'kube-system',
      node: 'control-plane',
      labels: { 'k8s-app': 'kube-dns' },
    })
    pod.serveNames?.(corefile)
    const ports = [{ name: 'dns', port: 53, protocol: 'UDP' }]
    const spec = { clusterIP: '10.96.0.10', clusterIPs: ['10.96.0.10'], ports }
    this.service('kube-dns', spec, [{ addresses: [pod.address], nodeName: 'control-plane' }], {
      namespace: 'kube-system',
    })
    return pod
  }

  /** What a connection says in the end: who answered, or the code of its failure; time goes on until it says something. */
  async reach(from: Pick<PodNetwork, 'connect'>, host: string, port: number, timeout = 10_000): Promise<string> {
    const outcome = from.connect(host, port, { timeout }).then(
      async (socket) => {
        const bytes = await socket.read()
        socket.destroy()
        return bytes === null ? '' : new TextDecoder().decode(bytes)
      },
      (error: { readonly code: string }) => error.code,
    )
    return this.until(outcome)
  }

  /** Steps time on until the promise is settled. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let settled = false
    const noted = promise.finally(() => {
      settled = true
    })
    noted.catch(() => {})
    for (let tries = 0; tries < 1000; tries++) {
      await this.world.clock.step(0)
      if (settled) return noted
      await this.world.clock.step(500)
    }
    throw new Error('It never came to an end.')
  }

  close(): void {
    this.network.stop()
    this.world.close()
  }
}

export const COREFILE = `.:53 {
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    forward . /etc/resolv.conf
}
`

/** Says its name to who connects, and no more. */
export function greets(pod: PodNetwork, port: number, words: string, host?: string) {
  return pod.listen(
    port,
    (socket: Socket) => {
      socket.write(new TextEncoder().encode(words)).catch(() => {})
      socket.end()
    },
    host === undefined ? {} : { host },
  )
}
