import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { Container, PodSpec, Resources } from '../../kinds/pod/types.ts'
import { deepEqual } from '../../objects/equal.ts'
import type { PendingResize, RunningResize } from '../status/generate.ts'
import type { NodeContext } from './context.ts'
import { limitsOf } from './limits.ts'
import { type ContainerRecord, latest } from './record.ts'
import type { PodWorker } from './worker.ts'

const NONE: Resources = {}

/**
 * Other resources for a Pod whose containers run (in-place resize, 1.34): the node sets them aside, the containers get them, and when the
 * runtime is looked at next it is seen that they have them.
 */
export class Resize {
  readonly #node: NodeContext
  readonly #worker: PodWorker
  #pending: PendingResize | undefined
  #running: RunningResize | undefined
  /** What containers got since the runtime was looked at. */
  #given: readonly (readonly [ContainerRecord, Resources])[] = []

  constructor(node: NodeContext, worker: PodWorker) {
    this.#node = node
    this.#worker = worker
  }

  /** Why the Pod keeps what it has. */
  get pending(): PendingResize | undefined {
    return this.#pending
  }

  /** On its way. */
  get running(): RunningResize | undefined {
    return this.#running
  }

  /** Sets aside what the Pod asks for now, where the node has it. */
  ask(): void {
    this.#pending = this.#node.recharge(this.#worker)
    if (this.#pending !== undefined) return
    const { pod, records } = this.#worker.state
    let changed = false
    for (const { name, resources = NONE } of containersOf(pod.spec)) {
      const record = latest(records, name)
      if (record !== undefined && deepEqual(record.allocated, resources)) continue
      if (record !== undefined) record.allocated = resources
      changed = true
    }
    if (changed) this.#running = { generation: pod.metadata.generation ?? 0 }
  }

  /** The container with what is set aside for it, where that is not what its Pod asks for. */
  allocated(container: Container): Container {
    const record = this.#pending === undefined ? undefined : latest(this.#worker.state.records, container.name)
    return record === undefined ? container : { ...container, resources: record.allocated }
  }

  /** Sees what the runtime shows, and tells when all have what was set aside for them. */
  look(): void {
    for (const [record, resources] of this.#given) record.resources = resources
    this.#given = []
    if (this.#running === undefined || this.#open().length > 0) return
    this.#running = undefined
    const { pod, records } = this.#worker.state
    const summary = (list: readonly Container[]) =>
      list.map(({ name, resources }) => ({ name, resources: latest(records, name)?.allocated ?? resources }))
    const { initContainers, containers } = pod.spec
    const told = {
      ...(initContainers?.length ? { initContainers: summary(initContainers) } : {}),
      containers: summary(containers ?? []),
    }
    this.#node.tell(pod)('Normal', 'ResizeCompleted', `Pod resize completed: ${JSON.stringify(told)}`)
  }

  /** Gives containers what is set aside for them while they run; false if it cannot be. */
  give(): boolean {
    if (this.#running === undefined) return true
    const changed = this.#open().filter(([container, record]) => !restartsToResize(container, record))
    if (changed.length === 0) return true
    const fault = this.#faultOf(changed.map(([, record]) => record))
    if (fault !== undefined) {
      this.#running = { ...this.#running, fault }
      return false
    }
    for (const [, record] of changed) record.container?.setLimits(limitsOf(record.allocated))
    this.#given = changed.map(([, record]) => [record, record.allocated])
    this.#node.relist(this.#worker)
    return true
  }

  /** Containers that run without what is set aside for them. */
  #open(): readonly (readonly [Container, ContainerRecord])[] {
    const { pod, records } = this.#worker.state
    const { containers, initContainers } = pod.spec
    return [...(initContainers ?? []).filter(restartsAlways), ...(containers ?? [])].flatMap((container) => {
      const record = latest(records, container.name)
      return record?.state !== 'running' || isActuated(record) ? [] : [[container, record] as const]
    })
  }

  /** No memory is taken away that is in use (`validateMemoryResizeAction`, 1.34). */
  #faultOf(changed: readonly ContainerRecord[]): string | undefined {
    const { pod, records } = this.#worker.state
    const all = containersOf(pod.spec).flatMap(({ name }) => latest(records, name) ?? [])
    const lowered = changed.filter((record) => isLower(memoryOf(record.allocated), memoryOf(record.resources)))
    if (lowered.length === 0) return undefined
    const used = (list: readonly ContainerRecord[]) =>
      list.reduce((sum, { container }) => sum + (container?.usage().memory ?? 0), 0)
    const limit = all.reduce((sum, record) => sum + memoryOf(record.allocated), 0)
    const before = all.reduce((sum, record) => sum + memoryOf(record.resources), 0)
    const whole = used(all)
    const faults = [
      ...(isLower(limit, before) && whole >= limit
        ? [`attempting to set pod memory limit (${limit}) below current usage (${whole})`]
        : []),
      // As upstream: what is said to be in use is the whole Pod's
      ...lowered
        .filter((record) => used([record]) >= memoryOf(record.allocated))
        .map(
          ({ name, allocated }) =>
            `attempting to set container "${name}" memory limit (${memoryOf(allocated)}) below current usage (${whole})`,
        ),
    ]
    if (faults.length === 0) return undefined
    return `cannot decrease memory limits: ${faults.length === 1 ? faults[0] : `[${faults.join(', ')}]`}`
  }
}

/** What a Pod's containers ask for is another. */
export function asksForOther(spec: PodSpec, before: PodSpec): boolean {
  const asked = (one: PodSpec) => containersOf(one).map(({ resources = NONE }) => resources)
  return !deepEqual(asked(spec), asked(before))
}

/** It cannot get while it runs what is set aside for it. */
export function restartsToResize({ resizePolicy = [] }: Container, { allocated, resources }: ContainerRecord): boolean {
  if (allocated === resources) return false
  return resizePolicy.some(
    ({ resourceName, restartPolicy }) =>
      restartPolicy === 'RestartContainer' &&
      (allocated.limits?.[resourceName] !== resources.limits?.[resourceName] ||
        allocated.requests?.[resourceName] !== resources.requests?.[resourceName]),
  )
}

const containersOf = ({ initContainers, containers }: PodSpec): readonly Container[] => [
  ...(initContainers ?? []),
  ...(containers ?? []),
]

const isActuated = ({ allocated, resources }: ContainerRecord): boolean =>
  allocated === resources || deepEqual(allocated, resources)

/** Bytes that it may have; any number if nothing is said. */
const memoryOf = (resources: Resources): number => limitsOf(resources).memoryLimit ?? Number.POSITIVE_INFINITY

const isLower = (limit: number, before: number): boolean => limit < before
