import { type AddonObject, addonObject, binding, role, rule, serviceAccount } from './objects.ts'
import { imageOf } from './versions.ts'

const namespace = 'kube-system'
const name = 'kindnet'
const labels = { tier: 'node', app: name, 'k8s-app': name }
const field = (fieldPath: string) => ({ valueFrom: { fieldRef: { fieldPath } } })

const container = {
  name: 'kindnet-cni',
  image: imageOf('kindnet'),
  env: [
    { name: 'HOST_IP', ...field('status.hostIP') },
    { name: 'POD_IP', ...field('status.podIP') },
    { name: 'POD_SUBNET', value: '10.244.0.0/16' },
  ],
  volumeMounts: [
    { name: 'cni-cfg', mountPath: '/etc/cni/net.d' },
    { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
    { name: 'lib-modules', mountPath: '/lib/modules', readOnly: true },
    { name: 'nri-plugin', mountPath: '/var/run/nri' },
  ],
  resources: { requests: { cpu: '100m', memory: '50Mi' } },
  securityContext: { privileged: false, capabilities: { add: ['NET_RAW', 'NET_ADMIN'] } },
}

const daemonSet = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name, namespace, labels },
  spec: {
    selector: { matchLabels: { app: name } },
    template: {
      metadata: { labels },
      spec: {
        hostNetwork: true,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: [{ operator: 'Exists' }],
        priorityClassName: 'system-node-critical',
        serviceAccountName: name,
        containers: [container],
        volumes: [
          { name: 'cni-cfg', hostPath: { path: '/etc/cni/net.d' } },
          { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
          { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
          { name: 'nri-plugin', hostPath: { path: '/var/run/nri' } },
        ],
      },
    },
  },
}

const psp = { ...rule('policy', 'podsecuritypolicies', 'use'), resourceNames: [name] }

/** kind's own network, as kind installs it. */
export const kindnet: readonly AddonObject[] = [
  role('ClusterRole', { name }, [
    psp,
    rule('', 'nodes pods namespaces', 'list watch'),
    rule('networking.k8s.io', 'networkpolicies', 'list watch'),
  ]),
  binding({ name }, { kind: 'ClusterRole', name }, { name, namespace }),
  serviceAccount({ name, namespace }),
  daemonSet,
].map((object) => addonObject('kubectl-create', object))
