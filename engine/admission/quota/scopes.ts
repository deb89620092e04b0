import type { PodAffinityTerm, PodSpec } from '../../kinds/pod/types.ts'
import { LabelSelector } from '../../objects/label-selector.ts'
import type { NewObject } from '../../objects/types.ts'
import { isBestEffort, type PodLike } from '../pod-resources.ts'

/** core/v1 `ScopedResourceSelectorRequirement`: which objects a quota is about. */
export interface ScopeSelector {
  readonly scopeName: string
  readonly operator: string
  readonly values?: readonly string[]
}

export interface QuotaSpec {
  readonly hard?: Readonly<Record<string, string>>
  readonly scopes?: readonly string[]
  readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeSelector[] }
}

export function scopesOf({ scopes = [], scopeSelector }: QuotaSpec): readonly ScopeSelector[] {
  const named = scopes.map((scopeName) => ({ scopeName, operator: 'Exists' }))
  return [...named, ...(scopeSelector?.matchExpressions ?? [])]
}

/** Whether a Pod has a deadline: the scope `Terminating`. */
export function isTerminating(pod: NewObject | undefined): boolean {
  const { activeDeadlineSeconds } = (pod?.spec ?? {}) as PodSpec
  return activeDeadlineSeconds !== undefined && activeDeadlineSeconds >= 0
}

export function podMatchesScope(scope: ScopeSelector, pod: NewObject): boolean {
  const spec = pod.spec as PodSpec
  switch (scope.scopeName) {
    case 'Terminating':
      return isTerminating(pod)
    case 'NotTerminating':
      return !isTerminating(pod)
    case 'BestEffort':
      return isBestEffort(pod as unknown as PodLike)
    case 'NotBestEffort':
      return !isBestEffort(pod as unknown as PodLike)
    case 'PriorityClass': {
      const name = spec.priorityClassName ?? ''
      return matches(scope, name === '' ? [] : [name])
    }
    case 'CrossNamespacePodAffinity':
      return looksAcrossNamespaces(spec)
    default:
      return false
  }
}

export function claimMatchesScope(scope: ScopeSelector, claim: NewObject): boolean {
  if (scope.scopeName !== 'VolumeAttributesClass') return false
  const { volumeAttributesClassName: wanted } = claim.spec as { volumeAttributesClassName?: string }
  const { currentVolumeAttributesClassName: current, modifyVolumeStatus } = (claim.status ?? {}) as {
    currentVolumeAttributesClassName?: string
    modifyVolumeStatus?: { targetVolumeAttributesClassName?: string }
  }
  const names = [wanted, current, modifyVolumeStatus?.targetVolumeAttributesClassName]
  return matches(scope, [...new Set(names.filter((name) => name !== undefined && name !== ''))] as string[])
}

/** A scope with values is a label selector over one label, which each name is the value of. */
function matches({ scopeName: key, operator, values = [] }: ScopeSelector, names: readonly string[]): boolean {
  if (operator === 'Exists') return names.length > 0
  const selector = LabelSelector.fromObject({ matchExpressions: [{ key, operator, values }] })
  if (names.length === 0) return selector.matches({})
  return names.some((name) => selector.matches({ [key]: name }))
}

function looksAcrossNamespaces({ affinity }: PodSpec): boolean {
  const across = ({ namespaces = [], namespaceSelector }: PodAffinityTerm): boolean =>
    namespaces.length > 0 || namespaceSelector !== undefined
  return [affinity?.podAffinity, affinity?.podAntiAffinity].some(
    (rules) =>
      rules?.requiredDuringSchedulingIgnoredDuringExecution?.some(across) ||
      rules?.preferredDuringSchedulingIgnoredDuringExecution?.some(({ podAffinityTerm }) => across(podAffinityTerm)),
  )
}
