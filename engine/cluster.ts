import type { AdmissionPlugin } from './admission/plugin.ts'
import { keepQuotaUsage } from './admission/quota/controller.ts'
import type { MetricsSource, NodeRuntime } from './api/runtime.ts'
import { aggregateClusterRoles } from './auth/aggregation.ts'
import { kubeadmGuards } from './auth/guards.ts'
import { generateSigningKey, type SigningKey } from './auth/jwt.ts'
import type { ServiceAccountTokens } from './auth/service-accounts.ts'
import { keepTokenSecrets } from './auth/token-secrets.ts'
import type { UserInfo } from './auth/user.ts'
import { bootstrap, KIND_FACTS } from './bootstrap/bootstrap.ts'
import { addNodes } from './bootstrap/nodes.ts'
import type { Clock } from './clock/clock.ts'
import { Random } from './clock/random.ts'
import { housekeeping } from './controllers/housekeeping.ts'
import { followDefinitions } from './extensions/index.ts'
import type { ParamKind } from './kinds/admissionregistration/types.ts'
import { corePlugins } from './kinds/core/plugins.ts'
import { keepServiceAddresses } from './kinds/core/service/addresses.ts'
import {
  checkPolicyTypes,
  ParamPermission,
  PolicyEnvironments,
  ValidatingAdmissionPolicyPlugin,
} from './policies/index.ts'
import { SchemaLookup } from './schema/lookup.ts'
import { type ApiServer, createApiServer } from './server.ts'
import type { PlannedWorkloads, Workloads } from './workloads/workloads.ts'

export interface ClusterOptions {
  readonly clock: Clock
  /** Of all names, uids and other chance: the same seed gives the same cluster. */
  readonly seed: number | string
  /** How many nodes there are from the beginning. */
  readonly nodes: number
  /** How clients reach the API server: host and port. */
  readonly host: string
  readonly port: number
  /** PEM, of the authority that clients of the cluster trust; none where nobody reaches it by HTTPS. */
  readonly authority?: string
  /** Users by their bearer token. */
  readonly tokens?: ReadonlyMap<string, UserInfo>
  /** Signs the tokens of ServiceAccounts; a new one if not given. */
  readonly signingKey?: SigningKey
  /** Has the last word on each write, after the cluster's own plug-ins but for those that take addresses. */
  readonly admission?: readonly AdmissionPlugin[]
  readonly runtime?: NodeRuntime
  readonly metrics?: MetricsSource
  /** What runs on the API server: controllers, scheduler, nodes. Without it nothing moves but what an API server does by itself. */
  readonly workloads?: PlannedWorkloads
  /** Hears of what goes wrong in the cluster itself. */
  readonly report?: (error: unknown) => void
}

/** A whole cluster, as a fresh one is: an API server with its guards, its first objects and its nodes. */
export interface Cluster {
  readonly api: ApiServer
  /** Of a cluster that moves. */
  readonly workloads: Workloads | undefined
  stop(): void
}

export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  const {
    clock,
    seed,
    nodes,
    host,
    port,
    authority,
    tokens = new Map(),
    admission = [],
    workloads: planned,
    ...others
  } = options
  const rest = planned === undefined ? others : { runtime: planned.runtime, metrics: planned.metrics, ...others }
  const key = options.signingKey ?? (await generateSigningKey())
  const schemas = new SchemaLookup()
  const objectMeta = schemas.named('meta.v1.ObjectMeta')
  if (objectMeta === undefined) throw new Error('There is no schema of metadata.')
  const environments = new PolicyEnvironments()
  const guards = kubeadmGuards({
    schemas,
    key,
    tokens,
    policies: (authorizer) => [
      new ParamPermission({ authorizer, resourceOf }),
      new ValidatingAdmissionPolicyPlugin({ environments, authorizer, resourceOf }),
    ],
  })
  const resourceOf = ({ apiVersion = '', kind = '' }: ParamKind) => {
    const [version = '', group = ''] = apiVersion.split('/').reverse()
    const definition = api.catalogue.ofKind({ group, kind })?.definition
    return definition?.versions.some(({ gvk }) => gvk.version === version) ? definition : undefined
  }
  let accountTokens: ServiceAccountTokens | undefined
  const api = createApiServer({
    ...rest,
    clock,
    seed,
    address: `${host}:${port}`,
    guards: (backend) => {
      const all = guards(backend)
      accountTokens = all.tokens
      return { ...all, admission: [...all.admission, ...admission, ...corePlugins(new Random(seed).split('core'))] }
    },
  })
  const { backend } = api
  bootstrap(backend, {
    ...KIND_FACTS,
    server: `https://${host}:${port}`,
    ...(authority === undefined ? {} : { certificateAuthority: authority }),
  })
  addNodes(backend, nodes)
  const controllers = housekeeping(api, {
    // Pods mount it: where they run it is there, if empty
    ...(authority === undefined && planned === undefined ? {} : { rootCa: authority ?? '' }),
    ...(options.report === undefined ? {} : { report: options.report }),
  })
  controllers.start()
  const definitions = followDefinitions(api, backend, objectMeta)
  api.showCustomDocuments(definitions.groupVersions)
  const workloads = planned?.start({ api, seed, tokens: accountTokens, authority, report: options.report })
  const ends = [
    () => workloads?.stop(),
    () => definitions.stop(),
    aggregateClusterRoles(backend),
    keepServiceAddresses(backend),
    keepQuotaUsage(backend),
    checkPolicyTypes(backend, { environments, kindOf: (...named) => api.catalogue.endpoint(...named)?.version }),
    ...(accountTokens === undefined
      ? []
      : [keepTokenSecrets(backend, { tokens: accountTokens, authority, report: options.report })]),
    () => controllers.stop(),
    () => backend.store.stop(),
  ]
  return {
    api,
    workloads,
    stop() {
      for (const end of ends) end()
    },
  }
}
