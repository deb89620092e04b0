import type { GroupResource, NewObject } from '../objects/types.ts'
import { type CompactRule, expandRule } from './compact-rules.ts'
import recorded from './data.json' with { type: 'json' }

/** An object that every fresh cluster has, and who has written it there. */
export interface FirstObject {
  readonly resource: GroupResource
  readonly object: NewObject
  readonly manager: 'kube-apiserver' | 'kubeadm' | typeof FLOW_PRODUCER
  /** A status that another has applied soon after. */
  readonly applied?: { readonly status: object; readonly manager: string }
}

/** Who writes flow schemas and priority levels, and who looks at them. */
const FLOW_PRODUCER = 'api-priority-and-fairness-config-producer-v1'
const FLOW_CONSUMER = 'api-priority-and-fairness-config-consumer-v1'

export interface ClusterFacts {
  /** Where Endpoints of the Service `kubernetes` say that the API server is. */
  readonly address: string
  readonly port: number
  /** Of the Service `kubernetes`, the first address of `serviceCidr`. */
  readonly serviceAddress: string
  readonly serviceCidr: string
  /** As clients reach it: `https://127.0.0.1:6443`. */
  readonly server: string
  /** PEM; what client and server certificates are signed by. Without one, what tells of it is left out. */
  readonly certificateAuthority?: string
  /** RFC 3339, to the second. */
  readonly now: string
}

interface Named {
  readonly name: string
  readonly namespace?: string
  readonly by?: string
  readonly labels?: Readonly<Record<string, string>>
}
interface Role extends Named {
  readonly aggregates?: readonly unknown[]
  readonly rules: readonly CompactRule[]
}
interface Binding extends Named {
  readonly role: string
  readonly subjects: readonly string[]
}
interface ApiService {
  readonly group?: string
  readonly version: string
  readonly groupPriorityMinimum: number
  readonly versionPriority: number
}

const RBAC = 'rbac.authorization.k8s.io'
const FLOW = 'flowcontrol.apiserver.k8s.io'
const data = recorded as unknown as {
  readonly clusterRoles: readonly Role[]
  readonly clusterRoleBindings: readonly Binding[]
  readonly roles: readonly Role[]
  readonly roleBindings: readonly Binding[]
  readonly priorityClasses: readonly (Named & Readonly<Record<string, unknown>>)[]
  readonly flowSchemas: readonly { readonly name: string; readonly spec: FlowSpec }[]
  readonly priorityLevels: readonly { readonly name: string; readonly spec: unknown }[]
  readonly apiServices: readonly ApiService[]
}
interface FlowSpec {
  readonly priorityLevelConfiguration: { readonly name: string }
}

/** What kubeadm's cluster of 1.34 has before anybody writes, controllers' objects apart, in the order in which it comes to be. */
export function firstObjects(facts: ClusterFacts): readonly FirstObject[] {
  return [
    ...['default', 'kube-system', 'kube-public', 'kube-node-lease'].map(namespace),
    ...data.apiServices.map((service) => apiService(service, facts.now)),
    ...data.priorityLevels.map(priorityLevel),
    ...data.flowSchemas.map((schema) => flowSchema(schema, facts.now)),
    ...data.clusterRoles.map((role) => roleObject('ClusterRole', role)),
    ...data.clusterRoleBindings.map((binding) => bindingObject('ClusterRoleBinding', binding)),
    ...data.roles.map((role) => roleObject('Role', role)),
    ...data.roleBindings.map((binding) => bindingObject('RoleBinding', binding)),
    ...data.priorityClasses.map(priorityClass),
    ...network(facts),
    ...configuration(facts),
  ]
}

const core = (resource: string): GroupResource => ({ group: '', resource })

function namespace(name: string): FirstObject {
  const metadata = { name, labels: { 'kubernetes.io/metadata.name': name } }
  const object = { apiVersion: 'v1', kind: 'Namespace', metadata, spec: { finalizers: ['kubernetes'] } }
  return {
    resource: core('namespaces'),
    object: { ...object, status: { phase: 'Active' } },
    manager: 'kube-apiserver',
  }
}

/** What the API server keeps up to date by itself is marked so. */
function metadataOf({ name, namespace: home, labels, by }: Named): NewObject['metadata'] {
  const own = by === undefined
  const all = { ...(own ? { 'kubernetes.io/bootstrapping': 'rbac-defaults' } : {}), ...labels }
  return {
    name,
    ...(home === undefined ? {} : { namespace: home }),
    ...(Object.keys(all).length === 0 ? {} : { labels: all }),
    ...(own ? { annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' } } : {}),
  }
}

function roleObject(kind: 'ClusterRole' | 'Role', role: Role): FirstObject {
  return {
    resource: { group: RBAC, resource: `${kind.toLowerCase()}s` },
    object: {
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata: metadataOf(role),
      // The rules of aggregated ones are their controller's to write
      rules: role.aggregates === undefined ? role.rules.map(expandRule) : null,
      ...(role.aggregates === undefined ? {} : { aggregationRule: { clusterRoleSelectors: role.aggregates } }),
    },
    manager: managerOf(role),
  }
}

function bindingObject(kind: 'ClusterRoleBinding' | 'RoleBinding', binding: Binding): FirstObject {
  const [roleKind = '', ...rest] = binding.role.split('/')
  return {
    resource: { group: RBAC, resource: `${kind.toLowerCase()}s` },
    object: {
      apiVersion: `${RBAC}/v1`,
      kind,
      metadata: metadataOf(binding),
      subjects: binding.subjects.map(subjectOf),
      roleRef: { apiGroup: RBAC, kind: roleKind, name: rest.join('/') },
    },
    manager: managerOf(binding),
  }
}

function subjectOf(text: string): object {
  const [kind, ...rest] = text.split('/')
  if (kind === 'ServiceAccount') return { kind, name: rest[1], namespace: rest[0] }
  return { kind, apiGroup: RBAC, name: rest.join('/') }
}

const managerOf = ({ by }: Named): FirstObject['manager'] => (by === 'kubeadm' ? 'kubeadm' : 'kube-apiserver')

function priorityClass({ name, ...rest }: Named & Readonly<Record<string, unknown>>): FirstObject {
  return {
    resource: { group: 'scheduling.k8s.io', resource: 'priorityclasses' },
    object: {
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name, generation: 1 },
      ...rest,
    },
    manager: 'kube-apiserver',
  }
}

const updatedSpec = { 'apf.kubernetes.io/autoupdate-spec': 'true' }

function priorityLevel({ name, spec }: { readonly name: string; readonly spec: unknown }): FirstObject {
  return {
    resource: { group: FLOW, resource: 'prioritylevelconfigurations' },
    object: {
      apiVersion: `${FLOW}/v1`,
      kind: 'PriorityLevelConfiguration',
      metadata: { name, generation: 1, annotations: updatedSpec },
      spec,
      status: {},
    },
    manager: FLOW_PRODUCER,
  }
}

function flowSchema({ name, spec }: { readonly name: string; readonly spec: FlowSpec }, now: string): FirstObject {
  const level = spec.priorityLevelConfiguration.name
  const message = `This FlowSchema references the PriorityLevelConfiguration object named "${level}" and it exists`
  const found = { type: 'Dangling', status: 'False', lastTransitionTime: now, reason: 'Found', message }
  return {
    resource: { group: FLOW, resource: 'flowschemas' },
    object: {
      apiVersion: `${FLOW}/v1`,
      kind: 'FlowSchema',
      metadata: { name, generation: 1, annotations: updatedSpec },
      spec,
      status: {},
    },
    manager: FLOW_PRODUCER,
    applied: { status: { conditions: [found] }, manager: FLOW_CONSUMER },
  }
}

function apiService(service: ApiService, now: string): FirstObject {
  const message = 'Local APIServices are always available'
  const available = { type: 'Available', status: 'True', lastTransitionTime: now, reason: 'Local', message }
  return {
    resource: { group: 'apiregistration.k8s.io', resource: 'apiservices' },
    object: {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: {
        name: `${service.version}.${service.group ?? ''}`,
        labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' },
      },
      spec: service,
      status: { conditions: [available] },
    },
    manager: 'kube-apiserver',
  }
}

function network({ address, port, serviceAddress, serviceCidr, now }: ClusterFacts): readonly FirstObject[] {
  const manager = 'kube-apiserver'
  const own = { name: 'kubernetes', namespace: 'default' }
  const https = { name: 'https', port, protocol: 'TCP' }
  const ready = { type: 'Ready', status: 'True', lastTransitionTime: now, reason: '' }
  const networking = 'networking.k8s.io'
  const cidr: NewObject = {
    apiVersion: `${networking}/v1`,
    kind: 'ServiceCIDR',
    metadata: { name: 'kubernetes', finalizers: ['networking.k8s.io/service-cidr-finalizer'] },
    spec: { cidrs: [serviceCidr] },
    status: { conditions: [{ ...ready, message: 'Kubernetes Service CIDR is ready' }] },
  }
  const ip: NewObject = {
    apiVersion: `${networking}/v1`,
    kind: 'IPAddress',
    metadata: {
      name: serviceAddress,
      labels: {
        'ipaddress.kubernetes.io/ip-family': 'IPv4',
        'ipaddress.kubernetes.io/managed-by': 'ipallocator.k8s.io',
      },
    },
    spec: { parentRef: { resource: 'services', namespace: 'default', name: 'kubernetes' } },
  }
  const service: NewObject = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...own, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: {
      ports: [{ name: 'https', protocol: 'TCP', port: 443, targetPort: port }],
      clusterIP: serviceAddress,
      clusterIPs: [serviceAddress],
      type: 'ClusterIP',
      sessionAffinity: 'None',
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      internalTrafficPolicy: 'Cluster',
    },
    status: { loadBalancer: {} },
  }
  const endpoints: NewObject = {
    apiVersion: 'v1',
    kind: 'Endpoints',
    metadata: { ...own, labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
    subsets: [{ addresses: [{ ip: address }], ports: [https] }],
  }
  const slice: NewObject = {
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { ...own, generation: 1, labels: { 'kubernetes.io/service-name': 'kubernetes' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: [address], conditions: { ready: true } }],
    ports: [https],
  }
  return [
    { resource: { group: networking, resource: 'servicecidrs' }, object: cidr, manager },
    { resource: { group: networking, resource: 'ipaddresses' }, object: ip, manager },
    { resource: core('services'), object: service, manager },
    { resource: core('endpoints'), object: endpoints, manager },
    { resource: { group: 'discovery.k8s.io', resource: 'endpointslices' }, object: slice, manager },
  ]
}

function configuration({ certificateAuthority, server }: ClusterFacts): readonly FirstObject[] {
  if (certificateAuthority === undefined) return []
  const configMap = (home: string, name: string, fields: Readonly<Record<string, string>>): NewObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace: home },
    data: fields,
  })
  const authentication = configMap('kube-system', 'extension-apiserver-authentication', {
    'client-ca-file': certificateAuthority,
    'requestheader-allowed-names': '["front-proxy-client"]',
    'requestheader-client-ca-file': certificateAuthority,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  })
  const kubeconfig = [
    'apiVersion: v1',
    'clusters:',
    '- cluster:',
    `    certificate-authority-data: ${btoa(certificateAuthority)}`,
    `    server: ${server}`,
    '  name: ""',
    'contexts: null',
    'current-context: ""',
    'kind: Config',
    'users: null',
    '',
  ].join('\n')
  return [
    { resource: core('configmaps'), object: authentication, manager: 'kube-apiserver' },
    {
      resource: core('configmaps'),
      object: configMap('kube-public', 'cluster-info', { kubeconfig }),
      manager: 'kubeadm',
    },
  ]
}
