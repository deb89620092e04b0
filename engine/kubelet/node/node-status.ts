import { deepEqual } from '../../objects/equal.ts'
import { isExtendedResource } from '../../objects/resource-names.ts'
import type { ApiObject } from '../../objects/types.ts'
import type { Resource } from './pressure.ts'

interface Condition {
  readonly type: string
  readonly status: string
  readonly reason: string
  readonly message: string
  readonly lastHeartbeatTime: string
  readonly lastTransitionTime: string
}

type Resources = Readonly<Record<string, string>>

export interface NodeView {
  readonly pressures: ReadonlySet<Resource>
  /** None while it goes down. */
  readonly ready: { readonly status: 'True' | 'False'; readonly reason: string; readonly message: string }
  readonly images: readonly object[]
  readonly bootId: string | undefined
  /** RFC 3339. */
  readonly now: string
}

export interface NodeChange {
  readonly status: object
  /** Whether more than the time is another. */
  readonly changed: boolean
  /** Reasons of events about what is another: `NodeReady`. */
  readonly told: readonly string[]
}

const PRESSURES = [
  [
    'memory',
    'MemoryPressure',
    'HasSufficientMemory',
    'has sufficient memory available',
    'HasInsufficientMemory',
    'has insufficient memory available',
  ],
  [
    'ephemeral-storage',
    'DiskPressure',
    'HasNoDiskPressure',
    'has no disk pressure',
    'HasDiskPressure',
    'has disk pressure',
  ],
  [
    'pids',
    'PIDPressure',
    'HasSufficientPID',
    'has sufficient PID available',
    'HasInsufficientPID',
    'has insufficient PID available',
  ],
] as const

/** A node's status as its kubelet tells it (`nodestatus/setters.go`, 1.34). */
export function nodeStatus(node: ApiObject, view: NodeView): NodeChange {
  const status = (node.status ?? {}) as {
    readonly conditions?: readonly Condition[]
    readonly capacity?: Resources
    readonly allocatable?: Resources
    readonly images?: readonly { readonly names: readonly string[] }[]
    readonly nodeInfo?: { readonly bootID?: string }
  }
  const before = status.conditions ?? []
  const told: string[] = []
  let changed = false
  const set = (type: string, is: string, reason: string, message: string, event: string): Condition => {
    const old = before.find((one) => one.type === type)
    if (old?.status !== is) told.push(event)
    if (old?.status !== is || old.reason !== reason || old.message !== message) changed = true
    return {
      lastHeartbeatTime: view.now,
      lastTransitionTime: old?.status === is ? old.lastTransitionTime : view.now,
      message,
      reason,
      status: is,
      type,
    }
  }
  const own = PRESSURES.map(([resource, type, fine, well, bad, badly]) => {
    const pressed = view.pressures.has(resource)
    const reason = pressed ? bad : fine
    return set(
      type,
      pressed ? 'True' : 'False',
      `Kubelet${reason}`,
      `kubelet ${pressed ? badly : well}`,
      `Node${reason}`,
    )
  })
  const { ready } = view
  own.push(
    set('Ready', ready.status, ready.reason, ready.message, ready.status === 'True' ? 'NodeReady' : 'NodeNotReady'),
  )
  const types = new Set(own.map(({ type }) => type))
  if (JSON.stringify(status.images ?? []) !== JSON.stringify(view.images)) changed = true
  const info = status.nodeInfo ?? {}
  if (view.bootId !== undefined && info.bootID !== view.bootId) changed = true
  const allocatable = allocatableOf(status.capacity ?? {}, status.allocatable ?? {})
  if (!deepEqual(allocatable, status.allocatable ?? {})) changed = true
  return {
    changed,
    told,
    status: {
      ...status,
      allocatable,
      conditions: [...before.filter(({ type }) => !types.has(type)), ...own],
      ...(view.images.length === 0 ? {} : { images: view.images }),
      nodeInfo: view.bootId === undefined ? info : { ...info, bootID: view.bootId },
    },
  }
}

/** Nothing is held back for the system: what there is is for Pods, extended resources as well (`MachineInfo`, 1.34). */
function allocatableOf(capacity: Resources, before: Resources): Resources {
  const stays = Object.entries(before).filter(([name]) => !isExtendedResource(name))
  return { ...Object.fromEntries(stays), ...capacity }
}
