import type { Backend } from '../admission/plugin.ts'
import { Writer } from '../controllers/writer.ts'
import { semanticallyEqual } from '../objects/equal.ts'
import { LabelSelector, type LabelSelectorObject } from '../objects/label-selector.ts'
import type { ApiObject } from '../objects/types.ts'
import { follow } from '../storage/follow.ts'
import type { PolicyRule } from './policy-rule.ts'
import { RBAC } from './rbac.ts'

const clusterRoles = { group: RBAC, resource: 'clusterroles' }

/**
 * Keeps the rules of ClusterRoles with an `aggregationRule` the sum of those that it selects (upstream's ClusterRoleAggregation controller, 1.34).
 * It follows writes at once: an aggregated role never lags behind. What is returned ends it.
 */
export function aggregateClusterRoles(backend: Backend): () => void {
  const collection = backend.store.collection(clusterRoles)
  if (collection === undefined) throw new Error('ClusterRoles are not served.')
  const writer = new Writer(backend, 'clusterrole-aggregation-controller')
  const aggregate = () => {
    for (const role of [...collection]) {
      const selectors = selectorsOf(role)
      if (selectors.length === 0 || role.metadata.deletionTimestamp !== undefined) continue
      const rules = sumOf([...collection], role.metadata.name, selectors)
      if (semanticallyEqual(rules, role.rules)) continue
      writer.apply({ resource: clusterRoles, name: role.metadata.name }, { rules })
    }
  }
  let begun = false
  const changed = () => {
    if (begun) aggregate()
  }
  const end = follow(collection, changed)
  begun = true
  aggregate()
  return end
}

function selectorsOf(role: ApiObject): readonly LabelSelector[] {
  const rule = role.aggregationRule as { clusterRoleSelectors?: readonly LabelSelectorObject[] } | undefined
  return (rule?.clusterRoleSelectors ?? []).map((selector) => LabelSelector.fromObject(selector))
}

/** The rules of all selected roles but the role itself, in the order of the selectors and of names; each once. */
function sumOf(roles: readonly ApiObject[], own: string, selectors: readonly LabelSelector[]): readonly PolicyRule[] {
  const rules = new Map<string, PolicyRule>()
  for (const selector of selectors) {
    for (const role of roles) {
      if (role.metadata.name === own || !selector.matches(role.metadata.labels)) continue
      for (const rule of (role.rules as readonly PolicyRule[] | null) ?? []) rules.set(JSON.stringify(rule), rule)
    }
  }
  return [...rules.values()]
}
