import type { Backend } from '../admission/plugin.ts'
import { formatMicroTime, formatTime } from '../objects/time.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { recordedVersion } from '../schema/data.ts'

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

/** Registers nodes that are Ready, as their kubelets would. */
export function addNodes({ store, clock, ids }: Backend, count: number): void {
  const now = clock.now()
  const put = (resource: GroupResource, object: object, metadata: object): void => {
    const made = {
      ...object,
      metadata: { ...metadata, uid: ids.uid(), creationTimestamp: formatTime(now), resourceVersion: '' },
    }
    store.collection(resource)?.put(made as ApiObject)
  }
  for (const [index, name] of nodeNames(count).entries()) {
    put({ group: '', resource: 'nodes' }, node(name, index, count, formatTime(now)), metadataOf(name, index))
    put(
      { group: 'coordination.k8s.io', resource: 'leases' },
      {
        apiVersion: 'coordination.k8s.io/v1',
        kind: 'Lease',
        spec: { holderIdentity: name, leaseDurationSeconds: LEASE_SECONDS, renewTime: formatMicroTime(now) },
      },
      { name, namespace: 'kube-node-lease' },
    )
  }
}

function metadataOf(name: string, index: number): object {
  return {
    name,
    labels: {
      'beta.kubernetes.io/arch': 'amd64',
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': 'amd64',
      'kubernetes.io/hostname': name,
      'kubernetes.io/os': 'linux',
      ...(index === 0
        ? {
            'node-role.kubernetes.io/control-plane': '',
            'node.kubernetes.io/exclude-from-external-load-balancers': '',
          }
        : {}),
    },
    annotations: { 'node.alpha.kubernetes.io/ttl': '0' },
  }
}

function node(name: string, index: number, count: number, now: string): object {
  const podCIDR = `10.244.${index}.0/24`
  const tainted = index === 0 && count > 1
  return {
    apiVersion: 'v1',
    kind: 'Node',
    spec: {
      podCIDR,
      podCIDRs: [podCIDR],
      providerID: `quayside://${name}`,
      ...(tainted ? { taints: [{ effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' }] } : {}),
    },
    status: {
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
        kernelVersion: '6.12.0',
        kubeProxyVersion: '',
        kubeletVersion: recordedVersion.gitVersion,
        machineID: '',
        operatingSystem: 'linux',
        osImage: 'Quayside',
        systemUUID: '',
      },
    },
  }
}
