import { bindPod } from '../api/doors/binding.ts'
import type { Cancel } from '../clock/clock.ts'
import type { Random } from '../clock/random.ts'
import type { Cluster, Controller } from '../controllers/cluster.ts'
import { Writer } from '../controllers/writer.ts'
import { SeriesRecorder } from '../events/series-recorder.ts'
import { conditionOf, withCondition } from '../kinds/pod/status.ts'
import type { PodCondition } from '../kinds/pod/types.ts'
import { StatusError } from '../objects/status-error.ts'
import { formatTime } from '../objects/time.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import { Cache } from './cache.ts'
import { SchedulerError } from './check.ts'
import type { Cycle } from './cycle.ts'
import { Hints } from './hints.ts'
import { Nominations } from './nominations.ts'
import { Placing } from './placing.ts'
import { type PodInfo, podSpec, podStatus, priorityOf } from './pod-info.ts'
import { type Candidate, preempt } from './preemption.ts'
import { type QueuedPod, SchedulingQueue } from './queue.ts'
import { LastRefusal, type Refusal } from './refusals.ts'
import { type Pending, VolumeBinding } from './volume-binding.ts'
import { DEFAULT_SCHEDULER, type Waiting, Watches } from './watches.ts'

const PODS: GroupResource = { group: '', resource: 'pods' }
/** Who writes. */
const MANAGER = 'kube-scheduler'
/** Pods that are placed before others get their turn. */
const BATCH = 64
/** Milliseconds between looks at claims that are being bound, and for how long. */
const BINDING_POLL = 1_000
const BINDING_TIMEOUT = 600_000

export interface SchedulerOptions {
  /** Chooses between nodes that are equally good. */
  readonly random: Random
  /** Hears of what went wrong and is tried again. */
  readonly report?: ((error: unknown) => void) | undefined
}

/** A Pod whose node is chosen and whose claims are being bound there. */
interface Binding {
  readonly queued: QueuedPod
  readonly pending: Pending
  /** When that has taken too long. */
  readonly until: number
}

/** kube-scheduler with its default profile (1.34). */
export function scheduler(cluster: Cluster, options: SchedulerOptions): Controller {
  return new Scheduler(cluster, options)
}

class Scheduler implements Controller, Waiting {
  readonly #cluster: Cluster
  readonly #options: SchedulerOptions
  readonly #writer: Writer
  readonly #events: SeriesRecorder
  readonly #cache: Cache
  readonly #queue: SchedulingQueue
  readonly #nominations = new Nominations()
  readonly #volumes: VolumeBinding
  readonly #placing: Placing
  readonly #watches: Watches
  readonly #bindings = new Map<string, Binding>()
  readonly #lastRefusal = new LastRefusal()
  #cancelWork: Cancel | undefined
  #cancelPoll: Cancel | undefined

  constructor(cluster: Cluster, options: SchedulerOptions) {
    const { backend } = cluster
    this.#cluster = cluster
    this.#options = options
    this.#writer = new Writer(backend, MANAGER)
    this.#events = new SeriesRecorder(backend, {
      controller: DEFAULT_SCHEDULER,
      instance: `${DEFAULT_SCHEDULER}-control-plane`,
      manager: MANAGER,
    })
    this.#cache = new Cache(backend.store)
    this.#queue = new SchedulingQueue(backend.clock, () => this.#wake())
    this.#volumes = new VolumeBinding(backend.store, this.#writer)
    this.#placing = new Placing({
      cache: this.#cache,
      nominations: this.#nominations,
      volumes: this.#volumes,
      random: options.random,
    })
    const hints = new Hints(this.#queue, this.#cache)
    this.#watches = new Watches(backend, {
      cache: this.#cache,
      queue: this.#queue,
      nominations: this.#nominations,
      hints,
      waiting: this,
    })
  }

  start(): void {
    this.#watches.start()
  }

  stop(): void {
    this.#watches.stop()
    this.forgetAll()
    this.#events.stop()
  }

  isBinding(key: string): boolean {
    return this.#bindings.has(key)
  }

  forget(key: string): void {
    this.#bindings.delete(key)
  }

  forgetAll(): void {
    this.#cancelWork?.()
    this.#cancelPoll?.()
    this.#cancelWork = undefined
    this.#cancelPoll = undefined
    this.#bindings.clear()
    this.#lastRefusal.forget()
    this.#queue.clear()
    this.#nominations.clear()
    this.#cache.clear()
  }

  #wake(): void {
    this.#cancelWork ??= this.#cluster.backend.clock.after(0, () => this.#work())
  }

  #work(): void {
    this.#cancelWork = undefined
    for (let left = BATCH; left > 0; left--) {
      const queued = this.#queue.take()
      if (queued === undefined) return
      try {
        this.#schedule(queued)
      } catch (error) {
        this.#fail(queued, error)
      }
    }
    this.#wake()
  }

  #schedule(queued: QueuedPod): void {
    const { info } = queued
    const { namespace, name, deletionTimestamp } = info.pod.metadata
    if (deletionTimestamp !== undefined) {
      this.#queue.remove(info.key)
      this.#tellFailure(info, `skip schedule deleting pod: ${namespace}/${name}`)
      return
    }
    const version = this.#version
    const known = this.#lastRefusal.find(info, version)
    if (known !== undefined) {
      this.#turnDown(queued, known)
      return
    }
    const placed = this.#placing.place(info)
    if ('node' in placed) this.#reserve(queued, placed.node.name)
    else if ('none' in placed) {
      this.#queue.putFailed(queued)
      this.#refuse(info, 'Unschedulable', 'no nodes available to schedule pods', '')
    } else {
      const { refusal, candidate } = this.#refusalOf(placed)
      if (candidate === undefined) this.#lastRefusal.remember(info, version, refusal)
      this.#turnDown(queued, refusal, candidate)
    }
  }

  /** Of all that a refusal depends on: both only go up. */
  get #version(): number {
    return this.#cache.version + this.#nominations.version
  }

  #refusalOf({ cycle, message }: { readonly cycle: Cycle; readonly message: string }): {
    readonly refusal: Refusal
    readonly candidate: Candidate | undefined
  } {
    const { plugins } = cycle
    // Upstream's plug-in for devices speaks before preemption: here, where no node was looked at, of its own state that it does not find
    if (cycle.refused !== undefined) {
      return { refusal: { message: `${message} not found`, plugins, clears: false }, candidate: undefined }
    }
    const now = this.#cluster.backend.clock.now()
    const { candidate, message: why, clears } = preempt(cycle, this.#cache, this.#options.random, now)
    if (candidate !== undefined) return { refusal: { message, plugins, clears }, candidate }
    // And here of claims for devices, of which the Pod has none
    const more = `no new claims to deallocate, preemption: ${why}`
    return { refusal: { message: `${message} ${more}`, plugins, clears }, candidate }
  }

  #turnDown(queued: QueuedPod, { message, plugins, clears }: Refusal, candidate?: Candidate): void {
    const { info } = queued
    const nominated = candidate?.node ?? (clears ? '' : undefined)
    this.#queue.putUnschedulable(queued, plugins)
    this.#nominations.set(info, nominated)
    this.#refuse(info, 'Unschedulable', message, nominated)
    if (candidate !== undefined) this.#makeRoom(info, candidate)
  }

  /** The Pod is taken to be on the node from now on. */
  #reserve(queued: QueuedPod, name: string): void {
    const { info } = queued
    const node = this.#cache.node(name)
    if (node === undefined) throw new SchedulerError(`node ${name} not found`)
    const pending = this.#volumes.bind(info, node)
    this.#queue.remove(info.key)
    this.#nominations.remove(info.key)
    this.#cache.place(info, name)
    if (pending === undefined) this.#bind(queued, name)
    else {
      const until = this.#cluster.backend.clock.now() + BINDING_TIMEOUT
      this.#bindings.set(info.key, { queued, pending, until })
      this.#poll()
    }
  }

  #bind(queued: QueuedPod, node: string): void {
    const { info } = queued
    const { namespace = '', name, uid } = info.pod.metadata
    try {
      bindPod(this.#cluster.backend, namespace, name, { node, uid })
    } catch (error) {
      this.#cache.remove(info.key)
      const why = error instanceof Error ? error.message : String(error)
      this.#fail(queued, new SchedulerError(`running Bind plugin "DefaultBinder": ${why}`))
      return
    }
    const message = `Successfully assigned ${namespace}/${name} to ${node}`
    this.#events.record(info.pod, undefined, { type: 'Normal', reason: 'Scheduled', action: 'Binding', message })
  }

  #poll(): void {
    if (this.#bindings.size === 0) return
    const { clock } = this.#cluster.backend
    this.#cancelPoll ??= clock.after(BINDING_POLL, () => {
      this.#cancelPoll = undefined
      for (const [key, binding] of [...this.#bindings]) this.#look(key, binding, clock.now())
      this.#poll()
    })
  }

  #look(key: string, { queued, pending, until }: Binding, now: number): void {
    try {
      const node = this.#cache.node(pending.node)
      if (node === undefined)
        throw new SchedulerError(`failed to get node "${pending.node}": node "${pending.node}" not found`)
      const done = this.#volumes.isDone(pending, node)
      if (!done && now < until) return
      this.#bindings.delete(key)
      if (!done) throw new SchedulerError('context deadline exceeded')
      this.#bind(queued, pending.node)
    } catch (error) {
      this.#bindings.delete(key)
      this.#cache.remove(key)
      const why = error instanceof Error ? error.message : String(error)
      this.#fail(queued, new SchedulerError(`running PreBind plugin "VolumeBinding": binding volumes: ${why}`))
    }
  }

  /** Something went wrong: it is tried again after a while. */
  #fail(queued: QueuedPod, error: unknown): void {
    const { info } = queued
    if (!(error instanceof SchedulerError) && !(error instanceof StatusError)) this.#options.report?.(error)
    const now = this.#current(info)
    if (now?.metadata.uid !== info.pod.metadata.uid || (podSpec(now).nodeName ?? '') !== '') {
      this.#queue.remove(info.key)
      return
    }
    const again = this.#queue.get(info.key) ?? this.#queue.keep(queued)
    this.#queue.putFailed(again)
    this.#nominations.set(info, '')
    this.#refuse(info, 'SchedulerError', error instanceof Error ? error.message : String(error), '')
  }

  #current({ pod }: PodInfo): ApiObject | undefined {
    return this.#cluster.backend.store.collection(PODS)?.get(pod.metadata.namespace, pod.metadata.name)
  }

  #tellFailure({ pod }: PodInfo, message: string): void {
    this.#events.record(pod, undefined, { type: 'Warning', reason: 'FailedScheduling', action: 'Scheduling', message })
  }

  /** Says why the Pod goes nowhere; `nominated` is where it may go later, undefined if that stays as it is. */
  #refuse(info: PodInfo, reason: string, message: string, nominated: string | undefined): void {
    this.#tellFailure(info, message)
    const { generation } = info.pod.metadata
    const condition = {
      type: 'PodScheduled',
      status: 'False',
      reason,
      message,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    } as const
    // Most often it says the same as before, and a write that changes nothing is dear too
    if (isSaid(info.pod, condition) && withNomination(info.pod, nominated) === info.pod) return
    const now = formatTime(this.#cluster.backend.clock.now())
    this.#changeStatus(info.pod, (pod) => withNomination(withCondition(pod, condition, now), nominated))
  }

  #changeStatus({ metadata }: ApiObject, change: (pod: ApiObject) => ApiObject): void {
    const { namespace, name, uid } = metadata
    try {
      const place = { resource: PODS, namespace, name, subresource: 'status' }
      this.#writer.update(place, change, { preconditions: { uid } })
    } catch (error) {
      // Gone meanwhile, or another by now
      if (!(error instanceof StatusError) || (error.code !== 404 && error.code !== 409)) throw error
    }
  }

  /** Lesser Pods go, and those that were promised their place lose it. */
  #makeRoom(info: PodInfo, { node, victims }: Candidate): void {
    const priority = priorityOf(info.pod)
    for (const lesser of this.#nominations.on(node)) {
      if (priorityOf(lesser.pod) >= priority || lesser.key === info.key) continue
      this.#changeStatus(lesser.pod, (pod) => withNomination(pod, ''))
    }
    for (const { pod } of victims) this.#preempt(pod, info.pod, node)
  }

  #preempt(victim: ApiObject, by: ApiObject, node: string): void {
    const { namespace, name, uid, generation } = victim.metadata
    const { backend } = this.#cluster
    const now = formatTime(backend.clock.now())
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'PreemptionByScheduler',
      message: `${DEFAULT_SCHEDULER}: preempting to accommodate a higher priority pod`,
      ...(generation === undefined ? {} : { observedGeneration: generation }),
    } as const
    try {
      this.#changeStatus(victim, (pod) => withCondition(pod, condition, now))
      backend.registry(PODS)?.delete(namespace, name, { preconditions: { uid } })
    } catch (error) {
      if (error instanceof StatusError && error.code === 404) return
      throw error
    }
    this.#events.record(victim, by, {
      type: 'Normal',
      reason: 'Preempted',
      action: 'Preempting',
      message: `Preempted by pod ${by.metadata.uid} on node ${node}`,
    })
  }
}

function isSaid(pod: ApiObject, { type, ...said }: PodCondition): boolean {
  const before = conditionOf(podStatus(pod), type)
  return (
    before?.status === said.status &&
    before.reason === said.reason &&
    before.message === said.message &&
    before.observedGeneration === said.observedGeneration
  )
}

function withNomination(pod: ApiObject, nominated: string | undefined): ApiObject {
  const status = podStatus(pod)
  if (nominated === undefined || (status.nominatedNodeName ?? '') === nominated) return pod
  const { nominatedNodeName: _, ...rest } = status
  return { ...pod, status: nominated === '' ? rest : { ...status, nominatedNodeName: nominated } }
}
