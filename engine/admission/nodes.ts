import type { Toleration } from '../kinds/pod/types.ts'
import type { NewObject } from '../objects/types.ts'
import type { AdmissionPlugin } from './plugin.ts'
import { isOf } from './refuse.ts'

const NOT_READY = 'node.kubernetes.io/not-ready'
const UNREACHABLE = 'node.kubernetes.io/unreachable'
/** Seconds for which a Pod stays on a node that has gone: `--default-not-ready-toleration-seconds` and its sister. */
const STAYS = 300

/** A new node takes no Pods until it is known to be ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  mutate(attributes) {
    const node = attributes.object as NewObject
    if (!isOf(attributes, '', 'nodes') || attributes.operation !== 'CREATE') return node
    const spec = (node.spec ?? {}) as { taints?: readonly { readonly key: string; readonly effect: string }[] }
    const { taints = [] } = spec
    if (taints.some(({ key, effect }) => key === NOT_READY && effect === 'NoSchedule')) return node
    return { ...node, spec: { ...spec, taints: [...taints, { key: NOT_READY, effect: 'NoSchedule' }] } }
  },
}

export const defaultTolerationSeconds: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  mutate(attributes) {
    const pod = attributes.object as NewObject
    if (!isOf(attributes, '', 'pods') || !/^(CREATE|UPDATE)$/.test(attributes.operation)) return pod
    const spec = pod.spec as { tolerations?: readonly Toleration[] }
    const { tolerations = [] } = spec
    const missing = [NOT_READY, UNREACHABLE].filter((taint) => !tolerations.some((one) => tolerates(one, taint)))
    if (missing.length === 0) return pod
    const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: STAYS }))
    return { ...pod, spec: { ...spec, tolerations: [...tolerations, ...added] } }
  },
}

function tolerates({ key = '', effect = '' }: Toleration, taint: string): boolean {
  return (key === taint || key === '') && (effect === 'NoExecute' || effect === '')
}
