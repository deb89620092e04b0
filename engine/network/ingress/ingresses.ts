import type { Backend } from '../../admission/plugin.ts'
import { Writer } from '../../controllers/writer.ts'
import { specOf } from '../../kinds/core/service/types.ts'
import {
  CLASS_ANNOTATION,
  type IngressBackend,
  type IngressSpec,
  type IngressStatus,
} from '../../kinds/networking/ingress-validation.ts'
import { StatusError } from '../../objects/status-error.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import type { TlsFacts } from '../contract.ts'
import { Mirror } from '../mirror.ts'
import { type Endpoint, endpointsOf, sliceOf } from '../services/endpoints.ts'
import { SERVICE_NAME } from '../services/table.ts'
import { tlsFacts } from './certificate.ts'
import { type Site, sitesOf } from './routes.ts'

const INGRESSES: GroupResource = { group: 'networking.k8s.io', resource: 'ingresses' }
const CLASSES: GroupResource = { group: 'networking.k8s.io', resource: 'ingressclasses' }
const SERVICES: GroupResource = { group: '', resource: 'services' }
const SECRETS: GroupResource = { group: '', resource: 'secrets' }
const SLICES: GroupResource = { group: 'discovery.k8s.io', resource: 'endpointslices' }

/** Whose Ingresses a controller serves. */
export interface Claim {
  readonly controller: string
  readonly withoutClass: boolean
  readonly address: string
}

/** Where a request goes: Pods, a name, or nowhere. */
export type Upstream = readonly Pick<Endpoint, 'address' | 'port'>[]

/** The cluster's Ingresses as their controllers read them. */
export class Ingresses {
  readonly #backend: Backend
  readonly #ingresses: Mirror<ApiObject>
  readonly #classes: Mirror<ApiObject>
  readonly #claims = new Set<Claim>()
  readonly #sites = new Map<Claim, ReadonlyMap<string, Site>>()
  #cancel: (() => void) | undefined

  constructor(backend: Backend) {
    this.#backend = backend
    const changed = () => this.#changed()
    this.#ingresses = new Mirror(backend, INGRESSES, { keep: (ingress) => ingress, changed })
    this.#classes = new Mirror(backend, CLASSES, { keep: (ingressClass) => ingressClass, changed })
  }

  /** From now on its Ingresses have its address in their status; what is returned ends it. */
  claim(claim: Claim): () => void {
    this.#claims.add(claim)
    this.#changed()
    return () => {
      this.#claims.delete(claim)
      this.#sites.delete(claim)
    }
  }

  sites(claim: Claim): ReadonlyMap<string, Site> {
    let sites = this.#sites.get(claim)
    if (sites === undefined) {
      sites = sitesOf(this.#of(claim))
      this.#sites.set(claim, sites)
    }
    return sites
  }

  /** The Pods behind a Service's port, past the Service itself, as nginx goes. */
  upstream(namespace: string, { service: wanted }: IngressBackend): Upstream {
    const service = this.#backend.store.collection(SERVICES)?.get(namespace, wanted?.name ?? '')
    if (service === undefined || wanted === undefined) return []
    const spec = specOf(service)
    const { name, number } = wanted.port ?? {}
    const port = spec.ports?.find((one) => (name === undefined ? one.port === number : one.name === name))
    if (spec.type === 'ExternalName') return [{ address: spec.externalName ?? '', port: number ?? port?.port ?? 80 }]
    if (port === undefined) return []
    const slices = this.#backend.store.collection(SLICES)?.list({ namespace }).items ?? []
    const own = slices.filter(({ metadata }) => metadata.labels?.[SERVICE_NAME] === service.metadata.name)
    return endpointsOf(own.map(sliceOf), port.name ?? '', 'TCP').filter(({ ready }) => ready)
  }

  certificate(secret: string): TlsFacts | undefined {
    const slash = secret.indexOf('/')
    const found = this.#backend.store.collection(SECRETS)?.get(secret.slice(0, slash), secret.slice(slash + 1))
    const chain = (found?.data as Readonly<Record<string, string>> | undefined)?.['tls.crt']
    return chain === undefined ? undefined : tlsFacts(atob(chain))
  }

  get clock() {
    return this.#backend.clock
  }

  stop(): void {
    this.#cancel?.()
    this.#cancel = undefined
    this.#claims.clear()
    this.#ingresses.stop()
    this.#classes.stop()
  }

  #of({ controller, withoutClass }: Claim): readonly ApiObject[] {
    return [...this.#ingresses.values()].filter((ingress) => {
      const name =
        (ingress.spec as IngressSpec | undefined)?.ingressClassName ?? ingress.metadata.annotations?.[CLASS_ANNOTATION]
      if (name === undefined) return withoutClass
      const ingressClass = this.#classes.get(undefined, name)
      return (ingressClass?.spec as { readonly controller?: string } | undefined)?.controller === controller
    })
  }

  #changed(): void {
    this.#sites.clear()
    if (this.#claims.size === 0) return
    this.#cancel ??= this.#backend.clock.after(0, () => {
      this.#cancel = undefined
      for (const claim of this.#claims) for (const ingress of this.#of(claim)) this.#publish(ingress, claim.address)
    })
  }

  #publish(ingress: ApiObject, address: string): void {
    const point = /^[0-9.]+$/.test(address) ? { ip: address } : { hostname: address }
    const [now] = ((ingress.status ?? {}) as IngressStatus).loadBalancer?.ingress ?? []
    if (now !== undefined && now.ip === point.ip && now.hostname === point.hostname) return
    const { namespace, name } = ingress.metadata
    const place = { resource: INGRESSES, namespace, name, subresource: 'status' }
    try {
      new Writer(this.#backend, 'nginx-ingress-controller').update(place, (live) => ({
        ...live,
        status: { loadBalancer: { ingress: [point] } },
      }))
    } catch (error) {
      // It has gone meanwhile, or is written again at its next change
      if (!(error instanceof StatusError)) throw error
    }
  }
}
