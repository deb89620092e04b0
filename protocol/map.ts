/**
 * What the cluster map knows of a cluster: of each object the few fields that are drawn. The lab server cuts them out of
 * what it watches and sends them in the event `map`; pages make them from plain JSON, or from a simulation.
 */

export interface MapNode {
  kind: 'Node'
  uid: string
  name: string
  /** The condition Ready is True. */
  ready: boolean
  /** Nothing new is placed here: `spec.unschedulable`. */
  cordoned: boolean
  controlPlane: boolean
}

/**
 * What a Pod looks like from outside. `pending`: no node yet; `starting`: its containers are being made; `running`: they run
 * and are not ready; `failing`: a container has ended, or cannot start.
 */
export type PodState = 'pending' | 'starting' | 'running' | 'ready' | 'failing' | 'terminating' | 'completed'

export interface MapPod {
  kind: 'Pod'
  uid: string
  name: string
  namespace: string
  state: PodState
  /** Name of its node. */
  node?: string
  /** Uid of the controller that owns it, and its name in words, like `ReplicaSet/web-6d4b`. */
  owner?: string
  ownerName?: string
  restarts: number
  /** Kubernetes' own word for what keeps it from being ready, like `CrashLoopBackOff`. */
  reason?: string
  image?: string
}

export interface MapService {
  kind: 'Service'
  uid: string
  name: string
  namespace: string
  /** ClusterIP, NodePort, LoadBalancer, ExternalName. */
  type: string
  address?: string
}

export interface MapEndpoints {
  kind: 'EndpointSlice'
  uid: string
  namespace: string
  /** Name of the Service that it belongs to. */
  service: string
  /** Uids of the Pods that get requests. */
  ready: string[]
}

export interface MapOwner {
  kind: 'Deployment' | 'ReplicaSet'
  uid: string
  name: string
  namespace: string
  /** Uid of the controller that owns it: a ReplicaSet's Deployment. */
  owner?: string
  desired: number
  ready: number
}

export type MapObject = MapNode | MapPod | MapService | MapEndpoints | MapOwner

/** Data of the event `map` on `GET /api/sessions/:id/events?map`: what has changed since the one before. */
export interface MapEvent {
  /** The first of a stream: forget what was known. */
  whole: boolean
  put: MapObject[]
  /** Uids of objects that are gone. */
  gone: string[]
}

/** The kinds that a map is made of. */
export const mapKinds = [
  { apiVersion: 'v1', kind: 'Node' },
  { apiVersion: 'v1', kind: 'Pod' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
  { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
] as const

/** Namespaces of the cluster's own: not what a reader looks at. */
const own = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'])

interface ContainerStatus {
  ready?: boolean
  restartCount?: number
  state?: { waiting?: { reason?: string }; terminated?: { reason?: string; exitCode?: number } }
}

/** The fields of Kubernetes objects that are read here; any may be missing. */
interface Fields {
  kind?: unknown
  metadata: {
    name: string
    namespace?: string
    uid?: string
    labels?: Record<string, string>
    ownerReferences?: { kind: string; name: string; uid: string; controller?: boolean }[]
    deletionTimestamp?: string
  }
  spec?: {
    unschedulable?: boolean
    nodeName?: string
    replicas?: number
    type?: string
    clusterIP?: string
    containers?: { image?: string }[]
  }
  status?: {
    phase?: string
    reason?: string
    readyReplicas?: number
    conditions?: { type: string; status: string; reason?: string }[]
    containerStatuses?: ContainerStatus[]
    initContainerStatuses?: ContainerStatus[]
  }
  endpoints?: { conditions?: { ready?: boolean }; targetRef?: { uid?: string } }[] | null
}

/** What is drawn of a Kubernetes object; undefined for kinds and namespaces that a map leaves out. */
export function toMapObject(object: object): MapObject | undefined {
  const fields = object as Fields
  const { metadata, spec, status } = fields
  const { name, uid = `${fields.kind}/${metadata.namespace ?? ''}/${name}` } = metadata
  if (fields.kind === 'Node')
    return {
      kind: 'Node',
      uid,
      name,
      ready: isTrue(fields, 'Ready'),
      cordoned: spec?.unschedulable === true,
      controlPlane: metadata.labels?.['node-role.kubernetes.io/control-plane'] !== undefined,
    }
  const namespace = metadata.namespace ?? 'default'
  if (own.has(namespace) || (name === 'kubernetes' && namespace === 'default' && fields.kind !== 'Pod'))
    return undefined
  const owner = metadata.ownerReferences?.find(({ controller }) => controller !== false)
  switch (fields.kind) {
    case 'Pod': {
      const reason = reasonOf(fields)
      const restarts = sum(status?.containerStatuses?.map(({ restartCount = 0 }) => restartCount))
      const image = spec?.containers?.[0]?.image
      return {
        kind: 'Pod',
        uid,
        name,
        namespace,
        state: stateOf(fields),
        restarts,
        ...(spec?.nodeName ? { node: spec.nodeName } : {}),
        ...(owner ? { owner: owner.uid, ownerName: `${owner.kind}/${owner.name}` } : {}),
        ...(reason ? { reason } : {}),
        ...(image ? { image } : {}),
      }
    }
    case 'Service': {
      const address = spec?.clusterIP
      const type = spec?.type ?? 'ClusterIP'
      return { kind: 'Service', uid, name, namespace, type, ...(address ? { address } : {}) }
    }
    case 'EndpointSlice': {
      const service = metadata.labels?.['kubernetes.io/service-name']
      if (service === undefined) return undefined
      // A condition that is not told counts as true, as the API says.
      const ready = (fields.endpoints ?? [])
        .filter(({ conditions }) => conditions?.ready !== false)
        .flatMap(({ targetRef }) => targetRef?.uid ?? [])
      return { kind: 'EndpointSlice', uid, namespace, service, ready }
    }
    case 'ReplicaSet':
    case 'Deployment':
      return {
        kind: fields.kind,
        uid,
        name,
        namespace,
        desired: spec?.replicas ?? 1,
        ready: status?.readyReplicas ?? 0,
        ...(owner ? { owner: owner.uid } : {}),
      }
    default:
      return undefined
  }
}

const sum = (numbers: number[] = []) => numbers.reduce((all, one) => all + one, 0)

const isTrue = ({ status }: Fields, type: string) =>
  status?.conditions?.some((condition) => condition.type === type && condition.status === 'True') === true

/** Reasons for waiting that are part of an ordinary start. */
const ordinary = new Set(['ContainerCreating', 'PodInitializing'])

const troubles = ({ status }: Fields): string[] =>
  [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].flatMap(({ state }) => {
    const waiting = state?.waiting?.reason
    if (waiting !== undefined && !ordinary.has(waiting)) return [waiting]
    const ended = state?.terminated
    return ended !== undefined && ended.exitCode !== 0 ? [ended.reason ?? 'Error'] : []
  })

function stateOf(pod: Fields): PodState {
  const { metadata, spec, status } = pod
  if (metadata.deletionTimestamp !== undefined) return 'terminating'
  if (status?.phase === 'Succeeded') return 'completed'
  if (status?.phase === 'Failed' || troubles(pod).length > 0) return 'failing'
  if (!spec?.nodeName) return 'pending'
  if (status?.phase !== 'Running') return 'starting'
  return isTrue(pod, 'Ready') ? 'ready' : 'running'
}

function reasonOf(pod: Fields): string | undefined {
  const unplaced = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  return troubles(pod)[0] ?? pod.status?.reason ?? unplaced?.reason
}
