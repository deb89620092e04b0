import { qosClass } from '../../kinds/pod/qos.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import { Quantity } from '../../objects/quantity.ts'

export type Resource = 'memory' | 'ephemeral-storage' | 'pids'

/** Milliseconds for which a pressure is told of after it was last seen: the kubelet's transition period. */
export const TRANSITION = 300_000

/** What a Pod uses, container by container. Bytes. */
export interface PodUse {
  readonly pod: Pod
  readonly containers: readonly { readonly name: string; readonly memory: number; readonly storage: number }[]
  /** Of its emptyDir volumes. */
  readonly volumes: number
}

export interface Shortage {
  readonly resource: Resource
  /** Bytes, or processes. */
  readonly threshold: number
  readonly available: number
}

const CRITICAL = 2_000_000_000

/** Pods without which a node is none are never evicted. */
export function isCritical({ spec, metadata }: Pod): boolean {
  return (spec.priority ?? 0) >= CRITICAL || metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined
}

/** Those that may be evicted, who should go first at first: over their requests, of least priority, furthest over (`rankMemoryPressure`, 1.34). */
export function rankedFor(resource: Resource, uses: readonly PodUse[]): readonly PodUse[] {
  const over = (use: PodUse): number => usedBy(use, resource) - requestedBy(use.pod, resource)
  return uses
    .filter(({ pod }) => !isCritical(pod))
    .sort(
      (a, b) =>
        Number(over(b) > 0) - Number(over(a) > 0) ||
        (a.pod.spec.priority ?? 0) - (b.pod.spec.priority ?? 0) ||
        over(b) - over(a),
    )
}

function usedBy({ containers, volumes }: PodUse, resource: Resource): number {
  if (resource === 'memory') return containers.reduce((sum, { memory }) => sum + memory, 0)
  return containers.reduce((sum, { storage }) => sum + storage, volumes)
}

function requestedBy({ spec }: Pod, resource: Resource): number {
  return (spec.containers ?? []).reduce((sum, { resources }) => sum + amount(resources?.requests?.[resource]), 0)
}

const amount = (text: string | undefined): number => (text === undefined ? 0 : Quantity.fromJson(text).value())

const binary = (bytes: number): string => Quantity.of(Math.round(bytes), 'BinarySI').toString()

/** Why a Pod is evicted, as its status and event say (`evictionMessage`, 1.34). */
export function evictionMessage({ resource, threshold, available }: Shortage, { pod, containers }: PodUse): string {
  const figure = (value: number): string => (resource === 'pids' ? String(value) : binary(value))
  let message = `The node was low on resource: ${resource}. Threshold quantity: ${figure(threshold)}, available: ${figure(available)}. `
  if (resource === 'pids') return message
  for (const { name, memory, storage } of containers) {
    const used = resource === 'memory' ? memory : storage
    const all = [...(pod.spec.containers ?? []), ...(pod.spec.initContainers ?? [])]
    const requested = all.find((one) => one.name === name)?.resources?.requests?.[resource] ?? '0'
    if (used <= amount(requested)) continue
    message += `Container ${name} was using ${binary(used)}, request is ${Quantity.fromJson(requested).toString()}, has larger consumption of ${resource}. `
  }
  return message
}

/** Why a Pod uses more of its disk than it may; undefined if it does not (`localStorageEviction`, 1.34). */
export function storageExcess(
  { pod, containers, volumes }: PodUse,
  emptyDirs: readonly { readonly name: string; readonly size: number; readonly limit: string }[],
): string | undefined {
  for (const { name, size, limit } of emptyDirs) {
    if (size > amount(limit)) return `Usage of EmptyDir volume "${name}" exceeds the limit "${limit}". `
  }
  const limits = (pod.spec.containers ?? []).map(({ resources }) => resources?.limits?.['ephemeral-storage'])
  if (limits.length > 0 && limits.every((limit) => limit !== undefined)) {
    const total = limits.reduce((sum, limit) => sum + amount(limit), 0)
    const used = containers.reduce((sum, { storage }) => sum + storage, volumes)
    if (used > total) {
      return `Pod ephemeral local storage usage exceeds the total limit of containers ${binary(total)}. `
    }
  }
  for (const { name, storage } of containers) {
    const spec = pod.spec.containers?.find((one) => one.name === name)
    const limit = spec?.resources?.limits?.['ephemeral-storage']
    if (limit !== undefined && storage > amount(limit)) {
      return `Container ${name} exceeded its local ephemeral storage limit "${limit}". `
    }
  }
  return undefined
}

/** Whether a node under pressure takes a new Pod of this kind; if not, why. */
export function refusalUnder(pressures: ReadonlySet<Resource>, pod: Pod): string | undefined {
  if (pressures.size === 0 || isCritical(pod)) return undefined
  const onlyMemory = pressures.size === 1 && pressures.has('memory')
  const tolerated = pod.spec.tolerations?.some(({ key }) => key === 'node.kubernetes.io/memory-pressure') === true
  if (onlyMemory && (tolerated || qosClass(pod.spec) !== 'BestEffort')) return undefined
  const names = { memory: 'MemoryPressure', 'ephemeral-storage': 'DiskPressure', pids: 'PIDPressure' } as const
  return `The node had condition: [${[...pressures].map((one) => names[one]).join(' ')}]. `
}
