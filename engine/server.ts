import type { AdmissionPlugin, Backend } from './admission/plugin.ts'
import { failure, pageNotFound, plainText, rawJson } from './api/answers.ts'
import { authorizeOrRefuse } from './api/authorize.ts'
import type { Api, Call } from './api/context.ts'
import { Discovery } from './api/discovery.ts'
import { Endpoints } from './api/endpoint.ts'
import { health } from './api/health.ts'
import type { ApiRequest, ApiResponse } from './api/http.ts'
import { negotiate } from './api/negotiation.ts'
import { type RequestInfo, requestInfo } from './api/request-info.ts'
import { type Door, route } from './api/router.ts'
import type { MetricsSource, NodeRuntime } from './api/runtime.ts'
import { addCollection, Catalogue, type CustomResource, type ResourceHost } from './api/served.ts'
import { Warnings } from './api/warnings.ts'
import { FieldsPool } from './apply/fields-pool.ts'
import type { Authenticator, Authorizer, UserInfo } from './auth/user.ts'
import type { Clock } from './clock/clock.ts'
import { type Ids, idsFrom } from './clock/ids.ts'
import { Random } from './clock/random.ts'
import type { Decoder } from './decode/contract.ts'
import type { ResourceDefinition } from './kinds/resource.ts'
import { unauthorized } from './objects/status-error.ts'
import type { GroupResource } from './objects/types.ts'
import { recordedVersion } from './schema/data.ts'
import { Registry } from './storage/registry.ts'
import { type Snapshot, Store } from './storage/store.ts'

export interface ApiServerOptions {
  readonly clock: Clock
  /** Of all names, uids and other chance: the same seed gives the same cluster. */
  readonly seed: number | string
  readonly decoder: Decoder
  /** The built-in kinds. */
  readonly resources: readonly ResourceDefinition[]
  /** What stands on the nodes; without it there are no logs, exec, attach, port-forward and proxies. */
  readonly runtime?: NodeRuntime
  /** Without it metrics.k8s.io is not served. */
  readonly metrics?: MetricsSource
  /** Without one everybody is `system:admin`. */
  readonly authenticator?: Authenticator
  /** Without one everything is allowed. */
  readonly authorizer?: Authorizer
  readonly admission?: readonly AdmissionPlugin[]
  /** Host and port by which clients reach the server, for discovery. */
  readonly address?: string
  /** Bytes of encoded objects that are kept for reuse. */
  readonly encodingsBudget?: number
  /** Hears of what goes wrong in the server itself; clients see a 500. */
  readonly report?: (error: unknown) => void
}

/** Who asks where nobody needs to say who they are. */
const ADMIN: UserInfo = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] }
const ANONYMOUS: UserInfo = { username: 'system:anonymous', groups: ['system:unauthenticated'] }

/**
 * A Kubernetes API server (1.34) without a network: requests go in, answers come out. The way of a request is upstream's: who asks (authenticator), whether
 * they may (authorizer), what the path means (api/request-info, api/router), then the verb's own code (api/reads, watches, writes, patches, deletes), which
 * decodes (decode), defaults (kinds), keeps managed fields (apply), lets admission change and look, and writes by the kind's rules (storage/registry).
 * Answers are encoded as asked for (api/negotiation, encode, table). Code in the same process works on `backend`: frozen objects, no JSON.
 */
export class ApiServer implements ResourceHost {
  readonly backend: Backend
  readonly catalogue = new Catalogue()
  readonly discovery: Discovery
  readonly #api: Api
  readonly #options: ApiServerOptions
  readonly #doors: readonly Door[]
  readonly #store: Store
  readonly #ids: Ids

  constructor(options: ApiServerOptions) {
    const { clock, seed, decoder, admission = [], report = () => {} } = options
    const random = new Random(seed)
    this.#options = options
    this.#ids = idsFrom(random.split('ids'))
    this.#store = new Store({
      clock,
      report,
      ...(options.encodingsBudget === undefined ? {} : { encodingsBudget: options.encodingsBudget }),
    })
    const { catalogue } = this
    this.backend = {
      store: this.#store,
      clock,
      ids: this.#ids,
      registry: (resource) => catalogue.get(resource)?.registry,
    }
    for (const definition of options.resources) this.#serve(definition)
    this.#doors = []
    this.discovery = new Discovery({
      catalogue,
      address: options.address ?? 'localhost:6443',
      serves: (group, version, resource) => this.#serves(group, version, resource),
    })
    this.#api = {
      backend: this.backend,
      catalogue,
      endpoints: new Endpoints({ catalogue, clock, ids: this.#ids, pool: new FieldsPool() }),
      decoder,
      admission,
      ...(options.authorizer === undefined ? {} : { authorizer: options.authorizer }),
      ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
      random: random.split('api'),
      report,
    }
  }

  /** Answers every request; never throws. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    const warnings = new Warnings()
    try {
      return await this.#answer(request, warnings)
    } catch (error) {
      return failure(error, request, this.#api.report, warnings)
    }
  }

  /** Everything that is stored, as JSON. */
  snapshot(): Snapshot {
    return this.#store.snapshot()
  }

  /** Puts everything stored back as it was; all watches end. */
  restore(snapshot: Snapshot): void {
    this.#store.restore(snapshot)
  }

  addResource(definition: ResourceDefinition, custom: CustomResource): Registry {
    return this.#serve(definition, custom)
  }

  changeResource(definition: ResourceDefinition, custom: CustomResource): Registry {
    const collection = this.#store.collection(definition.resource)
    if (collection === undefined) throw new Error(`There is no resource ${definition.resource.resource} to change.`)
    const registry = new Registry(collection, definition.strategy, { clock: this.backend.clock, ids: this.#ids })
    this.catalogue.set({ definition, registry, custom })
    return registry
  }

  removeResource(resource: GroupResource): void {
    this.catalogue.remove(resource)
    this.#store.drop(resource)
  }

  #serve(definition: ResourceDefinition, custom?: CustomResource): Registry {
    const collection = addCollection(this.#store, definition)
    const registry = new Registry(collection, definition.strategy, { clock: this.#options.clock, ids: this.#ids })
    this.catalogue.set({ definition, registry, ...(custom === undefined ? {} : { custom }) })
    return registry
  }

  #serves(group: string, version: string, resource: string): boolean {
    if (this.catalogue.endpoint(group, version, resource) !== undefined) return true
    return this.#doors.some((door) => door.serves(group, version, resource, ''))
  }

  async #answer(request: ApiRequest, warnings: Warnings): Promise<ApiResponse> {
    const user = await this.#authenticate(request)
    const info = requestInfo(request.method, request.path, request.query)
    this.#authorize(user, info)
    if (!info.isResource) return this.#path(request, info)
    const call: Call = { request, info, user, warnings, accepted: negotiate(request, true) }
    return route(this.#api, call, this.#doors, (group, version) => this.discovery.serves(group, version))
  }

  async #authenticate(request: ApiRequest): Promise<UserInfo> {
    const { authenticator } = this.#options
    if (authenticator === undefined) return ADMIN
    const user = await authenticator.authenticate(request.credentials)
    if (user === undefined && request.credentials.bearerToken !== undefined) throw unauthorized()
    return user ?? ANONYMOUS
  }

  #authorize(user: UserInfo, info: RequestInfo): void {
    const { authorizer } = this.#options
    if (authorizer === undefined) return
    if (!info.isResource) {
      authorizeOrRefuse(authorizer, { user, verb: info.verb, path: info.path })
      return
    }
    const { verb, group, version, resource, subresource, namespace, name } = info
    authorizeOrRefuse(authorizer, { user, verb, group, version, resource, subresource, namespace, name })
  }

  #path(request: ApiRequest, { path }: RequestInfo): ApiResponse {
    const parts = path.split('/').filter((part) => part !== '')
    if (request.method !== 'GET' && request.method !== 'HEAD') return plainText(405, 'Method Not Allowed\n')
    switch (parts[0]) {
      case undefined:
        return rawJson({ paths: this.#paths() })
      case 'api':
      case 'apis':
        return this.discovery.answer(request, parts) ?? pageNotFound()
      case 'version':
        return parts.length === 1 ? rawJson(recordedVersion) : pageNotFound()
      default:
        return health(parts, request.query) ?? pageNotFound()
    }
  }

  #paths(): string[] {
    const groups = this.discovery.groupVersions
    return [
      '/api',
      '/apis',
      ...groups.map(({ group, version }) => (group === '' ? `/api/${version}` : `/apis/${group}/${version}`)),
      ...new Set(groups.filter(({ group }) => group !== '').map(({ group }) => `/apis/${group}`)),
      '/healthz',
      '/livez',
      '/metrics',
      '/openapi/v3',
      '/readyz',
      '/version',
    ].sort()
  }
}
