import { deepEqual } from '../objects/equal.ts'
import { goQuote } from '../objects/go-quote.ts'
import type { Definition, DefinitionCondition, DefinitionNames } from './definition.ts'

/** Names that a definition comes to have, and whether these are all that it asks for: upstream's naming controller (1.34). */
export interface Naming {
  readonly names: DefinitionNames
  readonly condition: Omit<DefinitionCondition, 'lastTransitionTime'>
}

/** @param others the other definitions of the group */
export function acceptNames(definition: Definition, others: readonly Definition[]): Naming {
  const wanted = definition.spec.names
  const had: Partial<DefinitionNames> = definition.status.acceptedNames
  const resources = new Set(
    others.flatMap(({ status: { acceptedNames: names } }) => [
      names.plural,
      names.singular ?? '',
      ...(names.shortNames ?? []),
    ]),
  )
  const kinds = new Set(others.flatMap(({ status: { acceptedNames: names } }) => [names.kind, names.listKind ?? '']))
  const result: { -readonly [Name in keyof DefinitionNames]?: DefinitionNames[Name] } = { ...had }
  let refused: { reason: string; message: string } | undefined
  const taken = (name: string, used: ReadonlySet<string>): boolean => name !== '' && used.has(name)
  const refuse = (reason: string, names: readonly string[]): void => {
    const sentences = names.map((name) => `${goQuote(name)} is already in use`)
    refused = { reason, message: sentences.length === 1 ? (sentences[0] ?? '') : `[${sentences.join(', ')}]` }
  }
  const single = (
    field: 'plural' | 'singular' | 'kind' | 'listKind',
    reason: string,
    used: ReadonlySet<string>,
  ): void => {
    const name = wanted[field] ?? ''
    if (name !== (had[field] ?? '') && taken(name, used)) refuse(reason, [name])
    else result[field] = name
  }
  single('plural', 'PluralConflict', resources)
  single('singular', 'SingularConflict', resources)
  if (!deepEqual(wanted.shortNames ?? [], had.shortNames ?? [])) {
    const own = new Set(had.shortNames)
    const clashes = (wanted.shortNames ?? []).filter((name) => !own.has(name) && taken(name, resources))
    if (clashes.length > 0) refuse('ShortNamesConflict', clashes)
    else if (wanted.shortNames !== undefined) result.shortNames = wanted.shortNames
    else delete result.shortNames
  }
  single('kind', 'KindConflict', kinds)
  single('listKind', 'ListKindConflict', kinds)
  if (wanted.categories !== undefined) result.categories = wanted.categories
  else delete result.categories
  const accepted = { reason: 'NoConflicts', message: 'no conflicts found' }
  return {
    names: { plural: '', kind: '', ...result },
    condition: {
      type: 'NamesAccepted',
      status: refused === undefined ? 'True' : 'False',
      ...(refused ?? accepted),
    },
  }
}

/** The condition that upstream sets on definitions of its own groups; undefined for others. */
export function approvalCondition({
  spec,
  metadata,
}: Definition): Omit<DefinitionCondition, 'lastTransitionTime'> | undefined {
  if (!isProtectedGroup(spec.group)) return undefined
  const value = metadata.annotations?.[APPROVAL_ANNOTATION]
  const approval = approvalOf(value)
  const type = 'KubernetesAPIApprovalPolicyConformant'
  switch (approval.state) {
    case 'approved':
      return { type, status: 'True', reason: 'ApprovedAnnotation', message: approval.reason }
    case 'bypassed':
      return { type, status: 'False', reason: 'UnapprovedAnnotation', message: approval.reason }
    case 'invalid':
      return { type, status: 'False', reason: 'InvalidAnnotation', message: approval.reason }
    case 'missing':
      return { type, status: 'False', reason: 'MissingAnnotation', message: approval.reason }
  }
}

export const APPROVAL_ANNOTATION = 'api-approved.kubernetes.io'

/** Groups of the Kubernetes project itself. */
export function isProtectedGroup(group: string): boolean {
  return (
    group === 'k8s.io' || group === 'kubernetes.io' || group.endsWith('.k8s.io') || group.endsWith('.kubernetes.io')
  )
}

export interface Approval {
  readonly state: 'approved' | 'bypassed' | 'invalid' | 'missing'
  readonly reason: string
}

export function approvalOf(value: string | undefined): Approval {
  if (value === undefined || value === '') {
    return {
      state: 'missing',
      reason: `protected groups must have approval annotation ${goQuote(APPROVAL_ANNOTATION)}, see https://github.com/kubernetes/enhancements/pull/1111`,
    }
  }
  if (value.startsWith('unapproved')) return { state: 'bypassed', reason: `not approved: ${goQuote(value)}` }
  if (value.startsWith('https://') || value.startsWith('http://')) {
    return { state: 'approved', reason: `approved in ${value}` }
  }
  return {
    state: 'invalid',
    reason: `protected groups must have approval annotation ${goQuote(APPROVAL_ANNOTATION)} with either a URL or a reason starting with "unapproved", see https://github.com/kubernetes/enhancements/pull/1111`,
  }
}
