import { semanticallyEqual } from '../../objects/equal.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { Labels } from '../../objects/requirement.ts'
import type { ApiObject } from '../../objects/types.ts'
import { change, changeEach } from '../defaulting.ts'
import { keepFields } from '../define.ts'
import { KEPT_METADATA } from '../kept-metadata.ts'
import { withoutDisabled } from './disabled.ts'
import { qosClass } from './qos.ts'
import type { Container, PodAffinity, PodAffinityTerm, PodSpec } from './types.ts'
import { appArmorOfContainer } from './validation/annotations.ts'
import { appArmorErrors } from './validation/security.ts'
import { appArmorProfileOf } from './warnings.ts'

const specOf = (pod: ApiObject): PodSpec => pod.spec as PodSpec

/** `podStrategy.PrepareForCreate` (1.34). */
export function prepareNewPod(pod: ApiObject): ApiObject {
  const { labels, annotations } = pod.metadata
  let spec = withoutDisabled(specOf(pod))
  spec = spreadByLabels(
    change(spec, 'affinity', (affinity) => withKeys(affinity, labels)),
    labels,
  )
  spec = withAppArmorFields(spec, annotations)
  const gated = (spec.schedulingGates?.length ?? 0) > 0
  const status = { phase: 'Pending', ...(gated ? { conditions: [gatedSince(pod)] } : {}), qosClass: qosClass(spec) }
  return { ...pod, spec, status }
}

/** Since now: the Pod has just been given its time of creation. */
const gatedSince = ({ metadata }: ApiObject): object => ({
  type: 'PodScheduled',
  status: 'False',
  lastProbeTime: null,
  lastTransitionTime: metadata.creationTimestamp,
  reason: 'SchedulingGated',
  message: 'Scheduling is blocked due to non-empty scheduling gates',
})

export function prepareChangedPod(pod: ApiObject): ApiObject {
  const spec = withoutDisabled(specOf(pod))
  return spec === pod.spec ? pod : { ...pod, spec }
}

type Terms = { readonly podAffinity?: PodAffinity; readonly podAntiAffinity?: PodAffinity }

function withKeys<T extends Terms>(affinity: T, labels: Labels | undefined): T {
  const inTerms = (terms: PodAffinity): PodAffinity =>
    changeEach(
      changeEach(terms, 'requiredDuringSchedulingIgnoredDuringExecution', (term) => withKeysOfTerm(term, labels)),
      'preferredDuringSchedulingIgnoredDuringExecution',
      (weighted) => change(weighted, 'podAffinityTerm', (term) => withKeysOfTerm(term, labels)),
    )
  const attracted = change<Terms, 'podAffinity'>(affinity, 'podAffinity', inTerms)
  return change<Terms, 'podAntiAffinity'>(attracted, 'podAntiAffinity', inTerms) as T
}

function withKeysOfTerm(term: PodAffinityTerm, labels: Labels | undefined): PodAffinityTerm {
  return change(term, 'labelSelector', (selector) =>
    withLabelKeys(withLabelKeys(selector, term.matchLabelKeys, 'In', labels), term.mismatchLabelKeys, 'NotIn', labels),
  )
}

function spreadByLabels(spec: PodSpec, labels: Labels | undefined): PodSpec {
  return changeEach(spec, 'topologySpreadConstraints', (constraint) =>
    change(constraint, 'labelSelector', (selector) => withLabelKeys(selector, constraint.matchLabelKeys, 'In', labels)),
  )
}

/** Keys stand for what the Pod itself has under them. */
function withLabelKeys(
  selector: LabelSelectorObject,
  keys: readonly string[] = [],
  operator: 'In' | 'NotIn',
  labels: Labels = {},
): LabelSelectorObject {
  const added = keys.flatMap((key) => {
    const value = labels[key]
    return value === undefined ? [] : [{ key, operator, values: [value] }]
  })
  if (added.length === 0) return selector
  return { ...selector, matchExpressions: [...(selector.matchExpressions ?? []), ...added] }
}

/** What annotations said once, the fields say today: both are kept the same. */
function withAppArmorFields(spec: PodSpec, annotations: Labels = {}): PodSpec {
  if (spec.os?.name === 'windows') return spec
  const ofPod = spec.securityContext?.appArmorProfile
  const withField = <T extends Container>(container: T): T => {
    const annotation = annotations[appArmorOfContainer + container.name]
    if (annotation === undefined || container.securityContext?.appArmorProfile !== undefined) return container
    const profile = appArmorProfileOf(annotation)
    if (profile === undefined || appArmorErrors(profile, '').length > 0) return container
    if (ofPod !== undefined && ofPod.type === profile.type && ofPod.localhostProfile === profile.localhostProfile) {
      return container
    }
    return { ...container, securityContext: { ...container.securityContext, appArmorProfile: profile } }
  }
  return changeEach(changeEach(spec, 'initContainers', withField), 'containers', withField)
}

/** Through the door for ephemeral containers nothing else comes in. */
export function prepareEphemeral(pod: ApiObject, old: ApiObject): ApiObject {
  const { ephemeralContainers } = specOf(pod)
  const { ephemeralContainers: _, ...before } = specOf(old)
  const spec = ephemeralContainers === undefined ? before : { ...before, ephemeralContainers }
  return counted(prepareChangedPod({ ...keepOthers(pod, old), spec }), old)
}

/** Through the door for resizes only resources and their policies come in. */
export function prepareResize(pod: ApiObject, old: ApiObject): ApiObject {
  const [now, before] = [specOf(pod), specOf(old)]
  const same = (['containers', 'initContainers'] as const).every(
    (list) => (now[list]?.length ?? 0) === (before[list]?.length ?? 0),
  )
  if (!same) return counted(prepareChangedPod(pod), old)
  let spec = before
  for (const list of ['containers', 'initContainers'] as const) {
    const changed = now[list]
    if (changed != null) spec = { ...spec, [list]: resized(changed, before[list] ?? []) }
  }
  return counted(prepareChangedPod({ ...keepOthers(pod, old), spec }), old)
}

function resized(now: readonly Container[], before: readonly Container[]): readonly Container[] {
  if (now.some(({ name }, index) => before[index]?.name !== name)) return now
  return before.map((old, index) => {
    const { resources, resizePolicy } = now[index] ?? old
    const { resizePolicy: _, ...rest } = old
    return { ...rest, resources: resources ?? {}, ...(resizePolicy === undefined ? {} : { resizePolicy }) }
  })
}

function keepOthers(pod: ApiObject, old: ApiObject): ApiObject {
  return keepFields(pod, old, ['status', 'metadata.deletionTimestamp', 'metadata.generation', ...KEPT_METADATA])
}

/** These doors count generations themselves. */
function counted(pod: ApiObject, old: ApiObject): ApiObject {
  if (semanticallyEqual(pod.spec, old.spec)) return pod
  return { ...pod, metadata: { ...pod.metadata, generation: (old.metadata.generation ?? 0) + 1 } }
}

/** Seconds that a Pod is given to end: none where nothing runs that could. */
export function podGrace(pod: ApiObject, requested: number | undefined): number {
  const { nodeName = '', terminationGracePeriodSeconds = 0 } = specOf(pod)
  const { phase } = (pod.status ?? {}) as { readonly phase?: string }
  if (nodeName === '' || phase === 'Failed' || phase === 'Succeeded') return 0
  const seconds = requested ?? terminationGracePeriodSeconds
  return seconds < 0 ? 1 : seconds
}
