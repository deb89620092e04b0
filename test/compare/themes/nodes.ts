import { type Theme, writeStatus } from '../theme.ts'
import { boundPod, container } from './manifests.ts'

const node = {
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {
    name: '$NS-node',
    labels: { 'kubernetes.io/hostname': '$NS-node', 'node-role.kubernetes.io/worker': '' },
  },
  spec: { podCIDR: '10.99.0.0/24', providerID: 'example://1' },
}

const TIME = '2026-01-02T03:04:05Z'

const status = {
  addresses: [
    { type: 'InternalIP', address: '192.0.2.7' },
    { type: 'Hostname', address: 'node' },
  ],
  capacity: { cpu: '4', memory: '8Gi', pods: '110', 'ephemeral-storage': '100Gi' },
  allocatable: { cpu: '3800m', memory: '7Gi', pods: '110', 'ephemeral-storage': '90Gi' },
  conditions: [
    {
      type: 'MemoryPressure',
      status: 'False',
      reason: 'KubeletHasSufficientMemory',
      message: 'enough',
      lastHeartbeatTime: TIME,
      lastTransitionTime: TIME,
    },
    {
      type: 'Ready',
      status: 'True',
      reason: 'KubeletReady',
      message: 'ready',
      lastHeartbeatTime: TIME,
      lastTransitionTime: TIME,
    },
  ],
  nodeInfo: {
    machineID: '1',
    systemUUID: '2',
    bootID: '3',
    kernelVersion: '6.1.0',
    osImage: 'Debian',
    containerRuntimeVersion: 'containerd://2.0.0',
    kubeletVersion: 'v1.34.4',
    kubeProxyVersion: '',
    operatingSystem: 'linux',
    architecture: 'amd64',
  },
}

const onNode = (name: string, more: object = {}, labels: Record<string, string> = { app: name }) => {
  const pod = boundPod(name, labels, '$NS-node')
  return { ...pod, metadata: { ...pod.metadata, ...more } }
}

const owned = (kind: string, name: string) => ({
  ownerReferences: [
    { apiVersion: 'apps/v1', kind, name, uid: `$UID-${kind}`, controller: true, blockOwnerDeletion: true },
  ],
})

/** What ends evicted Pods, as a kubelet would. */
const kubelet = (seconds: number) =>
  `for i in $(seq ${seconds * 2}); do for pod in $(kubectl get pods -o go-template='{{range .items}}{{if .metadata.deletionTimestamp}}{{.metadata.name}} {{end}}{{end}}'); do kubectl delete pod $pod --force --grace-period=0 >/dev/null 2>&1; done; sleep 0.5; done`

/** Nodes: looking at them, tainting, cordoning and draining. The node is made by hand, with no kubelet. */
export const nodes: Theme = {
  name: 'nodes',
  files: {
    'node.json': node,
    'plain.json': onNode('plain'),
    'rs.json': {
      apiVersion: 'apps/v1',
      kind: 'ReplicaSet',
      metadata: { name: 'rs' },
      spec: {
        replicas: 2,
        selector: { matchLabels: { app: 'rs' } },
        template: { metadata: { labels: { app: 'rs' } }, spec: { containers: [container()] } },
      },
    },
    'ds.json': {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'ds' },
      spec: {
        selector: { matchLabels: { app: 'ds' } },
        template: { metadata: { labels: { app: 'ds' } }, spec: { containers: [container()] } },
      },
    },
    'rs-1.json': onNode('rs-1', owned('ReplicaSet', 'rs'), { app: 'rs' }),
    'rs-2.json': onNode('rs-2', owned('ReplicaSet', 'rs'), { app: 'rs' }),
    'ds-1.json': onNode('ds-1', owned('DaemonSet', 'ds'), { app: 'ds' }),
    'pdb.json': {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'keep' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'rs' } } },
    },
    'empty-dir.json': (() => {
      const pod = onNode('scratch')
      return { ...pod, spec: { ...pod.spec, volumes: [{ name: 's', emptyDir: {} }] } }
    })(),
    'eviction.json': { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'rs-1' } },
  },
  steps: [
    'kubectl create -f node.json',
    { prepare: writeStatus('node/$NS-node', status).replace('node/$NS-node', '"node/$NS-node"') },
    { prepare: 'kubectl create -f rs.json -f ds.json -f plain.json' },
    {
      prepare: `for f in rs-1 rs-2 ds-1; do sed "s/\\$UID-ReplicaSet/$(kubectl get rs rs -o jsonpath='{.metadata.uid}')/; s/\\$UID-DaemonSet/$(kubectl get ds ds -o jsonpath='{.metadata.uid}')/" $f.json | kubectl create -f -; done`,
    },
    'kubectl get node $NS-node',
    'kubectl get node $NS-node -o wide',
    'kubectl get node $NS-node -o yaml --show-managed-fields',
    'kubectl describe node $NS-node',
    'kubectl taint node $NS-node key=value:NoSchedule',
    'kubectl taint node $NS-node key=value:NoSchedule',
    'kubectl taint node $NS-node key=other:NoSchedule --overwrite',
    'kubectl taint node $NS-node key=value:Sideways',
    'kubectl taint node $NS-node other:NoExecute',
    'kubectl taint node $NS-node key- other:NoExecute-',
    'kubectl taint node $NS-node key-',
    'kubectl label node $NS-node disk=ssd node-role.kubernetes.io/control-plane=',
    'kubectl get nodes -l disk=ssd --no-headers',
    'kubectl cordon $NS-node',
    'kubectl cordon $NS-node',
    'kubectl get node $NS-node',
    'kubectl uncordon $NS-node',
    'kubectl uncordon $NS-node',
    'kubectl uncordon $NS-missing',
    {
      run: 'kubectl drain $NS-node --dry-run=server --ignore-daemonsets --force',
      unordered: true,
      normalise: blockedOrder(),
    },
    { run: 'kubectl drain $NS-node', unordered: true, normalise: blockedOrder() },
    {
      run: 'kubectl drain $NS-node --ignore-daemonsets --force --timeout=30s',
      meanwhile: kubelet(5),
      unordered: true,
      normalise: blockedOrder(),
    },
    'kubectl get pods -o wide',
    'kubectl describe node $NS-node',
    'kubectl uncordon $NS-node',
    {
      prepare: `kubectl create -f pdb.json -f empty-dir.json; for f in rs-1 rs-2; do sed "s/\\$UID-ReplicaSet/$(kubectl get rs rs -o jsonpath='{.metadata.uid}')/" $f.json | kubectl create -f -; done`,
    },
    {
      prepare: writeStatus('pdb/keep', {
        observedGeneration: 1,
        expectedPods: 2,
        currentHealthy: 2,
        desiredHealthy: 2,
        disruptionsAllowed: 0,
      }),
    },
    'kubectl get pdb keep',
    'kubectl drain $NS-node --ignore-daemonsets',
    {
      prepare: `for pod in rs-1 rs-2; do kubectl patch pod $pod --subresource=status --type=merge -p '{"status":{"phase":"Running","conditions":[{"type":"Ready","status":"True"}]}}'; done`,
    },
    'kubectl create --raw /api/v1/namespaces/$NS/pods/rs-1/eviction -f eviction.json',
    {
      run: 'kubectl drain $NS-node --ignore-daemonsets --delete-emptydir-data --force --timeout=3s',
      unordered: true,
      normalise: blockedOrder(),
    },
    { prepare: writeStatus('pdb/keep', { disruptionsAllowed: 1, currentHealthy: 3 }) },
    'kubectl create --raw /api/v1/namespaces/$NS/pods/rs-1/eviction -f eviction.json',
    'kubectl get pdb keep -o yaml --show-managed-fields',
    {
      run: 'kubectl drain $NS-node --ignore-daemonsets --delete-emptydir-data --disable-eviction --force --timeout=30s',
      meanwhile: kubelet(5),
      unordered: true,
      normalise: blockedOrder(),
    },
    'kubectl get pods',
    'kubectl delete node $NS-node',
    'kubectl get node $NS-node',
  ],
}

/** kubectl waits for all Pods at once and names them as their waits end. */
function blockedOrder(): (readonly [RegExp, string])[] {
  return [
    [/error: \[.*\]|occurred: \[.*\]/g, '[one for each Pod]'],
    [/(deleting Pods[^;\n]*); (ignoring[^;\n]*)$/gm, '$2; $1'],
  ]
}
