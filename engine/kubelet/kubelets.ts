import type { ServiceAccountTokens } from '../auth/service-accounts.ts'
import type { Random } from '../clock/random.ts'
import type { FileSystem, ImageRegistry, Machine, VolumeTree } from '../containers/contract.ts'
import type { Blobs } from '../containers/files/blobs.ts'
import type { KeptTree } from '../containers/files/volume.ts'
import type { Cluster, Controller } from '../controllers/cluster.ts'
import { asPod } from '../kinds/pod/status.ts'
import type { Volume } from '../kinds/pod/types.ts'
import type { ClusterNetwork } from '../network/contract.ts'
import type { ApiObject, GroupResource, NewObject } from '../objects/types.ts'
import type { ObjectEvent } from '../storage/event.ts'
import { follow } from '../storage/follow.ts'
import type { DnsOptions } from './env/dns.ts'
import type { KeptNode, KeptNodes, PutBackNodes } from './kept.ts'
import { Kubelet } from './kubelet.ts'
import { UsageSamples } from './metrics/usage-samples.ts'
import type { Pressing } from './node/pressure-watch.ts'
import { ClusterObjects, CONFIG_MAPS, NODES, PODS, SECRETS } from './objects.ts'
import type { Profile } from './profiles/profile.ts'
import type { NodeDoor } from './runtime/node-door.ts'
import { SharedDisks } from './volumes/disks.ts'
import { tokenSource } from './volumes/tokens.ts'

/** Milliseconds between two leases, and two looks at what a node is short of. */
const HEARTBEAT = 10_000
/** Milliseconds within which Pods see what has changed in a ConfigMap or Secret: the kubelet's sync period. */
const SYNC_PERIOD = 60_000
/** Seconds that Pods have to end where a node is shut down in an orderly way. */
const SHUTDOWN_GRACE = 30
const VOLUMES: GroupResource = { group: '', resource: 'persistentvolumes' }

export interface KubeletsOptions {
  readonly cluster: Cluster
  readonly random: Random
  readonly profile: Profile
  /** Makes a node's machine; without it containers only look as if they ran. */
  readonly machines?: (node: string) => Machine
  readonly network?: ClusterNetwork
  /** Without one every image is found. */
  readonly images?: ImageRegistry
  /** Makes an empty volume; needed with `machines`. */
  readonly trees?: (kept?: KeptTree) => VolumeTree
  /** Without them, Pods get no tokens. */
  readonly tokens?: ServiceAccountTokens | undefined
  /** What the API server asks of nodes; they are put behind it while they run. */
  readonly door?: NodeDoor
  /** Manifests of Pods that run on a node by its name, whatever the API says: of the control plane. */
  readonly staticPods?: (node: string) => readonly NewObject[]
  /** Images that each node has from the beginning. */
  readonly preloaded?: readonly string[]
  /** kubeadm's cluster DNS if not said. */
  readonly dns?: DnsOptions
  readonly report?: ((error: unknown) => void) | undefined
  /** What was kept of the nodes: they go on from there, and do not start. */
  readonly putBack?: PutBackNodes | undefined
}

const KUBEADM_DNS: DnsOptions = {
  clusterDns: '10.96.0.10',
  clusterDomain: 'cluster.local',
  host: { nameservers: ['172.18.0.1'], searches: [], options: ['ndots:0'] },
}

export interface NodeState {
  readonly running: boolean
  readonly cutOff: boolean
  /** 1 as it is. */
  readonly slowness: number
}

/** What a lab does with nodes. All throw Error for a node that there is not. */
export interface NodeControls {
  names(): readonly string[]
  state(node: string): NodeState
  /** Pulls the plug: containers vanish, nothing is told any more. Orderly: Pods are ended before. */
  stop(node: string, options?: { readonly orderly?: boolean }): void
  /** Pods of before run anew. */
  start(node: string): void
  /** Containers run on, nobody is reached. */
  setCutOff(node: string, cutOff: boolean): void
  /** All that computes and sleeps runs so many times slower; milliseconds more to and from it. */
  slow(node: string, slowness: number, latency?: number): void
  /** Uses up memory, disk or processes beside what Pods use. */
  press(node: string, pressing: Pressing): void
  /** The node's own disk, which hostPath and local volumes are on; undefined where nothing runs. */
  files(node: string): FileSystem | undefined
  /** Other timing and faults from now on. */
  setProfile(profile: Profile): void
}

export interface Kubelets {
  readonly controllers: readonly Controller[]
  readonly nodes: NodeControls
  /** What is to be known of the nodes after a restore. */
  keep(blobs: Blobs): KeptNodes
}

/** The kubelets of all nodes of a cluster, those that come later as well. */
export function createKubelets(options: KubeletsOptions): Kubelets {
  const kubelets = new AllKubelets(options)
  return { controllers: [kubelets], nodes: kubelets.controls, keep: (blobs) => kubelets.keep(blobs) }
}

class AllKubelets implements Controller {
  readonly #options: KubeletsOptions
  readonly #objects: ClusterObjects
  readonly #shared: SharedDisks | undefined
  readonly #kubelets = new Map<string, Kubelet>()
  readonly #samples: UsageSamples
  readonly #stopped = new Set<string>()
  readonly #cutOff = new Set<string>()
  readonly #slowness = new Map<string, number>()
  readonly #latency = new Map<string, number>()
  readonly #refreshes = new Map<string, () => void>()
  #profile: Profile
  #ends: (() => void)[] = []

  constructor(options: KubeletsOptions) {
    const { cluster, profile, trees } = options
    const { backend } = cluster
    this.#options = options
    this.#profile = profile
    this.#objects = new ClusterObjects(backend.store)
    this.#shared = trees === undefined ? undefined : new SharedDisks(trees)
    this.#samples = new UsageSamples(backend.clock, () => this.#kubelets.values())
  }

  start(): void {
    if (this.#ends.length > 0) return
    const { cluster, door, network, trees } = this.#options
    const { clock } = cluster.backend
    const ends = [
      this.#follow(NODES, (event) => this.#nodeChanged(event)),
      this.#follow(PODS, (event) => this.#podChanged(event)),
      clock.every(HEARTBEAT, () => this.#beat()),
    ]
    if (trees !== undefined) {
      ends.push(
        this.#follow(CONFIG_MAPS, (event) => this.#sourceChanged('configMap', event)),
        this.#follow(SECRETS, (event) => this.#sourceChanged('secret', event)),
        this.#follow(VOLUMES, ({ type, object }) => {
          if (type === 'DELETED') this.#shared?.remove(object.metadata.name)
        }),
      )
    }
    if (this.#options.machines !== undefined) this.#samples.start()
    door?.open({
      kubelet: (name) => this.#kubelets.get(name),
      samples: this.#samples,
      apiServer: network?.apiServer,
    })
    this.#ends = ends
    if (this.#options.putBack !== undefined) this.#putBack(this.#options.putBack)
  }

  keep(blobs: Blobs): KeptNodes {
    const kubelets = [...this.#kubelets.values()]
    for (const { workers } of kubelets) {
      for (const { state } of workers) for (const { container } of state.records) container?.beforeKept()
    }
    const nodes = kubelets.map((kubelet): [string, KeptNode] => {
      const { name } = kubelet
      const cutOff = this.#cutOff.has(name)
      const [slowness, latency] = [this.#slowness.get(name) ?? 1, this.#latency.get(name) ?? 0]
      return [name, { ...kubelet.keep(blobs), cutOff, slowness, latency }]
    })
    return {
      nodes: Object.fromEntries(nodes),
      shared: this.#shared?.keep(blobs) ?? {},
      usage: this.#samples.keep(),
    }
  }

  /** All Pods have their addresses before the first container runs. */
  #putBack({ kept, blobs }: PutBackNodes): void {
    this.#shared?.putBack(kept.shared, blobs)
    this.#samples.putBack(kept.usage)
    const nodes = Object.entries(kept.nodes).flatMap(([name, node]) => {
      const kubelet = this.#kubelets.get(name)
      return kubelet === undefined ? [] : [{ kubelet, node }]
    })
    for (const { kubelet, node } of nodes) {
      const { name } = kubelet
      if (!node.running) this.#stopped.add(name)
      if (node.cutOff) this.#cutOff.add(name)
      this.#showCutOff(name)
      if (node.slowness !== 1 || node.latency > 0) this.controls.slow(name, node.slowness, node.latency)
      kubelet.putBack(node, blobs)
    }
    for (const { kubelet, node } of nodes) {
      kubelet.goOn(node, blobs)
      kubelet.setStaticPods(this.#options.staticPods?.(kubelet.name) ?? [])
      if (kubelet.isReachable) this.#tellAll(kubelet)
    }
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    for (const cancel of this.#refreshes.values()) cancel()
    this.#refreshes.clear()
    this.#samples.stop()
    this.#options.door?.close()
    for (const kubelet of this.#kubelets.values()) {
      kubelet.halt()
      // Nobody waits for more lines of what is no longer there
      for (const { state } of kubelet.workers) for (const { log } of state.records) log?.close()
    }
    this.#kubelets.clear()
  }

  readonly controls: NodeControls = {
    names: () => [...this.#kubelets.keys()],
    state: (node) => {
      const { isRunning: running } = this.#named(node)
      return { running, cutOff: this.#cutOff.has(node), slowness: this.#slowness.get(node) ?? 1 }
    },
    stop: (node, { orderly = false } = {}) => {
      const kubelet = this.#named(node)
      if (this.#stopped.has(node)) return
      this.#stopped.add(node)
      const halt = (): void => {
        if (!this.#stopped.has(node)) return
        kubelet.halt()
        this.#showCutOff(node)
      }
      if (orderly) kubelet.shutDown(SHUTDOWN_GRACE, halt)
      else halt()
    },
    start: (node) => {
      const kubelet = this.#named(node)
      this.#stopped.delete(node)
      this.#showCutOff(node)
      kubelet.start()
      this.#tellAll(kubelet)
    },
    setCutOff: (node, cutOff) => {
      const kubelet = this.#named(node)
      if (cutOff) this.#cutOff.add(node)
      else this.#cutOff.delete(node)
      this.#showCutOff(node)
      kubelet.setConnected(!cutOff)
      if (!cutOff) this.#tellAll(kubelet)
    },
    slow: (node, slowness, latency = 0) => {
      this.#named(node).machine?.setSlowness(slowness)
      this.#slowness.set(node, slowness)
      this.#latency.set(node, latency)
      this.#options.network?.setLatency(node, latency)
    },
    press: (node, pressing) => this.#named(node).pressure.press(pressing),
    files: (node) => this.#named(node).disk?.tree.files,
    setProfile: (profile) => {
      this.#profile = profile
    },
  }

  #named(node: string): Kubelet {
    const kubelet = this.#kubelets.get(node)
    if (kubelet === undefined) throw new Error(`There is no node ${node}.`)
    return kubelet
  }

  #showCutOff(node: string): void {
    this.#options.network?.setCutOff(node, this.#cutOff.has(node) || this.#stopped.has(node))
  }

  /** Through restores: after one, Pods that are no longer there end. */
  #follow(resource: GroupResource, told: (event: ObjectEvent) => void): () => void {
    const { backend } = this.#options.cluster
    const collection = backend.store.collection(resource)
    if (collection === undefined) return () => {}
    const later = (begin: () => void): (() => void) =>
      backend.clock.after(0, () => {
        begin()
        if (resource === PODS) for (const kubelet of this.#kubelets.values()) kubelet.sweep()
      })
    return follow(collection, told, { later })
  }

  #nodeChanged({ type, object }: ObjectEvent): void {
    const { name } = object.metadata
    if (type === 'DELETED' || this.#kubelets.has(name)) return
    const { cluster, random, machines, network, images, trees, tokens, dns = KUBEADM_DNS } = this.#options
    const kubelet = new Kubelet({
      name,
      backend: cluster.backend,
      objects: this.#objects,
      random: random.split(name),
      profile: () => this.#profile,
      machine: machines?.(name),
      network: network?.node(name),
      registry: images,
      trees: machines === undefined ? undefined : trees,
      shared: machines === undefined ? undefined : this.#shared,
      tokens: tokens === undefined ? undefined : tokenSource(cluster.backend, tokens),
      dns,
      report: (error) => this.#options.report?.(error),
    })
    this.#kubelets.set(name, kubelet)
    if (this.#options.putBack?.kept.nodes[name] !== undefined) return
    for (const image of this.#options.preloaded ?? []) kubelet.images.preload(image)
    // Not within the telling of a change: what it writes is another
    const cancel = cluster.backend.clock.after(0, () => {
      this.#refreshes.delete(`start ${name}`)
      kubelet.start()
      kubelet.setStaticPods(this.#options.staticPods?.(name) ?? [])
      this.#tellAll(kubelet)
    })
    this.#refreshes.set(`start ${name}`, cancel)
  }

  #podChanged({ type, object }: ObjectEvent): void {
    const { nodeName = '' } = asPod(object).spec
    const kubelet = nodeName === '' ? undefined : this.#kubelets.get(nodeName)
    if (kubelet === undefined) return
    try {
      if (type === 'DELETED') kubelet.podRemoved(object)
      else kubelet.podChanged(object)
    } catch (error) {
      this.#options.report?.(error)
    }
  }

  /** As a list after a time without a watch. */
  #tellAll(kubelet: Kubelet): void {
    const pods = this.#options.cluster.backend.store.collection(PODS)
    for (const pod of pods?.byIndex('spec.nodeName', kubelet.name) ?? []) kubelet.podChanged(pod)
    kubelet.sweep()
  }

  #beat(): void {
    for (const kubelet of this.#kubelets.values()) {
      if (!kubelet.isRunning) continue
      kubelet.pressure.look()
      kubelet.pressure.killWithoutMemory()
      kubelet.heartbeat()
    }
  }

  /** Pods that have mounted it see it within a minute. */
  #sourceChanged(kind: 'configMap' | 'secret', { type, object }: ObjectEvent): void {
    if (type !== 'MODIFIED') return
    for (const kubelet of this.#kubelets.values()) {
      for (const worker of kubelet.workers) {
        if (!worker.mayRun || !mounts(worker.pod, kind, object)) continue
        const { uid } = worker
        if (this.#refreshes.has(uid)) continue
        const { clock } = this.#options.cluster.backend
        const cancel = clock.after(kubelet.random.below(SYNC_PERIOD), () => {
          this.#refreshes.delete(uid)
          if (kubelet.isReachable) worker.refreshVolumes()
        })
        this.#refreshes.set(uid, cancel)
      }
    }
  }
}

function mounts(pod: ApiObject, kind: 'configMap' | 'secret', { metadata }: ApiObject): boolean {
  if (pod.metadata.namespace !== metadata.namespace) return false
  const nameIn = ({ configMap, secret }: Pick<Volume, 'configMap' | 'secret'>): string | undefined =>
    kind === 'configMap' ? configMap?.name : (secret?.secretName ?? (secret as { name?: string } | undefined)?.name)
  return (asPod(pod).spec.volumes ?? []).some(
    (volume) =>
      nameIn(volume) === metadata.name ||
      volume.projected?.sources?.some(
        (source) => nameIn(source as Pick<Volume, 'configMap' | 'secret'>) === metadata.name,
      ) === true,
  )
}
