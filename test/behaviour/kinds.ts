import type { Json } from './side.ts'

interface Kind {
  readonly apiVersion: string
  readonly plural: string
  readonly namespaced: boolean
  /** Its changes are recorded. */
  readonly watched: boolean
}

const kind = (apiVersion: string, plural: string, watched = true, namespaced = true): Kind => ({
  apiVersion,
  plural,
  namespaced,
  watched,
})

export const kinds: Readonly<Record<string, Kind>> = {
  Namespace: kind('v1', 'namespaces', true, false),
  Node: kind('v1', 'nodes', true, false),
  PersistentVolume: kind('v1', 'persistentvolumes', true, false),
  PriorityClass: kind('scheduling.k8s.io/v1', 'priorityclasses', false, false),
  StorageClass: kind('storage.k8s.io/v1', 'storageclasses', false, false),
  ClusterRoleBinding: kind('rbac.authorization.k8s.io/v1', 'clusterrolebindings', false, false),
  Pod: kind('v1', 'pods'),
  Service: kind('v1', 'services'),
  ConfigMap: kind('v1', 'configmaps'),
  Secret: kind('v1', 'secrets', false),
  ServiceAccount: kind('v1', 'serviceaccounts', false),
  Event: kind('v1', 'events'),
  PersistentVolumeClaim: kind('v1', 'persistentvolumeclaims'),
  ResourceQuota: kind('v1', 'resourcequotas'),
  LimitRange: kind('v1', 'limitranges', false),
  Deployment: kind('apps/v1', 'deployments'),
  ReplicaSet: kind('apps/v1', 'replicasets'),
  StatefulSet: kind('apps/v1', 'statefulsets'),
  DaemonSet: kind('apps/v1', 'daemonsets'),
  ControllerRevision: kind('apps/v1', 'controllerrevisions'),
  Job: kind('batch/v1', 'jobs'),
  CronJob: kind('batch/v1', 'cronjobs'),
  HorizontalPodAutoscaler: kind('autoscaling/v2', 'horizontalpodautoscalers'),
  PodDisruptionBudget: kind('policy/v1', 'poddisruptionbudgets'),
  EndpointSlice: kind('discovery.k8s.io/v1', 'endpointslices'),
  NetworkPolicy: kind('networking.k8s.io/v1', 'networkpolicies', false),
  Role: kind('rbac.authorization.k8s.io/v1', 'roles', false),
  RoleBinding: kind('rbac.authorization.k8s.io/v1', 'rolebindings', false),
}

export const watched: readonly (readonly [name: string, path: string])[] = Object.entries(kinds)
  .filter(([, one]) => one.watched)
  .map(([name]) => [name, collection(name)])

function named(name: string): Kind {
  const found = kinds[name]
  if (found === undefined) throw new Error(`scenarios do not know of kind ${name}`)
  return found
}

/** Path of a kind's collection: of all namespaces if none is given. */
export function collection(name: string, namespace?: string): string {
  const { apiVersion, plural, namespaced } = named(name)
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  return namespaced && namespace !== undefined ? `${root}/namespaces/${namespace}/${plural}` : `${root}/${plural}`
}

export const isNamespaced = (name: string): boolean => named(name).namespaced

/** An object with what its kind says of it. */
export const object = (name: string, metadata: object | string, rest: object = {}): Json => ({
  apiVersion: named(name).apiVersion,
  kind: name,
  metadata: typeof metadata === 'string' ? { name: metadata } : metadata,
  ...rest,
})
