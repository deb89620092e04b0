import { semanticallyEqual } from '../../../objects/equal.ts'
import { type FieldError, forbiddenField, invalidValue, requiredValue } from '../../../objects/field-error.ts'
import { goQuote } from '../../../objects/go-quote.ts'
import { outOfRange } from '../../../objects/names.ts'
import type { ApiObject } from '../../../objects/types.ts'
import { jsonDiff } from '../diff.ts'
import type { Affinity, Container, NodeAffinity, NodeSelectorTerm, PodSpec, Toleration } from '../types.ts'
import { podSpecJson, upstreamJson } from '../upstream-json.ts'
import { annotationChangeErrors, matchingAnnotationErrors, mirror, podAnnotationErrors } from './annotations.ts'
import { blankImageErrors } from './container.ts'
import { affinityErrors, type Leniency, spreadErrors, tolerationErrors } from './scheduling.ts'
import { podSpecErrors } from './spec.ts'

export const specOf = (pod: ApiObject): PodSpec => pod.spec as PodSpec

/** `ValidatePodCreate` without the metadata (core/v1, 1.34). */
export function podErrors(pod: ApiObject): FieldError[] {
  const spec = specOf(pod)
  const errors = contentErrors(pod)
  if ((spec.ephemeralContainers?.length ?? 0) > 0) {
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'))
  }
  if ((spec.nodeName ?? '') !== '' && (spec.schedulingGates?.length ?? 0) > 0) {
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'))
  }
  return [...errors, ...matchingAnnotationErrors(pod.metadata.annotations, spec, 'spec')]
}

function contentErrors(pod: ApiObject, lenient: Leniency = {}): FieldError[] {
  const spec = specOf(pod)
  const { metadata } = pod
  return [
    ...podAnnotationErrors(metadata.annotations, spec, 'metadata.annotations'),
    ...podSpecErrors(spec, 'spec', { pod: metadata, lenient }),
    ...((spec.serviceAccountName ?? '') === '' ? tokenErrors(spec) : []),
    ...(spec.containers ?? []).flatMap((one, index) => blankImageErrors(one, `spec.containers[${index}]`)),
    ...(spec.initContainers ?? []).flatMap((one, index) => blankImageErrors(one, `spec.initContainers[${index}]`)),
  ]
}

function tokenErrors(spec: PodSpec): FieldError[] {
  return (spec.volumes ?? []).flatMap(({ projected }, index) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken }, place) =>
      serviceAccountToken === undefined
        ? []
        : [
            forbiddenField(
              `spec.volumes[${index}].projected.sources[${place}].serviceAccountToken`,
              'must not be specified when serviceAccountName is not set',
            ),
          ],
    ),
  )
}

/** All that holds for a Pod, whatever door it is changed through; what an older one was let in with stays. */
export function changedPodErrors(pod: ApiObject, old: ApiObject): FieldError[] {
  const before = specOf(old)
  const lenient: Leniency = {
    invalidSelectors: affinityErrors(onlyPods(before.affinity), '').some(({ field }) => /[sS]elector\./.test(field)),
    invalidNodeValues: affinityErrors(before.affinity, '').some(({ field }) =>
      /nodeSelectorTerms.*\.values\[\d+\]$/.test(field),
    ),
    invalidSpreadSelectors: spreadErrors(before.topologySpreadConstraints, '').some(({ field }) =>
      field.includes('labelSelector'),
    ),
  }
  const { metadata } = pod
  return [
    ...contentErrors(pod, lenient),
    ...annotationChangeErrors(metadata.annotations, old.metadata.annotations, 'metadata.annotations'),
    ...podAnnotationErrors(metadata.annotations, specOf(pod), 'metadata.annotations'),
  ]
}

function onlyPods(affinity: Affinity | undefined): Affinity {
  const { podAffinity, podAntiAffinity } = affinity ?? {}
  return { ...(podAffinity && { podAffinity }), ...(podAntiAffinity && { podAntiAffinity }) }
}

const greatestInt32 = 2147483647
const updatable = [
  '`spec.containers[*].image`',
  '`spec.initContainers[*].image`',
  '`spec.activeDeadlineSeconds`',
  '`spec.tolerations` (only additions to existing tolerations)',
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)',
].join(',')

/** `ValidatePodUpdate`, without what is said of the metadata's change. */
export function podUpdateErrors(pod: ApiObject, old: ApiObject): FieldError[] {
  const [now, before] = [specOf(pod), specOf(old)]
  const errors = changedPodErrors(pod, old)
  for (const list of ['containers', 'initContainers'] as const) {
    const changed = now[list] ?? []
    if (changed.length !== (before[list] ?? []).length) {
      return [...errors, forbiddenField(`spec.${list}`, 'pod updates may not add or remove containers')]
    }
    errors.push(...imageErrors(changed, `spec.${list}`))
  }
  const deadline = deadlineErrors(now.activeDeadlineSeconds, before.activeDeadlineSeconds)
  errors.push(...deadline.errors)
  if (deadline.isFinal) return errors
  errors.push(...addedTolerationErrors(now.tolerations ?? [], before.tolerations ?? []))
  errors.push(...addedGateErrors(now.schedulingGates ?? [], before.schedulingGates ?? []))
  if (semanticallyEqual(now, before)) return errors
  const munged = mungedSpec(now, before)
  errors.push(...munged.errors)
  if (semanticallyEqual(munged.spec, before)) return errors
  const diff = jsonDiff(podSpecJson(before), podSpecJson(munged.spec))
  return [...errors, forbiddenField('spec', `pod updates may not change fields other than ${updatable}\n${diff}`)]
}

function imageErrors(containers: readonly Container[], field: string): FieldError[] {
  return containers.flatMap(({ image = '' }, index) => {
    const at = `${field}[${index}].image`
    if (image === '') return [requiredValue(at)]
    return image.trim() === image ? [] : [invalidValue(at, image, 'must not have leading or trailing whitespace')]
  })
}

function deadlineErrors(
  now: number | undefined,
  before: number | undefined,
): { readonly errors: FieldError[]; readonly isFinal: boolean } {
  const at = 'spec.activeDeadlineSeconds'
  if (now === undefined) {
    const why = 'must not update from a positive integer to nil value'
    return { errors: before === undefined ? [] : [invalidValue(at, null, why)], isFinal: false }
  }
  if (now < 0 || now > greatestInt32) {
    return { errors: [invalidValue(at, now, outOfRange(0, greatestInt32))], isFinal: true }
  }
  if (before === undefined || before >= now) return { errors: [], isFinal: false }
  return { errors: [invalidValue(at, now, 'must be less than or equal to previous value')], isFinal: true }
}

function addedTolerationErrors(now: readonly Toleration[], before: readonly Toleration[]): FieldError[] {
  const kept = before.every((old) =>
    now.some((one) => semanticallyEqual({ ...old, tolerationSeconds: one.tolerationSeconds }, one)),
  )
  if (kept) return tolerationErrors(now, 'spec.tolerations')
  return [forbiddenField('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')]
}

function addedGateErrors(now: readonly { name: string }[], before: readonly { name: string }[]): FieldError[] {
  const known = new Set(before.map(({ name }) => name))
  return now.flatMap(({ name }, index) =>
    known.has(name)
      ? []
      : [
          forbiddenField(
            `spec.schedulingGates[${index}].name`,
            `only deletion is allowed, but found new scheduling gate '${name}'`,
          ),
        ],
  )
}

/** The changed spec with all that may change as it was: what differs still may not. */
function mungedSpec(now: PodSpec, before: PodSpec): { readonly spec: PodSpec; readonly errors: FieldError[] } {
  const spec: { -readonly [Field in keyof PodSpec]: PodSpec[Field] } = { ...now }
  for (const list of ['containers', 'initContainers'] as const) {
    const old = before[list] ?? []
    const containers = now[list]?.map((one, index) => withImage(one, old[index]?.image))
    if (containers !== undefined) spec[list] = containers
  }
  const put = <Field extends keyof PodSpec>(field: Field): void => {
    if (before[field] === undefined) delete spec[field]
    else spec[field] = before[field]
  }
  put('activeDeadlineSeconds')
  put('schedulingGates')
  put('tolerations')
  if ((before.terminationGracePeriodSeconds ?? 0) < 0 && now.terminationGracePeriodSeconds === 1) {
    put('terminationGracePeriodSeconds')
  }
  if ((before.schedulingGates?.length ?? 0) === 0) return { spec, errors: [] }
  const errors: FieldError[] = []
  if (!semanticallyEqual(now.nodeSelector, before.nodeSelector)) {
    errors.push(...nodeSelectorErrors(now.nodeSelector, before.nodeSelector))
    put('nodeSelector')
  }
  const oldNodes = before.affinity?.nodeAffinity
  if (!semanticallyEqual(now.affinity?.nodeAffinity, oldNodes)) {
    errors.push(...nodeAffinityErrors(now.affinity?.nodeAffinity, oldNodes))
    const { nodeAffinity: _, ...others } = now.affinity ?? {}
    const affinity = oldNodes === undefined ? others : { ...others, nodeAffinity: oldNodes }
    if (before.affinity === undefined && Object.keys(affinity).length === 0) delete spec.affinity
    else spec.affinity = affinity
  }
  return { spec, errors }
}

function withImage(container: Container, image: string | undefined): Container {
  const { image: _, ...rest } = container
  return image === undefined ? rest : { ...rest, image }
}

function nodeSelectorErrors(now: PodSpec['nodeSelector'] = {}, before: PodSpec['nodeSelector'] = {}): FieldError[] {
  if (Object.entries(before).every(([key, value]) => now[key] === value)) return []
  const why = 'only additions to spec.nodeSelector are allowed (no mutations or deletions)'
  return [invalidValue('spec.nodeSelector', upstreamJson('map', now), why)]
}

const required = 'requiredDuringSchedulingIgnoredDuringExecution'

function nodeAffinityErrors(now: NodeAffinity | undefined, before: NodeAffinity | undefined): FieldError[] {
  const old = before?.[required]?.nodeSelectorTerms ?? []
  const terms = now?.[required]?.nodeSelectorTerms ?? []
  const field = `spec.affinity.nodeAffinity.${required}.nodeSelectorTerms`
  if (old.length > 0 && old.length !== terms.length) {
    const shown = now?.[required] === undefined ? null : upstreamJson('[]NodeSelectorTerm', terms)
    const why = 'no additions/deletions to non-empty NodeSelectorTerms list are allowed'
    return [invalidValue(field, shown, why)]
  }
  return old.flatMap((term, index) => {
    const changed = terms[index] ?? {}
    if (onlyAdds(changed, term)) return []
    const why = 'only additions are allowed (no mutations or deletions)'
    return [invalidValue(`${field}[${index}]`, upstreamJson('NodeSelectorTerm', changed), why)]
  })
}

/** A term without requirements matches nothing: to add to it would widen it. */
function onlyAdds(now: NodeSelectorTerm, before: NodeSelectorTerm): boolean {
  const [expressions, fields] = [before.matchExpressions ?? [], before.matchFields ?? []]
  if (expressions.length === 0 && fields.length === 0) {
    return (now.matchExpressions ?? []).length === 0 && (now.matchFields ?? []).length === 0
  }
  return (
    semanticallyEqual((now.matchExpressions ?? []).slice(0, expressions.length), expressions) &&
    semanticallyEqual((now.matchFields ?? []).slice(0, fields.length), fields)
  )
}

/** `ValidatePodEphemeralContainersUpdate`: such containers are added, and stay. */
export function ephemeralUpdateErrors(pod: ApiObject, old: ApiObject): FieldError[] {
  if (old.metadata.annotations?.[mirror] !== undefined) {
    return [forbiddenField('', 'static pods do not support ephemeral containers')]
  }
  const errors = changedPodErrors(pod, old)
  const field = 'spec.ephemeralContainers'
  const now = new Map((specOf(pod).ephemeralContainers ?? []).map((container) => [container.name, container]))
  for (const container of specOf(old).ephemeralContainers ?? []) {
    const changed = now.get(container.name)
    const start = `existing ephemeral containers ${goQuote(container.name)} may not be`
    if (changed === undefined) errors.push(forbiddenField(field, `${start} removed\n`))
    else if (!semanticallyEqual(changed, container)) {
      const [left, right] = [container, changed].map((one) => upstreamJson('EphemeralContainer', one))
      errors.push(forbiddenField(field, `${start} changed\n${jsonDiff(left, right)}`))
    }
  }
  return errors
}
