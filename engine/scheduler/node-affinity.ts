import type { NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, PodSpec } from '../kinds/pod/types.ts'
import { type LabelOperator, type Labels, requirementError, requirementMatches } from '../objects/requirement.ts'

/** Operators of node selectors in the words of label selectors. */
const OPERATORS: Readonly<Record<string, LabelOperator>> = {
  In: 'in',
  NotIn: 'notin',
  Exists: 'exists',
  DoesNotExist: '!',
  Gt: 'gt',
  Lt: 'lt',
}
const NO_VALUES: readonly string[] = []
const NO_LABELS: Labels = {}

/** A node as selectors see it. */
export interface SelectableNode {
  readonly name: string
  readonly labels: Labels
}

/** component-helpers' `GetRequiredNodeAffinity(pod).Match` (1.34): the Pod's `nodeSelector` and its required node affinity. */
export function mayGoTo(spec: Pick<PodSpec, 'nodeSelector' | 'affinity'>, node: SelectableNode): boolean {
  for (const [key, value] of Object.entries(spec.nodeSelector ?? NO_LABELS)) {
    if (node.labels[key] !== value) return false
  }
  const required = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution
  return required === undefined || matchesNode(required, node)
}

/** One of the terms must hold; where there is none, no node does. */
export function matchesNode({ nodeSelectorTerms }: NodeSelector, node: SelectableNode): boolean {
  return (nodeSelectorTerms ?? []).some((term) => matchesTerm(term, node))
}

/** A term that says nothing, or nothing that can be read, matches no node. */
export function matchesTerm(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  node: SelectableNode,
): boolean {
  if (matchExpressions.length === 0 && matchFields.length === 0) return false
  return (
    matchExpressions.every((requirement) => holds(requirement, node.labels)) &&
    matchFields.every((requirement) => requirement.key === 'metadata.name' && holdsForName(requirement, node.name))
  )
}

function holds({ key, operator, values = NO_VALUES }: NodeSelectorRequirement, labels: Labels): boolean {
  const known = OPERATORS[operator]
  if (known === undefined) return false
  const requirement = { key, operator: known, values }
  // Only what may fail by itself is looked at: checking names each time is dear
  if ((known === 'gt' || known === 'lt') && requirementError(requirement) !== undefined) return false
  return requirementMatches(requirement, labels)
}

function holdsForName({ operator, values = NO_VALUES }: NodeSelectorRequirement, name: string): boolean {
  if (values.length !== 1) return false
  return operator === 'In' ? values[0] === name : operator === 'NotIn' && values[0] !== name
}

/**
 * The nodes that required affinity names by `metadata.name`: NodeAffinity's `PreFilter`. Undefined where any node may do; empty where terms
 * contradict themselves.
 */
export function namedNodes(required: NodeSelector | undefined): ReadonlySet<string> | undefined {
  const terms = required?.nodeSelectorTerms ?? []
  if (terms.length === 0) return undefined
  const names = new Set<string>()
  for (const { matchFields = [] } of terms) {
    let own: readonly string[] | undefined
    for (const { key, operator, values = NO_VALUES } of matchFields) {
      if (key !== 'metadata.name' || operator !== 'In') continue
      own = own === undefined ? values : own.filter((name) => values.includes(name))
    }
    if (own === undefined) return undefined
    for (const name of own) names.add(name)
  }
  return names
}

/** The weights of preferred terms that hold; a term that says nothing holds nowhere. */
export function preferenceOf(spec: Pick<PodSpec, 'affinity'>, node: SelectableNode): number {
  const preferred = spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []
  let sum = 0
  for (const { weight, preference } of preferred) if (matchesTerm(preference, node)) sum += weight
  return sum
}
