import type { ServicePort } from '../../kinds/core/service/types.ts'
import { isReady } from '../../kinds/pod/status.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { formatIp, isV4, parseIp } from '../../objects/ip.ts'
import { dns1123SubdomainErrors } from '../../objects/names.ts'
import type { NewObject } from '../../objects/types.ts'
import {
  type Endpoint,
  HEADLESS_LABEL,
  hostnameFor,
  isHeadless,
  MANAGED_BY,
  maySend,
  type Pod,
  type Port,
  portIn,
  SERVICE_NAME,
  type Service,
  type Slice,
  targetOf,
} from './types.ts'

export const SLICE_CONTROLLER = 'endpointslice-controller.k8s.io'
/** kube-controller-manager's `--max-endpoints-per-slice`. */
const MOST = 100

export interface SlicePlan {
  readonly create: readonly NewObject[]
  readonly update: readonly Slice[]
  readonly remove: readonly Slice[]
}

/** What has to become of a Service's slices: endpointslice's `Reconciler` (0.34). `zones` of nodes that are there; undefined: no such node. */
export function planSlices(
  service: Service,
  pods: readonly Pod[],
  existing: readonly Slice[],
  zoneOf: (node: string) => string | undefined,
): { readonly plan: SlicePlan; readonly missing: readonly string[] } {
  const owned = existing.filter((slice) => slice.addressType === 'IPv4' && isOwnedBy(slice, service))
  const remove = existing.filter((slice) => !owned.includes(slice))
  const { wanted, missing } = wantedEndpoints(service, pods, zoneOf)
  const create: NewObject[] = []
  const update: Slice[] = []
  const byPorts = Map.groupBy(owned, ({ ports }) => portsKey(ports ?? []))
  for (const [key, { ports, endpoints }] of wanted) {
    const group = planGroup(service, ports, endpoints, byPorts.get(key) ?? [])
    create.push(...group.create)
    update.push(...group.update)
    remove.push(...group.remove)
  }
  for (const [key, slices] of byPorts) if (!wanted.has(key)) remove.push(...slices)
  if (existing.length === remove.length && create.length === 0) {
    const placeholder = newSlice(service, [], [])
    const [only] = remove
    if (remove.length === 1 && only !== undefined && isPlaceholder(only, placeholder)) remove.pop()
    else create.push(placeholder)
  }
  return { plan: withHints(service, owned, recycled(service, create, update, remove)), missing }
}

interface Wanted {
  readonly ports: readonly Port[]
  /** By address and hostname. */
  readonly endpoints: Map<string, Endpoint>
}

function wantedEndpoints(service: Service, pods: readonly Pod[], zoneOf: (node: string) => string | undefined) {
  const wanted = new Map<string, Wanted>()
  const missing: string[] = []
  for (const pod of pods) {
    if (!maySend(pod)) continue
    const ports = portsFor(service, pod)
    const key = portsKey(ports)
    const group = wanted.get(key) ?? { ports, endpoints: new Map<string, Endpoint>() }
    wanted.set(key, group)
    const node = pod.spec.nodeName ?? ''
    const zone = zoneOf(node)
    if (zone === undefined && service.spec.publishNotReadyAddresses !== true) {
      missing.push(
        `skipping Pod ${pod.metadata.name} for Service ${service.metadata.namespace}/${service.metadata.name}: Node ${node} Not Found`,
      )
      continue
    }
    const endpoint = endpointOf(pod, service, zone ?? '')
    if (endpoint !== undefined) group.endpoints.set(endpointKey(endpoint), endpoint)
  }
  return { wanted, missing }
}

function endpointOf(pod: Pod, service: Service, zone: string): Endpoint | undefined {
  const addresses = addressesOf(pod)
  if (addresses.length === 0) return undefined
  const serving = isReady(pod)
  const terminating = pod.metadata.deletionTimestamp !== undefined
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const hostname = hostnameFor(pod, service)
  const { nodeName = '' } = pod.spec
  return {
    addresses,
    conditions: { ready, serving, terminating },
    ...(hostname === undefined ? {} : { hostname }),
    targetRef: targetOf(pod),
    ...(nodeName === '' ? {} : { nodeName }),
    ...(zone === '' ? {} : { zone }),
  }
}

function addressesOf({ status }: Pod): readonly string[] {
  return (status?.podIPs ?? []).flatMap(({ ip }) => {
    const address = parseIp(ip)
    return address !== undefined && isV4(address) ? [formatIp(address)] : []
  })
}

function portsFor({ spec }: Service, pod: Pod): readonly Port[] {
  return (spec.ports ?? []).flatMap((servicePort: ServicePort) => {
    const port = portIn(pod, servicePort)
    if (port === undefined) return []
    const { name = '', protocol = 'TCP', appProtocol } = servicePort
    return [{ name, port, protocol, ...(appProtocol === undefined ? {} : { appProtocol }) }]
  })
}

function planGroup(
  service: Service,
  ports: readonly Port[],
  wanted: ReadonlyMap<string, Endpoint>,
  existing: readonly Slice[],
): SlicePlan {
  const left = new Map(wanted)
  const unchanged: Slice[] = []
  const update: Slice[] = []
  const remove: Slice[] = []
  for (const slice of existing) {
    const old = slice.endpoints ?? []
    let changed = false
    const kept = old.flatMap((endpoint) => {
      const key = endpointKey(endpoint)
      const now = left.get(key)
      if (now === undefined) return []
      left.delete(key)
      if (!isSame(now, endpoint)) changed = true
      return [now]
    })
    const labels = labelsFor(service)
    if (changed || kept.length !== old.length) {
      if (kept.length === 0) remove.push(slice)
      else update.push({ ...slice, endpoints: kept, metadata: { ...slice.metadata, labels } })
    } else if (!sameLabels(slice, service)) update.push({ ...slice, metadata: { ...slice.metadata, labels } })
    else unchanged.push(slice)
  }
  // The fullest are filled first
  const filled = update
    .toSorted((a, b) => (b.endpoints?.length ?? 0) - (a.endpoints?.length ?? 0))
    .map((slice) => withMore(slice, take(left, MOST - (slice.endpoints?.length ?? 0))))
  const create: NewObject[] = []
  while (left.size > 0) {
    const room = left.size < MOST ? bestFit(unchanged, left.size) : undefined
    if (room === undefined) create.push(newSlice(service, ports, take(left, MOST)))
    else {
      unchanged.splice(unchanged.indexOf(room), 1)
      filled.push(withMore(room, take(left, MOST)))
    }
  }
  return { create, update: filled, remove }
}

function take(from: Map<string, Endpoint>, most: number): Endpoint[] {
  const taken: Endpoint[] = []
  for (const [key, endpoint] of from) {
    if (taken.length === most) break
    taken.push(endpoint)
    from.delete(key)
  }
  return taken
}

const withMore = (slice: Slice, more: readonly Endpoint[]): Slice =>
  more.length === 0 ? slice : { ...slice, endpoints: [...(slice.endpoints ?? []), ...more] }

/** The one that would be fullest with so many more. */
function bestFit(slices: readonly Slice[], more: number): Slice | undefined {
  let best: Slice | undefined
  let least = MOST
  for (const slice of slices) {
    const free = MOST - (more + (slice.endpoints?.length ?? 0))
    if (free >= 0 && free < least) {
      least = free
      best = slice
    }
  }
  return best
}

/** Slices that would go are used for those that would come. */
function recycled(service: Service, create: NewObject[], update: Slice[], remove: Slice[]): SlicePlan {
  const gone: Slice[] = []
  for (const slice of remove) {
    const next = slice.addressType === 'IPv4' && isOwnedBy(slice, service) ? create.pop() : undefined
    if (next === undefined) gone.push(slice)
    else {
      const { labels } = next.metadata
      const { endpoints, ports } = next as unknown as Slice
      update.push({
        ...slice,
        endpoints,
        ports,
        metadata: { ...slice.metadata, ...(labels === undefined ? {} : { labels }) },
      })
    }
  }
  return { create, update, remove: gone }
}

/** Where `trafficDistribution` asks for nearness, each endpoint is hinted for its own zone, and its own node: `trafficdist` (0.34). */
function withHints(service: Service, existing: readonly Slice[], { create, update, remove }: SlicePlan): SlicePlan {
  const { trafficDistribution: wish = '' } = service.spec
  const isNear = ['PreferClose', 'PreferSameZone', 'PreferSameNode'].includes(wish)
  const hint = (endpoint: Endpoint): Endpoint => {
    if (isNear && endpoint.conditions.ready !== true) return endpoint
    const { hints: _, ...rest } = endpoint
    if (!isNear) return rest
    const { zone, nodeName } = endpoint
    const forNodes = wish === 'PreferSameNode' && nodeName !== undefined ? [{ name: nodeName }] : undefined
    if (zone === undefined && forNodes === undefined) return rest
    return {
      ...rest,
      hints: {
        ...(zone === undefined ? {} : { forZones: [{ name: zone }] }),
        ...(forNodes === undefined ? {} : { forNodes }),
      },
    }
  }
  const hinted = <T extends NewObject>(slice: T): T => {
    const { endpoints } = slice as unknown as Slice
    return endpoints === null ? slice : { ...slice, endpoints: endpoints.map(hint) }
  }
  const touched = new Set([...update, ...remove].map(({ metadata }) => metadata.name))
  const others = existing
    .filter(({ metadata }) => !touched.has(metadata.name))
    .filter((slice) => !semanticallyEqual(hinted(slice).endpoints, slice.endpoints))
  return { create: create.map(hinted), update: [...update, ...others].map(hinted), remove }
}

function newSlice(service: Service, ports: readonly Port[], endpoints: readonly Endpoint[]): NewObject {
  const { name, namespace, uid } = service.metadata
  const prefix = `${name}-`
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: dns1123SubdomainErrors(`${prefix}x`).length === 0 ? prefix : name,
      ...(namespace === undefined ? {} : { namespace }),
      labels: labelsFor(service),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Service', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType: 'IPv4',
    endpoints: endpoints.length === 0 ? null : endpoints,
    ports: ports.length === 0 ? null : ports,
  }
}

const RESERVED = new Set([SERVICE_NAME, MANAGED_BY, HEADLESS_LABEL])
const free = (labels: Readonly<Record<string, string>> = {}) =>
  Object.fromEntries(Object.entries(labels).filter(([key]) => !RESERVED.has(key)))

function labelsFor(service: Service): Readonly<Record<string, string>> {
  return {
    ...free(service.metadata.labels),
    ...(isHeadless(service) ? { [HEADLESS_LABEL]: '' } : {}),
    [MANAGED_BY]: SLICE_CONTROLLER,
    [SERVICE_NAME]: service.metadata.name,
  }
}

const sameLabels = ({ metadata }: Slice, service: Service): boolean =>
  semanticallyEqual(free(metadata.labels), free(service.metadata.labels))

const isOwnedBy = ({ metadata }: Slice, service: Service): boolean =>
  metadata.ownerReferences?.some(({ uid, kind }) => uid === service.metadata.uid && kind === 'Service') ?? false

function isPlaceholder(slice: Slice, placeholder: NewObject): boolean {
  if ((slice.endpoints ?? []).length > 0 || (slice.ports ?? []).length > 0) return false
  return semanticallyEqual(slice.metadata.labels, placeholder.metadata.labels)
}

const portsKey = (ports: readonly Port[]): string =>
  ports
    .map(({ name = '', port, protocol = '', appProtocol = '' }) => `${name}/${port}/${protocol}/${appProtocol}`)
    .sort()
    .join()

const endpointKey = ({ addresses, hostname = '', targetRef }: Endpoint): string =>
  `${addresses.join()} ${hostname} ${targetRef?.namespace ?? ''}/${targetRef?.name ?? ''}`

function isSame(left: Endpoint, right: Endpoint): boolean {
  const { hints: _, ...one } = left
  const { hints: __, ...other } = right
  return semanticallyEqual(one, other)
}
