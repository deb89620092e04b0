import type { Regarding } from '../../events/recorder.ts'
import type { Taint } from '../../kinds/core/node.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'

export const NODES: GroupResource = { group: '', resource: 'nodes' }
export const PODS: GroupResource = { group: '', resource: 'pods' }
export const LEASES: GroupResource = { group: 'coordination.k8s.io', resource: 'leases' }
export const LEASE_NAMESPACE = 'kube-node-lease'

export interface NodeCondition {
  readonly type: string
  readonly status: string
  readonly reason?: string
  readonly message?: string
  readonly lastHeartbeatTime?: string | null
  readonly lastTransitionTime?: string | null
}

export interface Node extends ApiObject {
  readonly spec?: {
    readonly taints?: readonly Taint[]
    readonly unschedulable?: boolean
    readonly podCIDR?: string
    readonly podCIDRs?: readonly string[]
  }
  readonly status?: { readonly conditions?: readonly NodeCondition[] }
}

export const conditionsOf = (node: ApiObject): readonly NodeCondition[] => (node as Node).status?.conditions ?? []
export const readyOf = (node: ApiObject): NodeCondition | undefined =>
  conditionsOf(node).find(({ type }) => type === 'Ready')
export const taintsOf = (node: ApiObject): readonly Taint[] => (node as Node).spec?.taints ?? []

/** A node as controllers name it in events. */
export const regardingNode = ({ metadata: { name, uid } }: ApiObject): Regarding => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, uid },
})

const REGION = 'topology.kubernetes.io/region'
const ZONE = 'topology.kubernetes.io/zone'

/** Nodes of one zone fail together, and are tainted one after the other. */
export function zoneOf({ metadata: { labels = {} } }: ApiObject): string {
  return `${labels[REGION] ?? ''}/${labels[ZONE] ?? ''}`
}
