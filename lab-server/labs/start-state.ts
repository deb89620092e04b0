/**
 * What a cluster held before its lab, kept in the cluster itself, in a ConfigMap where readers cannot write: a reset
 * removes everything else.
 */
import { type KubeConnection, KubeError, type KubeObject } from '../kube/connection.ts'

export interface Kind {
  apiVersion: string
  kind: string
}

const kinds = (apiVersion: string, ...names: string[]): Kind[] => names.map((kind) => ({ apiVersion, kind }))

/** What a reader can make in the namespace `default`, in the order in which it is removed: who makes others goes first. */
export const namespacedKinds: readonly Kind[] = [
  ...kinds('autoscaling/v2', 'HorizontalPodAutoscaler'),
  ...kinds('batch/v1', 'CronJob', 'Job'),
  ...kinds('apps/v1', 'Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet'),
  ...kinds('v1', 'ReplicationController', 'Pod'),
  ...kinds('networking.k8s.io/v1', 'Ingress', 'NetworkPolicy'),
  ...kinds('policy/v1', 'PodDisruptionBudget'),
  ...kinds('v1', 'Service', 'ConfigMap', 'Secret', 'PersistentVolumeClaim', 'ResourceQuota', 'LimitRange'),
  ...kinds('discovery.k8s.io/v1', 'EndpointSlice'),
  ...kinds('rbac.authorization.k8s.io/v1', 'RoleBinding', 'Role'),
  ...kinds('v1', 'ServiceAccount', 'PodTemplate'),
]

/** The same of kinds without namespaces. Namespaces and definitions take their objects with them. */
export const clusterKinds: readonly Kind[] = [
  ...kinds('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'),
  ...kinds('v1', 'Namespace'),
  ...kinds('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
  ...kinds('v1', 'PersistentVolume'),
  ...kinds('rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'ClusterRole'),
  ...kinds('storage.k8s.io/v1', 'StorageClass'),
  ...kinds('networking.k8s.io/v1', 'IngressClass'),
  ...kinds('scheduling.k8s.io/v1', 'PriorityClass'),
]

export interface NodeState {
  labels: Record<string, string>
  taints: unknown[]
}

export interface StartState {
  /** Names of what was there, by {@link nameOf} of its kind. */
  objects: Record<string, string[]>
  nodes: Record<string, NodeState>
}

export const nameOf = ({ apiVersion, kind }: Kind) => `${apiVersion}/${kind}`

const place = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'kube-system', name: 'quayside-start' }

/** Writes down what is there, once: a second call changes nothing. */
export async function recordStart(kube: KubeConnection, signal?: AbortSignal): Promise<void> {
  if (await kube.get(place, signal)) return
  const [found, nodes] = await Promise.all([
    Promise.all(
      allKinds().map(async ([kind, namespace]) => {
        const objects = await listed(kube, kind, namespace, signal)
        return [nameOf(kind), objects.map(({ metadata }) => metadata.name)] as const
      }),
    ),
    listed(kube, { apiVersion: 'v1', kind: 'Node' }, undefined, signal),
  ])
  const state: StartState = {
    objects: Object.fromEntries(found),
    nodes: Object.fromEntries(nodes.map((node) => [node.metadata.name, stateOf(node)])),
  }
  const { apiVersion, kind, namespace, name } = place
  await kube.apply({ apiVersion, kind, metadata: { name, namespace }, data: { state: JSON.stringify(state) } }, signal)
}

/** @throws {Error} if nothing was written down */
export async function readStart(kube: KubeConnection, signal?: AbortSignal): Promise<StartState> {
  const { data } = ((await kube.get(place, signal)) ?? {}) as { data?: { state?: string } }
  if (data?.state === undefined) throw new Error('the cluster has no record of its start')
  return JSON.parse(data.state) as StartState
}

/** Every kind that is looked at, with the namespace in which. */
export function allKinds(): [Kind, string | undefined][] {
  return [
    ...namespacedKinds.map((kind): [Kind, string] => [kind, 'default']),
    ...clusterKinds.map((kind): [Kind, undefined] => [kind, undefined]),
  ]
}

/** No objects of a kind that the cluster does not know. */
export async function listed(
  kube: KubeConnection,
  kind: Kind,
  namespace: string | undefined,
  signal?: AbortSignal,
): Promise<KubeObject[]> {
  try {
    return await kube.list({ ...kind, ...(namespace === undefined ? {} : { namespace }) }, signal)
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return []
    throw error
  }
}

export function stateOf({ metadata, spec }: KubeObject): NodeState {
  const { taints = [] } = (spec ?? {}) as { taints?: unknown[] }
  return { labels: metadata.labels ?? {}, taints }
}
