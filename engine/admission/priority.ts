import type { NewObject } from '../objects/types.ts'
import type { AdmissionAttributes, AdmissionPlugin, Backend } from './plugin.ts'
import { all, find, isOf, refuse } from './refuse.ts'

interface PriorityClass {
  readonly metadata: { readonly name: string }
  readonly value: number
  readonly globalDefault?: boolean
  readonly preemptionPolicy?: string
}

interface Spec {
  readonly priorityClassName?: string
  readonly priority?: number
  readonly preemptionPolicy?: string
}

/** Gives Pods the number and the policy of their PriorityClass, and lets only one class be the default. */
export const priority: AdmissionPlugin = {
  name: 'Priority',
  mutate(attributes, backend) {
    const pod = attributes.object as NewObject
    if (!isOf(attributes, '', 'pods')) return pod
    const spec = pod.spec as Spec
    if (attributes.operation === 'CREATE') return { ...pod, spec: { ...spec, ...resolved(attributes, backend, spec) } }
    if (attributes.operation !== 'UPDATE') return pod
    const old = (attributes.oldObject?.spec ?? {}) as Spec
    const kept = {
      ...(spec.priority === undefined && old.priority !== undefined ? { priority: old.priority } : {}),
      ...(spec.preemptionPolicy === undefined && old.preemptionPolicy !== undefined
        ? { preemptionPolicy: old.preemptionPolicy }
        : {}),
    }
    return Object.keys(kept).length === 0 ? pod : { ...pod, spec: { ...spec, ...kept } }
  },
  validate(attributes, backend) {
    const { object, operation } = attributes
    if (!isOf(attributes, 'scheduling.k8s.io', 'priorityclasses') || !/^(CREATE|UPDATE)$/.test(operation)) return
    if (object?.globalDefault !== true) return
    const usual = defaultClass(backend)
    if (usual === undefined || (operation === 'UPDATE' && usual.metadata.name === object.metadata.name)) return
    const name = usual.metadata.name
    throw refuse(attributes, `PriorityClass ${name} is already marked as default. Only one default can exist`)
  },
}

function resolved(attributes: AdmissionAttributes, backend: Backend, spec: Spec): Spec {
  const own = spec.priorityClassName ?? ''
  const found = own === '' ? defaultClass(backend) : classNamed(backend, own)
  if (own !== '' && found === undefined) throw refuse(attributes, `no PriorityClass with name ${own} was found`)
  const value = found?.value ?? 0
  const policy = found === undefined ? 'PreemptLowerPriority' : found.preemptionPolicy
  const computed = (what: string, given: string, by: string | number) =>
    `the ${what} (${given}) must not be provided in pod spec; priority admission controller computed ${by} from the given PriorityClass name`
  if (spec.priority !== undefined && spec.priority !== value) {
    throw refuse(attributes, computed('integer value of priority', String(spec.priority), value))
  }
  if (policy !== undefined && spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== policy) {
    throw refuse(attributes, computed('string value of PreemptionPolicy', spec.preemptionPolicy, policy))
  }
  return {
    ...(found === undefined ? {} : { priorityClassName: found.metadata.name }),
    priority: value,
    ...(policy === undefined ? {} : { preemptionPolicy: policy }),
  }
}

function classNamed(backend: Backend, name: string): PriorityClass | undefined {
  return find(backend, 'scheduling.k8s.io', 'priorityclasses', '', name) as PriorityClass | undefined
}

/** Of several the one of the lowest value. */
function defaultClass(backend: Backend): PriorityClass | undefined {
  const classes = all(backend, 'scheduling.k8s.io', 'priorityclasses') as unknown as readonly PriorityClass[]
  return classes.filter(({ globalDefault }) => globalDefault === true).toSorted((a, b) => a.value - b.value)[0]
}
