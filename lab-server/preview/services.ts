/** From what the cluster says of its Services to what a preview can show, and to the Pods behind it. */
import type { ServiceView } from '../../protocol/preview.ts'
import type { KubeConnection, KubeObject } from '../kube/connection.ts'
import { isProtected } from '../providers/guard/protected.ts'
import type { PodPort } from '../providers/provider.ts'

/** The label that says which Service an EndpointSlice belongs to. */
const SERVICE_NAME = 'kubernetes.io/service-name'

const SERVICE = { apiVersion: 'v1', kind: 'Service' } as const
const SLICE = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' } as const

interface ServiceSpec {
  type?: string
  ports?: { name?: string; port: number; protocol?: string }[]
}

interface Slice {
  ports?: { name?: string; port?: number; protocol?: string }[] | null
  endpoints?:
    | {
        conditions?: { ready?: boolean }
        targetRef?: { kind?: string; name?: string; namespace?: string }
      }[]
    | null
}

type Kube = Pick<KubeConnection, 'list' | 'get'>

/** What can be shown: the Services outside the cluster's own namespaces that have a TCP port and may have Pods. */
export async function listServices(kube: Kube, signal?: AbortSignal): Promise<ServiceView[]> {
  const [services, slices] = await Promise.all([kube.list(SERVICE, signal), kube.list(SLICE, signal)])
  return services
    .filter(isShown)
    .map((service) => ({
      namespace: namespaceOf(service),
      name: service.metadata.name,
      ports: portsOf(service).map(({ port, name }) => ({ port, ...(name && { name }) })),
      ready: readyPods(slicesOf(service, slices)).size,
    }))
    .sort((one, other) => one.namespace.localeCompare(other.namespace) || one.name.localeCompare(other.name))
}

/** Why there is nothing to show, or the ready Pods with the port that stands behind the Service's. */
export type Found =
  | { kind: 'pods'; pods: [PodPort, ...PodPort[]] }
  | { kind: 'no-service' | 'no-port' | 'no-pods' | 'protected' }

/**
 * The Pods behind a Service's port. Only Pods, and only of the Service's own namespace: an EndpointSlice that a reader writes may
 * name any address, and any Pod.
 */
export async function findPods(
  kube: Kube,
  { namespace, service: name, port }: { namespace: string; service: string; port: number },
  signal?: AbortSignal,
): Promise<Found> {
  if (isProtected(namespace)) return { kind: 'protected' }
  const [service, slices] = await Promise.all([
    kube.get({ ...SERVICE, namespace, name }, signal),
    kube.list({ ...SLICE, namespace, labels: { [SERVICE_NAME]: name } }, signal),
  ])
  if (service === undefined) return { kind: 'no-service' }
  const wanted = portsOf(service).find((one) => one.port === port)
  if (wanted === undefined) return { kind: 'no-port' }
  const pods = slicesOf(service, slices).flatMap((slice) => {
    const behind = (slice.ports ?? []).find(
      ({ name = '', protocol }) => name === (wanted.name ?? '') && isTcp(protocol),
    )
    if (behind?.port === undefined) return []
    return [...readyPods([slice])].map((pod) => ({ namespace, pod, port: behind.port as number }))
  })
  const [first, ...others] = pods
  return first === undefined ? { kind: 'no-pods' } : { kind: 'pods', pods: [first, ...others] }
}

const namespaceOf = ({ metadata }: KubeObject) => metadata.namespace ?? 'default'
const specOf = (service: KubeObject) => (service.spec ?? {}) as ServiceSpec
const isTcp = (protocol: string | undefined) => protocol === undefined || protocol === 'TCP'
const portsOf = (service: KubeObject) => (specOf(service).ports ?? []).filter(({ protocol }) => isTcp(protocol))

/** `default/kubernetes` is the API server itself: no Pod is behind it. ExternalName is a name of somewhere else. */
const isShown = (service: KubeObject) =>
  !isProtected(namespaceOf(service)) &&
  !(namespaceOf(service) === 'default' && service.metadata.name === 'kubernetes') &&
  specOf(service).type !== 'ExternalName' &&
  portsOf(service).length > 0

const slicesOf = (service: KubeObject, slices: readonly KubeObject[]) =>
  slices.filter(
    ({ metadata }) =>
      metadata.namespace === service.metadata.namespace && metadata.labels?.[SERVICE_NAME] === service.metadata.name,
  ) as unknown as (KubeObject & Slice)[]

/** Names of Pods; each once, in whatever many slices it stands. */
function readyPods(slices: readonly (KubeObject & Slice)[]): Set<string> {
  const pods = new Set<string>()
  for (const { endpoints, metadata } of slices) {
    for (const { conditions, targetRef } of endpoints ?? []) {
      // Unknown counts as ready (EndpointConditions, discovery.k8s.io/v1).
      if (conditions?.ready === false || targetRef?.kind !== 'Pod' || targetRef.name === undefined) continue
      if ((targetRef.namespace ?? metadata.namespace) === metadata.namespace) pods.add(targetRef.name)
    }
  }
  return pods
}
