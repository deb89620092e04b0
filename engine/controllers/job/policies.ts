import type { FailureRule, JobSpec } from '../../kinds/batch/types.ts'
import { type Pod, statusOf } from '../../kinds/pod/status.ts'
import { Intervals } from './intervals.ts'

/** What a Job's rules make of a failed Pod. */
export interface Failure {
  /** Whether it counts towards the limit. */
  readonly counts: boolean
  readonly action?: string
  /** Why the whole Job fails by it. */
  readonly message?: string
}

/** The first rule of the Pod failure policy that matches (1.34). */
export function failureOf(pod: Pod, { podFailurePolicy }: Pick<JobSpec, 'podFailurePolicy'>): Failure {
  for (const [index, rule] of (podFailurePolicy?.rules ?? []).entries()) {
    const matched = matchOf(pod, rule)
    if (matched === undefined) continue
    const { action } = rule
    if (action === 'Ignore') return { counts: false, action }
    if (action === 'FailIndex' || action === 'Count') return { counts: true, action }
    return { counts: true, action, message: `${matched} matching FailJob rule at index ${index}` }
  }
  return { counts: true }
}

/** What matched, as the Job's message begins. */
function matchOf(pod: Pod, { onExitCodes, onPodConditions }: FailureRule): string | undefined {
  const { namespace = '', name } = pod.metadata
  const { containerStatuses = [], initContainerStatuses = [], conditions = [] } = statusOf(pod)
  if (onExitCodes !== undefined) {
    const { containerName, operator, values } = onExitCodes
    for (const { name: container, state } of [...containerStatuses, ...initContainerStatuses]) {
      const code = state?.terminated?.exitCode
      if (code === undefined || code === 0 || (containerName !== undefined && containerName !== container)) continue
      const isListed = (values ?? []).includes(code)
      if (operator === 'In' ? isListed : operator === 'NotIn' && !isListed) {
        return `Container ${container} for pod ${namespace}/${name} failed with exit code ${code}`
      }
    }
    return undefined
  }
  const found = conditions.find(({ type, status }) =>
    (onPodConditions ?? []).some((pattern) => pattern.type === type && pattern.status === status),
  )
  return found && `Pod ${namespace}/${name} has condition ${found.type}`
}

/** Why a Job has succeeded enough, if it has. */
export function successOf({ successPolicy, completions = 0 }: JobSpec, succeeded: Intervals): string | undefined {
  if (successPolicy === undefined || succeeded.size === 0) return undefined
  for (const [index, { succeededIndexes, succeededCount }] of (successPolicy.rules ?? []).entries()) {
    const message = `Matched rules at index ${index}`
    if (succeededIndexes === undefined) {
      if (succeededCount !== undefined && succeeded.size >= succeededCount) return message
      continue
    }
    const required = Intervals.parse(succeededIndexes, completions)
    if (required.size === 0) continue
    const common = required.common(succeeded)
    if (common === required.size || (succeededCount !== undefined && common >= succeededCount)) return message
  }
  return undefined
}
