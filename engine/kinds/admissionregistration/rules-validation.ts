import { invalidEach, qualifiedName } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  invalidValue,
  notSupported,
  requiredValue,
  tooManyItems,
} from '../../objects/field-error.ts'
import { labelSelectorErrors } from '../../objects/label-errors.ts'
import { pathSegmentErrors } from '../../objects/names.ts'
import type { ExpressionCheck } from './expressions.ts'
import type { MatchCondition, MatchResources, RuleWithOperations } from './types.ts'

export const FAILURE_POLICIES = ['Fail', 'Ignore']
export const MATCH_POLICIES = ['Equivalent', 'Exact']
const OPERATIONS = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const SCOPES = ['*', 'Cluster', 'Namespaced']
const MOST_CONDITIONS = 64

/** One of a field's values; upstream asks for it or not. */
export function oneOf(field: string, value: string | null | undefined, values: readonly string[]): FieldError[] {
  if (value === undefined || value === null || values.includes(value)) return []
  return [notSupported(field, value, values)]
}

export function ruleErrors(rule: RuleWithOperations, field: string): FieldError[] {
  const { operations = [], apiGroups = [], apiVersions = [], resources = [], scope } = rule
  const alone = (name: string, list: readonly string[], what: string): FieldError[] =>
    list.length > 1 && list.includes('*')
      ? [invalidValue(`${field}.${name}`, list, `if '*' is present, must not specify other ${what}`)]
      : []
  const some = (name: string, list: readonly string[]): FieldError[] =>
    list.length === 0 ? [requiredValue(`${field}.${name}`)] : []
  return [
    ...some('operations', operations),
    ...alone('operations', operations, 'operations'),
    ...operations.flatMap((operation, index) => oneOf(`${field}.operations[${index}]`, operation, OPERATIONS)),
    ...some('apiGroups', apiGroups),
    ...alone('apiGroups', apiGroups, 'API groups'),
    ...some('apiVersions', apiVersions),
    ...alone('apiVersions', apiVersions, 'API versions'),
    ...apiVersions.flatMap((version, index) =>
      version === '' ? [requiredValue(`${field}.apiVersions[${index}]`)] : [],
    ),
    ...resourceErrors(resources, `${field}.resources`),
    ...oneOf(`${field}.scope`, scope, SCOPES),
  ]
}

function resourceErrors(resources: readonly string[], field: string): FieldError[] {
  const errors: FieldError[] = resources.length === 0 ? [requiredValue(field)] : []
  const allSubresourcesOf = new Set<string>()
  const everywhere = new Set<string>()
  let plain = false
  resources.forEach((text, index) => {
    const at = `${field}[${index}]`
    if (text === '') {
      errors.push(requiredValue(at))
      return
    }
    const slash = text.indexOf('/')
    if (slash < 0) {
      plain = text !== '*'
      return
    }
    const resource = text.slice(0, slash)
    const sub = text.slice(slash + 1)
    if (allSubresourcesOf.has(resource)) {
      errors.push(invalidValue(at, text, `if '${resource}/*' is present, must not specify ${text}`))
    }
    if (everywhere.has(sub)) errors.push(invalidValue(at, text, `if '*/${sub}' is present, must not specify ${text}`))
    if (sub === '*') allSubresourcesOf.add(resource)
    if (resource === '*') everywhere.add(sub)
  })
  if (resources.length > 1 && resources.includes('*/*')) {
    errors.push(invalidValue(field, resources, "if '*/*' is present, must not specify other resources"))
  }
  if (resources.includes('*') && plain) {
    const why = "if '*' is present, must not specify other resources without subresources"
    errors.push(invalidValue(field, resources, why))
  }
  return errors
}

export function matchResourcesErrors(match: MatchResources | undefined, field: string): FieldError[] {
  if (match === undefined) return []
  const { matchPolicy, namespaceSelector, objectSelector, resourceRules = [], excludeResourceRules = [] } = match
  const missing = (name: string, value: unknown): FieldError[] =>
    value === undefined ? [requiredValue(`${field}.${name}`)] : []
  return [
    ...missing('matchPolicy', matchPolicy),
    ...oneOf(`${field}.matchPolicy`, matchPolicy, MATCH_POLICIES),
    ...missing('namespaceSelector', namespaceSelector),
    ...labelSelectorErrors(namespaceSelector, `${field}.namespaceSelector`),
    ...missing('objectSelector', objectSelector),
    ...labelSelectorErrors(objectSelector, `${field}.objectSelector`),
    ...resourceRules.flatMap((rule, index) => namedRuleErrors(rule, `${field}.resourceRules[${index}]`)),
    ...excludeResourceRules.flatMap((rule, index) => namedRuleErrors(rule, `${field}.excludeResourceRules[${index}]`)),
  ]
}

function namedRuleErrors(rule: RuleWithOperations, field: string): FieldError[] {
  const names = rule.resourceNames ?? []
  return [
    ...names.flatMap((name, index) => [
      ...invalidEach(`${field}.resourceNames[${index}]`, name, pathSegmentErrors(name)),
      ...(names.indexOf(name) < index ? [duplicateValue(`${field}.resourceNames[${index}]`, name)] : []),
    ]),
    ...ruleErrors(rule, field),
  ]
}

export function matchConditionErrors(
  conditions: readonly MatchCondition[] | undefined,
  field: string,
  hasParams: boolean,
  check: ExpressionCheck,
): FieldError[] {
  const all = conditions ?? []
  const errors = all.length > MOST_CONDITIONS ? [tooManyItems(field, all.length, MOST_CONDITIONS)] : []
  const names = new Set<string>()
  all.forEach(({ name, expression }, index) => {
    const at = `${field}[${index}]`
    const trimmed = expression.trim()
    if (trimmed === '') errors.push(requiredValue(`${at}.expression`))
    else {
      const context = { use: 'matchCondition', hasParams, variables: [] } as const
      errors.push(...check.errors(trimmed, `${at}.expression`, context))
    }
    if (name === '') errors.push(requiredValue(`${at}.name`))
    else {
      errors.push(...qualifiedName(`${at}.name`, name))
      if (names.has(name)) errors.push(duplicateValue(`${at}.name`, name))
      names.add(name)
    }
  })
  return errors
}
