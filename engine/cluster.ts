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
import { Blobs } from './containers/files/blobs.ts'
import { housekeeping } from './controllers/housekeeping.ts'
import { followDefinitions } from './extensions/index.ts'
import type { ParamKind } from './kinds/admissionregistration/types.ts'
import { corePlugins } from './kinds/core/plugins.ts'
import { keepServiceAddresses } from './kinds/core/service/addresses.ts'
import type { PutBackNodes } from './kubelet/kept.ts'
import {
  checkPolicyTypes,
  ParamPermission,
  PolicyEnvironments,
  ValidatingAdmissionPolicyPlugin,
} from './policies/index.ts'
import { SchemaLookup } from './schema/lookup.ts'
import { type ApiServer, createApiServer } from './server.ts'
import type { ClusterSnapshot } from './snapshot.ts'
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
  /** Of a cluster that moves; others after a restore. */
  readonly workloads: Workloads | undefined
  /** All of it as it is now: its objects, and what its nodes know and have. Nothing is copied that does not change by itself. */
  snapshot(): ClusterSnapshot
  /**
   * All of it as it was, in this cluster or one that was made with the same options: as if the machines with all its nodes had been put back,
   * etcd restored, and everything had started again without anybody being told. All watches end. What ran begins anew from its files, and
   * counts as if it had run on. Throws, without changing anything, for what is no snapshot of a cluster like this.
   */
  restore(snapshot: ClusterSnapshot): void
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
  const start = (putBack?: PutBackNodes) =>
    planned?.start({ api, seed, tokens: accountTokens, authority, report: options.report, putBack })
  let workloads = start()
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
    get workloads() {
      return workloads
    },
    snapshot() {
      const blobs = new Blobs()
      const nodes = workloads?.keep(blobs)
      return {
        taken: clock.now(),
        objects: api.snapshot(),
        ...(nodes === undefined ? {} : { nodes }),
        blobs: blobs.list,
      }
    },
    restore({ objects, nodes, blobs }) {
      if ((planned === undefined) !== (nodes === undefined)) {
        throw new Error('The snapshot is of a cluster that moves, and this one does not, or the other way round.')
      }
      workloads?.stop()
      api.restore(objects)
      workloads = start(nodes && { kept: nodes, blobs: new Blobs([...blobs]) })
    },
    stop() {
      for (const end of ends) end()
    },
  }
}
