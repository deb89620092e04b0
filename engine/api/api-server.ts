import type { AdmissionPlugin, Backend, BackendDoor } from '../admission/plugin.ts'
import { FieldsPool } from '../apply/fields-pool.ts'
import { impersonate } from '../auth/impersonate.ts'
import type { ServiceAccountTokens } from '../auth/service-accounts.ts'
import type { Authenticator, Authorizer, UserInfo } from '../auth/user.ts'
import type { Clock } from '../clock/clock.ts'
import { type Ids, idsFrom } from '../clock/ids.ts'
import { Random } from '../clock/random.ts'
import type { Decoder } from '../decode/contract.ts'
import type { ResourceDefinition } from '../kinds/resource.ts'
import { unauthorized } from '../objects/status-error.ts'
import type { ApiObject, GroupResource, TypeSchema } from '../objects/types.ts'
import { recordedVersion } from '../schema/data.ts'
import { type CustomGroupVersion, OpenApiDocuments } from '../schema/openapi.ts'
import { openApiV2 } from '../schema/openapi-v2.ts'
import { Registry } from '../storage/registry.ts'
import { collectionName, type Snapshot, Store } from '../storage/store.ts'
import { failure, pageNotFound, plainText, rawJson } from './answers.ts'
import { authorizeOrRefuse } from './authorize.ts'
import type { Api, Call } from './context.ts'
import { Discovery } from './discovery.ts'
import { doorsOf } from './doors/all.ts'
import { Endpoints } from './endpoint.ts'
import { health } from './health.ts'
import type { ApiRequest, ApiResponse } from './http.ts'
import { submit } from './inside.ts'
import { metricsText, RequestCounts } from './metrics-text.ts'
import { type Accepted, negotiate } from './negotiation.ts'
import { type RequestInfo, requestInfo } from './request-info.ts'
import { type Door, route } from './router.ts'
import type { MetricsSource, NodeRuntime } from './runtime.ts'
import { ScaleForms } from './scale-form.ts'
import { addCollection, Catalogue, type CustomResource, type ResourceHost } from './served.ts'
import type { VirtualResource } from './virtual.ts'
import { Warnings } from './warnings.ts'

/** `/version`: what was recorded of a real cluster, and what it says since 1.33. */
const VERSION = {
  ...recordedVersion,
  emulationMajor: recordedVersion.major,
  emulationMinor: recordedVersion.minor,
  minCompatibilityMajor: recordedVersion.major,
  minCompatibilityMinor: String(Number(recordedVersion.minor) - 1),
  gitCommit: '',
  gitTreeState: '',
  buildDate: '',
  goVersion: '',
  compiler: '',
  platform: '',
}

/** Who may ask, and what. All of it may look into the store, so it is made when there is one. */
export interface Guards {
  /** Without one everybody is `system:admin`. */
  readonly authenticator?: Authenticator
  /** Without one everything is allowed. */
  readonly authorizer?: Authorizer
  /** In upstream's order. */
  readonly admission?: readonly AdmissionPlugin[]
  /** Reviews and their like. */
  readonly virtual?: readonly VirtualResource[]
  /** Without it there is no `serviceaccounts/token` and no key set. */
  readonly tokens?: ServiceAccountTokens
}

export interface ApiServerOptions {
  readonly clock: Clock
  /** Of all names, uids and other chance: the same seed gives the same cluster. */
  readonly seed: number | string
  readonly decoder: Decoder
  readonly schemas: { schemaOf(group: string, version: string, kind: string): TypeSchema | undefined }
  /** The built-in kinds. */
  readonly resources: readonly ResourceDefinition[]
  readonly guards?: (backend: Backend) => Guards
  /** What stands on the nodes; without it logs, exec, attach, port-forward and proxies fail. */
  readonly runtime?: NodeRuntime
  /** Without it metrics.k8s.io is not served. */
  readonly metrics?: MetricsSource
  /** Host and port by which clients reach the server, for discovery. */
  readonly address?: string
  /** Bytes of encoded objects that are kept for reuse. */
  readonly encodingsBudget?: number
  /** Hears of what goes wrong in the server itself; clients see a 500. */
  readonly report?: (error: unknown) => void
}

const PASSED_ON: ReadonlySet<string> = new Set(['attach', 'exec', 'portforward', 'proxy'])
/** Who asks where nobody needs to say who they are. */
const ADMIN: UserInfo = { username: 'system:admin', groups: ['system:masters', 'system:authenticated'] }

/**
 * A Kubernetes API server (1.34) without a network: requests go in, answers come out. The way of a request is upstream's: who asks (authenticator), whether
 * they may (authorizer), what the path means (request-info, router), then the verb's own code (reads, watches, writes, patches, deletes, doors), which
 * decodes (decode), defaults (kinds), keeps managed fields (apply), lets admission change and look, and writes by the kind's rules (storage/registry).
 * Answers are encoded as asked for (negotiation, encode, table). Code in the same process works on `backend`: frozen objects, no JSON.
 */
export class ApiServer implements ResourceHost {
  readonly backend: Backend
  readonly catalogue = new Catalogue()
  readonly discovery: Discovery
  /** Reads and sets numbers of replicas; none where Scale is no kind that is known. */
  readonly scales: ScaleForms | undefined
  readonly #api: Api
  readonly #options: ApiServerOptions
  readonly #guards: Guards
  readonly #doors: readonly Door[]
  #openApi: OpenApiDocuments | undefined
  #customDocuments: () => readonly CustomGroupVersion[] = () => []
  readonly #counts = new RequestCounts()
  readonly #store: Store
  readonly #ids: Ids
  #drawn: Ids

  constructor(options: ApiServerOptions) {
    const { clock, seed, decoder, report = () => {} } = options
    this.#options = options
    this.#drawn = idsFrom(new Random(seed).split('ids'))
    this.#ids = { uid: () => this.#drawn.uid(), suffix: (length) => this.#drawn.suffix(length) }
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
      door: (resource, subresource) => this.#door(resource, subresource),
      submit: (submission) => submit(this.#api, submission),
    }
    for (const definition of options.resources) this.#serve(definition)
    this.#guards = options.guards?.(this.backend) ?? {}
    const { authorizer, admission = [] } = this.#guards
    const pool = new FieldsPool()
    const schema = options.schemas.schemaOf('autoscaling', 'v1', 'Scale')
    this.scales = schema && new ScaleForms({ catalogue, schema, pool, now: () => clock.now() })
    this.#doors = doorsOf(options, this.#guards, catalogue, pool, this.scales)
    this.discovery = new Discovery({
      catalogue,
      address: options.address ?? 'localhost:6443',
      serves: (group, version, resource) => this.#serves(group, version, resource),
    })
    this.#api = {
      backend: this.backend,
      catalogue,
      endpoints: new Endpoints({ catalogue, clock, ids: this.#ids, pool, decoder }),
      decoder,
      admission,
      ...(authorizer === undefined ? {} : { authorizer }),
      ...(options.runtime === undefined ? {} : { runtime: options.runtime }),
      random: new Random(seed).split('api'),
      report,
    }
  }

  /** Answers every request; never throws. */
  async handle(request: ApiRequest): Promise<ApiResponse> {
    const warnings = new Warnings()
    let response: ApiResponse
    try {
      response = await this.#answer(request, warnings)
    } catch (error) {
      response = failure(error, request, this.#api.report, warnings)
    }
    this.#counts.add(request.method, response)
    return response
  }

  /** Everything that is stored, as JSON. */
  snapshot(): Snapshot {
    return this.#store.snapshot()
  }

  /**
   * Puts everything stored back as it was; all watches end. Objects of custom resources that are not served now are there again when they are.
   */
  restore(snapshot: Snapshot): void {
    const known = new Set(this.#store.collections.map(({ resource }) => collectionName(resource)))
    const collections: Record<string, readonly ApiObject[]> = {}
    for (const [name, objects] of Object.entries(snapshot.collections)) {
      const [first] = objects
      if (!known.has(name)) {
        if (first === undefined) continue
        const [resource = '', group = ''] = name.split('/').reverse()
        this.#store.add({ resource: { group, resource }, namespaced: first.metadata.namespace !== undefined })
      }
      collections[name] = objects
    }
    this.#store.restore({ ...snapshot, collections })
    // Of a cluster of the same seed: what it has drawn is not drawn again
    this.#drawn = idsFrom(new Random(this.#options.seed).split('ids').split(`from ${this.#store.version}`))
  }

  #door({ group, resource }: GroupResource, subresource: string): BackendDoor | undefined {
    const stored = this.catalogue.get({ group, resource })?.definition.storedVersion
    return stored && this.#api.endpoints.find(group, stored.version, resource, subresource)
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

  /** What `/openapi/v3` shows of custom resources; asked with each request, and to hand back the same list until something changes. */
  showCustomDocuments(groupVersions: () => readonly CustomGroupVersion[]): void {
    this.#customDocuments = groupVersions
  }

  #serve(definition: ResourceDefinition, custom?: CustomResource): Registry {
    const left = this.catalogue.get(definition.resource) === undefined && this.#store.collection(definition.resource)
    const collection = left || addCollection(this.#store, definition)
    const registry = new Registry(collection, definition.strategy, { clock: this.#options.clock, ids: this.#ids })
    this.catalogue.set({ definition, registry, ...(custom === undefined ? {} : { custom }) })
    return registry
  }

  #serves(group: string, version: string, resource: string): boolean {
    if (this.catalogue.endpoint(group, version, resource) !== undefined) return true
    return this.#doors.some((door) => door.serves(group, version, resource, ''))
  }

  async #answer(request: ApiRequest, warnings: Warnings): Promise<ApiResponse> {
    const user = await this.#whoAsks(request)
    const info = requestInfo(request.method, request.path, request.query)
    this.#authorize(user, info)
    if (!info.isResource) return this.#path(request, info)
    // What is passed on to a Pod or a node answers as it likes.
    const accepted: Accepted = PASSED_ON.has(info.subresource)
      ? { format: 'json', pretty: false }
      : negotiate(request, true)
    const call: Call = { request, info, user, warnings, accepted }
    return route(this.#api, call, this.#doors, (group) => this.discovery.servesGroup(group))
  }

  /** Throws 401 and 403. */
  async #whoAsks(request: ApiRequest): Promise<UserInfo> {
    const { authenticator, authorizer } = this.#guards
    if (authenticator === undefined) return ADMIN
    const user = await authenticator.authenticate(request.credentials)
    if (user === undefined) throw unauthorized()
    return authorizer === undefined ? user : impersonate(request.headers, user, authorizer, request.path)
  }

  #authorize(user: UserInfo, info: RequestInfo): void {
    const { authorizer } = this.#guards
    if (authorizer === undefined) return
    if (!info.isResource) {
      authorizeOrRefuse(authorizer, { user, verb: info.verb, path: info.path })
      return
    }
    const { verb, group, version, resource, subresource, namespace, name } = info
    authorizeOrRefuse(authorizer, { user, verb, group, version, resource, subresource, namespace, name })
  }

  async #path(request: ApiRequest, { path }: RequestInfo): Promise<ApiResponse> {
    const parts = path.split('/').filter((part) => part !== '')
    if (request.method !== 'GET' && request.method !== 'HEAD') return plainText(405, 'Method Not Allowed\n')
    switch (parts[0]) {
      case undefined:
        return rawJson({ paths: this.#paths() })
      case 'api':
      case 'apis':
        return this.discovery.answer(request, parts) ?? pageNotFound()
      case 'version':
        return parts.length === 1 ? rawJson(VERSION) : pageNotFound()
      case 'metrics':
        return parts.length === 1 ? metricsText(this.#store, this.#counts) : pageNotFound()
      case 'openapi':
        if (path === '/openapi/v2') return documentV2(request)
        return this.#documents.answer(request, path) ?? pageNotFound()
      case 'openid':
      case '.well-known':
        return (await this.#openId(path)) ?? pageNotFound()
      default:
        return health(parts, request.query) ?? pageNotFound()
    }
  }

  /** Made when they are first asked for: they take a while. */
  get #documents(): OpenApiDocuments {
    this.#openApi ??= new OpenApiDocuments(() => this.#customDocuments(), this.discovery.builtIn())
    return this.#openApi
  }

  async #openId(path: string): Promise<ApiResponse | undefined> {
    const { tokens } = this.#guards
    if (tokens === undefined) return undefined
    if (path === '/openid/v1/jwks') {
      const body = JSON.stringify(await tokens.keySet())
      const headers = { 'Content-Type': 'application/jwk-set+json', 'Cache-Control': 'public, max-age=3600' }
      return { kind: 'whole', status: 200, headers, body }
    }
    if (path !== '/.well-known/openid-configuration') return undefined
    const body = JSON.stringify(tokens.openIdConfiguration(`https://${this.#options.address ?? 'localhost:6443'}`))
    const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'public, max-age=3600' }
    return { kind: 'whole', status: 200, headers, body }
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
      '/openapi/v2',
      '/openapi/v3',
      '/openapi/v3/',
      '/openid/v1/jwks',
      '/.well-known/openid-configuration',
      '/apis/',
      '/readyz',
      '/version',
    ].sort()
  }
}

function documentV2({ headers }: ApiRequest): ApiResponse {
  const { contentType, body } = openApiV2(headers.accept ?? '')
  return { kind: 'whole', status: 200, headers: { 'Content-Type': contentType, Vary: 'Accept' }, body }
}
