/** The engine's side of the comparison: a cluster served over HTTPS, with one node that runs Pods in Docker. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { realClock } from '../../engine/clock/real-clock.ts'
import { serveCluster } from '../../engine/node/serve.ts'
import { PodContainers } from './node/containers.ts'
import { Figures } from './node/figures.ts'
import { Kubelet } from './node/kubelet.ts'
import { DockerRuntime } from './node/runtime.ts'
import { timestamp } from './node/status.ts'
import { Api } from './post.ts'
import type { Side } from './side.ts'

/** The Docker network of the node's Pods. Its addresses are of the range that kind gives Pods, and of a part that kind does not use for its first node. */
const NETWORK = 'quayside-compare-pods'
const SUBNET = '10.244.200.0/24'
const NODE_ADDRESS = '172.30.255.2'

/** Who administrates a cluster of kubeadm, and so of kind. */
const ADMIN = { commonName: 'kubernetes-admin', organizations: ['kubeadm:cluster-admins'] }

/** `node`: its name, which is the real node's, as outputs show it. `report` hears of failures of the engine itself. */
export async function startEmbedded(node: string, report: (error: unknown) => void): Promise<Side> {
  const docker = new Docker()
  const containers = new PodContainers(docker, NETWORK)
  await removeEmbedded(docker)
  await docker.createNetwork({ Name: NETWORK, IPAM: { Driver: 'default', Config: [{ Subnet: SUBNET }] } })
  let kubelet: Kubelet | undefined
  const figures = new Figures(containers, node, () => kubelet?.running() ?? [])
  const cluster = await serveCluster({
    clock: realClock(),
    seed: 'comparison',
    nodes: 0,
    port: 0,
    runtime: new DockerRuntime(docker, containers),
    metrics: figures,
    report,
  })
  const folder = mkdtempSync(join(tmpdir(), 'quayside-compare-embedded-'))
  const kubeconfig = join(folder, 'kubeconfig')
  writeFileSync(kubeconfig, cluster.kubeconfigFor(ADMIN), { mode: 0o600 })
  const api = new Api(kubeconfig, 'kubelet/v1.34.4')
  const close = async () => {
    figures.close()
    await kubelet?.close()
    api.close()
    await cluster.stop()
    await removeEmbedded(docker)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await register(api, node)
  } catch (error) {
    await close()
    throw error
  }
  kubelet = new Kubelet(api, containers, node, NODE_ADDRESS)
  kubelet.begin()
  return { name: 'embedded', kubeconfig, node, close }
}

/** What this side has in Docker: nothing, once it was closed. */
export async function embeddedLeftovers(docker = new Docker()): Promise<string[]> {
  const networks = await docker.listNetworks({ filters: { name: [NETWORK] } })
  const found = await docker.listContainers({ all: true, filters: { network: [NETWORK] } })
  return [...networks.map(({ Name }) => Name), ...found.flatMap(({ Names }) => Names)]
}

async function removeEmbedded(docker: Docker): Promise<void> {
  await new PodContainers(docker, NETWORK).removeAll()
  for (const { Id } of await docker.listNetworks({ filters: { name: [NETWORK] } })) await docker.getNetwork(Id).remove()
}

/** As a kubelet registers its node. */
async function register(api: Api, name: string): Promise<void> {
  const now = timestamp(Date.now())
  const labels = {
    'kubernetes.io/hostname': name,
    'kubernetes.io/os': 'linux',
    'node-role.kubernetes.io/control-plane': '',
  }
  const amounts = { cpu: '4', memory: '8Gi', pods: '110' }
  const status = {
    addresses: [{ type: 'InternalIP', address: NODE_ADDRESS }],
    capacity: amounts,
    allocatable: amounts,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'KubeletReady',
        message: 'ready',
        lastHeartbeatTime: now,
        lastTransitionTime: now,
      },
    ],
  }
  const made = await api.send('POST', '/api/v1/nodes', { apiVersion: 'v1', kind: 'Node', metadata: { name, labels } })
  if (made.status !== 201) throw new Error(`the node was not registered: ${made.text}`)
  const written = await api.send('PATCH', `/api/v1/nodes/${name}/status`, { status }, 'application/merge-patch+json')
  if (written.status !== 200) throw new Error(`the node's status was not written: ${written.text}`)
}
