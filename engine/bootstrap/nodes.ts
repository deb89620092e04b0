import type { Backend } from '../admission/plugin.ts'
import { KERNEL_RELEASE } from '../containers/kernel.ts'
import { CONTROLLER_MANAGER } from '../controllers/cluster.ts'
import { Writer } from '../controllers/writer.ts'
import { formatMicroTime, formatTime } from '../objects/time.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { recordedVersion } from '../schema/data.ts'
import { withMetadata } from '../storage/metadata.ts'

const NODES: GroupResource = { group: '', resource: 'nodes' }
const LEASES: GroupResource = { group: 'coordination.k8s.io', resource: 'leases' }

/** What each node has to give: that of a small machine. */
const CAPACITY = {
  cpu: '4',
  'ephemeral-storage': '61202244Ki',
  'hugepages-1Gi': '0',
  'hugepages-2Mi': '0',
  memory: '8Gi',
  pods: '110',
}
/** Seconds for which a node's lease holds: the kubelet's. */
const LEASE_SECONDS = 40

const CONDITIONS = [
  ['MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'],
  ['DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'],
  ['PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'],
  ['Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'],
] as const

/** The first is the control plane, as in kind's clusters; it takes Pods only where it is alone. */
export function nodeNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    index === 0 ? 'control-plane' : index === 1 ? 'worker' : `worker${index}`,
  )
}

/** Registers nodes that are Ready: their kubelets come, kubeadm and the controllers add what is theirs. */
export function addNodes(backend: Backend, count: number): void {
  const { clock, ids } = backend
  const at = clock.now()
  const make = (metadata: object, rest: object) => {
    const own = { uid: ids.uid(), creationTimestamp: formatTime(at), resourceVersion: '' }
    return { ...rest, metadata: { ...metadata, ...own } } as ApiObject
  }
  for (const [index, name] of nodeNames(count).entries()) {
    const rest = { apiVersion: 'v1', kind: 'Node', spec: { providerID: `quayside://${name}` } }
    let node = new Writer(backend, 'kubelet').put(NODES, undefined, make({ name, labels: labelsOf(name) }, rest))
    const change = (manager: string, by: (now: ApiObject) => ApiObject, subresource?: string): void => {
      node = new Writer(backend, manager).put(NODES, node, by(node), subresource)
    }
    if (index === 0) change('kubeadm', (now) => asControlPlane(now, count > 1))
    change(CONTROLLER_MANAGER, (now) => withRange(now, `10.244.${index}.0/24`))
    change('kubelet', (now) => ({ ...now, status: statusOf(name, index, formatTime(at)) }), 'status')
    const spec = { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: formatMicroTime(at) }
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', spec }
    new Writer(backend, 'kubelet').put(LEASES, undefined, make({ name, namespace: 'kube-node-lease' }, lease))
  }
}

const labelsOf = (name: string) => ({
  'beta.kubernetes.io/arch': 'amd64',
  'beta.kubernetes.io/os': 'linux',
  'kubernetes.io/arch': 'amd64',
  'kubernetes.io/hostname': name,
  'kubernetes.io/os': 'linux',
})

function asControlPlane(node: ApiObject, tainted: boolean): ApiObject {
  const labels = {
    ...node.metadata.labels,
    'node-role.kubernetes.io/control-plane': '',
    'node.kubernetes.io/exclude-from-external-load-balancers': '',
  }
  const taints = [{ effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' }]
  const marked = withMetadata(node, { labels })
  return tainted ? { ...marked, spec: { ...(node.spec as object), taints } } : marked
}

function withRange(node: ApiObject, podCIDR: string): ApiObject {
  const marked = withMetadata(node, { annotations: { 'node.alpha.kubernetes.io/ttl': '0' } })
  return { ...marked, spec: { ...(node.spec as object), podCIDR, podCIDRs: [podCIDR] } }
}

function statusOf(name: string, index: number, now: string): object {
  return {
    addresses: [
      { type: 'InternalIP', address: `172.18.0.${index + 2}` },
      { type: 'Hostname', address: name },
    ],
    allocatable: CAPACITY,
    capacity: CAPACITY,
    conditions: CONDITIONS.map(([type, status, reason, message]) => ({
      type,
      status,
      reason,
      message,
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    })),
    daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
    nodeInfo: {
      architecture: 'amd64',
      bootID: '',
      containerRuntimeVersion: 'quayside://1',
      kernelVersion: KERNEL_RELEASE,
      kubeProxyVersion: '',
      kubeletVersion: recordedVersion.gitVersion,
      machineID: '',
      operatingSystem: 'linux',
      osImage: 'Quayside',
      systemUUID: '',
    },
  }
}
