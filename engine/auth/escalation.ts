import type { AdmissionAttributes, AdmissionPlugin } from '../admission/plugin.ts'
import { semanticallyEqual } from '../objects/equal.ts'
import { goQuote } from '../objects/go-quote.ts'
import { forbidden, notFound, unclassified } from '../objects/status-error.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import { compacted, type PolicyRule, quotedList, type RoleRef, ruleText, uncovered } from './policy-rule.ts'
import { isPrivileged, RBAC, type RbacAuthorizer } from './rbac.ts'
import type { Authorizer, UserInfo } from './user.ts'

const EVERYTHING: readonly PolicyRule[] = [
  { verbs: ['*'], apiGroups: ['*'], resources: ['*'] },
  { verbs: ['*'], nonResourceURLs: ['*'] },
]

/**
 * Nobody gives what they do not hold: upstream's policy-based storage of roles and bindings (1.34), which sits between changing admission and
 * validation, so this goes last among the plug-ins that change. The verbs `escalate` and `bind` lift it.
 */
export function escalationCheck(rbac: RbacAuthorizer, authorizer: Authorizer): AdmissionPlugin {
  return {
    name: 'RBACEscalation',
    mutate(attributes) {
      const { object, resource, operation, subresource, user } = attributes
      if (object === undefined) throw new Error('A write comes with its object.')
      if (resource.group !== RBAC || subresource !== '' || operation === 'DELETE' || isPrivileged(user)) return object
      if (onlyCollectorFieldsChange(object, attributes.oldObject)) return object
      if (resource.resource === 'roles' || resource.resource === 'clusterroles') checkRole(attributes, object)
      else if (resource.resource === 'rolebindings' || resource.resource === 'clusterrolebindings') {
        checkBinding(attributes, object)
      }
      return object
    },
  }

  function checkRole(attributes: AdmissionAttributes, object: NewObject): void {
    const { resource, namespace, name, user } = attributes
    const asked = { user, verb: 'escalate', ...resource, version: '*', subresource: '', namespace, name }
    if (authorizer.authorize(asked).allowed) return
    const told = object.metadata.name ?? ''
    const missing = missingText(user, namespace, (object.rules as readonly PolicyRule[] | null) ?? [])
    if (missing !== undefined) throw forbidden(resource, told, missing)
    if (!aggregates(object) && !(attributes.oldObject !== undefined && aggregates(attributes.oldObject))) return
    if (missingText(user, namespace, EVERYTHING) === undefined) return
    throw forbidden(resource, told, 'must have cluster-admin privileges to use the aggregationRule')
  }

  function checkBinding({ resource, namespace, user }: AdmissionAttributes, object: NewObject): void {
    const ref = object.roleRef as RoleRef
    const roles = ref.kind === 'Role' ? 'roles' : 'clusterroles'
    const asked = { user, verb: 'bind', group: ref.apiGroup, version: '*', resource: roles, subresource: '', namespace }
    const known = ref.kind === 'Role' || ref.kind === 'ClusterRole'
    if (known && authorizer.authorize({ ...asked, name: ref.name }).allowed) return
    const rules = rbac.rulesOfRole(ref, namespace)
    if (!known) throw unclassified(`unsupported role reference kind: ${goQuote(ref.kind)}`)
    // Upstream looks for the role with the request's own resource, and names that.
    if (rules === undefined) throw notFound(resource, ref.name)
    const missing = missingText(user, namespace, rules)
    if (missing !== undefined) throw forbidden(resource, object.metadata.name ?? '', missing)
  }

  function missingText(user: UserInfo, namespace: string, rules: readonly PolicyRule[]): string | undefined {
    const held = rbac.rulesOf(user, namespace)
    const missing = uncovered(held.rules, rules)
    if (missing.length === 0) return undefined
    const texts = [...new Set(compacted(missing).map(ruleText))].sort()
    const who = `user ${goQuote(user.username)} (groups=${quotedList(user.groups)})`
    const sentence = `${who} is attempting to grant RBAC permissions not currently held:\n${texts.join('\n')}`
    return held.error === '' ? sentence : `${sentence}; resolution errors: [${held.error}]`
  }
}

function aggregates(role: NewObject | ApiObject): boolean {
  const rule = role.aggregationRule as { clusterRoleSelectors?: readonly unknown[] } | undefined
  return (rule?.clusterRoleSelectors?.length ?? 0) > 0
}

/** Finalizers and owner references are the garbage collector's business, whatever its rights. */
function onlyCollectorFieldsChange(object: NewObject, old: ApiObject | undefined): boolean {
  if (old === undefined) return false
  const { ownerReferences, finalizers, managedFields } = old.metadata
  const metadata = { ...object.metadata, ownerReferences, finalizers, managedFields }
  return semanticallyEqual({ ...object, metadata }, old)
}
