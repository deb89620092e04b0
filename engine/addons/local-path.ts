import { type AddonObject, addonObject, binding, configMap, role, rule, serviceAccount } from './objects.ts'
import { imageOf } from './versions.ts'

const namespace = 'local-path-storage'
const name = 'local-path-provisioner'
const account = { name: `${name}-service-account`, namespace }
const labels = { app: name }
const ALL = 'get list watch create patch update delete'

const CONFIG = {
  'config.json': `{
        "nodePathMap":[
        {
                "node":"DEFAULT_PATH_FOR_NON_LISTED_NODES",
                "paths":["/var/local-path-provisioner"]
        }
        ]
}`,
  'helperPod.yaml': `apiVersion: v1
kind: Pod
metadata:
  name: helper-pod
spec:
  priorityClassName: system-node-critical
  tolerations:
    - operator: Exists
      effect: NoSchedule
    - operator: Exists
      effect: NoExecute
  containers:
  - name: helper-pod
    image: ${imageOf('localPathHelper')}
    imagePullPolicy: IfNotPresent`,
  setup: '#!/bin/sh\nset -eu\nmkdir -m 0777 -p "$VOL_DIR"',
  teardown: '#!/bin/sh\nset -eu\nrm -rf "$VOL_DIR"',
}

const container = {
  name,
  image: imageOf('localPath'),
  imagePullPolicy: 'IfNotPresent',
  command: [
    'local-path-provisioner',
    '--debug',
    'start',
    '--helper-image',
    imageOf('localPathHelper'),
    '--config',
    '/etc/config/config.json',
  ],
  volumeMounts: [{ name: 'config-volume', mountPath: '/etc/config/' }],
  env: [
    { name: 'POD_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    { name: 'CONFIG_MOUNT_PATH', value: '/etc/config/' },
  ],
}

const deployment = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        tolerations: ['control-plane', 'master'].map((taint) => ({
          key: `node-role.kubernetes.io/${taint}`,
          operator: 'Equal',
          effect: 'NoSchedule',
        })),
        serviceAccountName: account.name,
        containers: [container],
        volumes: [{ name: 'config-volume', configMap: { name: 'local-path-config' } }],
      },
    },
  },
}

/** What makes volumes of directories on nodes, as kind installs it; its StorageClass apart. */
export const localPath: readonly AddonObject[] = [
  { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
  serviceAccount(account),
  role('Role', { name: `${name}-role`, namespace }, [rule('', 'pods', ALL)]),
  role('ClusterRole', { name: `${name}-role` }, [
    rule('', 'nodes persistentvolumeclaims configmaps pods pods/log', 'get list watch'),
    rule('', 'persistentvolumes', ALL),
    rule('', 'events', 'create patch'),
    rule('storage.k8s.io', 'storageclasses', 'get list watch'),
  ]),
  binding({ name: `${name}-bind`, namespace }, { kind: 'Role', name: `${name}-role` }, account),
  binding({ name: `${name}-bind` }, { kind: 'ClusterRole', name: `${name}-role` }, account),
  deployment,
  configMap({ name: 'local-path-config', namespace }, CONFIG),
].map((object) => addonObject('kubectl-client-side-apply', object))
