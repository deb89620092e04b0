import { KIND_FACTS } from '../bootstrap/bootstrap.ts'
import type { NewObject } from '../objects/types.ts'
import { imageOf } from './versions.ts'

const ADDRESS = KIND_FACTS.address
const PKI = '/etc/kubernetes/pki'
const LOCAL = '127.0.0.1'

type HostPathType = 'DirectoryOrCreate' | 'FileOrCreate'

interface Component {
  readonly name: string
  readonly image: string
  readonly command: readonly string[]
  readonly requests: Readonly<Record<string, string>>
  /** Where its probes ask. */
  readonly host: string
  readonly port: number
  readonly scheme: 'HTTP' | 'HTTPS'
  readonly live: string
  readonly started: string
  readonly ready?: string
  /** Names of volumes, with their path on both sides. */
  readonly mounts: readonly (readonly [name: string, path: string, readOnly: boolean, type: HostPathType])[]
  readonly annotations?: Readonly<Record<string, string>>
}

const flags = (program: string, all: Readonly<Record<string, string>>): readonly string[] => [
  program,
  ...Object.entries(all)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `--${name}=${value}`),
]

const CERTIFICATES = [
  ['ca-certs', '/etc/ssl/certs', true, 'DirectoryOrCreate'],
  ['etc-ca-certificates', '/etc/ca-certificates', true, 'DirectoryOrCreate'],
  ['k8s-certs', PKI, true, 'DirectoryOrCreate'],
  ['usr-local-share-ca-certificates', '/usr/local/share/ca-certificates', true, 'DirectoryOrCreate'],
  ['usr-share-ca-certificates', '/usr/share/ca-certificates', true, 'DirectoryOrCreate'],
] as const satisfies Component['mounts']

const kubeconfig = (name: string) => {
  const path = `/etc/kubernetes/${name}.conf`
  return { kubeconfig: path, 'authentication-kubeconfig': path, 'authorization-kubeconfig': path }
}

const etcd = (node: string): Component => ({
  name: 'etcd',
  image: imageOf('etcd'),
  command: flags('etcd', {
    name: node,
    'listen-client-urls': `https://${LOCAL}:2379,https://${ADDRESS}:2379`,
    'advertise-client-urls': `https://${ADDRESS}:2379`,
    'listen-peer-urls': `https://${ADDRESS}:2380`,
    'initial-advertise-peer-urls': `https://${ADDRESS}:2380`,
    'data-dir': '/var/lib/etcd',
    'cert-file': `${PKI}/etcd/server.crt`,
    'key-file': `${PKI}/etcd/server.key`,
    'trusted-ca-file': `${PKI}/etcd/ca.crt`,
    'client-cert-auth': 'true',
    'peer-cert-file': `${PKI}/etcd/peer.crt`,
    'peer-key-file': `${PKI}/etcd/peer.key`,
    'peer-trusted-ca-file': `${PKI}/etcd/ca.crt`,
    'peer-client-cert-auth': 'true',
    'snapshot-count': '10000',
    'listen-metrics-urls': `http://${LOCAL}:2381`,
    'feature-gates': 'InitialCorruptCheck=true',
    'watch-progress-notify-interval': '5s',
    'initial-cluster': `${node}=https://${ADDRESS}:2380`,
  }),
  requests: { cpu: '100m', memory: '100Mi' },
  host: LOCAL,
  port: 2381,
  scheme: 'HTTP',
  live: '/livez',
  started: '/readyz',
  ready: '/readyz',
  mounts: [
    ['etcd-data', '/var/lib/etcd', false, 'DirectoryOrCreate'],
    ['etcd-certs', `${PKI}/etcd`, false, 'DirectoryOrCreate'],
  ],
  annotations: { 'kubeadm.kubernetes.io/etcd.advertise-client-urls': `https://${ADDRESS}:2379` },
})

const apiServer: Component = {
  name: 'kube-apiserver',
  image: imageOf('apiServer'),
  command: flags('kube-apiserver', {
    'advertise-address': ADDRESS,
    'allow-privileged': 'true',
    'authorization-mode': 'Node,RBAC',
    'client-ca-file': `${PKI}/ca.crt`,
    'enable-admission-plugins': 'NodeRestriction',
    'enable-bootstrap-token-auth': 'true',
    'etcd-cafile': `${PKI}/etcd/ca.crt`,
    'etcd-certfile': `${PKI}/apiserver-etcd-client.crt`,
    'etcd-keyfile': `${PKI}/apiserver-etcd-client.key`,
    'etcd-servers': `https://${LOCAL}:2379`,
    'kubelet-client-certificate': `${PKI}/apiserver-kubelet-client.crt`,
    'kubelet-client-key': `${PKI}/apiserver-kubelet-client.key`,
    'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
    'proxy-client-cert-file': `${PKI}/front-proxy-client.crt`,
    'proxy-client-key-file': `${PKI}/front-proxy-client.key`,
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-client-ca-file': `${PKI}/front-proxy-ca.crt`,
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'runtime-config': '',
    'secure-port': String(KIND_FACTS.port),
    'service-account-issuer': 'https://kubernetes.default.svc.cluster.local',
    'service-account-key-file': `${PKI}/sa.pub`,
    'service-account-signing-key-file': `${PKI}/sa.key`,
    'service-cluster-ip-range': KIND_FACTS.serviceCidr,
    'tls-cert-file': `${PKI}/apiserver.crt`,
    'tls-private-key-file': `${PKI}/apiserver.key`,
  }),
  requests: { cpu: '250m' },
  host: ADDRESS,
  port: KIND_FACTS.port,
  scheme: 'HTTPS',
  live: '/livez',
  started: '/livez',
  ready: '/readyz',
  mounts: CERTIFICATES,
  annotations: { 'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${ADDRESS}:${KIND_FACTS.port}` },
}

const controllerManager = (cluster: string): Component => ({
  name: 'kube-controller-manager',
  image: imageOf('controllerManager'),
  command: flags('kube-controller-manager', {
    ...kubeconfig('controller-manager'),
    'allocate-node-cidrs': 'true',
    'bind-address': LOCAL,
    'client-ca-file': `${PKI}/ca.crt`,
    'cluster-cidr': '10.244.0.0/16',
    'cluster-name': cluster,
    'cluster-signing-cert-file': `${PKI}/ca.crt`,
    'cluster-signing-key-file': `${PKI}/ca.key`,
    controllers: '*,bootstrapsigner,tokencleaner',
    'enable-hostpath-provisioner': 'true',
    'leader-elect': 'true',
    'requestheader-client-ca-file': `${PKI}/front-proxy-ca.crt`,
    'root-ca-file': `${PKI}/ca.crt`,
    'service-account-private-key-file': `${PKI}/sa.key`,
    'service-cluster-ip-range': KIND_FACTS.serviceCidr,
    'use-service-account-credentials': 'true',
  }),
  requests: { cpu: '200m' },
  host: LOCAL,
  port: 10257,
  scheme: 'HTTPS',
  live: '/healthz',
  started: '/healthz',
  mounts: [
    CERTIFICATES[0],
    CERTIFICATES[1],
    ['flexvolume-dir', '/usr/libexec/kubernetes/kubelet-plugins/volume/exec', false, 'DirectoryOrCreate'],
    CERTIFICATES[2],
    ['kubeconfig', '/etc/kubernetes/controller-manager.conf', true, 'FileOrCreate'],
    CERTIFICATES[3],
    CERTIFICATES[4],
  ],
})

const scheduler: Component = {
  name: 'kube-scheduler',
  image: imageOf('scheduler'),
  command: flags('kube-scheduler', { ...kubeconfig('scheduler'), 'bind-address': LOCAL, 'leader-elect': 'true' }),
  requests: { cpu: '100m' },
  host: LOCAL,
  port: 10259,
  scheme: 'HTTPS',
  live: '/livez',
  started: '/livez',
  ready: '/readyz',
  mounts: [['kubeconfig', '/etc/kubernetes/scheduler.conf', true, 'FileOrCreate']],
}

function manifest(component: Component): NewObject {
  const { name, image, command, requests, host, port, scheme, live, started, ready, mounts, annotations } = component
  const probe = (path: string, initialDelaySeconds: number, periodSeconds: number, failureThreshold: number) => ({
    httpGet: { host, path, port: 'probe-port', scheme },
    ...(initialDelaySeconds === 0 ? {} : { initialDelaySeconds }),
    timeoutSeconds: 15,
    periodSeconds,
    failureThreshold,
  })
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'kube-system',
      labels: { component: name, tier: 'control-plane' },
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      containers: [
        {
          name,
          image,
          imagePullPolicy: 'IfNotPresent',
          command,
          resources: { requests },
          ports: [{ name: 'probe-port', containerPort: port, hostPort: port, protocol: 'TCP' }],
          livenessProbe: probe(live, 10, 10, 8),
          ...(ready === undefined ? {} : { readinessProbe: probe(ready, 0, 1, 3) }),
          startupProbe: probe(started, 10, 10, 24),
          volumeMounts: mounts.map(([volume, mountPath, readOnly]) => ({
            name: volume,
            mountPath,
            ...(readOnly ? { readOnly } : {}),
          })),
        },
      ],
      hostNetwork: true,
      priority: 2_000_001_000,
      priorityClassName: 'system-node-critical',
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      volumes: mounts.map(([volume, path, , type]) => ({ name: volume, hostPath: { path, type } })),
    },
  }
}

/** The Pods that a control plane's kubelet runs of its own accord, as kubeadm (1.34) writes them for kind. */
export function controlPlanePods(node: string, cluster = 'kind'): readonly NewObject[] {
  return [etcd(node), apiServer, controllerManager(cluster), scheduler].map(manifest)
}
