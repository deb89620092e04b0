import { type AddonObject, addonObject, binding, role, rule, serviceAccount } from './objects.ts'
import { imageOf } from './versions.ts'

const namespace = 'kube-system'
const name = 'metrics-server'
const labels = { 'k8s-app': name }
const account = { name, namespace }

const aggregated = Object.fromEntries(
  ['admin', 'edit', 'view'].map((to) => [`rbac.authorization.k8s.io/aggregate-to-${to}`, 'true']),
)

const container = {
  name,
  image: imageOf('metricsServer'),
  imagePullPolicy: 'IfNotPresent',
  args: [
    '--cert-dir=/tmp',
    '--secure-port=10250',
    '--kubelet-preferred-address-types=InternalIP',
    '--kubelet-use-node-status-port',
    '--kubelet-insecure-tls',
    '--metric-resolution=10s',
    '--kubelet-request-timeout=5s',
  ],
  ports: [{ name: 'https', containerPort: 10250, protocol: 'TCP' }],
  readinessProbe: { httpGet: { path: '/readyz', port: 'https', scheme: 'HTTPS' }, periodSeconds: 10 },
  livenessProbe: {
    httpGet: { path: '/livez', port: 'https', scheme: 'HTTPS' },
    initialDelaySeconds: 30,
    periodSeconds: 10,
  },
  resources: { requests: { cpu: '20m', memory: '32Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 1000,
    seccompProfile: { type: 'RuntimeDefault' },
  },
  volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels },
  spec: {
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: name,
        priorityClassName: 'system-cluster-critical',
        nodeSelector: { 'node-role.kubernetes.io/control-plane': '' },
        tolerations: [{ operator: 'Exists' }],
        containers: [container],
        volumes: [{ name: 'tmp', emptyDir: {} }],
      },
    },
  },
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, namespace, labels },
  spec: {
    selector: labels,
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' }],
  },
}

/** metrics-server as labs on kind have it. Its APIService is the API server's, which serves the group itself. */
export const metricsServer: readonly AddonObject[] = [
  serviceAccount({ ...account, labels }),
  role('ClusterRole', { name: `system:${name}` }, [
    rule('', 'nodes/metrics', 'get'),
    rule('', 'pods nodes', 'get list watch'),
  ]),
  role('ClusterRole', { name: 'system:aggregated-metrics-reader', labels: aggregated }, [
    rule('metrics.k8s.io', 'pods nodes', 'get list watch'),
  ]),
  binding({ name: `system:${name}` }, { kind: 'ClusterRole', name: `system:${name}` }, account),
  binding({ name: `${name}:system:auth-delegator` }, { kind: 'ClusterRole', name: 'system:auth-delegator' }, account),
  binding(
    { name: `${name}-auth-reader`, namespace },
    { kind: 'Role', name: 'extension-apiserver-authentication-reader' },
    account,
  ),
  service,
  deployment,
].map((object) => addonObject('quayside', object))
