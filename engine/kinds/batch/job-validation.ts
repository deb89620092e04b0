import { semanticallyEqual } from '../../objects/equal.ts'
import { domainPrefixedPath, immutable, nonNegative } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported, requiredValue, tooLongValue } from '../../objects/field-error.ts'
import { goQuote } from '../../objects/go-quote.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import { dns1123LabelErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { without } from '../defaulting.ts'
import type { Affinity, PodTemplateSpec } from '../pod/types.ts'
import { upstreamJson } from '../pod/upstream-json.ts'
import { templateErrors } from '../pod/validation/template.ts'
import { readSelector, shownLabels, shownSelector } from '../pod/workload.ts'
import { failurePolicyErrors, shownSuccessPolicy, successPolicyErrors } from './job-policies.ts'
import { type JobSpec, jobSpecOf, jobStatusOf } from './types.ts'

const mostIndexedParallelism = 100_000
const mostFailedIndexes = 100_000
const manyCompletions = 100_000
const mostWithManyCompletions = 10_000
const longestManager = 63

/** Labels by which a Job knows its Pods: the old names and the new. */
export const uidLabels = ['controller-uid', 'batch.kubernetes.io/controller-uid'] as const
export const nameLabels = ['job-name', 'batch.kubernetes.io/job-name'] as const

/** `ValidateJob` without the metadata (batch/v1, 1.34). `legacy`: made before labels had prefixes. */
export function jobErrors(job: ApiObject, legacy = false): FieldError[] {
  const spec = jobSpecOf(job)
  const { name } = job.metadata
  const errors = [...generatedErrors(job, spec, legacy), ...wholeSpecErrors(spec)]
  const { completionMode, completions = 0 } = spec
  if (completionMode !== 'Indexed' || completions <= 0) return errors
  const longest = `${name}-${completions - 1}`
  if (dns1123LabelErrors(longest).length === 0) return errors
  const why = `will not able to create pod with invalid DNS label: ${longest}`
  return [...errors, invalidValue('metadata.name', name, why)]
}

function generatedErrors(job: ApiObject, spec: JobSpec, legacy: boolean): FieldError[] {
  if (spec.manualSelector === true || spec.selector === undefined) return []
  const { uid = '', name } = job.metadata
  const prefixed = legacy ? 1 : 2
  const expected = [
    ...uidLabels.slice(0, prefixed).map((label) => [label, uid] as const),
    ...nameLabels.slice(0, prefixed).map((label) => [label, name] as const),
  ]
  const [oldUid, ...others] = expected
  const ordered = [oldUid, ...others.filter(([label]) => label === 'job-name')]
  ordered.push(...others.filter(([label]) => label !== 'job-name'))
  const errors = uid === '' ? [requiredValue('metadata.uid')] : []
  for (const entry of ordered) {
    if (entry !== undefined) errors.push(...hasLabel(spec.template, entry[0], entry[1]))
  }
  const read = readSelector(spec.selector)
  if (read === undefined || read.matches(Object.fromEntries(expected))) return errors
  return [...errors, invalidValue('spec.selector', shownSelector(spec.selector), '`selector` not auto-generated')]
}

function hasLabel({ metadata }: PodTemplateSpec, label: string, expected: string): FieldError[] {
  const field = `spec.template.metadata.labels[${label}]`
  const actual = metadata?.labels?.[label]
  if (actual === expected) return []
  const why = `must be '${expected}'`
  return [actual === undefined ? requiredValue(field, why) : invalidValue(field, shownLabels(metadata?.labels), why)]
}

function wholeSpecErrors(spec: JobSpec): FieldError[] {
  const { selector, template } = spec
  const errors = jobSpecErrors(spec, 'spec')
  errors.push(
    ...(selector === undefined ? [requiredValue('spec.selector')] : labelSelectorErrors(selector, 'spec.selector')),
  )
  const labels = template.metadata?.labels
  if (readSelector(selector)?.matches(labels) ?? true) return errors
  const why = '`selector` does not match template `labels`'
  return [...errors, invalidValue('spec.template.metadata.labels', shownLabels(labels), why)]
}

/** What holds for Jobs and for the templates of CronJobs. */
export function jobSpecErrors(spec: JobSpec, field: string): FieldError[] {
  const numbers = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit'] as const
  const rest = ['ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const
  const errors = [...numbers, ...rest].flatMap((name) => nonNegative(`${field}.${name}`, spec[name]))
  if (spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined) {
    errors.push(requiredValue(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified'))
  }
  if (spec.managedBy !== undefined) {
    errors.push(...domainPrefixedPath(`${field}.managedBy`, spec.managedBy))
    if (spec.managedBy.length > longestManager) errors.push(tooLongValue(`${field}.managedBy`, longestManager))
  }
  return [
    ...errors,
    ...completionErrors(spec, field),
    ...(spec.podFailurePolicy === undefined ? [] : failurePolicyErrors(spec, `${field}.podFailurePolicy`)),
    ...(spec.successPolicy === undefined ? [] : successPolicyErrors(spec, `${field}.successPolicy`)),
    ...replacementErrors(spec, `${field}.podReplacementPolicy`),
    ...templateErrors(spec.template, `${field}.template`),
    ...restartErrors(spec, `${field}.template.spec.restartPolicy`),
  ]
}

function completionErrors(spec: JobSpec, field: string): FieldError[] {
  const { completionMode: mode, backoffLimitPerIndex: perIndex, maxFailedIndexes: failed } = spec
  const errors: FieldError[] = []
  if (mode !== undefined && mode !== 'NonIndexed' && mode !== 'Indexed') {
    errors.push(notSupported(`${field}.completionMode`, mode, ['NonIndexed', 'Indexed']))
  }
  if (mode === 'Indexed') errors.push(...indexedErrors(spec, field))
  if (mode !== undefined && mode !== 'NonIndexed') return errors
  const why = 'requires indexed completion mode'
  if (perIndex !== undefined) errors.push(invalidValue(`${field}.backoffLimitPerIndex`, perIndex, why))
  if (failed !== undefined) errors.push(invalidValue(`${field}.maxFailedIndexes`, failed, why))
  return errors
}

function indexedErrors(spec: JobSpec, field: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes: failed, backoffLimitPerIndex: perIndex } = spec
  const errors: FieldError[] = []
  const atMost = (name: 'parallelism' | 'maxFailedIndexes', most: number, when = ''): void => {
    const value = spec[name] ?? 0
    if (value <= most) return
    errors.push(invalidValue(`${field}.${name}`, value, `must be less than or equal to ${most}${when}`))
  }
  if (completions === undefined) {
    errors.push(requiredValue(`${field}.completions`, 'when completion mode is Indexed'))
  }
  if (parallelism > mostIndexedParallelism) {
    atMost('parallelism', mostIndexedParallelism, ' when completion mode is Indexed')
  }
  if (completions !== undefined && failed !== undefined && failed > completions) {
    errors.push(invalidValue(`${field}.maxFailedIndexes`, failed, 'must be less than or equal to completions'))
  }
  atMost('maxFailedIndexes', mostFailedIndexes)
  if (completions === undefined || completions <= manyCompletions || perIndex === undefined) return errors
  if (failed === undefined) {
    const why = `must be specified when completions is above ${manyCompletions}`
    errors.push(requiredValue(`${field}.maxFailedIndexes`, why))
  }
  const when = ` when completions are above ${manyCompletions} and used with backoff limit per index`
  atMost('parallelism', mostWithManyCompletions, when)
  atMost('maxFailedIndexes', mostWithManyCompletions, when)
  return errors
}

function replacementErrors({ podReplacementPolicy: policy, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  if (policy === undefined) return []
  const supported = podFailurePolicy === undefined ? ['Failed', 'TerminatingOrFailed'] : ['Failed']
  return supported.includes(policy) ? [] : [notSupported(field, policy, supported)]
}

function restartErrors({ template, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  const policy = template.spec.restartPolicy ?? ''
  const supported = ['OnFailure', 'Never']
  if (policy === 'Always' || policy === '') {
    return [requiredValue(field, `valid values: ${supported.map(goQuote).join(', ')}`)]
  }
  if (!supported.includes(policy)) return [notSupported(field, policy, supported)]
  if (podFailurePolicy === undefined || policy === 'Never') return []
  return [invalidValue(field, policy, 'only "Never" is supported when podFailurePolicy is specified')]
}

/** `ValidateJob` again, and `ValidateJobUpdate`. */
export function jobUpdateErrors(job: ApiObject, old: ApiObject): FieldError[] {
  const [now, before] = [jobSpecOf(job), jobSpecOf(old)]
  const labels = before.template.metadata?.labels ?? {}
  const legacy = labels[nameLabels[1]] === undefined || labels[uidLabels[1]] === undefined
  return [
    ...jobErrors(job, legacy),
    ...wholeSpecErrors(now),
    ...completionChangeErrors(now, before),
    ...immutable('spec.selector', now.selector, before.selector, shownSelector(now.selector)),
    ...templateChangeErrors(now, before, old),
    ...immutable('spec.completionMode', now.completionMode, before.completionMode),
    ...immutable('spec.podFailurePolicy', now.podFailurePolicy, before.podFailurePolicy, shownFailurePolicy(now)),
    ...immutable('spec.backoffLimitPerIndex', now.backoffLimitPerIndex, before.backoffLimitPerIndex),
    ...immutable('spec.managedBy', now.managedBy, before.managedBy),
    ...immutable('spec.successPolicy', now.successPolicy, before.successPolicy, shownSuccessPolicy(now)),
  ]
}

function completionChangeErrors(now: JobSpec, before: JobSpec): FieldError[] {
  const { completions, parallelism, completionMode } = now
  if (completionMode !== 'Indexed') return immutable('spec.completions', completions, before.completions)
  if (completions === undefined || completions === before.completions || completions === parallelism) return []
  return [invalidValue('spec.completions', completions, 'can only be modified in tandem with spec.parallelism')]
}

/** A Job that waits for its first start may still be told where its Pods are to run. */
function templateChangeErrors(now: JobSpec, before: JobSpec, old: ApiObject): FieldError[] {
  const waits = before.suspend === true && jobStatusOf(old).startTime === undefined
  const expected = waits ? withDirectives(before.template, now.template) : before.template
  return immutable('spec.template', now.template, expected, upstreamJson('PodTemplateSpec', now.template))
}

function withDirectives(before: PodTemplateSpec, now: PodTemplateSpec): PodTemplateSpec {
  const fields = ['affinity', 'nodeSelector', 'tolerations', 'schedulingGates'] as const
  const { nodeSelector, tolerations, schedulingGates } = now.spec
  const affinity = affinityOf(before.spec.affinity, now.spec.affinity)
  const { labels, annotations } = now.metadata ?? {}
  return {
    ...before,
    metadata: {
      ...without(before.metadata ?? {}, 'labels', 'annotations'),
      ...(labels === undefined ? {} : { labels }),
      ...(annotations === undefined ? {} : { annotations }),
    },
    spec: {
      ...without(before.spec, ...fields),
      ...(affinity === undefined ? {} : { affinity }),
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(tolerations === undefined ? {} : { tolerations }),
      ...(schedulingGates === undefined ? {} : { schedulingGates }),
    },
  }
}

function affinityOf(before: Affinity | undefined, now: Affinity | undefined): Affinity | undefined {
  const { nodeAffinity: _, ...others } = before ?? {}
  const nodeAffinity = now?.nodeAffinity
  const affinity: Affinity = nodeAffinity === undefined ? others : { ...others, nodeAffinity }
  const isEmpty = semanticallyEqual(affinity, {})
  return isEmpty && now === undefined ? undefined : affinity
}

function shownFailurePolicy({ podFailurePolicy: policy }: JobSpec): unknown {
  if (policy === undefined) return null
  return {
    Rules: (policy.rules ?? []).map(({ action, onExitCodes: codes, onPodConditions }) => ({
      Action: action,
      OnExitCodes:
        codes === undefined
          ? null
          : { ContainerName: codes.containerName ?? null, Operator: codes.operator, Values: codes.values },
      OnPodConditions: onPodConditions?.map(({ type, status }) => ({ Type: type, Status: status })) ?? null,
    })),
  }
}
