import { EventRecorder } from '../../events/recorder.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { formatIp, isV4, parseIp } from '../../objects/ip.ts'
import type { NewObject } from '../../objects/types.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { isActive, NAMESPACES, orElse } from '../namespaces.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { repacked } from './subsets.ts'
import {
  type Address,
  ENDPOINTS,
  type Endpoint,
  type Endpoints,
  LAST_CHANGE,
  MANAGED_BY,
  type Port,
  SERVICE_NAME,
  SERVICES,
  type Service,
  SLICES,
  type Slice,
} from './types.ts'

const CONTROLLER = 'endpointslicemirroring-controller.k8s.io'
const SKIP = 'endpointslice.kubernetes.io/skip-mirror'
const LEADER = 'control-plane.alpha.kubernetes.io/leader'
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration'
/** kube-controller-manager's `--mirroring-max-endpoints-per-subset`. */
const MOST = 1000

/** Makes EndpointSlices of Endpoints that somebody has written by hand: upstream's endpointslicemirroring controller (1.34). */
export class EndpointSliceMirroring extends QueueController {
  readonly #events: EventRecorder

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report, backoff: { first: 1000, longest: 100_000 } })
    this.#events = new EventRecorder(
      cluster.backend,
      { component: 'endpoint-slice-mirroring-controller' },
      'kube-controller-manager',
    )
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: ENDPOINTS, told: ({ object }) => this.queue.add(keyOfObject(object)) },
      { resource: SERVICES, told: ({ object }) => this.queue.add(keyOfObject(object)) },
      {
        resource: SLICES,
        told: ({ object: { metadata } }) => {
          const { labels = {} } = metadata
          if (labels[MANAGED_BY] !== CONTROLLER) return
          this.queue.add(`${metadata.namespace ?? ''}/${labels[SERVICE_NAME] ?? ''}`)
        },
      },
    ]
  }

  protected sync(key: string): void {
    const { namespace, name } = placeOf(key)
    const { store } = this.cluster.backend
    const endpoints = store.collection(ENDPOINTS)?.get(namespace, name) as Endpoints | undefined
    const service = store.collection(SERVICES)?.get(namespace, name) as Service | undefined
    const isOurs = endpoints !== undefined && service !== undefined && mayMirror(endpoints)
    const existing = this.#slicesOf(namespace, name)
    if (!isOurs || service.spec.selector !== undefined) {
      for (const slice of existing) this.#remove(slice)
      return
    }
    const wanted = this.#wanted(endpoints)
    const left = new Map(Map.groupBy(existing, (slice) => keyOfSlice(slice.addressType, slice.ports ?? [])))
    const create: NewObject[] = []
    for (const [slot, slice] of wanted) {
      const [first, ...rest] = left.get(slot) ?? []
      left.set(slot, rest)
      if (first === undefined) create.push(slice)
      else if (!isSame(first, slice)) this.#replace(first, slice)
    }
    const spare = [...left.values()].flat()
    for (const slice of create) {
      const used = spare.findIndex(({ addressType }) => addressType === slice.addressType)
      if (used >= 0) this.#replace(spare.splice(used, 1)[0] as Slice, slice)
      else if (isActive(store.collection(NAMESPACES)?.get(undefined, namespace))) {
        this.writer.create(SLICES, slice, { namespace })
      }
    }
    for (const slice of spare) this.#remove(slice)
  }

  /** By address family and ports. */
  #wanted(endpoints: Endpoints): Map<string, NewObject> {
    const wanted = new Map<string, NewObject>()
    let invalid = 0
    let skipped = 0
    for (const { addresses = [], notReadyAddresses = [], ports = [] } of repacked(endpoints.subsets ?? [])) {
      const places = [
        ...addresses.map((address) => ({ address, ready: true })),
        ...notReadyAddresses.map((address) => ({ address, ready: false })),
      ]
      const known = places.flatMap(({ address, ready }) => {
        const ip = parseIp(address.ip)
        if (ip === undefined) return []
        return [{ family: isV4(ip) ? 'IPv4' : 'IPv6', endpoint: endpointOf(address, formatIp(ip), ready) }]
      })
      invalid += places.length - known.length
      skipped += Math.max(0, known.length - MOST)
      for (const [family, list] of Map.groupBy(known.slice(0, MOST), (place) => place.family)) {
        const own = ports.map(({ name = '', ...rest }) => ({ name, ...rest }))
        const slice = sliceOf(
          endpoints,
          family,
          own,
          list.map(({ endpoint }) => endpoint),
        )
        wanted.set(keyOfSlice(family, own), slice)
      }
    }
    if (invalid > 0) {
      const message = `Skipped ${invalid} invalid IP addresses when mirroring to EndpointSlices`
      this.#events.warning(endpoints, 'InvalidIPAddress', message)
    }
    if (skipped > 0) {
      const message = `A max of ${MOST} addresses can be mirrored to EndpointSlices per Endpoints subset. ${skipped + invalid} addresses were skipped`
      this.#events.warning(endpoints, 'TooManyAddressesToMirror', message)
    }
    return wanted
  }

  #slicesOf(namespace: string, name: string): readonly Slice[] {
    const all = this.cluster.backend.store.collection(SLICES)?.list({ namespace }).items ?? []
    return (all as readonly Slice[]).filter(
      ({ metadata: { labels } }) => labels?.[SERVICE_NAME] === name && labels[MANAGED_BY] === CONTROLLER,
    )
  }

  #replace({ metadata }: Slice, slice: NewObject): void {
    const { namespace, name } = metadata
    const { generateName: _, ...own } = slice.metadata
    this.writer.update({ resource: SLICES, namespace, name }, (now) => ({
      ...now,
      ...slice,
      metadata: { ...now.metadata, ...own },
    }))
  }

  #remove({ metadata }: Slice): void {
    const { namespace, name } = metadata
    orElse(() => this.cluster.backend.registry(SLICES)?.delete(namespace, name), 'NotFound')
  }
}

function mayMirror({ metadata }: Endpoints): boolean {
  return metadata.labels?.[SKIP] !== 'true' && metadata.annotations?.[LEADER] === undefined
}

const endpointOf = ({ hostname = '', nodeName, targetRef }: Address, ip: string, ready: boolean): Endpoint => ({
  addresses: [ip],
  conditions: { ready },
  ...(hostname === '' ? {} : { hostname }),
  ...(targetRef === undefined ? {} : { targetRef }),
  ...(nodeName === undefined ? {} : { nodeName }),
})

function sliceOf(
  { metadata }: Endpoints,
  addressType: string,
  ports: readonly Port[],
  endpoints: readonly Endpoint[],
): NewObject {
  const { name, namespace, uid, labels } = metadata
  const { [LAST_CHANGE]: _, [LAST_APPLIED]: __, ...annotations } = metadata.annotations ?? {}
  return {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: {
      generateName: `${name}-`,
      ...(namespace === undefined ? {} : { namespace }),
      labels: { ...labels, [SERVICE_NAME]: name, [MANAGED_BY]: CONTROLLER },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [{ apiVersion: 'v1', kind: 'Endpoints', name, uid, controller: true, blockOwnerDeletion: true }],
    },
    addressType,
    endpoints,
    ports: ports.length === 0 ? null : ports,
  }
}

const keyOfSlice = (family: string, ports: readonly Port[]): string =>
  `${family} ${ports
    .map(({ name = '', port, protocol = '', appProtocol = '' }) => `${name}/${port}/${protocol}/${appProtocol}`)
    .sort()
    .join()}`

function isSame(slice: Slice, wanted: NewObject): boolean {
  return (
    semanticallyEqual(slice.endpoints, wanted.endpoints) &&
    semanticallyEqual(slice.metadata.labels, wanted.metadata.labels) &&
    semanticallyEqual(slice.metadata.annotations, wanted.metadata.annotations) &&
    semanticallyEqual(slice.metadata.ownerReferences, wanted.metadata.ownerReferences)
  )
}
