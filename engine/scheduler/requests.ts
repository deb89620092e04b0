import { isHugePages, restartsAlways } from '../kinds/pod/resources.ts'
import type { Container, ContainerStatus, PodSpec, PodStatus, Quantities } from '../kinds/pod/types.ts'
import { Quantity } from '../objects/quantity.ts'
import type { ApiObject } from '../objects/types.ts'

/** What a Pod asks for, or what a node has: CPU in thousandths of a core, the rest in bytes or pieces. */
export interface Requests {
  readonly cpu: number
  readonly memory: number
  readonly storage: number
  /** Huge pages and devices, by name; undefined for none. */
  readonly others: ReadonlyMap<string, number> | undefined
}

/** What a Pod asks for, and what it counts for in scores, where who asks for nothing counts a little all the same. */
export interface PodRequests extends Requests {
  readonly scoredCpu: number
  readonly scoredMemory: number
}

/** Upstream's `DefaultMilliCPURequest` and `DefaultMemoryRequest`: what a container counts for that asks for nothing. */
const LEAST = { cpu: 100, memory: 200 * 1024 * 1024 }
const NONE: Quantities = {}

type Amounts = Map<string, number>

interface ReportedStatus extends ContainerStatus {
  readonly allocatedResources?: Quantities
}

/** Reads amounts, each text once: Pods of one workload share what they ask for. */
export class RequestReader {
  readonly #values = new Map<string, number>()
  readonly #known = new Map<string, PodRequests>()

  /** component-helpers' `PodRequests` (1.34), with what a resize has been granted, the Pod's own amounts and its overhead. */
  ofPod(pod: ApiObject): PodRequests {
    const spec = (pod.spec ?? {}) as PodSpec
    const reported = reportedBy((pod.status ?? {}) as PodStatus)
    const asked = this.#total(spec, reported, undefined)
    const scored = this.#total(spec, reported, LEAST)
    const read: PodRequests = {
      ...split(asked),
      scoredCpu: scored.get('cpu') ?? 0,
      scoredMemory: scored.get('memory') ?? 0,
    }
    const key = keyOf(read)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.set(key, read)
    return read
  }

  ofNode(quantities: Quantities | undefined): Requests {
    return split(this.#amounts(quantities ?? NONE))
  }

  value(name: string, text: string): number {
    const key = name === 'cpu' ? `cpu ${text}` : text
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const quantity = Quantity.fromJson(text)
    const value = name === 'cpu' ? quantity.milliValue() : quantity.value()
    if (this.#values.size >= MOST_KNOWN) this.#values.clear()
    this.#values.set(key, value)
    return value
  }

  #total(
    { containers, initContainers = [], resources, overhead }: PodSpec,
    reported: Reported,
    least: typeof LEAST | undefined,
  ): Amounts {
    const total: Amounts = new Map()
    for (const container of containers ?? []) addAll(total, this.#needed(container, reported, least))
    if (initContainers.length > 0) {
      const sidecars: Amounts = new Map()
      const most: Amounts = new Map()
      for (const container of initContainers) {
        if (restartsAlways(container)) {
          const needed = this.#needed(container, reported, least)
          addAll(total, needed)
          addAll(sidecars, needed)
          raiseTo(most, sidecars)
        } else {
          const needed = this.#needed(container, undefined, least)
          addAll(needed, sidecars)
          raiseTo(most, needed)
        }
      }
      raiseTo(total, most)
    }
    for (const [name, amount] of this.#amounts(resources?.requests ?? NONE)) {
      if (name === 'cpu' || name === 'memory' || isHugePages(name)) total.set(name, amount)
    }
    if (overhead !== undefined) addAll(total, this.#amounts(overhead))
    return total
  }

  #needed({ name, resources }: Container, reported: Reported, least: typeof LEAST | undefined): Amounts {
    const status = reported?.statuses.get(name)
    const needed = this.#amounts(
      status === undefined || reported?.infeasible !== true ? (resources?.requests ?? NONE) : NONE,
    )
    if (status !== undefined) {
      raiseTo(needed, this.#amounts(status.resources?.requests ?? NONE))
      raiseTo(needed, this.#amounts(status.allocatedResources ?? NONE))
    }
    if (least !== undefined) {
      if (!needed.has('cpu')) needed.set('cpu', least.cpu)
      if (!needed.has('memory')) needed.set('memory', least.memory)
    }
    return needed
  }

  #amounts(quantities: Quantities): Amounts {
    const amounts: Amounts = new Map()
    for (const name in quantities) amounts.set(name, this.value(name, quantities[name] as string))
    return amounts
  }
}

/** Texts and sums that are remembered, at most: far more than a lab has. */
const MOST_KNOWN = 10_000

type Reported = { readonly statuses: ReadonlyMap<string, ReportedStatus>; readonly infeasible: boolean } | undefined

/** What kubelets say that containers have; undefined where they say nothing. */
function reportedBy({ containerStatuses = [], initContainerStatuses = [], conditions = [] }: PodStatus): Reported {
  const statuses = [...containerStatuses, ...initContainerStatuses].filter(({ resources }) => resources !== undefined)
  if (statuses.length === 0) return undefined
  const pending = conditions.find(({ type }) => type === 'PodResizePending')
  return {
    statuses: new Map((statuses as readonly ReportedStatus[]).map((status) => [status.name, status])),
    infeasible: pending?.reason === 'Infeasible',
  }
}

function split(amounts: Amounts): Requests {
  let others: Amounts | undefined
  for (const [name, amount] of amounts) {
    if (name === 'cpu' || name === 'memory' || name === 'ephemeral-storage' || name === 'pods') continue
    others ??= new Map()
    others.set(name, amount)
  }
  return {
    cpu: amounts.get('cpu') ?? 0,
    memory: amounts.get('memory') ?? 0,
    storage: amounts.get('ephemeral-storage') ?? 0,
    others,
  }
}

function keyOf({ cpu, memory, storage, others, scoredCpu, scoredMemory }: PodRequests): string {
  const rest =
    others === undefined
      ? ''
      : [...others]
          .map(([name, amount]) => `${name}=${amount}`)
          .sort()
          .join()
  return `${cpu} ${memory} ${storage} ${scoredCpu} ${scoredMemory} ${rest}`
}

function addAll(total: Amounts, more: ReadonlyMap<string, number>): void {
  for (const [name, amount] of more) total.set(name, (total.get(name) ?? 0) + amount)
}

function raiseTo(total: Amounts, least: ReadonlyMap<string, number>): void {
  for (const [name, amount] of least) total.set(name, Math.max(total.get(name) ?? 0, amount))
}
