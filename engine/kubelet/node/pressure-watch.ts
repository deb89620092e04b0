import { Quantity } from '../../objects/quantity.ts'
import type { Kubelet } from '../kubelet.ts'
import type { PodWorker } from '../pod/worker.ts'
import { sizeLimitOf } from '../volumes/pod-volumes.ts'
import {
  evictionMessage,
  isCritical,
  type PodUse,
  type Resource,
  rankedFor,
  type Shortage,
  storageExcess,
  TRANSITION,
} from './pressure.ts'

/** What others than Pods use of a node: a lab presses a node so. Bytes, and processes. */
export interface Pressing {
  readonly memory?: number
  readonly disk?: number
  readonly pids?: number
}

/** Processes that a node has at most, and how many must be left: those of a node with 8 GiB. */
const MOST_PIDS = 32_768
const LEAST_PIDS = 1_000
/** Seconds that evicted Pods have to end: `immediateEvictionGracePeriodSeconds`. */
const GRACE = 1

/** Sees that a node does not run out of memory, disk or processes, and evicts Pods before it does (eviction manager, 1.34). */
export class PressureWatch {
  readonly #kubelet: Kubelet
  readonly #since = new Map<Resource, number>()
  #pressing: Pressing = {}

  constructor(kubelet: Kubelet) {
    this.#kubelet = kubelet
  }

  /** What the node is short of, or was a moment ago. */
  get pressures(): ReadonlySet<Resource> {
    return new Set(this.#since.keys())
  }

  get pressing(): Pressing {
    return this.#pressing
  }

  press(pressing: Pressing): void {
    this.#pressing = pressing
  }

  /** Each 10 seconds. Evicts one Pod at most for each look. */
  look(): void {
    const { clock } = this.#kubelet
    const now = clock.now()
    for (const [resource, seen] of this.#since) if (now - seen >= TRANSITION) this.#since.delete(resource)
    const shortages = this.#shortages()
    for (const { resource } of shortages) {
      if (!this.#since.has(resource)) {
        this.#kubelet.tellOfNode('Warning', 'EvictionThresholdMet', `Attempting to reclaim ${resource}`)
      }
      this.#since.set(resource, now)
    }
    if (this.#kubelet.machine === undefined && shortages.length === 0) return
    if (this.#evictForStorage()) return
    const [first] = shortages
    if (first === undefined) return
    const uses = this.#workers().map(useOf)
    const [victim] = rankedFor(first.resource, uses)
    if (victim !== undefined) this.#evict(victim.pod.metadata.uid, evictionMessage(first, victim))
  }

  /** Kills a container where nothing is left at all, as the kernel does: of Pods that promised least, the largest. */
  killWithoutMemory(): void {
    const { machine } = this.#kubelet
    const capacity = this.#capacity('memory')
    if (machine === undefined || capacity === 0) return
    const used = machine.usage().memory + (this.#pressing.memory ?? 0)
    if (used <= capacity) return
    const running = this.#workers().flatMap((worker) =>
      worker.state.records
        .filter(({ state, container }) => state === 'running' && container !== undefined)
        .map((record) => ({ worker, record, memory: record.container?.usage().memory ?? 0 })),
    )
    const over = ({ record, memory }: (typeof running)[number]): number =>
      memory - Quantity.fromJson(record.resources.requests?.memory ?? '0').value()
    const [victim] = running.filter(({ worker }) => !isCritical(worker.pod)).sort((a, b) => over(b) - over(a))
    if (victim === undefined) return
    victim.record.outOfMemory = true
    this.#kubelet.tellOfNode(
      'Warning',
      'SystemOOM',
      `System OOM encountered, victim process: ${victim.record.name}, pid: 1`,
    )
    victim.record.container?.kill('SIGKILL')
  }

  #shortages(): Shortage[] {
    const { machine, disk, profile } = this.#kubelet
    const { memoryAvailable, diskAvailable } = profile.eviction
    const shortages: Shortage[] = []
    const check = (resource: Resource, available: number, threshold: number): void => {
      if (available < threshold) shortages.push({ resource, available: Math.max(0, available), threshold })
    }
    const memory = this.#capacity('memory')
    if (memory > 0) {
      const used = (machine?.usage().memory ?? 0) + (this.#pressing.memory ?? 0)
      check('memory', memory - used, memoryAvailable)
    }
    const storage = this.#capacity('ephemeral-storage')
    if (storage > 0) {
      const written = this.#workers().reduce((sum, worker) => sum + usedOnDisk(useOf(worker)), disk?.size() ?? 0)
      check('ephemeral-storage', storage - written - (this.#pressing.disk ?? 0), storage * diskAvailable)
    }
    if (this.#pressing.pids !== undefined) check('pids', MOST_PIDS - this.#pressing.pids, LEAST_PIDS)
    return shortages
  }

  #evictForStorage(): boolean {
    for (const worker of this.#workers()) {
      const { pod, volumes } = worker.state
      const sizes = volumes?.sizes()
      const dirs = (pod.spec.volumes ?? []).flatMap((volume) => {
        const size = sizes?.get(volume.name)
        return size === undefined || sizeLimitOf(volume) === undefined
          ? []
          : [{ name: volume.name, size, limit: volume.emptyDir?.sizeLimit ?? '0' }]
      })
      const excess = isCritical(pod) ? undefined : storageExcess(useOf(worker), dirs)
      if (excess === undefined) continue
      this.#evict(worker.uid, excess)
      return true
    }
    return false
  }

  #evict(uid: string, message: string): void {
    const worker = this.#workers().find((one) => one.uid === uid)
    if (worker === undefined) return
    this.#kubelet.tell(worker.pod)('Warning', 'Evicted', message)
    const ending = { reason: 'Evicted', message, disruption: { reason: 'TerminationByKubelet', message } }
    worker.terminate({ grace: GRACE, ending })
  }

  #workers(): PodWorker[] {
    return [...this.#kubelet.workers].filter(({ mayRun }) => mayRun)
  }

  #capacity(name: string): number {
    const { capacity = {} } = (this.#kubelet.node?.status ?? {}) as { readonly capacity?: Record<string, string> }
    const text = capacity[name]
    return text === undefined ? 0 : Quantity.fromJson(text).value()
  }
}

function useOf({ state }: PodWorker): PodUse {
  const running = state.records.filter((record) => record.state === 'running')
  let volumes = 0
  for (const size of state.volumes?.sizes().values() ?? []) volumes += size
  return {
    pod: state.pod,
    volumes,
    containers: running.map(({ name, container, log }) => ({
      name,
      memory: container?.usage().memory ?? 0,
      storage: (container?.written() ?? 0) + (log?.size ?? 0),
    })),
  }
}

const usedOnDisk = ({ containers, volumes }: PodUse): number =>
  containers.reduce((sum, { storage }) => sum + storage, volumes)
