import type { AdmissionAttributes } from '../admission/plugin.ts'
import type { MatchResources, RuleWithOperations } from '../kinds/admissionregistration/types.ts'
import { LabelSelector } from '../objects/label-selector.ts'
import type { Labels } from '../objects/requirement.ts'
import type { ApiObject } from '../objects/types.ts'

/** Whether a request is one of those that match constraints select: apiserver's `policy/matching` (1.34). */
export function matches(
  match: MatchResources | undefined,
  attributes: AdmissionAttributes,
  namespace: ApiObject | undefined,
): boolean {
  if (match === undefined) return true
  if (!LabelSelector.fromObject(match.namespaceSelector ?? {}).matches(namespaceLabels(attributes, namespace))) {
    if (attributes.namespace !== '' || isNamespace(attributes)) return false
  }
  const objects = LabelSelector.fromObject(match.objectSelector ?? {})
  const seen = [attributes.object, attributes.oldObject].filter((object) => object !== undefined)
  if (!objects.isEmpty() && !seen.some((object) => objects.matches(object.metadata.labels))) return false
  if ((match.excludeResourceRules ?? []).some((rule) => ruleMatches(rule, attributes))) return false
  const { resourceRules } = match
  return (
    resourceRules === undefined ||
    resourceRules.length === 0 ||
    resourceRules.some((rule) => ruleMatches(rule, attributes))
  )
}

const isNamespace = ({ resource }: AdmissionAttributes): boolean =>
  resource.group === '' && resource.resource === 'namespaces'

/** Those of the namespace that the object is in; of a Namespace its own. */
function namespaceLabels(attributes: AdmissionAttributes, namespace: ApiObject | undefined): Labels | undefined {
  if (isNamespace(attributes)) return (attributes.object ?? attributes.oldObject)?.metadata.labels
  return namespace?.metadata.labels
}

function ruleMatches(rule: RuleWithOperations, attributes: AdmissionAttributes): boolean {
  const { operation, resource, kind, subresource, name } = attributes
  const any = (values: readonly string[] | undefined, value: string): boolean =>
    values?.some((one) => one === '*' || one === value) ?? false
  if (!any(rule.operations, operation) || !any(rule.apiGroups, resource.group)) return false
  // Versions are equivalent: an object in one of them is one in all (matchPolicy Equivalent); Exact is asked for by its version.
  if (!any(rule.apiVersions, kind.version)) return false
  if (!(rule.resources ?? []).some((pattern) => resourceMatches(pattern, resource.resource, subresource))) return false
  const names = rule.resourceNames ?? []
  if (names.length > 0 && !names.includes(name)) return false
  if (rule.scope === undefined || rule.scope === '*') return true
  const namespaced = attributes.namespace !== '' && !isNamespace(attributes)
  return rule.scope === (namespaced ? 'Namespaced' : 'Cluster')
}

function resourceMatches(pattern: string, resource: string, subresource: string): boolean {
  const [wanted = '', below = ''] = pattern.split('/')
  const same = wanted === '*' || wanted === resource
  return same && (below === '*' || below === subresource)
}
