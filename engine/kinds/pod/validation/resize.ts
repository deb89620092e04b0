import { semanticallyEqual } from '../../../objects/equal.ts'
import { type FieldError, forbiddenField, invalidValue } from '../../../objects/field-error.ts'
import type { ApiObject } from '../../../objects/types.ts'
import { qosClass } from '../qos.ts'
import { restartsAlways } from '../resources.ts'
import type { Container, PodSpec, PodStatus, Quantities } from '../types.ts'
import { mirror } from './annotations.ts'
import { changedPodErrors, specOf } from './update.ts'

/** `ValidatePodResize` (1.34): CPU and memory of running containers change, and nothing else. */
export function resizeErrors(pod: ApiObject, old: ApiObject): FieldError[] {
  const [now, before] = [specOf(pod), specOf(old)]
  if (hasOwnResources(now) || hasOwnResources(before)) {
    return [forbiddenField('', 'pods with pod-level resources cannot be resized')]
  }
  if (old.metadata.annotations?.[mirror] !== undefined) return [forbiddenField('', 'static pods cannot be resized')]
  if (before.os?.name === 'windows') return [forbiddenField('', 'windows pods cannot be resized')]
  const errors = changedPodErrors(pod, old)
  const status = (pod.status ?? {}) as PodStatus
  if (qosClass(before) !== qosClass(now)) {
    errors.push(invalidValue('spec', status.qosClass ?? '', 'Pod QOS Class may not change as a result of resizing'))
  }
  if (!isSupported((old.status ?? {}) as PodStatus)) {
    errors.push(forbiddenField('spec', 'Pod running on node without support for resize'))
  }
  const order = [...orderErrors(now, before, 'containers'), ...orderErrors(now, before, 'initContainers')]
  if (order.length > 0) return [...errors, ...order]
  for (const [index, container] of (before.initContainers ?? []).entries()) {
    if (!restartsAlways(container)) continue
    errors.push(...removalErrors(now.initContainers?.[index], container, `spec.initContainers[${index}].resources`))
  }
  for (const [index, container] of (before.containers ?? []).entries()) {
    errors.push(...removalErrors(now.containers?.[index], container, `spec.containers[${index}].resources`))
  }
  return [...errors, ...otherChanges(now, before, errors.length > 0)]
}

const hasOwnResources = ({ resources }: PodSpec): boolean =>
  Object.keys(resources?.requests ?? {}).length + Object.keys(resources?.limits ?? {}).length > 0

/** A node that can resize tells what running containers have. */
function isSupported(status: PodStatus): boolean {
  const running = status.containerStatuses?.find(({ state }) => state?.running !== undefined)
  return running === undefined || running.resources !== undefined
}

function orderErrors(now: PodSpec, before: PodSpec, list: 'containers' | 'initContainers'): FieldError[] {
  const [changed, old] = [now[list] ?? [], before[list] ?? []]
  if (changed.length !== old.length) {
    return [forbiddenField(`spec.${list}`, `${list} may not be added or removed on resize`)]
  }
  return old.flatMap(({ name }, index) =>
    changed[index]?.name === name
      ? []
      : [forbiddenField(`spec.${list}[${index}].name`, `${list} may not be renamed or reordered on resize`)],
  )
}

function removalErrors(now: Container | undefined, before: Container, field: string): FieldError[] {
  return (['requests', 'limits'] as const).flatMap((part) => {
    const kept = now?.resources?.[part] ?? {}
    const removed = Object.keys(before.resources?.[part] ?? {}).some((name) => kept[name] === undefined)
    return removed ? [forbiddenField(`${field}.${part}`, `resource ${part} cannot be removed`)] : []
  })
}

function otherChanges(now: PodSpec, before: PodSpec, alreadyWrong: boolean): FieldError[] {
  const errors: FieldError[] = []
  const munge = (container: Container, old: Container): Container => ({
    ...container,
    resources: {
      ...mungeAmounts('limits', container, old),
      ...mungeAmounts('requests', container, old),
    },
  })
  const containers = (now.containers ?? []).map((container, index) => {
    const old = before.containers?.[index] ?? container
    const munged = munge(container, old)
    if (!semanticallyEqual(munged, old))
      errors.push(forbiddenField('spec', 'only cpu and memory resources are mutable'))
    return munged
  })
  const initContainers = (now.initContainers ?? []).map((container, index) => {
    const old = before.initContainers?.[index] ?? container
    const sidecar = restartsAlways(container)
    const munged = sidecar ? munge(container, old) : container
    if (!semanticallyEqual(munged, old)) {
      const why = sidecar
        ? 'only cpu and memory resources for sidecar containers are mutable'
        : 'resources for non-sidecar init containers are immutable'
      errors.push(forbiddenField('spec', why))
    }
    return munged
  })
  if (alreadyWrong || errors.length > 0) return errors
  const rest = { ...now, containers, initContainers }
  return semanticallyEqual(rest, before) ? [] : [forbiddenField('spec', 'only cpu and memory resources are mutable')]
}

/** The old CPU and memory beside what else is there; nothing where there was nothing. */
function mungeAmounts(
  part: 'limits' | 'requests',
  container: Container,
  old: Container,
): Partial<Record<'limits' | 'requests', Quantities>> {
  const before = old.resources?.[part]
  if (before === undefined) return {}
  const { cpu: _, memory: __, ...others } = container.resources?.[part] ?? {}
  const { cpu, memory } = before
  return { [part]: { ...others, ...(cpu === undefined ? {} : { cpu }), ...(memory === undefined ? {} : { memory }) } }
}
