import { deepEqual } from '../../objects/equal.ts'
import { invalidEach } from '../../objects/field-checks.ts'
import { type FieldError, invalidValue, notSupported, requiredValue } from '../../objects/field-error.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import { LabelSelector, type LabelSelectorObject } from '../../objects/label-selector.ts'
import { dns1123SubdomainErrors, pathSegmentErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'

export const RBAC_GROUP = 'rbac.authorization.k8s.io'

export interface PolicyRule {
  readonly verbs: readonly string[] | null
  readonly apiGroups?: readonly string[]
  readonly resources?: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly nonResourceURLs?: readonly string[]
}

export interface RoleRef {
  readonly apiGroup: string
  readonly kind: string
  readonly name: string
}

export interface Subject {
  readonly kind: string
  readonly apiGroup?: string
  readonly name: string
  readonly namespace?: string
}

const none = (list: readonly unknown[] | null | undefined): boolean => (list ?? []).length === 0

export function roleErrors(role: ApiObject): FieldError[] {
  return ruleErrors(role, true)
}

export function clusterRoleErrors(role: ApiObject): FieldError[] {
  const errors = ruleErrors(role, false)
  const aggregation = role.aggregationRule as
    | { readonly clusterRoleSelectors?: readonly LabelSelectorObject[] }
    | undefined
  if (aggregation === undefined) return errors
  const field = 'aggregationRule.clusterRoleSelectors'
  const selectors = aggregation.clusterRoleSelectors ?? []
  if (selectors.length === 0) {
    const why = 'at least one clusterRoleSelector required if aggregationRule is non-nil'
    errors.push(requiredValue(field, why))
  }
  return [...errors, ...selectors.flatMap((selector, index) => selectorErrors(selector, `${field}[${index}]`))]
}

function selectorErrors(selector: LabelSelectorObject, field: string): FieldError[] {
  const errors = labelSelectorErrors(selector, field)
  try {
    LabelSelector.fromObject(selector)
  } catch {
    // Upstream prints the selector that it could not make: null.
    errors.push(invalidValue(field, null, 'invalid label selector.'))
  }
  return errors
}

function ruleErrors(role: ApiObject, namespaced: boolean): FieldError[] {
  const rules = (role.rules ?? []) as readonly PolicyRule[]
  return rules.flatMap((rule, index) => policyRuleErrors(rule, namespaced, `rules[${index}]`))
}

function policyRuleErrors(rule: PolicyRule, namespaced: boolean, field: string): FieldError[] {
  const errors: FieldError[] = []
  const urls = `${field}.nonResourceURLs`
  if (none(rule.verbs)) errors.push(requiredValue(`${field}.verbs`, 'verbs must contain at least one value'))
  if (!none(rule.nonResourceURLs)) {
    if (namespaced) {
      errors.push(invalidValue(urls, rule.nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs'))
    }
    if (!none(rule.apiGroups) || !none(rule.resources) || !none(rule.resourceNames)) {
      const why = 'rules cannot apply to both regular resources and non-resource URLs'
      errors.push(invalidValue(urls, rule.nonResourceURLs, why))
    }
    return errors
  }
  if (none(rule.apiGroups)) {
    errors.push(requiredValue(`${field}.apiGroups`, 'resource rules must supply at least one api group'))
  }
  if (none(rule.resources)) {
    errors.push(requiredValue(`${field}.resources`, 'resource rules must supply at least one resource'))
  }
  return errors
}

export function roleBindingErrors(binding: ApiObject): FieldError[] {
  return bindingErrors(binding, ['Role', 'ClusterRole'], true)
}

export function clusterRoleBindingErrors(binding: ApiObject): FieldError[] {
  return bindingErrors(binding, ['ClusterRole'], false)
}

/** A binding is for one role all its life. */
export function roleRefChangeErrors(binding: ApiObject, old: ApiObject): FieldError[] {
  const { apiGroup, kind, name } = binding.roleRef as RoleRef
  if (deepEqual(binding.roleRef, old.roleRef)) return []
  return [invalidValue('roleRef', { APIGroup: apiGroup, Kind: kind, Name: name }, 'cannot change roleRef')]
}

function bindingErrors(binding: ApiObject, kinds: readonly string[], namespaced: boolean): FieldError[] {
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef as RoleRef
  const errors: FieldError[] = []
  if (apiGroup !== RBAC_GROUP) errors.push(notSupported('roleRef.apiGroup', apiGroup, [RBAC_GROUP]))
  if (!kinds.includes(kind)) errors.push(notSupported('roleRef.kind', kind, kinds))
  if (name === '') errors.push(requiredValue('roleRef.name'))
  else errors.push(...invalidEach('roleRef.name', name, pathSegmentErrors(name)))
  const subjects = (binding.subjects ?? []) as readonly Subject[]
  return [...errors, ...subjects.flatMap((subject, index) => subjectErrors(subject, namespaced, `subjects[${index}]`))]
}

function subjectErrors(subject: Subject, namespaced: boolean, field: string): FieldError[] {
  const { kind, name, apiGroup = '', namespace = '' } = subject
  const errors = name === '' ? [requiredValue(`${field}.name`)] : []
  switch (kind) {
    case 'ServiceAccount':
      if (name !== '') errors.push(...invalidEach(`${field}.name`, name, dns1123SubdomainErrors(name)))
      if (apiGroup !== '') errors.push(notSupported(`${field}.apiGroup`, apiGroup, ['']))
      if (!namespaced && namespace === '') errors.push(requiredValue(`${field}.namespace`))
      break
    case 'User':
    case 'Group':
      if (apiGroup !== RBAC_GROUP) errors.push(notSupported(`${field}.apiGroup`, apiGroup, [RBAC_GROUP]))
      break
    default:
      errors.push(notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group']))
  }
  return errors
}
