import { goQuote } from '../objects/go-quote.ts'
import type { AuthorizationAttributes } from './user.ts'

/** rbac.authorization.k8s.io/v1 `PolicyRule`. */
export interface PolicyRule {
  readonly verbs: readonly string[]
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

const ALL = '*'
const none: readonly string[] = []

/** Whether one rule alone allows what is asked. */
export function ruleAllows(rule: PolicyRule, attributes: AuthorizationAttributes): boolean {
  if (!matches(rule.verbs, attributes.verb)) return false
  if ('path' in attributes) return (rule.nonResourceURLs ?? none).some((url) => urlCovers(url, attributes.path))
  const { resourceNames = none } = rule
  return (
    matches(rule.apiGroups ?? none, attributes.group) &&
    resourceMatches(rule.resources ?? none, attributes.resource, attributes.subresource) &&
    (resourceNames.length === 0 || resourceNames.includes(attributes.name))
  )
}

const matches = (list: readonly string[], value: string): boolean => list.includes(ALL) || list.includes(value)

function resourceMatches(list: readonly string[], resource: string, subresource: string): boolean {
  if (subresource === '') return matches(list, resource)
  return matches(list, `${resource}/${subresource}`) || list.includes(`*/${subresource}`)
}

/** `/api/*` covers all below `/api/`, `*` everything. */
function urlCovers(url: string, path: string): boolean {
  return url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, '')))
}

/** What of `asked` is in none of `held`, in pieces of one group, resource, name and verb each: component-helpers' `validation.Covers` (1.34). */
export function uncovered(held: readonly PolicyRule[], asked: readonly PolicyRule[]): PolicyRule[] {
  return asked.flatMap(pieces).filter((piece) => !held.some((rule) => covers(rule, piece)))
}

function pieces(rule: PolicyRule): PolicyRule[] {
  const { apiGroups = none, resources = none, resourceNames = none, nonResourceURLs = none } = rule
  const found: PolicyRule[] = []
  for (const group of apiGroups) {
    for (const resource of resources) {
      for (const verb of rule.verbs) {
        const piece = { apiGroups: [group], resources: [resource], verbs: [verb] }
        if (resourceNames.length === 0) found.push(piece)
        else for (const name of resourceNames) found.push({ ...piece, resourceNames: [name] })
      }
    }
  }
  for (const url of nonResourceURLs) {
    for (const verb of rule.verbs) found.push({ nonResourceURLs: [url], verbs: [verb] })
  }
  return found
}

function covers(rule: PolicyRule, piece: PolicyRule): boolean {
  const { apiGroups = none, resources = none, resourceNames = none, nonResourceURLs = none } = rule
  const names = piece.resourceNames ?? none
  return (
    piece.verbs.every((verb) => matches(rule.verbs, verb)) &&
    (piece.apiGroups ?? none).every((group) => matches(apiGroups, group)) &&
    (piece.resources ?? none).every((resource) => resourceCovers(resources, resource)) &&
    (resourceNames.length === 0 || (names.length > 0 && names.every((name) => resourceNames.includes(name)))) &&
    (piece.nonResourceURLs ?? none).every((path) => nonResourceURLs.some((url) => urlCovers(url, path)))
  )
}

function resourceCovers(resources: readonly string[], resource: string): boolean {
  if (matches(resources, resource)) return true
  const slash = resource.indexOf('/')
  return slash >= 0 && resources.includes(`*/${resource.slice(slash + 1)}`)
}

/** Pieces that differ in their verb only, put together again; others first, as upstream's `CompactRules`. */
export function compacted(rules: readonly PolicyRule[]): PolicyRule[] {
  const together = new Map<string, PolicyRule>()
  const others: PolicyRule[] = []
  for (const rule of rules) {
    const { apiGroups = none, resources = none, resourceNames = none, nonResourceURLs = none } = rule
    const simple =
      resourceNames.length <= 1 && nonResourceURLs.length === 0 && apiGroups.length === 1 && resources.length === 1
    if (!simple) {
      others.push(rule)
      continue
    }
    const key = JSON.stringify([apiGroups[0], resources[0], resourceNames[0]])
    const before = together.get(key)
    together.set(key, before === undefined ? rule : { ...before, verbs: [...before.verbs, ...rule.verbs] })
  }
  return [...others, ...together.values()]
}

/** `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`, as messages about escalation show rules. */
export function ruleText(rule: PolicyRule): string {
  const parts: [string, readonly string[] | undefined][] = [
    ['APIGroups', rule.apiGroups],
    ['Resources', rule.resources],
    ['NonResourceURLs', rule.nonResourceURLs],
    ['ResourceNames', rule.resourceNames],
    ['Verbs', rule.verbs],
  ]
  const shown = parts.filter(([, values]) => values !== undefined && values.length > 0)
  return `{${shown.map(([name, values]) => `${name}:${quotedList(values ?? none)}`).join(', ')}}`
}

/** A list of strings as Go's `%q` prints it: `["a" "b"]`. */
export function quotedList(values: readonly string[]): string {
  return `[${values.map(goQuote).join(' ')}]`
}
