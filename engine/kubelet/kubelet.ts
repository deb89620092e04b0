import type { Backend } from '../admission/plugin.ts'
import type { Clock } from '../clock/clock.ts'
import type { Random } from '../clock/random.ts'
import type { ImageRegistry, Machine } from '../containers/contract.ts'
import type { Blobs } from '../containers/files/blobs.ts'
import { Writer } from '../controllers/writer.ts'
import type { Regarding } from '../events/recorder.ts'
import { asPod, isTerminal, type Pod } from '../kinds/pod/status.ts'
import type { NodeNetwork } from '../network/contract.ts'
import { deepEqual } from '../objects/equal.ts'
import { StatusError } from '../objects/status-error.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { DnsOptions } from './env/dns.ts'
import { NodeImages, type Tell } from './images/node-images.ts'
import type { KeptNode } from './kept.ts'
import { NodeAddresses } from './node/addresses.ts'
import { NodeEvents } from './node/node-events.ts'
import { NodePresence } from './node/presence.ts'
import { refusalUnder } from './node/pressure.ts'
import { PressureWatch } from './node/pressure-watch.ts'
import { Room } from './node/room.ts'
import { isMirror, mirrorOf, staticPod, uidOnNode } from './node/static-pods.ts'
import { type ClusterObjects, PODS } from './objects.ts'
import { Backoff } from './pod/backoff.ts'
import type { NodeContext } from './pod/context.ts'
import { PodWorker } from './pod/worker.ts'
import type { Profile } from './profiles/profile.ts'
import { spanOf } from './spans.ts'
import { mergeStatus, type PendingResize } from './status/generate.ts'
import type { FullPodStatus } from './status/types.ts'
import { NodeDisk, type SharedDisks, type Trees } from './volumes/disks.ts'
import type { TokenSource } from './volumes/payload.ts'
import type { VolumeOptions } from './volumes/pod-volumes.ts'

/** Milliseconds: containers that crash wait from 10 s, doubled each time, to 5 min (MaxContainerBackOff, 1.34). */
const CRASH_BACKOFF = { first: 10_000, longest: 300_000 }
/** Milliseconds after which it is looked whether all Pods of a node that is shut down have ended. */
const SHUTDOWN_LOOK = 500

export interface KubeletOptions {
  readonly name: string
  readonly backend: Backend
  readonly objects: ClusterObjects
  readonly random: Random
  /** May be another later on. */
  readonly profile: () => Profile
  readonly machine: Machine | undefined
  readonly network: NodeNetwork | undefined
  readonly registry: ImageRegistry | undefined
  readonly trees: Trees | undefined
  readonly shared: SharedDisks | undefined
  readonly tokens: TokenSource | undefined
  readonly dns: DnsOptions
  readonly report: (error: unknown) => void
}

/** The agent of one node: its Pods, its lease, its status (1.34's kubelet). */
export class Kubelet implements NodeContext {
  readonly name: string
  readonly clock: Clock
  readonly random: Random
  readonly objects: ClusterObjects
  readonly images: NodeImages
  readonly machine: Machine | undefined
  readonly network: NodeNetwork | undefined
  readonly volumes: VolumeOptions | undefined
  readonly tokens: TokenSource | undefined
  readonly dns: DnsOptions
  readonly report: (error: unknown) => void
  readonly pressure: PressureWatch
  /** Files on the node's own disk. */
  readonly disk: NodeDisk | undefined
  readonly #backend: Backend
  readonly #profile: () => Profile
  readonly #writer: Writer
  readonly #events: NodeEvents
  readonly #presence: NodePresence
  readonly #workers = new Map<string, PodWorker>()
  readonly #statics = new Map<string, Pod>()
  readonly #dirty = new Set<PodWorker>()
  readonly #changed = new Set<PodWorker>()
  /** The API may say of them what is not so. */
  readonly #unsure = new Set<PodWorker>()
  readonly #room = new Room()
  #crashes = new Backoff(CRASH_BACKOFF)
  #addresses: NodeAddresses | undefined
  #flush: (() => void) | undefined
  #relist: (() => void) | undefined
  #shutdown: (() => void) | undefined
  #running = false
  #connected = true
  #shuttingDown = false

  constructor(options: KubeletOptions) {
    const { name, backend, trees, shared, random } = options
    this.name = name
    this.clock = backend.clock
    this.random = random
    this.objects = options.objects
    this.machine = options.machine
    this.network = options.network
    this.tokens = options.tokens
    this.dns = options.dns
    this.report = options.report
    this.#backend = backend
    this.#profile = options.profile
    this.images = new NodeImages({
      clock: this.clock,
      random,
      profile: options.profile,
      registry: options.registry,
    })
    this.disk = trees === undefined ? undefined : new NodeDisk(trees)
    this.volumes =
      trees === undefined || shared === undefined || this.disk === undefined
        ? undefined
        : { clock: this.clock, trees, disk: this.disk, shared }
    this.#writer = new Writer(backend, 'kubelet')
    this.#events = new NodeEvents(backend, name)
    this.pressure = new PressureWatch(this)
    this.#presence = new NodePresence(this, backend, this.#writer)
  }

  get profile(): Profile {
    return this.#profile()
  }

  get crashes(): Backoff {
    return this.#crashes
  }

  get isRunning(): boolean {
    return this.#running
  }

  get isConnected(): boolean {
    return this.#connected
  }

  /** Others may ask it for logs and processes. */
  get isReachable(): boolean {
    return this.#running && this.#connected
  }

  get workers(): IterableIterator<PodWorker> {
    return this.#workers.values()
  }

  get hostIp(): string {
    const { addresses = [] } = (this.node?.status ?? {}) as {
      readonly addresses?: readonly { readonly type: string; readonly address: string }[]
    }
    return addresses.find(({ type }) => type === 'InternalIP')?.address ?? ''
  }

  get allocatable(): Readonly<Record<string, string>> {
    return ((this.node?.status ?? {}) as { readonly allocatable?: Record<string, string> }).allocatable ?? {}
  }

  get node(): ApiObject | undefined {
    return this.objects.node(this.name)
  }

  workerOf(pod: ApiObject): PodWorker | undefined {
    return this.#workers.get(uidOnNode(pod))
  }

  /** Comes up: with Pods that ran before, all of them run anew. */
  start(): void {
    this.#shutdown?.()
    this.#shutdown = undefined
    this.#shuttingDown = false
    if (this.#running) {
      this.heartbeat()
      return
    }
    this.#running = true
    this.#crashes = new Backoff(CRASH_BACKOFF)
    this.#presence.tellOfStart()
    this.heartbeat()
    for (const worker of [...this.#workers.values()]) {
      this.#hearOfEnd(worker)
      worker.resume()
    }
    for (const pod of this.#statics.values()) this.#runStatic(pod)
  }

  /** A kubelet that comes up hears of its Pods before it runs any: what was to end meanwhile is not started once more. */
  #hearOfEnd(worker: PodWorker): void {
    if (worker.isStatic || !this.#connected) return
    const { namespace, name, uid } = worker.pod.metadata
    const live = this.objects.pod(namespace, name)
    if (live?.metadata.uid !== uid) worker.terminate()
    else if (live.metadata.deletionTimestamp !== undefined) worker.update(asPod(live))
  }

  /** Goes away at once, with all that runs on it. */
  halt(): void {
    if (!this.#running) return
    this.#running = false
    this.#shutdown?.()
    this.#shutdown = undefined
    this.#flush?.()
    this.#relist?.()
    this.#flush = undefined
    this.#relist = undefined
    this.#events.drop()
    for (const worker of this.#workers.values()) worker.halt()
  }

  /** What of it is to be known after a restore; what its containers have in memory is on disk by then. */
  keep(blobs: Blobs): Omit<KeptNode, 'cutOff' | 'slowness' | 'latency'> {
    const disk = this.disk?.keep(blobs)
    return {
      running: this.#running,
      boots: this.#presence.boots,
      pressing: this.pressure.pressing,
      images: this.images.keep(),
      crashes: this.#crashes.keep(),
      ...(disk === undefined ? {} : { disk }),
      pods: [...this.#workers.values()].map((worker) => worker.keep(blobs)),
    }
  }

  /** As it was, without a word of it to anybody. Containers come with `goOn`, once all nodes are there. */
  putBack(kept: KeptNode, blobs: Blobs): void {
    this.images.putBack(kept.images)
    if (kept.disk !== undefined) this.disk?.putBack({ files: kept.disk, blobs })
    this.#presence.putBack(kept.boots)
    this.pressure.press(kept.pressing)
    this.#crashes.putBack(kept.crashes)
    this.#running = kept.running
    this.#connected = !kept.cutOff
    if (kept.cutOff) this.#events.hold()
    for (const one of kept.pods) {
      const worker = new PodWorker(this, one.pod, { isStatic: one.isStatic })
      this.#workers.set(worker.uid, worker)
      if (one.isStatic) this.#statics.set(worker.uid, one.pod)
      worker.putBack(one, blobs, { running: kept.running })
      if (worker.mayRun) this.#room.take(one.pod)
    }
  }

  goOn({ pods }: KeptNode, blobs: Blobs): void {
    if (!this.#running) return
    for (const one of pods) {
      const worker = this.#workers.get(one.pod.metadata.uid)
      if (worker === undefined) continue
      worker.goOn(one, blobs)
      this.#dirty.add(worker)
    }
    this.heartbeat()
    if (this.isReachable) this.#flushSoon()
  }

  /** Ends its Pods as a machine that is shut down does, within so many seconds; what is called when all have ended (nodeshutdown, 1.34). */
  shutDown(grace: number, ended: () => void): void {
    this.#shuttingDown = true
    this.heartbeat()
    const message = 'Pod was terminated in response to imminent node shutdown.'
    const ending = { reason: 'Terminated', message, disruption: { reason: 'TerminationByKubelet', message } }
    for (const worker of this.#workers.values()) worker.terminate({ grace, ending })
    const wait = (): void => {
      const left = [...this.#workers.values()].some(({ isFinished }) => !isFinished)
      if (left) this.#shutdown = this.clock.after(SHUTDOWN_LOOK, wait)
      else ended()
    }
    wait()
  }

  /** Cuts it off from the API server, and back: then it tells what it has held back. Its Pods must be told to it anew by the caller. */
  setConnected(connected: boolean): void {
    if (this.#connected === connected) return
    this.#connected = connected
    if (!connected) {
      this.#events.hold()
      return
    }
    this.#events.release()
    if (!this.#running) return
    this.heartbeat()
    if (this.#dirty.size > 0) this.#flushSoon()
  }

  setStaticPods(manifests: readonly NewObject[]): void {
    const wanted = manifests.map((manifest) => staticPod(manifest, this.name, this.clock.now()))
    const uids = new Set(wanted.map(({ metadata }) => metadata.uid))
    for (const [uid, pod] of this.#statics) {
      if (uids.has(uid)) continue
      this.#statics.delete(uid)
      this.#workers.get(uid)?.terminate()
      this.#removeFromApi(this.objects.pod(pod.metadata.namespace, pod.metadata.name))
    }
    for (const pod of wanted) {
      if (this.#statics.has(pod.metadata.uid)) continue
      this.#statics.set(pod.metadata.uid, pod)
      if (this.#running) this.#runStatic(pod)
    }
  }

  /** A Pod of the API that is bound to this node, new or changed. */
  podChanged(object: ApiObject): void {
    if (!this.isReachable) return
    const pod = asPod(object)
    const known = this.#workers.get(pod.metadata.uid)
    const teller = this.#workers.get(uidOnNode(pod))
    if (teller !== undefined) this.#unsure.add(teller)
    if (isMirror(pod)) this.#mirrorChanged(pod)
    else if (known !== undefined) known.update(pod)
    else this.#podAdded(pod)
  }

  #podAdded(pod: Pod): void {
    if (isTerminal(pod)) {
      if (pod.metadata.deletionTimestamp !== undefined) this.#removeFromApi(pod)
      return
    }
    const worker = new PodWorker(this, pod, { isStatic: false })
    this.#workers.set(worker.uid, worker)
    if (pod.metadata.deletionTimestamp !== undefined) worker.terminate()
    else if (this.#admit(worker)) worker.wake()
  }

  /** It is gone from the API, whatever still runs of it. */
  podRemoved(object: ApiObject): void {
    if (!this.isReachable) return
    const uid = uidOnNode(object)
    const worker = this.#workers.get(uid)
    if (isMirror(object)) {
      const pod = this.#statics.get(uid)
      if (pod !== undefined) this.#mirror(pod)
      return
    }
    if (worker === undefined) return
    // What is gone from the API takes no room, even while it ends: the scheduler gives that room away at once
    this.#room.give(worker.uid)
    if (worker.isFinished) this.#forget(worker)
    else worker.terminate()
  }

  /** Pods that are no longer in the API end. For after a time in which nothing was told. */
  sweep(): void {
    if (!this.isReachable) return
    for (const worker of [...this.#workers.values()]) {
      const { namespace, name } = worker.pod.metadata
      const live = this.objects.pod(namespace, name)
      if (worker.isStatic) {
        if (live === undefined) this.#mirror(worker.pod)
      } else if (live === undefined || live.metadata.uid !== worker.uid) this.podRemoved(worker.pod)
    }
  }

  /** Renews the lease, and tells of the node where that is due. */
  heartbeat(): void {
    if (!this.isReachable) return
    this.#attempt(() => this.#presence.renewLease())
    this.#attempt(() => this.#presence.tellStatus(this.#shuttingDown))
    this.#reconcile()
  }

  tell(pod: Pod, fieldPath?: string): Tell {
    const { apiVersion, kind, metadata } = pod
    const regarding: Regarding = { apiVersion, kind, metadata, ...(fieldPath === undefined ? {} : { fieldPath }) }
    return (type, reason, message) => this.#events.record(regarding, type, reason, message)
  }

  tellOfNode(type: 'Normal' | 'Warning', reason: string, message: string): void {
    // As upstream: the kubelet knows its node by name alone
    const regarding = { apiVersion: 'v1', kind: 'Node', metadata: { name: this.name, uid: this.name } }
    this.#events.record(regarding, type, reason, message)
  }

  newId(): string {
    // Joined, not added up: a sum stays a tree of its parts as long as the container is there
    const words = Array.from({ length: 8 }, () => this.random.uint32().toString(16).padStart(8, '0'))
    return words.join('')
  }

  takeAddress(): string {
    return this.#range().take()
  }

  claimAddress(address: string): void {
    this.#range().claim(address)
  }

  #range(): NodeAddresses {
    const { podCIDR = '10.244.0.0/24' } = (this.node?.spec ?? {}) as { readonly podCIDR?: string }
    this.#addresses ??= new NodeAddresses(podCIDR)
    return this.#addresses
  }

  freeAddress(address: string): void {
    this.#addresses?.free(address)
  }

  relist(worker: PodWorker): void {
    this.#changed.add(worker)
    this.#relist ??= this.clock.after(spanOf(this.profile.delays.relist, this.random), () => {
      this.#relist = undefined
      const changed = [...this.#changed]
      this.#changed.clear()
      for (const one of changed) one.wake()
    })
  }

  statusChanged(worker: PodWorker): void {
    this.#dirty.add(worker)
    if (this.isReachable) this.#flushSoon()
  }

  recharge(worker: PodWorker): PendingResize | undefined {
    return this.#room.change(worker.pod, this.allocatable)
  }

  terminated(worker: PodWorker): void {
    this.#room.give(worker.uid)
    for (const other of this.#workers.values()) if (other.isResizePending) other.resize()
  }

  finished(worker: PodWorker): void {
    this.images.forget(worker.uid)
    const { namespace, name } = worker.pod.metadata
    if (worker.isStatic) {
      if (!this.#statics.has(worker.uid)) this.#workers.delete(worker.uid)
      return
    }
    if (this.objects.pod(namespace, name)?.metadata.uid !== worker.uid && this.isReachable) this.#forget(worker)
  }

  #forget(worker: PodWorker): void {
    this.#room.give(worker.uid)
    this.#workers.delete(worker.uid)
    this.#dirty.delete(worker)
    this.#changed.delete(worker)
    this.#unsure.delete(worker)
  }

  #admit(worker: PodWorker): boolean {
    const { pod } = worker
    const { node } = this
    if (node === undefined) return true
    const refused = refusalUnder(this.pressure.pressures, pod)
    const rejection =
      refused === undefined
        ? this.#room.rejectionOf(pod, node, worker.isStatic)
        : { reason: 'Evicted', message: refused }
    if (rejection !== undefined) {
      worker.reject(rejection.reason, rejection.message)
      return false
    }
    this.#room.take(pod)
    return true
  }

  #runStatic(pod: Pod): void {
    this.#mirror(pod)
    if (this.#workers.has(pod.metadata.uid)) return
    const worker = new PodWorker(this, pod, { isStatic: true })
    this.#workers.set(worker.uid, worker)
    if (this.#admit(worker)) worker.wake()
  }

  #mirror(pod: Pod): void {
    const { node } = this
    const { namespace, name } = pod.metadata
    if (!this.isReachable || node === undefined || !this.#statics.has(pod.metadata.uid)) return
    const live = this.objects.pod(namespace, name)
    if (live !== undefined) {
      if (uidOnNode(live) === pod.metadata.uid) return
      this.#removeFromApi(live)
    }
    const user = {
      username: `system:node:${this.name}`,
      groups: ['system:nodes', 'system:authenticated'],
    }
    this.#attempt(() => void this.#writer.submit(PODS, mirrorOf(pod, node), user, namespace))
    const worker = this.#workers.get(pod.metadata.uid)
    if (worker !== undefined) this.statusChanged(worker)
  }

  #mirrorChanged(mirror: Pod): void {
    if (mirror.metadata.deletionTimestamp !== undefined) this.#removeFromApi(mirror)
    else if (!this.#statics.has(uidOnNode(mirror))) this.#removeFromApi(mirror)
  }

  #removeFromApi(pod: ApiObject | undefined): void {
    if (pod === undefined) return
    const { namespace, name, uid } = pod.metadata
    const options = { gracePeriodSeconds: 0, preconditions: { uid } }
    this.#attempt(() => void this.#backend.registry(PODS)?.delete(namespace, name, options))
  }

  #flushSoon(): void {
    this.#flush ??= this.clock.after(0, () => {
      this.#flush = undefined
      if (!this.isReachable) return
      const dirty = [...this.#dirty]
      this.#dirty.clear()
      for (const worker of dirty) this.#attempt(() => this.#tellPod(worker))
    })
  }

  /** What others have written of its Pods, and is not so, is set right (the status manager's `needsReconcile`, 1.34). */
  #reconcile(): void {
    const unsure = [...this.#unsure]
    this.#unsure.clear()
    for (const worker of unsure) if (!this.#dirty.has(worker)) this.#attempt(() => this.#tellPod(worker))
  }

  #tellPod(worker: PodWorker): void {
    const { namespace, name } = worker.pod.metadata
    const live = this.objects.pod(namespace, name)
    if (live === undefined || uidOnNode(live) !== worker.uid) return
    const told = (live.status ?? {}) as FullPodStatus
    const status = mergeStatus(told, worker.state.status, {
      mayRun: worker.mayRun,
      now: formatTime(this.clock.now()),
      generation: live.metadata.generation ?? 0,
    })
    let pod = live
    if (!deepEqual(status, told)) {
      const place = { resource: PODS, namespace, name, subresource: 'status' }
      pod = this.#writer.update(place, (existing) => ({ ...existing, status }))
    }
    if (worker.isFinished && pod.metadata.deletionTimestamp !== undefined && !worker.isStatic && isTerminal(pod)) {
      this.#removeFromApi(pod)
    }
  }

  #attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      // What is gone meanwhile needs nothing any more
      if (!(error instanceof StatusError && error.reason === 'NotFound')) this.report(error)
    }
  }
}
