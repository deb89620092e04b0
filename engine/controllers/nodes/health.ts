import { formatTime, parseTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { conditionsOf, type Node, type NodeCondition, readyOf } from './node.ts'

/** Milliseconds without a sign of life after which a node is given up: `--node-monitor-grace-period`, and `--node-startup-grace-period` for one that never gave any. */
const GRACE = 50_000
const STARTUP_GRACE = 60_000
/** What a kubelet tells of, and nobody knows when it does not. */
const KUBELET_CONDITIONS = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

/** What is remembered of a node's signs of life. */
interface Signs {
  readonly heartbeat: string | null | undefined
  readonly renewed: string | undefined
  /** When the last one was seen, by our own clock. */
  readonly at: number
}

/** Knows when a node was heard of last: by its status or by its lease (`tryUpdateNodeHealth`, 1.34). */
export class NodeHealth {
  readonly #signs = new Map<string, Signs>()

  /** Whether nothing has been heard of the node for too long. */
  isLost(node: ApiObject, lease: ApiObject | undefined, now: number): boolean {
    const { name, creationTimestamp } = node.metadata
    const ready = readyOf(node)
    const heartbeat = ready?.lastHeartbeatTime
    const renewed = (lease?.spec as { readonly renewTime?: string } | undefined)?.renewTime
    const before = this.#signs.get(name)
    const known = before ?? { at: ready === undefined ? (parseTime(creationTimestamp) ?? now) : now }
    const heard =
      before !== undefined &&
      (before.heartbeat !== heartbeat || (renewed !== undefined && isLater(renewed, before.renewed)))
    const at = heard || (before === undefined && renewed !== undefined) ? now : known.at
    this.#signs.set(name, { heartbeat, renewed, at })
    return now > at + (ready === undefined ? STARTUP_GRACE : GRACE)
  }

  /** All nodes are given time again. */
  renewAll(now: number): void {
    for (const [name, signs] of this.#signs) this.#signs.set(name, { ...signs, at: now })
  }

  forget(name: string): void {
    this.#signs.delete(name)
  }

  clear(): void {
    this.#signs.clear()
  }
}

const isLater = (time: string, than: string | undefined): boolean =>
  than === undefined || (parseTime(time) ?? 0) > (parseTime(than) ?? 0)

/** The node as one of which nobody knows how it is. */
export function unknownNode(node: ApiObject, now: number): ApiObject {
  const at = formatTime(now)
  const before = conditionsOf(node)
  const conditions = before.map((condition): NodeCondition => {
    if (condition.status === 'Unknown' || !KUBELET_CONDITIONS.some((type) => type === condition.type)) return condition
    return {
      ...condition,
      status: 'Unknown',
      reason: 'NodeStatusUnknown',
      message: 'Kubelet stopped posting node status.',
      lastTransitionTime: at,
    }
  })
  const missing = KUBELET_CONDITIONS.filter((type) => !before.some((condition) => condition.type === type))
  const never = missing.map(
    (type): NodeCondition => ({
      type,
      status: 'Unknown',
      reason: 'NodeStatusNeverUpdated',
      message: 'Kubelet never posted node status.',
      lastHeartbeatTime: node.metadata.creationTimestamp,
      lastTransitionTime: at,
    }),
  )
  return { ...node, status: { ...(node as Node).status, conditions: [...conditions, ...never] } }
}
