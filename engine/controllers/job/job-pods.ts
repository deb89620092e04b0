import type { JobSpec } from '../../kinds/batch/types.ts'
import { restartsAlways } from '../../kinds/pod/resources.ts'
import { conditionOf, isEnding, type Pod, statusOf } from '../../kinds/pod/status.ts'
import type { Container, ContainerStatus, PodTemplateSpec } from '../../kinds/pod/types.ts'
import { parseTime } from '../../objects/time.ts'

/** Holds a Pod until its Job has counted it. */
export const TRACKING = 'batch.kubernetes.io/job-tracking'
const INDEX = 'batch.kubernetes.io/job-completion-index'
const FAILURES = 'batch.kubernetes.io/job-index-failure-count'
const IGNORED_FAILURES = 'batch.kubernetes.io/job-index-ignored-failure-count'
const INDEX_VARIABLE = 'JOB_COMPLETION_INDEX'
/** Characters of a generated name without what is generated. */
const LONGEST_PREFIX = 58

export const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === 'Indexed'
export const isTracked = ({ metadata }: Pod): boolean => metadata.finalizers?.includes(TRACKING) ?? false

/** A replacement waits until a Pod has really failed. */
export const replacesFailedOnly = ({ podReplacementPolicy, podFailurePolicy }: JobSpec): boolean =>
  podReplacementPolicy === 'Failed' || podFailurePolicy !== undefined

export function hasFailed(pod: Pod, spec: JobSpec): boolean {
  const { phase } = statusOf(pod)
  if (phase === 'Failed') return true
  return !replacesFailedOnly(spec) && isEnding(pod) && phase !== 'Succeeded'
}

/** Undefined if it has none that can be read. */
export function indexOf({ metadata }: Pod): number | undefined {
  const text = metadata.annotations?.[INDEX]
  return text !== undefined && /^[0-9]+$/.test(text) ? Number(text) : undefined
}

const count = ({ metadata }: Pod, annotation: string): number => {
  const value = Number(metadata.annotations?.[annotation] ?? 0)
  return Number.isInteger(value) && value >= 0 ? value : 0
}

/** How often Pods of this index have failed before, as far as that counts. */
export const failuresOf = (pod: Pod): number => count(pod, FAILURES)
export const allFailuresOf = (pod: Pod): number => count(pod, FAILURES) + count(pod, IGNORED_FAILURES)

/** When its last container ended; else when it was no longer ready, was deleted or came to be. Milliseconds since 1970. */
export function finishedAt(pod: Pod): number {
  const { containerStatuses = [], initContainerStatuses = [] } = statusOf(pod)
  const sidecars = new Set((pod.spec.initContainers ?? []).filter(restartsAlways).map(({ name }) => name))
  const counted = [...containerStatuses, ...initContainerStatuses.filter(({ name }) => sidecars.has(name))]
  const ends = counted.map(endOf)
  if (ends.length > 0 && !ends.includes(undefined)) return Math.max(...(ends as number[]))
  const ready = conditionOf(statusOf(pod), 'Ready')
  const unready = ready?.status === 'False' ? parseTime(ready.lastTransitionTime ?? '') : undefined
  if (unready !== undefined) return unready
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata
  const deleted = deletionTimestamp === undefined ? undefined : parseTime(deletionTimestamp)
  if (deleted !== undefined) return deleted - deletionGracePeriodSeconds * 1000
  return parseTime(creationTimestamp) ?? 0
}

function endOf({ state }: ContainerStatus): number | undefined {
  return parseTime(state?.terminated?.finishedAt ?? '')
}

/** The template with what makes a Pod one that is counted, and if there is an index, with that. */
export function templateOf(
  jobName: string,
  { template, completionMode, backoffLimitPerIndex }: JobSpec,
  index: number | undefined,
  failures: { readonly counted: number; readonly ignored: number },
): { readonly template: PodTemplateSpec; readonly generateName?: string } {
  const { metadata = {}, spec } = template
  const { finalizers = [], annotations, labels } = metadata
  const tracked = finalizers.includes(TRACKING) ? finalizers : [...finalizers, TRACKING]
  if (completionMode !== 'Indexed' || index === undefined) {
    return { template: { ...template, metadata: { ...metadata, finalizers: tracked } } }
  }
  const counts =
    backoffLimitPerIndex === undefined
      ? {}
      : {
          [FAILURES]: String(failures.counted),
          ...(failures.ignored > 0 ? { [IGNORED_FAILURES]: String(failures.ignored) } : {}),
        }
  return {
    generateName: prefixOf(jobName, index),
    template: {
      metadata: {
        ...metadata,
        finalizers: tracked,
        annotations: { ...annotations, [INDEX]: String(index), ...counts },
        labels: { ...labels, [INDEX]: String(index) },
      },
      spec: {
        ...spec,
        hostname: `${jobName}-${index}`,
        containers: (spec.containers ?? []).map(withIndex),
        ...(spec.initContainers === undefined ? {} : { initContainers: spec.initContainers.map(withIndex) }),
      },
    },
  }
}

function prefixOf(jobName: string, index: number): string {
  const suffix = `-${index}-`
  const prefix = jobName + suffix
  return prefix.length > LONGEST_PREFIX ? jobName.slice(0, LONGEST_PREFIX - suffix.length) + suffix : prefix
}

function withIndex(container: Container): Container {
  const { env = [] } = container
  if (env.some(({ name }) => name === INDEX_VARIABLE)) return container
  const fieldRef = { apiVersion: 'v1', fieldPath: `metadata.labels['${INDEX}']` }
  return { ...container, env: [...env, { name: INDEX_VARIABLE, valueFrom: { fieldRef } }] }
}
