import { Random } from '../clock/random.ts'
import { World } from '../controllers/world.testing.ts'
import { Writer } from '../controllers/writer.ts'
import type { ServicePort } from '../kinds/core/service/types.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
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

  /** With its EndpointSlice; both as they stand, without defaults and checks. */
  service(
    name: string,
    spec: Readonly<Record<string, unknown>>,
    endpoints: readonly Readonly<Record<string, unknown>>[],
    namespace = 'default',
  ): void {
    const service = { apiVersion: 'v1', kind: 'Service', spec: { type: 'ClusterIP', ...spec } }
    this.#put({ group: '', resource: 'services' }, service, { name, namespace })
    const own = (spec.ports ?? []) as readonly ServicePort[]
    const slice = {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      addressType: 'IPv4',
      endpoints,
      ports: own.map(({ name: port = '', targetPort, protocol = 'TCP', port: number }) => ({
        name: port,
        port: targetPort ?? number,
        protocol,
      })),
    }
    const labels = { 'kubernetes.io/service-name': name }
    this.#put({ group: 'discovery.k8s.io', resource: 'endpointslices' }, slice, {
      name: `${name}-1`,
      namespace,
      labels,
    })
    this.settle()
  }

  #put(resource: GroupResource, object: object, metadata: object): void {
    const { backend } = this.world.cluster
    const own = { uid: backend.ids.uid(), creationTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '' }
    new Writer(backend, 'test').put(resource, undefined, { ...object, metadata: { ...metadata, ...own } } as ApiObject)
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
    this.service('kube-dns', spec, [{ addresses: [pod.address], nodeName: 'control-plane' }], 'kube-system')
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
