/** A Kubernetes cluster of a few nodes: each controller in its turn, ten times a second. After Kubernetes 1.34. */
import { type App, ask, busy, type Release, stopApp } from '../app.ts'
import type { Moment } from '../happenings.ts'
import { pick } from '../random.ts'
import type { Requests } from '../requests.ts'
import { Autoscaler } from './autoscaler.ts'
import { tickPod } from './kubelet.ts'
import { schedule } from './scheduler.ts'
import {
  type ClusterOptions,
  GRACE,
  HEARTBEAT_EVERY,
  MONITOR_EVERY,
  type Node,
  type Pod,
  PROPAGATION,
  STOPPING,
} from './state.ts'
import { Workload } from './workload.ts'

/** Where the data is: on the disk of one node, or behind the network and attached to one node at a time. */
export interface Volume {
  kind: 'local' | 'network'
  node: string | undefined
  entries: number
}

export class Cluster {
  readonly nodes: Node[]
  pods: Pod[] = []
  readonly workload: Workload
  readonly volume: Volume | undefined
  readiness: boolean
  liveness: boolean
  graceful: boolean
  toleration: number
  /** Names of the Pods to which every node sends the Service's requests. */
  endpoints: readonly string[] = []
  readonly #autoscaler: Autoscaler | undefined
  /** Changes of the endpoints that the nodes do not know yet. */
  #coming: { at: number; names: readonly string[] }[] = []

  constructor(options: ClusterOptions, release: Release) {
    this.nodes = options.nodes.map((name) => ({
      name,
      up: true,
      heartbeat: 0,
      ready: true,
      lostAt: 0,
      cordoned: false,
      outOfService: false,
    }))
    this.workload = new Workload(options.replicas, release, options.volume !== undefined)
    this.volume = options.volume ? { kind: options.volume, node: undefined, entries: 0 } : undefined
    this.readiness = options.readiness
    this.liveness = options.liveness
    this.graceful = options.graceful
    this.toleration = options.toleration
    this.#autoscaler = options.autoscaler ? new Autoscaler(options.autoscaler) : undefined
  }

  tick(moment: Moment): void {
    for (const node of this.nodes) this.#watch(node, moment)
    if (this.#autoscaler) {
      const measured = this.pods.filter((pod) => pod.ready && pod.deletedAt === undefined)
      const parts = measured.map(({ app }) => busy(app))
      this.workload.replicas = this.#autoscaler.look(this.workload.replicas, parts, moment)
    }
    this.workload.tick(this.pods, moment)
    schedule(this, moment)
    for (const pod of this.pods) {
      this.#terminate(pod, moment)
      tickPod(pod, this, moment)
    }
    this.pods = this.pods.filter(({ goneAt }) => goneAt === undefined || goneAt > moment.now)
    this.#publish(moment)
  }

  nodeOf(pod: Pod): Node | undefined {
    return this.nodes.find(({ name }) => name === pod.node)
  }

  /** Heartbeats, and the node lifecycle controller that misses them. */
  #watch(node: Node, moment: Moment): void {
    const { now } = moment
    const mine = () => this.pods.filter((pod) => pod.node === node.name)
    if (node.up) {
      if (now % HEARTBEAT_EVERY === 0) node.heartbeat = now
      return
    }
    if (node.ready && now % MONITOR_EVERY === 0 && now - node.heartbeat >= GRACE) {
      node.ready = false
      node.lostAt = now
      for (const pod of mine()) pod.ready = false
      moment.say({ what: 'node-lost', node: node.name, seconds: Math.round((now - node.heartbeat) / 1000) })
    }
    if (node.ready) return
    if (now - node.lostAt === this.toleration || (now - node.lostAt > this.toleration && mine().some(isLive))) {
      for (const pod of mine().filter(isLive)) {
        pod.deletedAt = now
        if (this.volume) moment.say({ what: 'pod-stuck', pod: pod.name, node: node.name })
      }
      moment.say({ what: 'node-evicted', node: node.name, seconds: Math.round(this.toleration / 1000) })
    }
  }

  /** A Pod that was deleted stops on its node; on a node that nobody hears of, it stays in the list. */
  #terminate(pod: Pod, { now }: Moment): void {
    if (pod.deletedAt === undefined || pod.goneAt !== undefined) return
    const node = this.nodeOf(pod)
    if (node === undefined) pod.goneAt = now
    else if (node.outOfService) pod.goneAt = now
    else if (node.up) {
      if (!this.graceful) stopApp(pod.app)
      pod.goneAt = now + (pod.running ? STOPPING : 0)
    }
  }

  /** EndpointSlice controller and kube-proxy: who is ready, known everywhere a moment later. */
  #publish({ now }: Moment): void {
    const names = this.pods.filter((pod) => pod.ready && isLive(pod)).map(({ name }) => name)
    const last = this.#coming.at(-1)?.names ?? this.endpoints
    if (names.join() !== last.join()) this.#coming.push({ at: now + PROPAGATION, names })
    while (this.#coming[0] !== undefined && this.#coming[0].at <= now)
      this.endpoints = this.#coming.shift()?.names ?? this.endpoints
  }

  /** One request to the Service: one of its endpoints, by chance, as kube-proxy does it. */
  request(moment: Moment, requests: Requests): void {
    const name = pick(moment.random, this.endpoints)
    const pod = this.pods.find((pod) => pod.name === name)
    const answered = pod !== undefined && this.nodeOf(pod)?.up === true && ask(pod.app)
    if (answered && this.volume) this.volume.entries++
    requests.count(moment.now, name, answered)
  }

  // ---- what is done to it ----

  scale(replicas: number, moment: Moment): void {
    moment.say({ what: 'scaled', from: this.workload.replicas, to: replicas })
    this.workload.replicas = replicas
  }

  crash(moment: Moment): void {
    const pod = this.#anyUp(moment)
    if (pod === undefined) return
    // The first time at once, then after 10 s, twice as long each time, at most 5 min.
    const wait = pod.restarts === 0 ? 0 : Math.min(300_000, 10_000 * 2 ** (pod.restarts - 1))
    stopApp(pod.app)
    pod.restarts++
    pod.ready = false
    pod.restartAt = moment.now + 1000 + wait
    moment.say({ what: 'container-restarts', pod: pod.name, node: pod.node ?? '', seconds: Math.round(wait / 1000) })
  }

  hang(moment: Moment): void {
    const pod = this.#anyUp(moment)
    if (pod === undefined) return
    pod.app.state = 'hung'
    moment.say({ what: 'pod-hangs', pod: pod.name })
  }

  /** `kubectl delete pod` */
  remove(moment: Moment): void {
    const pod = this.#anyUp(moment)
    if (pod === undefined) return
    pod.deletedAt = moment.now
    moment.say({ what: 'pod-deleted', pod: pod.name })
  }

  /** The node with most of our Pods goes silent. */
  unplug(moment: Moment): void {
    const node = this.#busiest(({ up }) => up)
    if (node === undefined) return
    node.up = false
    for (const pod of this.pods) if (pod.node === node.name) stopApp(pod.app)
    moment.say({ what: 'node-silent', node: node.name })
  }

  plug(moment: Moment): void {
    for (const node of this.nodes.filter(({ up }) => !up)) {
      Object.assign(node, { up: true, ready: true, outOfService: false, heartbeat: moment.now })
      for (const pod of this.pods.filter((pod) => pod.node === node.name)) {
        pod.running = false
        pod.ready = false
        pod.runsAt = moment.now + 1000
        if (pod.deletedAt !== undefined) pod.goneAt = moment.now + 1000
      }
      moment.say({ what: 'node-back', node: node.name })
    }
  }

  /** `kubectl drain`: cordoned, its Pods evicted. */
  drain(moment: Moment): void {
    const node = this.#busiest(({ up, cordoned }) => up && !cordoned)
    if (node === undefined) return
    node.cordoned = true
    for (const pod of this.pods) if (pod.node === node.name && isLive(pod)) pod.deletedAt = moment.now
    moment.say({ what: 'node-drained', node: node.name })
  }

  uncordon(moment: Moment): void {
    for (const node of this.nodes.filter(({ cordoned }) => cordoned)) {
      node.cordoned = false
      moment.say({ what: 'node-uncordoned', node: node.name })
    }
  }

  outOfService(moment: Moment): void {
    for (const node of this.nodes.filter(({ up }) => !up)) {
      node.outOfService = true
      for (const pod of this.pods) if (pod.node === node.name) pod.deletedAt ??= moment.now
      moment.say({ what: 'node-out-of-service', node: node.name })
    }
  }

  #busiest(which: (node: Node) => boolean): Node | undefined {
    const count = ({ name }: Node) => this.pods.filter((pod) => pod.node === name).length
    return this.nodes.filter(which).sort((a, b) => count(b) - count(a))[0]
  }

  #anyUp(moment: Moment): Pod | undefined {
    return pick(
      moment.random,
      this.pods.filter((pod) => isLive(pod) && (pod.app satisfies App).state === 'up' && this.nodeOf(pod)?.up),
    )
  }
}

const isLive = ({ deletedAt }: Pod) => deletedAt === undefined
