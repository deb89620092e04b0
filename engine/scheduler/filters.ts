import type { PodSpec } from '../kinds/pod/types.ts'
import type { Check, Plugin, Prepared, Rejection } from './check.ts'
import { mayGoTo, namedNodes } from './node-affinity.ts'
import type { NodeInfo } from './node-info.ts'
import { NO_TOLERATIONS, type PodInfo, podSpec } from './pod-info.ts'
import type { PodRequests } from './requests.ts'
import { tolerates, untolerated } from './taints.ts'

const final = (plugin: Plugin, reason: string): Rejection => ({ plugin, reasons: [reason], resolvable: false })

const UNSCHEDULABLE = final('NodeUnschedulable', 'node(s) were unschedulable')
const OTHER_NAME = final('NodeName', "node(s) didn't match the requested node name")
const TAINTED = final('TaintToleration', 'node(s) had untolerated taint(s)')
const OTHER_NODE = final('NodeAffinity', "node(s) didn't match Pod's node affinity/selector")
const NO_AGREEMENT = final('NodeAffinity', 'pod affinity terms conflict')
const PORTS: Rejection = {
  plugin: 'NodePorts',
  reasons: ["node(s) didn't have free ports for the requested pod ports"],
  resolvable: true,
}
export const UNSCHEDULABLE_TAINT = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' } as const

export function nodeUnschedulable({ pod }: PodInfo): Check {
  const { tolerations = NO_TOLERATIONS } = podSpec(pod)
  return {
    plugin: 'NodeUnschedulable',
    reject: ({ unschedulable }) =>
      unschedulable && !tolerates(tolerations, UNSCHEDULABLE_TAINT) ? UNSCHEDULABLE : undefined,
  }
}

/** Of a Pod that names its node: such Pods are never scheduled, but preemption may ask. */
export function nodeName({ pod }: PodInfo): Prepared {
  const { nodeName: wanted = '' } = podSpec(pod)
  if (wanted === '') return undefined
  return { plugin: 'NodeName', reject: ({ name }) => (name === wanted ? undefined : OTHER_NAME) }
}

export function taintToleration({ pod }: PodInfo): Check {
  const { tolerations = NO_TOLERATIONS } = podSpec(pod)
  return {
    plugin: 'TaintToleration',
    reject: ({ taints }) => (taints.length > 0 && untolerated(taints, tolerations) !== undefined ? TAINTED : undefined),
  }
}

export function nodeAffinity({ pod }: PodInfo): Prepared {
  const spec = podSpec(pod)
  const required = requiredOf(spec)
  if (required === undefined && spec.nodeSelector === undefined) return undefined
  if (namedNodes(required)?.size === 0) return { refused: NO_AGREEMENT }
  return { plugin: 'NodeAffinity', reject: (node) => (mayGoTo(spec, node) ? undefined : OTHER_NODE) }
}

export const requiredOf = ({ affinity }: PodSpec) =>
  affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution

export function nodePorts({ ports }: PodInfo): Prepared {
  if (ports.length === 0) return undefined
  return { plugin: 'NodePorts', reject: (node) => (node.portConflicts(ports) ? PORTS : undefined) }
}

export function nodeResourcesFit({ requests }: PodInfo): Check {
  return { plugin: 'NodeResourcesFit', reject: (node) => lacking(requests, node) }
}

function lacking(asked: PodRequests, node: NodeInfo): Rejection | undefined {
  const { allocatable } = node
  let reasons: string[] | undefined
  let resolvable = true
  const check = (name: string, wanted: number, used: number, there: number): void => {
    if (wanted === 0 || wanted <= there - used) return
    reasons ??= []
    reasons.push(`Insufficient ${name}`)
    if (wanted > there) resolvable = false
  }
  if (node.pods.size + 1 > node.mostPods) reasons = ['Too many pods']
  check('cpu', asked.cpu, node.cpu, allocatable.cpu)
  check('memory', asked.memory, node.memory, allocatable.memory)
  check('ephemeral-storage', asked.storage, node.storage, allocatable.storage)
  for (const [name, wanted] of asked.others ?? []) {
    check(name, wanted, node.others?.get(name) ?? 0, allocatable.others?.get(name) ?? 0)
  }
  return reasons === undefined ? undefined : { plugin: 'NodeResourcesFit', reasons, resolvable }
}

/** Whether the Pod would fit on the node if nothing else were there. */
export function fitsAlone(info: PodInfo, node: NodeInfo): boolean {
  const { cpu, memory, storage, others } = info.requests
  const { allocatable } = node
  if (node.mostPods < 1 || cpu > allocatable.cpu || memory > allocatable.memory || storage > allocatable.storage) {
    return false
  }
  for (const [name, wanted] of others ?? []) if (wanted > (allocatable.others?.get(name) ?? 0)) return false
  return true
}
