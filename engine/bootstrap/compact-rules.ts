import type { PolicyRule } from '../auth/policy-rule.ts'

/** A rule with its lists as words. The core group is the word `core`. */
export interface CompactRule {
  readonly verbs: string
  readonly groups?: string
  readonly resources?: string
  readonly names?: string
  readonly urls?: string
}

const words = (text: string): string[] => text.split(' ')
const joined = (list: readonly string[]): string => list.join(' ')

export function compactRule(rule: PolicyRule): CompactRule {
  return {
    verbs: joined(rule.verbs),
    ...(rule.apiGroups === undefined ? {} : { groups: joined(rule.apiGroups.map((group) => group || 'core')) }),
    ...(rule.resources === undefined ? {} : { resources: joined(rule.resources) }),
    ...(rule.resourceNames === undefined ? {} : { names: joined(rule.resourceNames) }),
    ...(rule.nonResourceURLs === undefined ? {} : { urls: joined(rule.nonResourceURLs) }),
  }
}

export function expandRule(rule: CompactRule): PolicyRule {
  return {
    verbs: words(rule.verbs),
    ...(rule.groups === undefined
      ? {}
      : { apiGroups: words(rule.groups).map((group) => (group === 'core' ? '' : group)) }),
    ...(rule.resources === undefined ? {} : { resources: words(rule.resources) }),
    ...(rule.names === undefined ? {} : { resourceNames: words(rule.names) }),
    ...(rule.urls === undefined ? {} : { nonResourceURLs: words(rule.urls) }),
  }
}
