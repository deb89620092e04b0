import type { Backend } from '../../admission/plugin.ts'
import type { Cancel } from '../../clock/clock.ts'
import { isHeadless, type ServicePort, type ServiceSpec, specOf, statusOf } from '../../kinds/core/service/types.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import { Mirror } from '../mirror.ts'
import { type Endpoint, endpointsOf, sliceOf } from './endpoints.ts'

const SERVICES: GroupResource = { group: '', resource: 'services' }
const SLICES: GroupResource = { group: 'discovery.k8s.io', resource: 'endpointslices' }
export const SERVICE_NAME = 'kubernetes.io/service-name'
/** Who has this label is another proxy's. */
const PROXY_NAME = 'service.kubernetes.io/service-proxy-name'

/** How long nodes take to follow the API. Milliseconds. */
export interface ProxyDelays {
  /** From a change to the rules that know of it: the watch and iptables-restore. */
  readonly settle: number
  /** Between two writes of rules: kube-proxy's `minSyncPeriod`. */
  readonly between: number
}

/** As kind's kube-proxy is set up. */
export const KUBE_PROXY_DELAYS: ProxyDelays = { settle: 30, between: 1000 }

/** What nodes do with connections to one port of a Service. */
export class Rule {
  readonly namespace: string
  readonly name: string
  readonly spec: ServiceSpec
  readonly port: ServicePort
  readonly #slices: readonly ApiObject[]
  #endpoints: readonly Endpoint[] | undefined

  constructor(service: ApiObject, port: ServicePort, slices: readonly ApiObject[]) {
    this.namespace = service.metadata.namespace ?? ''
    this.name = service.metadata.name
    this.spec = specOf(service)
    this.port = port
    this.#slices = slices
  }

  get endpoints(): readonly Endpoint[] {
    const { name = '', protocol = 'TCP' } = this.port
    this.#endpoints ??= endpointsOf(this.#slices.map(sliceOf), name, protocol)
    return this.#endpoints
  }
}

interface Programmed {
  readonly rules: readonly (readonly [key: string, rule: Rule])[]
}

/** The rules of all nodes, written a moment after Services and EndpointSlices change, as kube-proxy writes them. */
export class ServiceTable {
  readonly #backend: Backend
  readonly #delays: ProxyDelays
  readonly #services: Mirror<ApiObject>
  readonly #slices: Mirror<ApiObject>
  readonly #slicesOf = new Map<string, Set<ApiObject>>()
  readonly #changed = new Set<string>()
  readonly #programmed = new Map<string, Programmed>()
  readonly #rules = new Map<string, Rule>()
  #written = Number.NEGATIVE_INFINITY
  #cancel: Cancel | undefined

  constructor(backend: Backend, delays: ProxyDelays = KUBE_PROXY_DELAYS) {
    this.#backend = backend
    this.#delays = delays
    this.#services = new Mirror(backend, SERVICES, {
      keep: (service) => service,
      changed: (now, before) => this.#change(keyOfObject((now ?? before) as ApiObject)),
    })
    this.#slices = new Mirror(backend, SLICES, {
      keep: (slice) => (slice.metadata.labels?.[SERVICE_NAME] === undefined ? undefined : slice),
      changed: (now, before) => {
        if (before !== undefined) this.#drop(before)
        if (now !== undefined) this.#add(now)
      },
    })
    this.#write()
  }

  /** The rule for an address that is a Service's, as nodes know it by now. */
  at(address: string, protocol: string, port: number): Rule | undefined {
    return this.#rules.get(`${address}/${protocol}/${port}`)
  }

  atNodePort(protocol: string, port: number): Rule | undefined {
    return this.#rules.get(`*/${protocol}/${port}`)
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#services.stop()
    this.#slices.stop()
  }

  #add(slice: ApiObject): void {
    const key = ownerOf(slice)
    const all = this.#slicesOf.get(key)
    if (all === undefined) this.#slicesOf.set(key, new Set([slice]))
    else all.add(slice)
    this.#change(key)
  }

  #drop(slice: ApiObject): void {
    const key = ownerOf(slice)
    const all = this.#slicesOf.get(key)
    all?.delete(slice)
    if (all?.size === 0) this.#slicesOf.delete(key)
    this.#change(key)
  }

  #change(key: string): void {
    this.#changed.add(key)
    if (this.#cancel !== undefined) return
    const { clock } = this.#backend
    const { settle, between } = this.#delays
    const due = Math.max(clock.now() + settle, this.#written + between)
    this.#cancel = clock.after(due - clock.now(), () => this.#write())
  }

  #write(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#written = this.#backend.clock.now()
    for (const key of this.#changed) this.#program(key)
    this.#changed.clear()
  }

  #program(key: string): void {
    for (const [place, rule] of this.#programmed.get(key)?.rules ?? []) {
      if (this.#rules.get(place) === rule) this.#rules.delete(place)
    }
    const { namespace, name } = placeOf(key)
    const service = this.#services.get(namespace, name)
    const rules = service === undefined ? [] : [...rulesOf(service, [...(this.#slicesOf.get(key) ?? [])])]
    if (rules.length === 0) this.#programmed.delete(key)
    else this.#programmed.set(key, { rules })
    for (const [place, rule] of rules) this.#rules.set(place, rule)
  }
}

function* rulesOf(service: ApiObject, slices: readonly ApiObject[]): Generator<readonly [string, Rule]> {
  const spec = specOf(service)
  if (spec.type === 'ExternalName' || isHeadless(spec)) return
  if (service.metadata.labels?.[PROXY_NAME] !== undefined) return
  const balanced = (statusOf(service).loadBalancer?.ingress ?? []).flatMap(({ ip, ipMode }) =>
    ip === undefined || ipMode === 'Proxy' ? [] : [ip],
  )
  const addresses = [...(spec.clusterIPs ?? []), ...(spec.externalIPs ?? []), ...balanced]
  for (const port of spec.ports ?? []) {
    const { protocol = 'TCP', nodePort = 0 } = port
    const rule = new Rule(service, port, slices)
    for (const address of addresses) yield [`${address}/${protocol}/${port.port}`, rule]
    if (nodePort !== 0) yield [`*/${protocol}/${nodePort}`, rule]
  }
}

const ownerOf = ({ metadata }: ApiObject): string => `${metadata.namespace ?? ''}/${metadata.labels?.[SERVICE_NAME]}`
