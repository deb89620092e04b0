import type { Cancel } from '../../clock/clock.ts'
import { EventRecorder } from '../../events/recorder.ts'
import { conditionOf, isReady, isTerminal, statusOf } from '../../kinds/pod/status.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { follow } from '../../storage/follow.ts'
import { type Cluster, CONTROLLER_MANAGER, type Controller } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { WorkQueue } from '../work-queue.ts'
import { Writer } from '../writer.ts'
import { NodeHealth, unknownNode } from './health.ts'
import { LEASE_NAMESPACE, LEASES, NODES, PODS, readyOf, regardingNode, zoneOf } from './node.ts'
import { changeTaints, hasTaint, keysFor, NOT_READY, ownKeysOf, UNREACHABLE } from './taints.ts'
import { Zone, zoneState } from './zones.ts'

/** Milliseconds until taints follow a node's change: the scheduler has looked at the change itself by then. */
const ANSWER = 10
/** Milliseconds between looks at all nodes: `--node-monitor-period`. */
const MONITOR_PERIOD = 5_000
const EXCLUDED = 'node.kubernetes.io/exclude-disruption'

/** Gives nodes up that are not heard of, says so of their Pods, and taints nodes by their conditions: upstream's node-lifecycle-controller (1.34). */
export class NodeLifecycle implements Controller {
  readonly #cluster: Cluster
  readonly #report: ((error: unknown) => void) | undefined
  readonly #writer: Writer
  readonly #events: EventRecorder
  readonly #queue: WorkQueue
  readonly #health = new NodeHealth()
  readonly #zones = new Map<string, Zone>()
  /** Nodes of which was told that they are there; undefined while that has to be learnt again, without telling. */
  #known: Map<string, ApiObject> | undefined = new Map()
  #ends: readonly (() => void)[] = []
  #cancelTainting: Cancel | undefined

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    const { backend } = cluster
    this.#cluster = cluster
    this.#report = report
    this.#writer = new Writer(backend, CONTROLLER_MANAGER)
    this.#events = new EventRecorder(backend, { component: 'node-controller' }, CONTROLLER_MANAGER)
    this.#queue = new WorkQueue({ clock: backend.clock, sync: (key) => this.#sync(key), report })
  }

  start(): void {
    if (this.#ends.length > 0) return
    const { store, clock } = this.#cluster.backend
    const later = (begin: () => void) => clock.after(0, begin)
    const nodes = store.collection(NODES)
    const pods = store.collection(PODS)
    if (nodes === undefined || pods === undefined) return
    this.#ends = [
      follow(
        nodes,
        ({ type, object }) => type !== 'DELETED' && this.#queue.addAfter(`node/${object.metadata.name}`, ANSWER),
        {
          later,
          closed: () => this.#forget(),
        },
      ),
      follow(
        pods,
        ({ type, object }) => {
          // Only what calls itself ready may have to be told otherwise
          if (type !== 'DELETED' && isReady(object)) this.#podIsReady(object)
        },
        { later },
      ),
      clock.every(MONITOR_PERIOD, () => this.#monitor()),
    ]
    this.#queue.add('monitor')
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
    this.#queue.clear()
    this.#forget()
    this.#known = new Map()
  }

  #forget(): void {
    this.#cancelTainting?.()
    this.#cancelTainting = undefined
    this.#health.clear()
    this.#zones.clear()
    this.#known = undefined
  }

  #podIsReady({ metadata: { namespace, name }, spec }: ApiObject): void {
    const { nodeName = '' } = spec as { readonly nodeName?: string }
    const node = this.#node(nodeName)
    if (node !== undefined && readyOf(node)?.status !== 'True') this.#queue.add(`pod/${namespace}/${name}`)
  }

  #sync(key: string): void {
    const [what, first = '', second = ''] = key.split('/')
    if (what === 'monitor') this.#monitor()
    else if (what === 'node') this.#taint(first)
    else {
      const pod = this.#cluster.backend.store.collection(PODS)?.get(first, second)
      const { nodeName = '' } = (pod?.spec ?? {}) as { readonly nodeName?: string }
      const node = this.#node(nodeName)
      const ready = node === undefined ? undefined : readyOf(node)
      if (pod !== undefined && ready !== undefined && ready.status !== 'True') this.#markNotReady(pod)
    }
  }

  #node(name: string): ApiObject | undefined {
    return this.#cluster.backend.store.collection(NODES)?.get(undefined, name)
  }

  /** The taints that keep Pods from coming are those that its conditions ask for. */
  #taint(name: string): void {
    const node = this.#node(name)
    if (node === undefined) return
    const wanted = keysFor(node)
    const there = ownKeysOf(node)
    const add = wanted.filter((key) => !there.includes(key))
    const remove = there.filter((key) => !wanted.includes(key))
    if (add.length === 0 && remove.length === 0) return
    changeTaints(this.#writer, node, { effect: 'NoSchedule', add, remove }, this.#time())
  }

  #monitor(): void {
    const nodes = [...(this.#cluster.backend.store.collection(NODES) ?? [])]
    this.#register(nodes)
    const zones = new Map<string, { ready: number; notReady: number }>()
    for (const { metadata } of nodes) {
      try {
        this.#look(metadata.name)
      } catch (error) {
        this.#report?.(error)
      }
      const node = this.#node(metadata.name)
      if (node === undefined || Object.hasOwn(node.metadata.labels ?? {}, EXCLUDED)) continue
      const counts = zones.get(zoneOf(node)) ?? { ready: 0, notReady: 0 }
      counts[readyOf(node)?.status === 'True' ? 'ready' : 'notReady']++
      zones.set(zoneOf(node), counts)
    }
    this.#handleDisruption(zones, nodes)
    this.#taintLater()
  }

  #register(nodes: readonly ApiObject[]): void {
    const known = this.#known
    this.#known = new Map(nodes.map((node) => [node.metadata.name, node]))
    if (known === undefined) return
    for (const node of nodes) {
      const { name } = node.metadata
      if (known.has(name)) continue
      this.#events.normal(
        regardingNode(node),
        'RegisteredNode',
        `Node ${name} event: Registered Node ${name} in Controller`,
      )
    }
    for (const [name, node] of known) {
      if (this.#known.has(name)) continue
      this.#health.forget(name)
      for (const zone of this.#zones.values()) zone.waiting.delete(name)
      this.#events.normal(
        regardingNode(node),
        'RemovingNode',
        `Node ${name} event: Removing Node ${name} from Controller`,
      )
    }
  }

  #look(name: string): void {
    const { store, clock } = this.#cluster.backend
    const node = this.#node(name)
    if (node === undefined) return
    const before = readyOf(node)?.status
    const now = clock.now()
    const lease = store.collection(LEASES)?.get(LEASE_NAMESPACE, name)
    const lost = this.#health.isLost(node, lease, now) && before !== 'Unknown'
    const current = lost
      ? this.#writer.update({ resource: NODES, name, subresource: 'status' }, (live) => unknownNode(live, now))
      : node
    const status = readyOf(current)?.status
    if (status === undefined) return
    this.#evictOrNot(current, status)
    // A kubelet that says itself that it is not ready has told of its Pods too
    if (status === 'True' || before !== 'True') return
    this.#events.normal(regardingNode(node), 'NodeNotReady', `Node ${name} status is now: NodeNotReady`)
    this.#markAllNotReady(name)
  }

  /** A node that is not ready is to lose its Pods, when its turn comes; a ready one is not. */
  #evictOrNot(node: ApiObject, status: string): void {
    const zone = this.#zone(zoneOf(node))
    if (status === 'True') {
      this.#markReachable(node)
      return
    }
    const wanted = status === 'False' ? NOT_READY : UNREACHABLE
    const other = status === 'False' ? UNREACHABLE : NOT_READY
    if (hasTaint(node, other, 'NoExecute')) this.#execute(node, wanted, other)
    else if (!hasTaint(node, wanted, 'NoExecute')) zone.waiting.add(node.metadata.name)
  }

  #markReachable(node: ApiObject): void {
    this.#zone(zoneOf(node)).waiting.delete(node.metadata.name)
    const remove = [UNREACHABLE, NOT_READY].filter((key) => hasTaint(node, key, 'NoExecute'))
    if (remove.length > 0) changeTaints(this.#writer, node, { effect: 'NoExecute', add: [], remove }, this.#time())
  }

  #execute(node: ApiObject, add: string, remove: string): void {
    changeTaints(this.#writer, node, { effect: 'NoExecute', add: [add], remove: [remove] }, this.#time())
  }

  #handleDisruption(
    counts: ReadonlyMap<string, { readonly ready: number; readonly notReady: number }>,
    nodes: readonly ApiObject[],
  ): void {
    const now = this.#cluster.backend.clock.now()
    for (const name of this.#zones.keys()) if (!counts.has(name)) this.#zones.delete(name)
    const states = [...counts].map(([name, { ready, notReady }]) => {
      return { zone: this.#zone(name), state: zoneState(ready, notReady), nodes: ready + notReady }
    })
    const wereAllFull = states.every(({ zone }) => zone.state === 'full')
    const areAllFull = states.every(({ state }) => state === 'full')
    if (wereAllFull && areAllFull) return
    if (areAllFull) {
      // If nobody is heard of, it is more likely that we do not hear
      for (const { metadata } of nodes) {
        const node = this.#node(metadata.name)
        if (node !== undefined) this.#markReachable(node)
      }
      for (const { zone } of states) {
        zone.state = 'full'
        zone.setRate(0, now)
      }
      return
    }
    if (wereAllFull) this.#health.renewAll(now)
    for (const { zone, state, nodes: size } of states) {
      if (wereAllFull || zone.state !== state) zone.setState(state, size, now)
    }
  }

  #zone(name: string): Zone {
    let zone = this.#zones.get(name)
    if (zone === undefined) {
      zone = new Zone(this.#cluster.backend.clock.now())
      this.#zones.set(name, zone)
    }
    return zone
  }

  #taintLater(): void {
    if (this.#cancelTainting !== undefined) return
    const { clock } = this.#cluster.backend
    const waits = [...this.#zones.values()].flatMap((zone) => zone.wait(clock.now()) ?? [])
    if (waits.length === 0) return
    this.#cancelTainting = clock.after(Math.min(...waits), () => {
      this.#cancelTainting = undefined
      for (const zone of this.#zones.values()) {
        const name = zone.take(clock.now())
        if (name !== undefined) this.#taintForEviction(name)
      }
      this.#taintLater()
    })
  }

  #taintForEviction(name: string): void {
    const node = this.#node(name)
    const status = node === undefined ? undefined : readyOf(node)?.status
    if (node === undefined || status === undefined || status === 'True') return
    if (status === 'False') this.#execute(node, NOT_READY, UNREACHABLE)
    else this.#execute(node, UNREACHABLE, NOT_READY)
  }

  #markAllNotReady(node: string): void {
    for (const pod of this.#cluster.backend.store.collection(PODS)?.byIndex('spec.nodeName', node) ?? []) {
      if (isReady(pod)) this.#markNotReady(pod)
    }
  }

  #markNotReady(pod: ApiObject): void {
    if (isTerminal(pod) || !isReady(pod)) return
    const { namespace, name } = pod.metadata
    const at = this.#time()
    orElse(() => {
      const marked = this.#writer.update({ resource: PODS, namespace, name, subresource: 'status' }, (live) => {
        const status = statusOf(live)
        const ready = conditionOf(status, 'Ready')
        const conditions = (status.conditions ?? []).map((one) =>
          one === ready ? { ...one, status: 'False', lastTransitionTime: at } : one,
        )
        return { ...live, status: { ...status, conditions } }
      })
      this.#events.warning(marked, 'NodeNotReady', 'Node is not ready')
    }, 'NotFound')
  }

  #time(): string {
    return formatTime(this.#cluster.backend.clock.now())
  }
}
