import { type AddonObject, addonObject, binding, configMap, role, rule, serviceAccount } from './objects.ts'
import { imageOf } from './versions.ts'

const name = 'ingress-nginx'
const namespace = 'ingress-nginx'
const common = { 'app.kubernetes.io/name': name, 'app.kubernetes.io/instance': name }
const labels = {
  ...common,
  'app.kubernetes.io/component': 'controller',
  'app.kubernetes.io/part-of': name,
  'app.kubernetes.io/version': '1.13.3',
}
const selector = { ...common, 'app.kubernetes.io/component': 'controller' }
const account = { name, namespace }
/** What an IngressClass of this controller says. */
export const INGRESS_CONTROLLER = 'k8s.io/ingress-nginx'

const healthz = {
  httpGet: { path: '/healthz', port: 10254, scheme: 'HTTP' },
  initialDelaySeconds: 10,
  periodSeconds: 10,
}

const container = {
  name: 'controller',
  image: imageOf('ingressNginx'),
  imagePullPolicy: 'IfNotPresent',
  args: [
    '/nginx-ingress-controller',
    '--election-id=ingress-nginx-leader',
    `--controller-class=${INGRESS_CONTROLLER}`,
    '--ingress-class=nginx',
    '--configmap=$(POD_NAMESPACE)/ingress-nginx-controller',
    '--watch-ingress-without-class=true',
    '--publish-status-address=localhost',
  ],
  env: [
    { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  ],
  lifecycle: { preStop: { exec: { command: ['/wait-shutdown'] } } },
  livenessProbe: { ...healthz, failureThreshold: 5 },
  readinessProbe: { ...healthz, failureThreshold: 3 },
  ports: [
    { name: 'http', containerPort: 80, hostPort: 80, protocol: 'TCP' },
    { name: 'https', containerPort: 443, hostPort: 443, protocol: 'TCP' },
  ],
  resources: { requests: { cpu: '100m', memory: '90Mi' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    readOnlyRootFilesystem: false,
    runAsGroup: 82,
    runAsNonRoot: true,
    runAsUser: 101,
    seccompProfile: { type: 'RuntimeDefault' },
  },
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: `${name}-controller`, namespace, labels },
  spec: {
    minReadySeconds: 0,
    revisionHistoryLimit: 10,
    selector: { matchLabels: selector },
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    template: {
      metadata: { labels },
      spec: {
        containers: [container],
        dnsPolicy: 'ClusterFirst',
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        serviceAccountName: name,
        terminationGracePeriodSeconds: 0,
        tolerations: ['master', 'control-plane'].map((taint) => ({
          effect: 'NoSchedule',
          key: `node-role.kubernetes.io/${taint}`,
          operator: 'Equal',
        })),
        // Clients outside come to the control plane's ports
        affinity: {
          nodeAffinity: {
            requiredDuringSchedulingIgnoredDuringExecution: {
              nodeSelectorTerms: [
                { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' }] },
              ],
            },
          },
        },
      },
    },
  },
}

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: `${name}-controller`, namespace, labels },
  spec: {
    type: 'LoadBalancer',
    ports: [
      { name: 'http', port: 80, protocol: 'TCP', targetPort: 'http', appProtocol: 'http' },
      { name: 'https', port: 443, protocol: 'TCP', targetPort: 'https', appProtocol: 'https' },
    ],
    selector,
  },
}

const ingressClass = {
  apiVersion: 'networking.k8s.io/v1',
  kind: 'IngressClass',
  metadata: { name: 'nginx', labels },
  spec: { controller: INGRESS_CONTROLLER },
}

/** ingress-nginx after its own manifest for kind, without its webhook; it stays on the control plane, whose ports are reached from outside. */
export const ingressNginx: readonly AddonObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: common } },
  serviceAccount({ ...account, labels }),
  role('ClusterRole', { name, labels: common }, [
    rule('', 'configmaps endpoints nodes pods secrets namespaces', 'list watch'),
    rule('', 'nodes', 'get'),
    rule('', 'services', 'get list watch'),
    rule('networking.k8s.io', 'ingresses', 'get list watch'),
    rule('', 'events', 'create patch'),
    rule('networking.k8s.io', 'ingresses/status', 'update'),
    rule('networking.k8s.io', 'ingressclasses', 'get list watch'),
    rule('discovery.k8s.io', 'endpointslices', 'list watch get'),
  ]),
  binding({ name, labels: common }, { kind: 'ClusterRole', name }, account),
  configMap({ name: `${name}-controller`, namespace, labels }, {}),
  service,
  deployment,
  ingressClass,
].map((object) => addonObject('kubectl-client-side-apply', object))
