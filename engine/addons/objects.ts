import type { GroupResource, NewObject } from '../objects/types.ts'

/** Something that is put into a fresh cluster, and who it says has put it there. */
export interface AddonObject {
  readonly resource: GroupResource
  readonly object: NewObject
  readonly manager: 'kubeadm' | 'kubectl-create' | 'kubectl-client-side-apply' | 'quayside'
}

const RBAC = 'rbac.authorization.k8s.io'
const of = (group: string, resource: string): GroupResource => ({ group, resource })

const RESOURCES: Readonly<Record<string, GroupResource>> = {
  Namespace: of('', 'namespaces'),
  ServiceAccount: of('', 'serviceaccounts'),
  ConfigMap: of('', 'configmaps'),
  Service: of('', 'services'),
  Deployment: of('apps', 'deployments'),
  DaemonSet: of('apps', 'daemonsets'),
  Job: of('batch', 'jobs'),
  IngressClass: of('networking.k8s.io', 'ingressclasses'),
  Role: of(RBAC, 'roles'),
  RoleBinding: of(RBAC, 'rolebindings'),
  ClusterRole: of(RBAC, 'clusterroles'),
  ClusterRoleBinding: of(RBAC, 'clusterrolebindings'),
}

/** By the kind, as a manifest has it. */
export function addonObject(manager: AddonObject['manager'], object: NewObject): AddonObject {
  const resource = RESOURCES[object.kind]
  if (resource === undefined) throw new Error(`No addon has a ${object.kind}.`)
  return { resource, object, manager }
}

export interface Named {
  readonly name: string
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
}

export const serviceAccount = (metadata: Named): NewObject => ({ apiVersion: 'v1', kind: 'ServiceAccount', metadata })

export const configMap = (metadata: Named, data: Readonly<Record<string, string>>): NewObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata,
  data,
})

export const role = (kind: 'Role' | 'ClusterRole', metadata: Named, rules: readonly object[]): NewObject => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata,
  rules,
})

/** Gives an account of a namespace a role of the same scope, or a ClusterRole. */
export function binding(
  metadata: Named,
  roleRef: { readonly kind: 'Role' | 'ClusterRole'; readonly name: string },
  account: { readonly name: string; readonly namespace: string },
): NewObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: metadata.namespace === undefined ? 'ClusterRoleBinding' : 'RoleBinding',
    metadata,
    roleRef: { apiGroup: RBAC, ...roleRef },
    subjects: [{ kind: 'ServiceAccount', ...account }],
  }
}

/** What a role allows: verbs on resources of a group, both parted by spaces. */
export const rule = (group: string, resources: string, verbs: string): object => ({
  apiGroups: [group],
  resources: resources.split(' '),
  verbs: verbs.split(' '),
})
