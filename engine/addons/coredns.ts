import { type AddonObject, addonObject, configMap, serviceAccount } from './objects.ts'
import { imageOf } from './versions.ts'

const namespace = 'kube-system'
const labels = { 'k8s-app': 'kube-dns' }

/** The address of the Service kube-dns: the tenth of the Services' network. */
export const DNS_ADDRESS = '10.96.0.10'

/** kubeadm's. */
export const COREFILE = `.:53 {
    errors
    health {
       lameduck 5s
    }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
       pods insecure
       fallthrough in-addr.arpa ip6.arpa
       ttl 30
    }
    prometheus :9153
    forward . /etc/resolv.conf {
       max_concurrent 1000
    }
    cache 30 {
       disable success cluster.local
       disable denial cluster.local
    }
    loop
    reload
    loadbalance
}
`

const udp = { protocol: 'UDP' }
const tcp = { protocol: 'TCP' }

const service = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {
    name: 'kube-dns',
    namespace,
    labels: { ...labels, 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
  },
  spec: {
    clusterIP: DNS_ADDRESS,
    ports: [
      { name: 'dns', port: 53, ...udp, targetPort: 53 },
      { name: 'dns-tcp', port: 53, ...tcp, targetPort: 53 },
      { name: 'metrics', port: 9153, ...tcp, targetPort: 9153 },
    ],
    selector: labels,
  },
}

const container = {
  name: 'coredns',
  image: imageOf('coredns'),
  imagePullPolicy: 'IfNotPresent',
  resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
  args: ['-conf', '/etc/coredns/Corefile'],
  volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
  ports: [
    { containerPort: 53, name: 'dns', ...udp },
    { containerPort: 53, name: 'dns-tcp', ...tcp },
    { containerPort: 9153, name: 'metrics', ...tcp },
    { containerPort: 8080, name: 'liveness-probe', ...tcp },
    { containerPort: 8181, name: 'readiness-probe', ...tcp },
  ],
  livenessProbe: {
    httpGet: { path: '/health', port: 'liveness-probe', scheme: 'HTTP' },
    initialDelaySeconds: 60,
    timeoutSeconds: 5,
    successThreshold: 1,
    failureThreshold: 5,
  },
  readinessProbe: { httpGet: { path: '/ready', port: 'readiness-probe', scheme: 'HTTP' } },
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  },
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace, labels },
  spec: {
    replicas: 2,
    strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: 'coredns',
        affinity: {
          podAntiAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              {
                weight: 100,
                podAffinityTerm: {
                  labelSelector: { matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }] },
                  topologyKey: 'kubernetes.io/hostname',
                },
              },
            ],
          },
        },
        tolerations: [
          { key: 'CriticalAddonsOnly', operator: 'Exists' },
          { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' },
        ],
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        containers: [container],
        dnsPolicy: 'Default',
        volumes: [
          { name: 'config-volume', configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] } },
        ],
      },
    },
  },
}

/** CoreDNS as kubeadm (1.34) installs it; its ClusterRole and binding are among the first objects already. */
export const coredns: readonly AddonObject[] = [
  configMap({ name: 'coredns', namespace }, { Corefile: COREFILE }),
  serviceAccount({ name: 'coredns', namespace }),
  service,
  deployment,
].map((object) => addonObject('kubeadm', object))
