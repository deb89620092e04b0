import { type AddonOptions, addons } from '../addons/addons.ts'
import { controlPlanePods } from '../addons/control-plane.ts'
import { addonImages } from '../addons/images/images.ts'
import type { ApiServer } from '../api/api-server.ts'
import type { MetricsSource, NodeRuntime } from '../api/runtime.ts'
import type { ServiceAccountTokens } from '../auth/service-accounts.ts'
import { nodeNames } from '../bootstrap/nodes.ts'
import { Random } from '../clock/random.ts'
import type { ImageRegistry } from '../containers/contract.ts'
import type { Blobs } from '../containers/files/blobs.ts'
import { emptyTree } from '../containers/files/volume.ts'
import { createMachine } from '../containers/machine.ts'
import { appControllers } from '../controllers/apps.ts'
import { batchControllers } from '../controllers/batch.ts'
import type { Controller } from '../controllers/cluster.ts'
import { networkControllers } from '../controllers/network.ts'
import { NODES } from '../controllers/nodes/node.ts'
import { nodeControllers } from '../controllers/nodes.ts'
import { scalingControllers } from '../controllers/scaling.ts'
import { volumeControllers } from '../controllers/volumes.ts'
import type { KeptNodes, PutBackNodes } from '../kubelet/kept.ts'
import { createKubelets, type NodeControls } from '../kubelet/kubelets.ts'
import { MACHINE } from '../kubelet/profiles/machine.ts'
import type { Profile } from '../kubelet/profiles/profile.ts'
import { NodeDoor } from '../kubelet/runtime/node-door.ts'
import { createClusterNetwork } from '../network/cluster-network.ts'
import type { ClusterNetwork } from '../network/contract.ts'
import { scheduler } from '../scheduler/scheduler.ts'
import { apiServerEnd } from './api-server-end.ts'
import { LateWorkers } from './late-workers.ts'

/** kind's node image has them in it. */
const ADDON_IMAGES = addonImages.flatMap(({ repository, tags }) => tags.map((tag) => `${repository}:${tag}`))
/** The first node has it. */
const CONTROL_PLANE = nodeNames(1)[0] as string
/** What a node has: cores, and bytes of memory. */
const CORES = 4
const MEMORY = 8 * 2 ** 30

/** How a cluster moves. */
export interface WorkloadsOptions {
  /** Where images come from; without it every image is found, which is of use only where nothing runs. */
  readonly images?: ImageRegistry
  /** What every node has from the beginning, besides what the addons run; all else is pulled. */
  readonly preloaded?: readonly string[]
  /** Timing and faults of nodes; as of a machine if not said. */
  readonly profile?: Profile
  /** What kind's clusters have in kube-system, and what is asked for besides; without it nothing of that. */
  readonly addons?: Omit<AddonOptions, 'controlPlane'>
}

/** Everything that runs on an API server: controllers, scheduler, nodes with their containers, the network between them. */
export interface Workloads {
  readonly nodes: NodeControls
  readonly network: ClusterNetwork
  /** Goes up with each change of what `keep` gives and no object tells of: files, what was logged. */
  readonly stirs: number
  /** What is to be known of what runs, beside the cluster's objects, after a restore. */
  keep(blobs: Blobs): KeptNodes
  stop(): void
}

/** What a cluster gives to those who put workloads on it. */
export interface Ground {
  readonly api: ApiServer
  readonly seed: number | string
  readonly tokens?: ServiceAccountTokens | undefined
  /** PEM, of the authority that clients of the cluster trust. */
  readonly authority?: string | undefined
  readonly report?: ((error: unknown) => void) | undefined
  /** What was kept of workloads before, of which the cluster's objects tell: they go on. */
  readonly putBack?: PutBackNodes | undefined
}

/** Workloads of one cluster, before there is one: its API server is made with what it reaches nodes by. */
export interface PlannedWorkloads {
  readonly runtime: NodeRuntime
  readonly metrics: MetricsSource
  start(ground: Ground): Workloads
}

/** For `createCluster`: a cluster that moves. */
export function workloads(options: WorkloadsOptions): PlannedWorkloads {
  const door = new NodeDoor()
  return { runtime: door, metrics: door.metrics, start: (ground) => start(options, door, ground) }
}

function start(options: WorkloadsOptions, door: NodeDoor, ground: Ground): Workloads {
  const { images, profile = MACHINE, addons: wanted, preloaded = [] } = options
  const { api, seed, tokens, authority = '', report, putBack } = ground
  const { backend } = api
  const { clock } = backend
  const begun = new Random(seed).split('workloads')
  // What goes on must not draw again what was drawn before
  const random = putBack === undefined ? begun : begun.split(`from ${backend.store.version}`)
  const names = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local']
  let stirs = 0
  const stirred = () => {
    stirs++
  }
  const end = apiServerEnd({ clock, handle: (request) => api.handle(request), tls: { names, authority } })
  const network = createClusterNetwork({
    backend,
    random: random.split('network'),
    apiServer: end,
    ...(report === undefined ? {} : { report }),
  })
  const kubelets = createKubelets({
    cluster: api,
    random: random.split('kubelets'),
    profile,
    ...(profile.runs
      ? { machines: machine, trees: (kept) => emptyTree({ now: () => clock.now(), stirred }, kept) }
      : {}),
    network,
    ...(images === undefined ? {} : { images }),
    tokens,
    door,
    preloaded: wanted === undefined ? preloaded : [...ADDON_IMAGES, ...preloaded],
    ...(wanted === undefined
      ? {}
      : { staticPods: (node: string) => (node === CONTROL_PLANE ? controlPlanePods(node, wanted.cluster) : []) }),
    report,
    putBack,
  })
  function machine(node: string) {
    return createMachine({ clock, random: random.split(`machine ${node}`), cores: CORES, memory: MEMORY, stirred })
  }
  const { nodes } = kubelets
  const directories = {
    remove(node: string, path: string) {
      if (nodes.names().includes(node)) nodes.files(node)?.remove(path, { recursive: true })
    },
  }
  const lateWorkers = new LateWorkers(
    backend,
    Array.from(backend.store.collection(NODES) ?? [], ({ metadata }) => metadata.name).filter(
      (name) => name !== CONTROL_PLANE,
    ),
  )
  const controllers: readonly Controller[] = [
    ...appControllers(api, report),
    ...batchControllers(api, report),
    ...(api.scales === undefined ? [] : scalingControllers(api, { metrics: door.metrics, scales: api.scales, report })),
    ...networkControllers(api, report),
    ...nodeControllers(api, report),
    ...volumeControllers(api, report, directories),
    scheduler(api, { random: random.split('scheduler'), report }),
    ...kubelets.controllers,
  ]
  if (wanted !== undefined && putBack === undefined) {
    lateWorkers.start()
    addons(backend, { ...wanted, controlPlane: CONTROL_PLANE })
  }
  for (const controller of controllers) controller.start()
  return {
    nodes,
    network,
    get stirs() {
      return stirs
    },
    keep: (blobs) => kubelets.keep(blobs),
    stop() {
      lateWorkers.stop()
      for (const controller of controllers) controller.stop()
      network.stop()
      end.stop()
    },
  }
}
