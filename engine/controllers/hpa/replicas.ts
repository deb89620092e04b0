import { restartsAlways } from '../../kinds/pod/resources.ts'
import { isReady } from '../../kinds/pod/status.ts'
import type { Container, PodSpec, PodStatus, Quantities } from '../../kinds/pod/types.ts'
import { Quantity } from '../../objects/quantity.ts'
import { parseTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'

/** How many replicas a metric asks for: upstream's `ReplicaCalculator` (1.34). Values are in thousandths. */

/** Milliseconds after its start in which a Pod's CPU says little; and after which one that has never been ready is counted as one that was. */
const CPU_INITIALIZATION = 300_000
const INITIAL_READINESS_DELAY = 30_000

export interface Tolerances {
  readonly up: number
  readonly down: number
}

/** What was measured of one Pod. */
export interface Measured {
  readonly value: number
  /** Milliseconds since 1970; milliseconds. */
  readonly timestamp: number
  readonly window: number
}

export interface Proposal {
  readonly replicas: number
  /** The average over Pods, thousandths. */
  readonly average: number
  /** Percent of what is requested. */
  readonly utilization?: number
}

interface Asked {
  readonly pods: readonly ApiObject[]
  readonly measured: ReadonlyMap<string, Measured>
  readonly current: number
  readonly tolerances: Tolerances
  readonly now: number
  /** Whether Pods that have just begun do not count. */
  readonly isCpu: boolean
}

/** By a share of what Pods request, in percent. Throws Error with upstream's sentence. */
export function byUtilization(asked: Asked, resource: string, container: string | undefined, target: number): Proposal {
  if (asked.pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const groups = groupPods(asked)
  const counted = without(asked.measured, groups.ignored, groups.unready)
  if (counted.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  const requests = new Map(asked.pods.map((pod) => [pod.metadata.name, requestOf(pod, resource, container)]))
  const ratioOf = (values: ReadonlyMap<string, number>) => utilizationOf(values, requests, target)
  const { utilization, average, ratio } = ratioOf(counted)
  const fallback = Math.max(100, target)
  const missing = (name: string) => Math.floor(((requests.get(name) ?? 0) * fallback) / 100)
  const replicas = replicasFor(asked, groups, counted, ratio, (values) => ratioOf(values).ratio, missing)
  return { replicas, average, utilization }
}

/** By an average value for each Pod. Throws Error with upstream's sentence. */
export function byAverage(asked: Asked, target: number): Proposal {
  if (asked.pods.length === 0) throw new Error('no pods returned by selector while calculating replica count')
  const groups = groupPods(asked)
  const counted = without(asked.measured, groups.ignored, groups.unready)
  if (counted.size === 0) throw new Error('did not receive metrics for targeted pods (pods might be unready)')
  const averageOf = (values: ReadonlyMap<string, number>) => Math.trunc(sum(values.values()) / values.size)
  const average = averageOf(counted)
  const ratioOf = (values: ReadonlyMap<string, number>) => averageOf(values) / target
  const replicas = replicasFor(asked, groups, counted, average / target, ratioOf, () => target)
  return { replicas, average }
}

/** By one value of one object, for all Pods together. Throws Error with upstream's sentence. */
export function byObjectValue(
  { pods, current, tolerances }: Pick<Asked, 'pods' | 'current' | 'tolerances'>,
  value: number,
  target: number,
): Proposal {
  const ratio = value / target
  if (current === 0) return { replicas: Math.ceil(ratio), average: value }
  if (isWithin(tolerances, ratio)) return { replicas: current, average: value }
  if (pods.length === 0) {
    const why = 'no pods returned by selector while calculating replica count'
    throw new Error(`unable to calculate ready pods: ${why}`)
  }
  const ready = pods.filter((pod) => phaseOf(pod) === 'Running' && isReady(pod)).length
  return { replicas: Math.ceil(ratio * ready), average: value }
}

/** By one value of one object, shared among Pods; `current` is how many there are. */
export function byObjectAverage(value: number, target: number, current: number, tolerances: Tolerances): Proposal {
  const ratio = value / (target * current)
  const replicas = isWithin(tolerances, ratio) ? current : Math.ceil(value / target)
  return { replicas, average: Math.ceil(value / current) }
}

interface Groups {
  readonly ready: number
  readonly unready: ReadonlySet<string>
  readonly missing: ReadonlySet<string>
  readonly ignored: ReadonlySet<string>
}

function groupPods({ pods, measured, now, isCpu }: Asked): Groups {
  const unready = new Set<string>()
  const missing = new Set<string>()
  const ignored = new Set<string>()
  let ready = 0
  for (const pod of pods) {
    const { name, deletionTimestamp } = pod.metadata
    const metric = measured.get(name)
    if (deletionTimestamp !== undefined || phaseOf(pod) === 'Failed') ignored.add(name)
    else if (phaseOf(pod) === 'Pending') unready.add(name)
    else if (metric === undefined) missing.add(name)
    else if (isCpu && saysLittle(pod, metric, now)) unready.add(name)
    else ready++
  }
  return { ready, unready, missing, ignored }
}

/** Whether a Pod's CPU is that of its beginning, or of one that has never been ready. */
function saysLittle(pod: ApiObject, metric: Measured, now: number): boolean {
  const { conditions, startTime } = (pod.status ?? {}) as PodStatus
  const condition = conditions?.find(({ type }) => type === 'Ready')
  const started = startTime === undefined ? undefined : parseTime(startTime)
  if (condition === undefined || started === undefined) return true
  const turned = parseTime(condition.lastTransitionTime ?? '') ?? 0
  if (started + CPU_INITIALIZATION > now) {
    return condition.status === 'False' || metric.timestamp < turned + metric.window
  }
  return condition.status === 'False' && started + INITIAL_READINESS_DELAY > turned
}

function replicasFor(
  { current, tolerances }: Asked,
  { ready, unready, missing }: Groups,
  counted: ReadonlyMap<string, number>,
  ratio: number,
  ratioOf: (values: ReadonlyMap<string, number>) => number,
  ifMissing: (name: string) => number,
): number {
  const countsUnready = unready.size > 0 && ratio > 1
  if (!countsUnready && missing.size === 0) {
    return isWithin(tolerances, ratio) ? current : Math.ceil(ratio * ready)
  }
  // Who is not measured is taken for what changes least
  const all = new Map(counted)
  if (ratio !== 1) for (const name of missing) all.set(name, ratio < 1 ? ifMissing(name) : 0)
  if (countsUnready) for (const name of unready) all.set(name, 0)
  const again = ratioOf(all)
  if (isWithin(tolerances, again) || (ratio < 1 && again > 1) || (ratio > 1 && again < 1)) return current
  const replicas = Math.ceil(again * all.size)
  return (again < 1 && replicas > current) || (again > 1 && replicas < current) ? current : replicas
}

function utilizationOf(
  values: ReadonlyMap<string, number>,
  requests: ReadonlyMap<string, number>,
  target: number,
): { readonly ratio: number; readonly utilization: number; readonly average: number } {
  const known = [...values].filter(([name]) => requests.has(name))
  const total = sum(known.map(([, value]) => value))
  const requested = sum(known.map(([name]) => requests.get(name) ?? 0))
  if (requested === 0) throw new Error('no metrics returned matched known pods')
  const utilization = Math.trunc((total * 100) / requested)
  return { ratio: utilization / target, utilization, average: Math.trunc(total / known.length) }
}

/** Thousandths that a Pod, or one of its containers, requests. */
function requestOf(pod: ApiObject, resource: string, container: string | undefined): number {
  const { resources, initContainers = [], containers } = pod.spec as PodSpec
  const { name } = pod.metadata
  if (container === undefined && Object.keys(resources?.requests ?? {}).length > 0) {
    const request = milli(resources?.requests, resource)
    if (request === undefined) throw new Error(`missing pod-level request for ${resource} in Pod ${name}`)
    return request
  }
  const running: readonly Container[] = [...(containers ?? []), ...initContainers.filter(restartsAlways)]
  return sum(
    running
      .filter((one) => container === undefined || one.name === container)
      .map((one) => {
        const request = milli(one.resources?.requests, resource)
        if (request !== undefined) return request
        throw new Error(`missing request for ${resource} in container ${one.name} of Pod ${name}`)
      }),
  )
}

function milli(quantities: Quantities | undefined, resource: string): number | undefined {
  const text = quantities?.[resource]
  return text === undefined ? undefined : Quantity.parse(text).milliValue()
}

function without(
  measured: ReadonlyMap<string, Measured>,
  ...left: readonly ReadonlySet<string>[]
): Map<string, number> {
  const kept = [...measured].filter(([name]) => !left.some((names) => names.has(name)))
  return new Map(kept.map(([name, { value }]) => [name, value]))
}

const isWithin = ({ up, down }: Tolerances, ratio: number): boolean => 1 - down <= ratio && ratio <= 1 + up

const phaseOf = ({ status }: ApiObject): string | undefined => (status as PodStatus | undefined)?.phase

const sum = (values: Iterable<number>): number => {
  let total = 0
  for (const value of values) total += value
  return total
}
