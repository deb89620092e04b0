import type { Pod } from '../../kinds/pod/status.ts'
import type { Affinity, PodSpec, PodTemplateSpec, Toleration } from '../../kinds/pod/types.ts'
import { mayGoTo } from '../../scheduler/node-affinity.ts'
import { tolerates } from '../../scheduler/taints.ts'
import type { DaemonSet, Node } from './types.ts'

export const HASH_LABEL = 'controller-revision-hash'
const GENERATION_LABEL = 'pod-template-generation'
const GENERATION = 'deprecated.daemonset.template.generation'

const taint = (key: string, effect: string): Toleration => ({
  key: `node.kubernetes.io/${key}`,
  operator: 'Exists',
  effect,
})

/** What a daemon's Pods stay through on a node that is in trouble. */
const TOLERATED: readonly Toleration[] = [
  taint('not-ready', 'NoExecute'),
  taint('unreachable', 'NoExecute'),
  taint('disk-pressure', 'NoSchedule'),
  taint('memory-pressure', 'NoSchedule'),
  taint('pid-pressure', 'NoSchedule'),
  taint('unschedulable', 'NoSchedule'),
]
const WITHOUT_NETWORK = taint('network-unavailable', 'NoSchedule')

function withTolerations(spec: PodSpec): PodSpec {
  const own = spec.tolerations ?? []
  const wanted = spec.hostNetwork === true ? [...TOLERATED, WITHOUT_NETWORK] : TOLERATED
  const isSame = (left: Toleration, right: Toleration) =>
    left.key === right.key &&
    left.operator === right.operator &&
    left.effect === right.effect &&
    (left.value ?? '') === (right.value ?? '')
  const kept = own.map((one) => wanted.find((other) => isSame(one, other)) ?? one)
  const added = wanted.filter((one) => !own.some((other) => isSame(one, other)))
  return { ...spec, tolerations: [...kept, ...added] }
}

/** The template as a daemon's Pods are made from it, for whichever node. */
export function daemonTemplate(set: DaemonSet, hash: string): PodTemplateSpec {
  const { template } = set.spec
  const generation = generationOf(set)
  const labels = {
    ...template.metadata?.labels,
    ...(generation === undefined ? {} : { [GENERATION_LABEL]: generation }),
    [HASH_LABEL]: hash,
  }
  return { ...template, metadata: { ...template.metadata, labels }, spec: withTolerations(template.spec) }
}

function generationOf({ metadata }: DaemonSet): string | undefined {
  const text = metadata.annotations?.[GENERATION]
  return text !== undefined && /^[-+]?[0-9]+$/.test(text) ? String(Number(text)) : undefined
}

export function isUpdated(set: DaemonSet, { metadata }: Pod, hash: string): boolean {
  const generation = generationOf(set)
  if (generation !== undefined && metadata.labels?.[GENERATION_LABEL] === generation) return true
  return metadata.labels?.[HASH_LABEL] === hash
}

/** The template of a Pod that can go to one node only. */
export function templateFor(template: PodTemplateSpec, node: string): PodTemplateSpec {
  const { affinity = {} } = template.spec
  const required = {
    nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }],
  }
  const bound: Affinity = {
    ...affinity,
    nodeAffinity: { ...affinity.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required },
  }
  return { ...template, spec: { ...template.spec, affinity: bound } }
}

/** The node that a Pod is on, or the one that it was made for; undefined if that cannot be said. */
export function targetNode({ spec }: Pod): string | undefined {
  if ((spec.nodeName ?? '') !== '') return spec.nodeName
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? []
  for (const { matchFields = [] } of terms) {
    const named = matchFields.find(({ key, operator }) => key === 'metadata.name' && operator === 'In')
    if (named !== undefined) return named.values?.length === 1 ? named.values[0] : undefined
  }
  return undefined
}

export interface Fit {
  /** A Pod is to be there. */
  readonly runs: boolean
  /** One that is there may stay. */
  readonly stays: boolean
}

/** Says of each node whether it is one for the daemon: `NodeShouldRunDaemonPod` (1.34). */
export function fitting({ spec: { template } }: DaemonSet): (node: Node) => Fit {
  const spec = withTolerations(template.spec)
  const { nodeName = '', tolerations = [] } = spec
  return ({ metadata, spec: { taints = [] } = {} }) => {
    const { name, labels = {} } = metadata
    if ((nodeName !== '' && nodeName !== name) || !mayGoTo(spec, { name, labels })) return { runs: false, stays: false }
    const bars = (effect: string) => taints.some((one) => one.effect === effect && !tolerates(tolerations, one))
    const stays = !bars('NoExecute')
    return { runs: stays && !bars('NoSchedule'), stays }
  }
}
