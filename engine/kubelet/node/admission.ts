import { aggregate } from '../../kinds/pod/resources.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { Container, PodSpec } from '../../kinds/pod/types.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { mayGoTo } from '../../scheduler/node-affinity.ts'
import { tolerates } from '../../scheduler/taints.ts'
import type { PendingResize } from '../status/generate.ts'

/** What Pods use of a node: CPU in thousandths of a core, others in bytes, and how many there are. */
export interface Used {
  cpu: number
  memory: number
  'ephemeral-storage': number
  pods: number
}

export const nothingUsed = (): Used => ({ cpu: 0, memory: 0, 'ephemeral-storage': 0, pods: 0 })

const NAMES = ['cpu', 'memory', 'ephemeral-storage'] as const

export function requestsOf(pod: Pod): Used {
  const asks = ({ resources }: Container): boolean => resources?.requests !== undefined
  const { containers, initContainers = [] } = pod.spec
  if (!(containers ?? []).some(asks) && !initContainers.some(asks)) return { ...nothingUsed(), pods: 1 }
  const amounts = aggregate(pod.spec, 'requests')
  return {
    cpu: amounts.get('cpu')?.milliValue() ?? 0,
    memory: amounts.get('memory')?.value() ?? 0,
    'ephemeral-storage': amounts.get('ephemeral-storage')?.value() ?? 0,
    pods: 1,
  }
}

export interface Rejection {
  readonly reason: string
  readonly message: string
}

interface NodeObject extends ApiObject {
  readonly spec?: { readonly taints?: readonly { key: string; value?: string; effect: string }[] }
  readonly status?: { readonly allocatable?: Readonly<Record<string, string>> }
}

export interface AdmissionView {
  readonly node: ApiObject
  readonly used: Used
  readonly isStatic: boolean
  /** `protocol port` of hostPorts that others have. */
  readonly hostPorts: ReadonlySet<string>
}

/** Why a node does not take a Pod that it was given; undefined if it does (`predicateAdmitHandler`, 1.34). */
export function rejectionOf(pod: Pod, view: AdmissionView): Rejection | undefined {
  const node = view.node as NodeObject
  const { allocatable = {} } = node.status ?? {}
  const wanted = requestsOf(pod)
  const most = Quantity.fromJson(allocatable.pods ?? '110').value()
  if (view.used.pods + 1 > most) return outOf('pods', 1, view.used.pods, most)
  for (const name of NAMES) {
    const text = allocatable[name]
    if (text === undefined || wanted[name] === 0) continue
    const amount = Quantity.fromJson(text)
    const capacity = name === 'cpu' ? amount.milliValue() : amount.value()
    if (view.used[name] + wanted[name] > capacity) return outOf(name, wanted[name], view.used[name], capacity)
  }
  const { name, labels = {} } = node.metadata
  if (!mayGoTo(pod.spec, { name, labels }))
    return predicate('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
  if (hostPortsOf(pod.spec).some((port) => view.hostPorts.has(port))) {
    return predicate('NodePorts', "node(s) didn't have free ports for the requested pod ports")
  }
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute')
  if (!view.isStatic && taints.some((taint) => !tolerates(pod.spec.tolerations ?? [], taint))) {
    return predicate('TaintToleration', "node(s) had taints that the pod didn't tolerate")
  }
  return undefined
}

/** Why a Pod that runs does not get what it asks for now; `used` is what others use. */
export function pendingResizeOf(
  pod: Pod,
  used: Used,
  allocatable: Readonly<Record<string, string>>,
): PendingResize | undefined {
  const wanted = requestsOf(pod)
  const capacity = {
    cpu: Quantity.fromJson(allocatable.cpu ?? '0').milliValue(),
    memory: Quantity.fromJson(allocatable.memory ?? '0').value(),
  }
  for (const name of ['memory', 'cpu'] as const) {
    if (wanted[name] <= capacity[name]) continue
    const message = `Node didn't have enough capacity: ${name}, requested: ${wanted[name]}, capacity: ${capacity[name]}`
    return { reason: 'Infeasible', message }
  }
  for (const name of ['cpu', 'memory'] as const) {
    if (used[name] + wanted[name] <= capacity[name]) continue
    return { reason: 'Deferred', message: outOf(name, wanted[name], used[name], capacity[name]).message }
  }
  return undefined
}

export function hostPortsOf({ containers, initContainers }: PodSpec): string[] {
  return [...(containers ?? []), ...(initContainers ?? [])].flatMap(({ ports = [] }) =>
    ports.flatMap(({ hostPort = 0, protocol = 'TCP' }) => (hostPort === 0 ? [] : [`${protocol} ${hostPort}`])),
  )
}

function outOf(name: string, requested: number, used: number, capacity: number): Rejection {
  const amounts = `requested: ${requested}, used: ${used}, capacity: ${capacity}`
  return { reason: `OutOf${name}`, message: `Node didn't have enough resource: ${name}, ${amounts}` }
}

const predicate = (name: string, why: string): Rejection => ({
  reason: name,
  message: `Predicate ${name} failed: ${why}`,
})
