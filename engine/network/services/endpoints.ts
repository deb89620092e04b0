import type { ApiObject } from '../../objects/types.ts'

/** discovery.k8s.io/v1 EndpointSlice, what of it the network looks at. */
export interface Slice {
  readonly endpoints?: readonly SliceEndpoint[] | null
  readonly ports?: readonly SlicePort[] | null
}

export interface SliceEndpoint {
  readonly addresses?: readonly string[]
  readonly conditions?: { readonly ready?: boolean; readonly serving?: boolean; readonly terminating?: boolean }
  readonly hostname?: string
  readonly nodeName?: string
  readonly hints?: {
    readonly forZones?: readonly { readonly name: string }[]
    readonly forNodes?: readonly { readonly name: string }[]
  }
}

export interface SlicePort {
  readonly name?: string
  readonly protocol?: string
  readonly port?: number
}

export const sliceOf = (object: ApiObject): Slice => object as unknown as Slice

/** One address behind a port of a Service. */
export interface Endpoint {
  readonly address: string
  readonly port: number
  readonly node: string | undefined
  readonly ready: boolean
  /** Terminating, and still able to serve. */
  readonly draining: boolean
  readonly zones: readonly string[]
  readonly nodes: readonly string[]
}

/** What a Service's slices say of the port of that name, each address once. */
export function endpointsOf(slices: Iterable<Slice>, name: string, protocol: string): Endpoint[] {
  const found = new Map<string, Endpoint>()
  for (const { endpoints, ports } of slices) {
    const port = ports?.find((one) => (one.name ?? '') === name && (one.protocol ?? 'TCP') === protocol)?.port
    if (port === undefined) continue
    for (const { addresses = [], conditions, nodeName, hints } of endpoints ?? []) {
      const [address] = addresses
      if (address === undefined) continue
      found.set(`${address}:${port}`, {
        address,
        port,
        node: nodeName,
        ready: conditions?.ready ?? true,
        draining: (conditions?.serving ?? true) && (conditions?.terminating ?? false),
        zones: (hints?.forZones ?? []).map((hint) => hint.name),
        nodes: (hints?.forNodes ?? []).map((hint) => hint.name),
      })
    }
  }
  return [...found.values()]
}

/** Where a node is. */
export interface Here {
  readonly node: string
  readonly zone: string
}

/** Those that a node sends to where the policy is Cluster: kube-proxy's `CategorizeEndpoints` (1.34). */
export function clusterWide(endpoints: readonly Endpoint[], here: Here): readonly Endpoint[] {
  const ready = endpoints.filter((one) => one.ready)
  if (ready.length === 0) return endpoints.filter((one) => one.draining)
  // Hints count only where all have them and one is meant for here
  if (ready.every(({ nodes }) => nodes.length > 0)) {
    const near = ready.filter(({ nodes }) => nodes.includes(here.node))
    if (near.length > 0) return near
  }
  if (here.zone !== '' && ready.every(({ zones }) => zones.length > 0)) {
    const near = ready.filter(({ zones }) => zones.includes(here.zone))
    if (near.length > 0) return near
  }
  return ready
}

/** Those that a node sends to where the policy is Local. */
export function nodeLocal(endpoints: readonly Endpoint[], { node }: Here): readonly Endpoint[] {
  const local = endpoints.filter((one) => one.node === node)
  const ready = local.filter((one) => one.ready)
  return ready.length > 0 ? ready : local.filter((one) => one.draining)
}

/** Some node could serve it. */
export const anywhere = (endpoints: readonly Endpoint[]): boolean =>
  endpoints.some(({ ready, draining }) => ready || draining)
