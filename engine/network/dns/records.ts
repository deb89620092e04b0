import type { Backend } from '../../admission/plugin.ts'
import type { Random } from '../../clock/random.ts'
import { CLUSTER_IP_INDEX } from '../../kinds/core/service/indexes.ts'
import { isHeadless, specOf } from '../../kinds/core/service/types.ts'
import { parseIp } from '../../objects/ip.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { DnsAnswer, DnsQuestion, DnsRecord } from '../contract.ts'
import { sliceOf } from '../services/endpoints.ts'
import { SERVICE_NAME } from '../services/table.ts'
import { type Corefile, trimmed } from './corefile.ts'

const SERVICES: GroupResource = { group: '', resource: 'services' }
const SLICES: GroupResource = { group: 'discovery.k8s.io', resource: 'endpointslices' }
const NAMESPACES: GroupResource = { group: '', resource: 'namespaces' }

export type Answer = Pick<DnsAnswer, 'code' | 'records'>

const NOTHING: Answer = { code: 'NXDOMAIN', records: [] }
const EMPTY: Answer = { code: 'NOERROR', records: [] }

/** DNS' schema version, as `dns-version` tells it. */
const SCHEMA = '1.1.0'

/** One address and port behind a Service's name. */
interface Place {
  /** What is before the Service's name in the address' own name. */
  readonly label: string
  readonly address: string
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly port: number }[]
}

/** Answers from the API's objects as CoreDNS' kubernetes plugin (1.12) does; what is not the cluster's is asked of `elsewhere`. */
export class ClusterNames {
  readonly #backend: Backend
  readonly #random: Random
  readonly #elsewhere: (question: DnsQuestion) => Answer

  constructor(backend: Backend, random: Random, elsewhere: (question: DnsQuestion) => Answer) {
    this.#backend = backend
    this.#random = random
    this.#elsewhere = elsewhere
  }

  answer(question: DnsQuestion, corefile: Corefile): Answer {
    const asked = trimmed(question.name)
    const name = corefile.renames.get(asked) ?? asked
    const own = corefile.hosts.get(name)
    if (own !== undefined && question.type === 'A') return this.#addresses(asked, own, corefile.ttl)
    const { zone } = corefile
    if (zone !== undefined && (name === zone || name.endsWith(`.${zone}`))) {
      const labels = name === zone ? [] : name.slice(0, -zone.length - 1).split('.')
      return this.#inZone(labels, question.type, corefile, zone, asked)
    }
    if (zone !== undefined && question.type === 'PTR') {
      const found = this.#pointer(name, corefile.ttl, zone)
      if (found !== undefined) return found
    }
    return corefile.forwards ? this.#elsewhere(question) : { code: 'REFUSED', records: [] }
  }

  #inZone(
    labels: readonly string[],
    type: DnsQuestion['type'],
    corefile: Corefile,
    zone: string,
    asked: string,
  ): Answer {
    const { ttl } = corefile
    if (labels.length === 0) return EMPTY
    if (labels.length === 1 && labels[0] === 'dns-version') {
      return type === 'TXT' ? one(asked, type, ttl, `"${SCHEMA}"`) : EMPTY
    }
    const kind = labels.at(-1)
    const rest = labels.slice(0, -1)
    if (kind === 'pod') return this.#pod(rest, type, corefile, asked)
    if (kind !== 'svc') return NOTHING
    return this.#service(rest, type, corefile, zone, asked)
  }

  #pod(labels: readonly string[], type: DnsQuestion['type'], { pods, ttl }: Corefile, asked: string): Answer {
    const namespace = labels.at(-1)
    if (namespace === undefined) return EMPTY
    if (pods === 'disabled' || !this.#hasNamespace(namespace)) return NOTHING
    if (labels.length === 1) return EMPTY
    const address = (labels[0] ?? '').replaceAll('-', '.')
    if (labels.length !== 2 || parseIp(address)?.bits !== 32) return NOTHING
    return type === 'A' ? one(asked, 'A', ttl, address) : EMPTY
  }

  #service(
    labels: readonly string[],
    type: DnsQuestion['type'],
    corefile: Corefile,
    zone: string,
    asked: string,
  ): Answer {
    const [namespace, name, ...before] = labels.toReversed()
    if (namespace === undefined) return EMPTY
    if (!this.#hasNamespace(namespace)) return NOTHING
    if (name === undefined) return EMPTY
    const service = this.#backend.store.collection(SERVICES)?.get(namespace, name)
    if (service === undefined || before.length > 2) return NOTHING
    const spec = specOf(service)
    const { ttl } = corefile
    if (spec.type === 'ExternalName') {
      return before.length === 0 ? this.#alias(spec.externalName ?? '', type, corefile, asked) : NOTHING
    }
    const base = `${name}.${namespace}.svc.${zone}.`
    const [first = '', second = ''] = before
    const isPort = before.length === 2
    const wants = (port: { readonly name?: string; readonly protocol?: string }): boolean =>
      !isPort || (`_${port.name ?? ''}` === second && `_${(port.protocol ?? 'TCP').toLowerCase()}` === first)
    if (before.length === 1 || isHeadless(spec)) {
      const label = before.length === 1 ? first : undefined
      const places = this.#places(service).filter((place) => label === undefined || place.label === label)
      const ports = places.flatMap((place) =>
        place.ports
          .filter(wants)
          .map(({ port }) => ({ port, target: `${place.label}.${base}`, address: place.address })),
      )
      if (ports.length === 0) return NOTHING
      if (type === 'A') return this.#addresses(asked, [...new Set(ports.map(({ address }) => address))], ttl)
      return type === 'SRV' ? this.#servers(asked, ports, ttl) : EMPTY
    }
    const ports = (spec.ports ?? []).filter(wants)
    if (ports.length === 0 || spec.clusterIP === undefined) return NOTHING
    if (type === 'A') return one(asked, 'A', ttl, spec.clusterIP)
    if (type !== 'SRV') return EMPTY
    const servers = ports.map(({ port }) => ({ port, target: base }))
    return this.#servers(asked, servers, ttl)
  }

  #alias(target: string, type: DnsQuestion['type'], corefile: Corefile, asked: string): Answer {
    const canonical = target.endsWith('.') ? target : `${target}.`
    const alias: DnsRecord = { name: `${asked}.`, type: 'CNAME', ttl: corefile.ttl, data: canonical }
    if (type !== 'A' && type !== 'AAAA' && type !== 'CNAME') return EMPTY
    if (type === 'CNAME') return { code: 'NOERROR', records: [alias] }
    const { records } = this.answer({ name: canonical, type }, corefile)
    return { code: 'NOERROR', records: [alias, ...records] }
  }

  #pointer(name: string, ttl: number, zone: string): Answer | undefined {
    const match = /^(\d+)\.(\d+)\.(\d+)\.(\d+)\.in-addr\.arpa$/.exec(name)
    if (match === null) return undefined
    const address = [match[4], match[3], match[2], match[1]].join('.')
    const [service] = this.#backend.store.collection(SERVICES)?.byIndex(CLUSTER_IP_INDEX, address) ?? []
    if (service !== undefined) {
      const { name: own, namespace } = service.metadata
      return one(name, 'PTR', ttl, `${own}.${namespace}.svc.${zone}.`)
    }
    const records: DnsRecord[] = []
    for (const slice of this.#backend.store.collection(SLICES) ?? []) {
      const owner = slice.metadata.labels?.[SERVICE_NAME]
      if (owner === undefined) continue
      for (const place of placesOf(slice)) {
        if (place.address !== address) continue
        const data = `${place.label}.${owner}.${slice.metadata.namespace}.svc.${zone}.`
        records.push({ name: `${name}.`, type: 'PTR', ttl, data })
      }
    }
    return records.length === 0 ? undefined : { code: 'NOERROR', records }
  }

  #places({ metadata }: ApiObject): readonly Place[] {
    const slices = this.#backend.store.collection(SLICES)?.list({ namespace: metadata.namespace }).items ?? []
    return slices.flatMap((slice) => (slice.metadata.labels?.[SERVICE_NAME] === metadata.name ? placesOf(slice) : []))
  }

  #servers(asked: string, ports: readonly { readonly port: number; readonly target: string }[], ttl: number): Answer {
    const weight = Math.floor(100 / ports.length)
    const servers = ports.map(
      ({ port, target }): DnsRecord => ({ name: `${asked}.`, type: 'SRV', ttl, data: `0 ${weight} ${port} ${target}` }),
    )
    return { code: 'NOERROR', records: this.#random.shuffle(servers) }
  }

  #addresses(asked: string, addresses: readonly string[], ttl: number): Answer {
    const records = addresses.map((data): DnsRecord => ({ name: `${asked}.`, type: 'A', ttl, data }))
    return { code: 'NOERROR', records: this.#random.shuffle(records) }
  }

  #hasNamespace(name: string): boolean {
    return this.#backend.store.collection(NAMESPACES)?.get(undefined, name) !== undefined
  }
}

/** Those that are ready, each under its host's name or its address with dashes. */
function placesOf(slice: ApiObject): readonly Place[] {
  const { endpoints, ports } = sliceOf(slice)
  const all = (ports ?? []).map(({ name = '', protocol = 'TCP', port = 0 }) => ({ name, protocol, port }))
  return (endpoints ?? []).flatMap(({ addresses = [], conditions, hostname }) => {
    if (conditions?.ready === false) return []
    return addresses.map((address) => ({
      label: hostname ?? address.replaceAll('.', '-').replaceAll(':', '-'),
      address,
      // A Service without ports has names all the same
      ports: all.length > 0 ? all : [{ name: '', protocol: '', port: 0 }],
    }))
  })
}

function one(name: string, type: DnsRecord['type'], ttl: number, data: string): Answer {
  return { code: 'NOERROR', records: [{ name: `${name}.`, type, ttl, data }] }
}
