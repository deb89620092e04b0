import type { KubeObject } from '../../kube/connection.ts'
import { READER_GROUP } from './protected.ts'

/**
 * What readers may do, in RBAC. Three layers:
 * - everywhere: look at nearly everything (never at Secrets), and write the usual kinds. Writing is cluster-wide so that a
 *   manifest may hold a namespace and what goes into it; the policies refuse it where the cluster itself lives.
 * - in each namespace that is theirs: everything, Secrets, logs, exec and tokens among it. A RoleBinding for each namespace.
 * - kinds that they define themselves: see customResourcesRole.
 *
 * Left out on purpose: admission policies and webhooks, API services, approval of certificates, deletion and status of nodes, the
 * kubelets' API (nodes/proxy), and impersonation of anyone but the service accounts of their own namespaces.
 */

const RBAC = 'rbac.authorization.k8s.io'
const look = ['get', 'list', 'watch']
const write = ['create', 'update', 'patch', 'delete']

interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}

/** Of the core group: no Secrets, and no exec, attach or proxy, which a mere `get` would open. */
const coreToLookAt = [
  'bindings',
  'componentstatuses',
  'configmaps',
  'endpoints',
  'events',
  'limitranges',
  'namespaces',
  'namespaces/status',
  'nodes',
  'nodes/status',
  'persistentvolumeclaims',
  'persistentvolumeclaims/status',
  'persistentvolumes',
  'persistentvolumes/status',
  'pods',
  'pods/log',
  'pods/status',
  'podtemplates',
  'replicationcontrollers',
  'replicationcontrollers/scale',
  'replicationcontrollers/status',
  'resourcequotas',
  'resourcequotas/status',
  'serviceaccounts',
  'services',
  'services/status',
]

/** Kubernetes' own groups beside the core, and metrics-server's. A custom resource may not pass itself off as one of them. */
export const builtinGroups = [
  'admissionregistration.k8s.io',
  'apiextensions.k8s.io',
  'apiregistration.k8s.io',
  'apps',
  'authentication.k8s.io',
  'authorization.k8s.io',
  'autoscaling',
  'batch',
  'certificates.k8s.io',
  'coordination.k8s.io',
  'discovery.k8s.io',
  'events.k8s.io',
  'extensions',
  'flowcontrol.apiserver.k8s.io',
  'internal.apiserver.k8s.io',
  'metrics.k8s.io',
  'networking.k8s.io',
  'node.k8s.io',
  'policy',
  RBAC,
  'resource.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
  'storagemigration.k8s.io',
]

const everywhere: Rule[] = [
  { apiGroups: [''], resources: coreToLookAt, verbs: look },
  { apiGroups: builtinGroups, resources: ['*'], verbs: look },
  {
    apiGroups: [''],
    resources: [
      'configmaps',
      'endpoints',
      'limitranges',
      'persistentvolumeclaims',
      'pods',
      'podtemplates',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'resourcequotas',
      'serviceaccounts',
      'services',
    ],
    verbs: write,
  },
  { apiGroups: [''], resources: ['secrets'], verbs: ['create'] },
  {
    apiGroups: ['apps'],
    resources: [
      'daemonsets',
      'deployments',
      'deployments/scale',
      'replicasets',
      'replicasets/scale',
      'statefulsets',
      'statefulsets/scale',
    ],
    verbs: write,
  },
  { apiGroups: ['batch'], resources: ['cronjobs', 'jobs'], verbs: write },
  { apiGroups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: write },
  { apiGroups: ['networking.k8s.io'], resources: ['ingresses', 'networkpolicies'], verbs: write },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: write },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: write },
  { apiGroups: [RBAC], resources: ['roles', 'rolebindings'], verbs: write },
  // What has no namespace
  { apiGroups: [''], resources: ['namespaces', 'persistentvolumes'], verbs: write },
  { apiGroups: [''], resources: ['nodes'], verbs: ['update', 'patch'] },
  { apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], verbs: write },
  { apiGroups: ['scheduling.k8s.io'], resources: ['priorityclasses'], verbs: write },
  { apiGroups: ['networking.k8s.io'], resources: ['ingressclasses'], verbs: write },
  { apiGroups: ['apiextensions.k8s.io'], resources: ['customresourcedefinitions'], verbs: write },
  // RBAC itself refuses to hand on what one does not have
  { apiGroups: [RBAC], resources: ['clusterroles', 'clusterrolebindings'], verbs: write },
]

const clusterRole = (name: string, rules: object[]): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRole',
  metadata: { name },
  rules,
})

const readers = [{ apiGroup: RBAC, kind: 'Group', name: READER_GROUP }]

const clusterRoleBinding = (name: string): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'ClusterRoleBinding',
  metadata: { name },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
  subjects: readers,
})

const roleBinding = (namespace: string, role: string): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name: READER_GROUP, namespace },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
  subjects: readers,
})

const READER_ROLE = 'quayside:reader'
const NAMESPACE_ROLE = 'quayside:namespace-admin'
const EVICTION_ROLE = 'quayside:evict'
const CUSTOM_ROLE = 'quayside:custom-resources'

export const namespaceBinding = (namespace: string) => roleBinding(namespace, NAMESPACE_ROLE)

/** Everything of RBAC that does not depend on what the cluster holds. */
export const accessObjects: readonly KubeObject[] = [
  clusterRole(READER_ROLE, everywhere),
  clusterRole(NAMESPACE_ROLE, [
    { apiGroups: ['*'], resources: ['*'], verbs: [...look, ...write, 'deletecollection'] },
    // The built-in roles `edit` and `admin` hold it, and only what one holds can be bound. A token of the account gives the same.
    { apiGroups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  ]),
  // So that `kubectl drain` can move CoreDNS to another node
  clusterRole(EVICTION_ROLE, [{ apiGroups: [''], resources: ['pods/eviction'], verbs: ['create'] }]),
  clusterRoleBinding(READER_ROLE),
  clusterRoleBinding(CUSTOM_ROLE),
  roleBinding('kube-system', EVICTION_ROLE),
  roleBinding('local-path-storage', EVICTION_ROLE),
]

/** The part of a CustomResourceDefinition that matters here. */
export interface Definition {
  group: string
  plural: string
  scope: 'Namespaced' | 'Cluster'
}

/** Rights to kinds that are defined in the cluster: to look at them everywhere, and to write those without a namespace. */
export function customResourcesRole(definitions: readonly Definition[]): KubeObject {
  const foreign = definitions.filter(({ group }) => !builtinGroups.includes(group) && group.includes('.'))
  const rules = foreign.map(({ group, plural, scope }) => ({
    apiGroups: [group],
    resources: [plural, `${plural}/status`, `${plural}/scale`],
    verbs: scope === 'Cluster' ? [...look, ...write, 'deletecollection'] : look,
  }))
  return clusterRole(CUSTOM_ROLE, rules)
}
