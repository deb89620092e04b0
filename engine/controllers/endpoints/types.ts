import type { ServicePort, ServiceSpec } from '../../kinds/core/service/types.ts'
import type { Container, ContainerPort, PodSpec, PodStatus } from '../../kinds/pod/types.ts'
import type { Labels } from '../../objects/requirement.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'

export const PODS: GroupResource = { group: '', resource: 'pods' }
export const NODES: GroupResource = { group: '', resource: 'nodes' }
export const SERVICES: GroupResource = { group: '', resource: 'services' }
export const ENDPOINTS: GroupResource = { group: '', resource: 'endpoints' }
export const SLICES: GroupResource = { group: 'discovery.k8s.io', resource: 'endpointslices' }

export const LAST_CHANGE = 'endpoints.kubernetes.io/last-change-trigger-time'
export const HEADLESS_LABEL = 'service.kubernetes.io/headless'
export const SERVICE_NAME = 'kubernetes.io/service-name'
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by'

export interface Service extends ApiObject {
  readonly spec: ServiceSpec & { readonly publishNotReadyAddresses?: boolean }
}

export interface Pod extends ApiObject {
  readonly spec: PodSpec
  readonly status?: PodStatus
}

export interface TargetRef {
  readonly kind: string
  readonly namespace?: string
  readonly name: string
  readonly uid: string
}

/** core/v1 Endpoints. */
export interface Endpoints extends ApiObject {
  readonly subsets?: readonly Subset[]
}

export interface Subset {
  readonly addresses?: readonly Address[]
  readonly notReadyAddresses?: readonly Address[]
  readonly ports?: readonly Port[]
}

export interface Address {
  readonly ip: string
  readonly hostname?: string
  readonly nodeName?: string
  readonly targetRef?: TargetRef
}

export interface Port {
  readonly name?: string
  readonly port: number
  readonly protocol?: string
  readonly appProtocol?: string
}

/** discovery.k8s.io/v1 EndpointSlice. Without entries, a list is null: Go writes it so. */
export interface Slice extends ApiObject {
  readonly addressType: string
  readonly endpoints: readonly Endpoint[] | null
  readonly ports: readonly Port[] | null
}

export interface Endpoint {
  readonly addresses: readonly string[]
  readonly conditions: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
  readonly hostname?: string
  readonly targetRef?: TargetRef
  readonly nodeName?: string
  readonly zone?: string
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[]
    readonly forNodes?: readonly { readonly name: string }[]
  }
}

/** A Service whose endpoints are the controllers' to find. */
export function hasSelector({ spec }: Service): boolean {
  return spec.type !== 'ExternalName' && spec.selector !== undefined && Object.keys(spec.selector).length > 0
}

export function selects({ spec, metadata }: Service, pod: Pod): boolean {
  if (spec.selector === undefined || metadata.namespace !== pod.metadata.namespace) return false
  const labels: Labels = pod.metadata.labels ?? {}
  const wanted = Object.entries(spec.selector)
  return wanted.length > 0 && wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
}

export const isHeadless = ({ spec }: Service): boolean => (spec.clusterIP ?? '') === '' || spec.clusterIP === 'None'

/** Pods without an address, and those that are done, are behind no Service. */
export function maySend({ status }: Pod): boolean {
  if (status?.phase === 'Failed' || status?.phase === 'Succeeded') return false
  return (status?.podIP ?? '') !== '' || (status?.podIPs ?? []).length > 0
}

export function hostnameFor({ spec, metadata }: Pod, service: Service): string | undefined {
  const { hostname = '', subdomain } = spec
  const isOwn = hostname !== '' && subdomain === service.metadata.name
  return isOwn && metadata.namespace === service.metadata.namespace ? hostname : undefined
}

export const targetOf = ({ metadata }: Pod): TargetRef => ({
  kind: 'Pod',
  ...(metadata.namespace === undefined ? {} : { namespace: metadata.namespace }),
  name: metadata.name,
  uid: metadata.uid,
})

/** The number of a Service's port in this Pod; undefined where it has none of that name. */
export function portIn({ spec }: Pod, { targetPort, protocol = 'TCP', port: own }: ServicePort): number | undefined {
  if (typeof targetPort !== 'string') return targetPort === undefined || targetPort === 0 ? own : targetPort
  const fits = ({ name, protocol: spoken = 'TCP' }: ContainerPort) => name === targetPort && spoken === protocol
  const named = ({ ports = [] }: Container) => ports.find(fits)?.containerPort
  const sidecars = (spec.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always')
  for (const container of [...(spec.containers ?? []), ...sidecars]) {
    const found = named(container)
    if (found !== undefined) return found
  }
  return undefined
}
