import type { Taint } from '../../kinds/core/node.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Writer } from '../writer.ts'
import { conditionsOf, NODES, type Node, taintsOf } from './node.ts'

export const NOT_READY = 'node.kubernetes.io/not-ready'
export const UNREACHABLE = 'node.kubernetes.io/unreachable'
export const OUT_OF_SERVICE = 'node.kubernetes.io/out-of-service'
const UNSCHEDULABLE = 'node.kubernetes.io/unschedulable'

/** Which taint stands for which status of a condition. */
const BY_CONDITION: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Ready: { False: NOT_READY, Unknown: UNREACHABLE },
  MemoryPressure: { True: 'node.kubernetes.io/memory-pressure' },
  DiskPressure: { True: 'node.kubernetes.io/disk-pressure' },
  NetworkUnavailable: { True: 'node.kubernetes.io/network-unavailable' },
  PIDPressure: { True: 'node.kubernetes.io/pid-pressure' },
}
const OWN_KEYS = new Set([UNSCHEDULABLE, ...Object.values(BY_CONDITION).flatMap((taints) => Object.values(taints))])

/** What is said about a node by its conditions and by cordoning it, as taints of this effect: keys. */
export function keysFor(node: ApiObject): string[] {
  const keys = conditionsOf(node).flatMap(({ type, status }) => BY_CONDITION[type]?.[status] ?? [])
  return (node as Node).spec?.unschedulable === true ? [...keys, UNSCHEDULABLE] : keys
}

/** Keys of the taints that keep Pods from coming, as far as these controllers set them. */
export function ownKeysOf(node: ApiObject): string[] {
  return taintsOf(node)
    .filter(({ effect, key }) => effect === 'NoSchedule' && OWN_KEYS.has(key))
    .map(({ key }) => key)
}

export const hasTaint = (node: ApiObject, key: string, effect: string): boolean =>
  taintsOf(node).some((taint) => taint.key === key && taint.effect === effect)

export interface TaintChange {
  readonly effect: 'NoSchedule' | 'NoExecute'
  readonly add: readonly string[]
  readonly remove: readonly string[]
}

/** New taints come last, and say since when. */
export function changeTaints(
  writer: Writer,
  { metadata: { name } }: ApiObject,
  { effect, add, remove }: TaintChange,
  now: string,
): void {
  writer.update({ resource: NODES, name }, (node) => {
    const changes = (taint: Taint): boolean =>
      taint.effect === effect && (remove.includes(taint.key) || add.includes(taint.key))
    const kept = taintsOf(node).filter((taint) => !changes(taint))
    const taints = [...kept, ...add.map((key) => ({ effect, key, timeAdded: now }))]
    const { taints: _, ...spec } = (node as Node).spec ?? {}
    return { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } }
  })
}
