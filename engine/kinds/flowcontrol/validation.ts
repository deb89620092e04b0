import { invalidEach } from '../../objects/field-checks.ts'
import {
  duplicateValue,
  type FieldError,
  forbiddenField,
  invalidValue,
  notSupported,
  requiredValue,
} from '../../objects/field-error.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../objects/names.ts'
import type { ApiObject } from '../../objects/types.ts'
import { mandatorySchemaErrors } from './mandatory.ts'
import type { FlowCondition, FlowRule, FlowSchemaSpec, FlowSubject, NonResourceRule, ResourceRule } from './types.ts'

const LOWEST_PRECEDENCE = 10_000
const EXEMPT = 'exempt'
const DISTINGUISHERS = ['ByNamespace', 'ByUser']
const SUBJECT_KINDS = ['Group', 'ServiceAccount', 'User']
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch']

export function flowSchemaErrors(object: ApiObject): FieldError[] {
  const spec = (object.spec ?? {}) as FlowSchemaSpec
  const { matchingPrecedence: precedence = 0, distinguisherMethod, rules = [] } = spec
  const name = spec.priorityLevelConfiguration?.name ?? ''
  const errors: FieldError[] = []
  const wrong = (why: string): number => errors.push(invalidValue('spec.matchingPrecedence', precedence, why))
  if (precedence <= 0) wrong('must be a positive value')
  if (precedence > LOWEST_PRECEDENCE) wrong(`must not be greater than ${LOWEST_PRECEDENCE}`)
  if (precedence === 1 && object.metadata.name !== EXEMPT) {
    wrong("only the schema named 'exempt' may have matchingPrecedence 1")
  }
  if (distinguisherMethod !== undefined && !DISTINGUISHERS.includes(distinguisherMethod.type)) {
    const shown = { Type: distinguisherMethod.type }
    errors.push(notSupported('spec.distinguisherMethod.type', shown, DISTINGUISHERS))
  }
  const level = 'spec.priorityLevelConfiguration.name'
  errors.push(
    ...(name === ''
      ? [requiredValue(level, 'must reference a priority level')]
      : invalidEach(level, name, dns1123SubdomainErrors(name))),
    ...rules.flatMap((rule, index) => ruleErrors(rule, `spec.rules[${index}]`)),
    ...mandatorySchemaErrors(object),
    ...flowConditionErrors(object),
  )
  return errors
}

/** Of both kinds' status. */
export function flowConditionErrors(object: ApiObject): FieldError[] {
  const { conditions = [] } = (object.status ?? {}) as { readonly conditions?: readonly FlowCondition[] }
  const seen = new Set<string>()
  return conditions.flatMap(({ type = '' }, index) => {
    const at = `status.conditions[${index}].type`
    const errors = seen.has(type) ? [duplicateValue(at, type)] : []
    seen.add(type)
    return type === '' ? [...errors, requiredValue(at)] : errors
  })
}

function ruleErrors(rule: FlowRule, field: string): FieldError[] {
  const { resourceRules = [], nonResourceRules = [] } = rule
  const subjects = rule.subjects ?? []
  const errors =
    subjects.length === 0
      ? [requiredValue(`${field}.subjects`, 'subjects must contain at least one value')]
      : subjects.flatMap((subject, index) => subjectErrors(subject, `${field}.subjects[${index}]`))
  if (resourceRules.length === 0 && nonResourceRules.length === 0) {
    errors.push(requiredValue(field, 'at least one of resourceRules and nonResourceRules has to be non-empty'))
  }
  return [
    ...errors,
    ...resourceRules.flatMap((rule, index) => resourceRuleErrors(rule, `${field}.resourceRules[${index}]`)),
    ...nonResourceRules.flatMap((rule, index) => nonResourceRuleErrors(rule, `${field}.nonResourceRules[${index}]`)),
  ]
}

const SUBJECT_FIELDS = [
  ['serviceAccount', 'ServiceAccount'],
  ['user', 'User'],
  ['group', 'Group'],
] as const

function subjectErrors(subject: FlowSubject, field: string): FieldError[] {
  const { kind } = subject
  if (!SUBJECT_KINDS.includes(kind)) return [notSupported(`${field}.kind`, kind, SUBJECT_KINDS)]
  const others = SUBJECT_FIELDS.filter(([name, of]) => of !== kind && subject[name] !== undefined)
  return [
    ...ownSubjectErrors(subject, field),
    ...others.map(([name, of]) =>
      forbiddenField(`${field}.${name}`, `${name} is forbidden when subject kind is not '${of}'`),
    ),
  ]
}

function ownSubjectErrors({ kind, user, group, serviceAccount: account }: FlowSubject, field: string): FieldError[] {
  if (kind !== 'ServiceAccount') {
    const name = kind === 'User' ? 'user' : 'group'
    const named = kind === 'User' ? user : group
    if (named === undefined) {
      return [requiredValue(`${field}.${name}`, `${name} is required when subject kind is '${kind}'`)]
    }
    return named.name === '' ? [requiredValue(`${field}.${name}.name`)] : []
  }
  const at = `${field}.serviceAccount`
  if (account === undefined)
    return [requiredValue(at, "serviceAccount is required when subject kind is 'ServiceAccount'")]
  const { name, namespace } = account
  return [
    ...(name === ''
      ? [requiredValue(`${at}.name`)]
      : name === '*'
        ? []
        : invalidEach(`${at}.name`, name, dns1123SubdomainErrors(name))),
    ...(namespace === ''
      ? [requiredValue(`${at}.namespace`, 'must specify namespace for service account')]
      : invalidEach(`${at}.namespace`, namespace, dns1123LabelErrors(namespace))),
  ]
}

/** `*` stands alone or not at all. */
function alone(list: readonly string[], field: string, what: string): FieldError[] {
  if (list.length < 2 || !list.includes('*')) return []
  return [invalidValue(field, list, `if '*' is present, must not specify other ${what}`)]
}

function verbErrors(verbs: readonly string[], field: string): FieldError[] {
  if (verbs.length === 0) return [requiredValue(field, 'verbs must contain at least one value')]
  if (verbs.includes('*')) return alone(verbs, field, 'verbs')
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(field, verbs, VERBS)]
}

function resourceRuleErrors(rule: ResourceRule, field: string): FieldError[] {
  const { clusterScope = false } = rule
  const [verbs, apiGroups] = [rule.verbs ?? [], rule.apiGroups ?? []]
  const [resources, namespaces] = [rule.resources ?? [], rule.namespaces ?? []]
  return [
    ...verbErrors(verbs, `${field}.verbs`),
    ...(apiGroups.length === 0
      ? [requiredValue(`${field}.apiGroups`, 'resource rules must supply at least one api group')]
      : alone(apiGroups, `${field}.apiGroups`, 'api groups')),
    ...(resources.length === 0
      ? [requiredValue(`${field}.resources`, 'resource rules must supply at least one resource')]
      : alone(resources, `${field}.resources`, 'resources')),
    ...namespaceErrors(namespaces, clusterScope, `${field}.namespaces`),
  ]
}

function namespaceErrors(namespaces: readonly string[], clusterScope: boolean, field: string): FieldError[] {
  if (namespaces.length === 0 && !clusterScope) {
    const why = 'resource rules that are not cluster scoped must supply at least one namespace'
    return [requiredValue(field, why)]
  }
  if (namespaces.includes('*')) return alone(namespaces, field, 'namespaces')
  return namespaces.flatMap((namespace, index) =>
    dns1123LabelErrors(namespace).map((why) =>
      invalidValue(`${field}[${index}]`, namespace, `each member of this list must be '*' or a DNS-1123 label; ${why}`),
    ),
  )
}

function nonResourceRuleErrors(rule: NonResourceRule, field: string): FieldError[] {
  const [verbs, urls] = [rule.verbs ?? [], rule.nonResourceURLs ?? []]
  const at = `${field}.nonResourceURLs`
  const errors = verbErrors(verbs, `${field}.verbs`)
  if (urls.length === 0) return [...errors, requiredValue(at, 'nonResourceURLs must contain at least one value')]
  if (urls.includes('*')) return [...errors, ...alone(urls, at, 'non-resource URLs')]
  return [
    ...errors,
    ...urls.flatMap((url, index) => {
      const why = urlError(url)
      return why === undefined ? [] : [invalidValue(`${at}[${index}]`, url, why)]
    }),
  ]
}

function urlError(url: string): string | undefined {
  if (url === '') return 'must not be empty'
  if (url === '/') return undefined
  if (!url.startsWith('/')) return 'must start with slash'
  if (url.includes(' ')) return 'must not contain white-space'
  if (url.includes('//')) return 'must not contain double slash'
  const stars = url.split('*').length - 1
  return stars > 1 || (stars === 1 && !url.endsWith('/*')) ? 'wildcard can only do suffix matching' : undefined
}
