import type { PodSpec, Toleration } from '../kinds/pod/types.ts'
import { deepEqual } from '../objects/equal.ts'
import { goQuote } from '../objects/go-quote.ts'
import type { NewObject } from '../objects/types.ts'
import type { AdmissionAttributes, AdmissionPlugin, Backend } from './plugin.ts'
import { find, isOf, refuse } from './refuse.ts'
import { resourceList, sameAmounts } from './resource-list.ts'

interface RuntimeClass {
  readonly overhead?: { readonly podFixed?: Readonly<Record<string, string>> }
  readonly scheduling?: {
    readonly nodeSelector?: Readonly<Record<string, string>>
    readonly tolerations?: readonly Toleration[]
  }
}

/** Adds to a Pod what its RuntimeClass costs and where it runs. */
export const runtimeClass: AdmissionPlugin = {
  name: 'RuntimeClass',
  mutate(attributes, backend) {
    const pod = attributes.object as NewObject
    if (!isOf(attributes, '', 'pods') || attributes.operation !== 'CREATE') return pod
    const found = classOf(attributes, backend)
    if (found === undefined) return pod
    let spec = pod.spec as PodSpec
    if (found.overhead !== undefined) {
      if (Object.keys(spec.overhead ?? {}).length > 0) checkOverhead(attributes, found, spec)
      const { podFixed } = found.overhead
      spec = { ...spec, ...(podFixed === undefined ? {} : { overhead: podFixed }) }
    }
    if (found.scheduling !== undefined) spec = scheduled(attributes, spec, found.scheduling)
    return { ...pod, spec }
  },
  validate(attributes, backend) {
    if (!isOf(attributes, '', 'pods') || attributes.operation !== 'CREATE') return
    const found = classOf(attributes, backend)
    const spec = attributes.object?.spec as PodSpec
    if (found?.overhead !== undefined) return checkOverhead(attributes, found, spec)
    if (spec.overhead === undefined) return
    throw refuse(attributes, 'pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead')
  },
}

function classOf(attributes: AdmissionAttributes, backend: Backend): RuntimeClass | undefined {
  const { runtimeClassName: name } = (attributes.object?.spec ?? {}) as PodSpec
  if (name === undefined) return undefined
  const found = find(backend, 'node.k8s.io', 'runtimeclasses', '', name)
  if (found === undefined) throw refuse(attributes, `pod rejected: RuntimeClass ${goQuote(name)} not found`)
  return found as RuntimeClass
}

function checkOverhead(attributes: AdmissionAttributes, { overhead }: RuntimeClass, spec: PodSpec): void {
  if (sameAmounts(resourceList(overhead?.podFixed), resourceList(spec.overhead))) return
  throw refuse(attributes, "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead")
}

function scheduled(
  attributes: AdmissionAttributes,
  spec: PodSpec,
  { nodeSelector = {}, tolerations = [] }: NonNullable<RuntimeClass['scheduling']>,
): PodSpec {
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key]
    if (own === undefined || own === value) continue
    const theirs = `runtimeClass.scheduling.nodeSelector[${key}] = ${value}`
    throw refuse(attributes, `conflict: ${theirs}; pod.spec.nodeSelector[${key}] = ${own}`)
  }
  const selector = { ...spec.nodeSelector, ...nodeSelector }
  const merged = mergeTolerations(spec.tolerations ?? [], tolerations)
  return {
    ...spec,
    ...(Object.keys(selector).length === 0 ? {} : { nodeSelector: selector }),
    ...(merged.length === 0 ? {} : { tolerations: merged }),
  }
}

/** All of both, without those that another of them covers: upstream's `tolerations.MergeTolerations` (1.34). */
function mergeTolerations(own: readonly Toleration[], added: readonly Toleration[]): readonly Toleration[] {
  const every = [...own, ...added]
  const merged: Toleration[] = []
  next: for (const [index, toleration] of every.entries()) {
    for (const kept of merged) if (covers(kept, toleration)) continue next
    for (const later of every.slice(index + 1)) {
      if (covers(later, toleration) && !deepEqual(later, toleration)) continue next
    }
    merged.push(toleration)
  }
  return merged
}

function covers(wide: Toleration, narrow: Toleration): boolean {
  if (deepEqual(wide, narrow)) return true
  const { key = '', effect = '', operator = '', tolerationSeconds } = wide
  if (key !== (narrow.key ?? '') && (key !== '' || operator !== 'Exists')) return false
  if (effect !== '' && effect !== (narrow.effect ?? '')) return false
  if (effect === 'NoExecute' && tolerationSeconds !== undefined) {
    if (narrow.tolerationSeconds === undefined || narrow.tolerationSeconds > tolerationSeconds) return false
  }
  if (operator === 'Exists') return true
  return narrow.operator === 'Equal' && (narrow.value ?? '') === (wide.value ?? '')
}
