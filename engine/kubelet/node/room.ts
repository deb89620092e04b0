import type { Pod } from '../../kinds/pod/status.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { PendingResize } from '../status/generate.ts'
import {
  hostPortsOf,
  nothingUsed,
  pendingResizeOf,
  type Rejection,
  rejectionOf,
  requestsOf,
  type Used,
} from './admission.ts'

interface Taken {
  readonly amounts: Used
  readonly hostPorts: readonly string[]
}

/** What a node's Pods have taken of it, from when they are let in until nothing of them runs or the API knows them no more. */
export class Room {
  readonly #taken = new Map<string, Taken>()
  readonly #used: Used = nothingUsed()

  /** Why there is no place for the Pod on this node; undefined if there is. */
  rejectionOf(pod: Pod, node: ApiObject, isStatic: boolean): Rejection | undefined {
    const hostPorts = hostPortsOf(pod.spec).length === 0 ? NO_PORTS : this.#hostPorts()
    return rejectionOf(pod, { node, used: this.#used, isStatic, hostPorts })
  }

  take(pod: Pod): void {
    const taken = { amounts: requestsOf(pod), hostPorts: hostPortsOf(pod.spec) }
    this.#taken.set(pod.metadata.uid, taken)
    add(this.#used, taken.amounts, 1)
  }

  give(uid: string): void {
    const taken = this.#taken.get(uid)
    if (taken === undefined) return
    this.#taken.delete(uid)
    add(this.#used, taken.amounts, -1)
  }

  /** Takes what the Pod asks for now in place of what it has; why that is not to be had, if it is not. */
  change(pod: Pod, allocatable: Readonly<Record<string, string>>): PendingResize | undefined {
    const taken = this.#taken.get(pod.metadata.uid)
    if (taken === undefined) return undefined
    const others = { ...this.#used }
    add(others, taken.amounts, -1)
    const pending = pendingResizeOf(pod, others, allocatable)
    if (pending !== undefined) return pending
    this.give(pod.metadata.uid)
    this.take(pod)
    return undefined
  }

  #hostPorts(): ReadonlySet<string> {
    return new Set([...this.#taken.values()].flatMap(({ hostPorts }) => hostPorts))
  }
}

const NO_PORTS: ReadonlySet<string> = new Set()

function add(total: Used, { cpu, memory, pods, ...rest }: Used, sign: 1 | -1): void {
  total.cpu += sign * cpu
  total.memory += sign * memory
  total.pods += sign * pods
  total['ephemeral-storage'] += sign * rest['ephemeral-storage']
}
