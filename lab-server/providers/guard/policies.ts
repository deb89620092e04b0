import type { KubeObject } from '../../kube/connection.ts'
import { podRules } from './pod-rules.ts'
import { protectedNamespaces, READER_GROUP } from './protected.ts'

/**
 * ValidatingAdmissionPolicies: what RBAC cannot say. They hold for everyone but the cluster's own parts, so that a service
 * account that a reader makes can do no more than the reader.
 */

interface Rule {
  apiGroups: string[]
  resources: string[]
  operations: ('CREATE' | 'UPDATE' | 'DELETE')[]
  /** Without it, `*` means what has no namespace too, whatever the policy's namespaces are. */
  scope?: 'Namespaced'
}

export interface Validation {
  /** CEL; must be true. */
  expression: string
  /** Sentences for the reader who meets it. */
  message: string
}

export interface Policy {
  name: string
  rules: Rule[]
  namespaces?: 'protected' | 'others'
  /** Whether it holds for the cluster's own parts as well, who may be acting for a reader. */
  forAll?: boolean
  variables?: { name: string; expression: string }[]
  validations: Validation[]
  /** A request that the policy must refuse, tried before a reader is let in. */
  probe: { method: 'POST' | 'PATCH' | 'DELETE'; path: string; body: object }
}

const list = (values: readonly string[]) => `[${values.map((value) => `'${value}'`).join(', ')}]`

/** The cluster's own parts, and the lab server. */
const trusted = [
  `request.userInfo.groups.exists(group, group in ${list([
    'system:masters',
    'kubeadm:cluster-admins',
    'system:nodes',
    'system:serviceaccounts:kube-system',
    'system:serviceaccounts:local-path-storage',
  ])})`,
  `request.userInfo.username in ${list([
    'system:apiserver',
    'system:kube-controller-manager',
    'system:kube-scheduler',
  ])}`,
].join(' || ')

/** Roles that the cluster, or its guard, stands on. */
const ownRoles = ['cluster-admin', 'admin', 'edit', 'view', 'kindnet', 'podnet']
const ownRolePrefixes = ['system:', 'kubeadm:', 'quayside:', 'local-path-provisioner']
const isOwnRole = `(variables.name in ${list(ownRoles)} || ${ownRolePrefixes.map((prefix) => `variables.name.startsWith('${prefix}')`).join(' || ')})`

/** The object's name; `request.name` is empty when a whole collection is deleted. */
const name = { name: 'name', expression: "(oldObject != null ? oldObject : object).metadata.?name.orValue('')" }

const probePod = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'quayside-probe' },
  spec: { containers: [{ name: 'probe', image: 'probe', securityContext: { privileged: true } }] },
}

export const policies: readonly Policy[] = [
  {
    name: 'quayside-pods',
    rules: [{ apiGroups: [''], resources: ['pods', 'pods/ephemeralcontainers'], operations: ['CREATE', 'UPDATE'] }],
    namespaces: 'others',
    forAll: true,
    ...podRules,
    probe: { method: 'POST', path: '/api/v1/namespaces/default/pods', body: probePod },
  },
  {
    name: 'quayside-volumes',
    // What a volume is made of cannot be changed later, and the rest of it may be
    rules: [{ apiGroups: [''], resources: ['persistentvolumes'], operations: ['CREATE'] }],
    validations: [
      {
        expression: 'has(object.spec.csi)',
        message:
          'This lab does not allow PersistentVolumes on a node’s disk or on the network: they lead out of the cluster. Leave the volume to the StorageClass "standard": a PersistentVolumeClaim is enough.',
      },
    ],
    probe: {
      method: 'POST',
      path: '/api/v1/persistentvolumes',
      body: {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: 'quayside-probe' },
        spec: { capacity: { storage: '1Mi' }, accessModes: ['ReadWriteOnce'], hostPath: { path: '/' } },
      },
    },
  },
  {
    name: 'quayside-storage-classes',
    rules: [{ apiGroups: ['storage.k8s.io'], resources: ['storageclasses'], operations: ['CREATE', 'UPDATE'] }],
    validations: [
      {
        // Its parameters name folders of the node
        expression: "object.provisioner != 'rancher.io/local-path' || object.?parameters.orValue({}).size() == 0",
        message: 'This lab does not allow parameters for rancher.io/local-path: they name folders of the node.',
      },
    ],
    probe: {
      method: 'POST',
      path: '/apis/storage.k8s.io/v1/storageclasses',
      body: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'quayside-probe' },
        provisioner: 'rancher.io/local-path',
        parameters: { nodePath: '/' },
      },
    },
  },
  {
    name: 'quayside-own-namespaces',
    // With subresources, which a mere `*` leaves out: a Deployment is scaled by one
    rules: [{ apiGroups: ['*'], resources: ['*/*'], operations: ['CREATE', 'UPDATE', 'DELETE'], scope: 'Namespaced' }],
    namespaces: 'protected',
    validations: [
      {
        expression: "request.?subResource.orValue('') == 'eviction'",
        message:
          'This lab does not allow changes there: the namespace belongs to the cluster itself. Use "default", or make a namespace of your own.',
      },
    ],
    probe: {
      method: 'POST',
      path: '/api/v1/namespaces/kube-system/configmaps',
      body: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'quayside-probe' } },
    },
  },
  {
    name: 'quayside-namespaces',
    rules: [
      {
        apiGroups: [''],
        resources: ['namespaces', 'namespaces/finalize', 'namespaces/status'],
        operations: ['UPDATE', 'DELETE'],
      },
    ],
    variables: [name],
    validations: [
      {
        expression: `!(variables.name in ${list(protectedNamespaces)})`,
        message: 'This lab does not allow changes to this namespace: it belongs to the cluster itself.',
      },
    ],
    probe: {
      method: 'PATCH',
      path: '/api/v1/namespaces/kube-system',
      body: { metadata: { labels: { 'quayside-probe': 'true' } } },
    },
  },
  {
    name: 'quayside-roles',
    rules: [
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['clusterroles', 'clusterrolebindings'],
        operations: ['CREATE', 'UPDATE', 'DELETE'],
      },
    ],
    variables: [name],
    validations: [
      {
        expression: `!${isOwnRole}`,
        message: 'This lab does not allow changes to this role: the cluster itself, or the lab, stands on it.',
      },
    ],
    probe: {
      method: 'POST',
      path: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'ClusterRole',
        metadata: { name: 'system:quayside-probe' },
        rules: [],
      },
    },
  },
  {
    name: 'quayside-readers-binding',
    rules: [
      {
        apiGroups: ['rbac.authorization.k8s.io'],
        resources: ['rolebindings'],
        operations: ['CREATE', 'UPDATE', 'DELETE'],
      },
    ],
    variables: [name],
    validations: [
      {
        expression: `variables.name != '${READER_GROUP}'`,
        message: `This lab does not allow changes to the RoleBinding "${READER_GROUP}": your own rights come from it.`,
      },
    ],
    probe: {
      method: 'POST',
      path: '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings',
      body: {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: READER_GROUP },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      },
    },
  },
  {
    name: 'quayside-definitions',
    rules: [
      {
        apiGroups: ['apiextensions.k8s.io'],
        resources: ['customresourcedefinitions'],
        operations: ['CREATE', 'UPDATE'],
      },
    ],
    validations: [
      {
        expression: "object.spec.?conversion.?strategy.orValue('None') == 'None'",
        message:
          'This lab does not allow conversion webhooks: the API server would call an address outside the cluster.',
      },
    ],
    probe: {
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      body: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: 'probes.quayside.dev' },
        spec: {
          group: 'quayside.dev',
          names: { plural: 'probes', singular: 'probe', kind: 'Probe', listKind: 'ProbeList' },
          scope: 'Namespaced',
          versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
          conversion: {
            strategy: 'Webhook',
            webhook: { conversionReviewVersions: ['v1'], clientConfig: { url: 'https://192.0.2.1/' } },
          },
        },
      },
    },
  },
  {
    // A Pod's address is what the API server's proxy connects to: whoever could write it, could send that anywhere
    name: 'quayside-status',
    rules: [{ apiGroups: [''], resources: ['pods/status', 'services/status'], operations: ['UPDATE'] }],
    validations: [
      {
        expression: 'false',
        message: 'This lab does not allow this: the status of an object is written by the cluster itself.',
      },
    ],
    probe: {
      method: 'PATCH',
      path: '/api/v1/namespaces/default/services/kubernetes/status',
      body: { metadata: { labels: { 'quayside-probe': 'true' } } },
    },
  },
]

const selector = (operator: 'In' | 'NotIn') => ({
  namespaceSelector: {
    matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator, values: [...protectedNamespaces] }],
  },
})

/** A policy and its binding, as Kubernetes has them. */
export function policyObjects(policy: Policy): KubeObject[] {
  const { name, rules, namespaces, forAll, variables = [], validations } = policy
  const apiVersion = 'admissionregistration.k8s.io/v1'
  return [
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicy',
      metadata: { name },
      spec: {
        failurePolicy: 'Fail',
        matchConstraints: {
          resourceRules: rules.map((rule) => ({ ...rule, apiVersions: ['*'] })),
          ...(namespaces && selector(namespaces === 'protected' ? 'In' : 'NotIn')),
        },
        ...(!forAll && { matchConditions: [{ name: 'not-the-cluster-itself', expression: `!(${trusted})` }] }),
        variables,
        validations: validations.map((validation) => ({ ...validation, reason: 'Forbidden' })),
      },
    },
    {
      apiVersion,
      kind: 'ValidatingAdmissionPolicyBinding',
      metadata: { name },
      spec: { policyName: name, validationActions: ['Deny'] },
    },
  ]
}
