import { goQuote } from '../objects/go-quote.ts'
import { notFound } from '../objects/status-error.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import type { Collection } from '../storage/collection.ts'
import { follow } from '../storage/follow.ts'
import type { Store } from '../storage/store.ts'
import { BindingIndex, subjectText } from './binding-index.ts'
import { type PolicyRule, type RoleRef, ruleAllows, type Subject } from './policy-rule.ts'
import { aggregateSentences } from './sentences.ts'
import type { AuthorizationAttributes, Authorizer, Decision, UserInfo } from './user.ts'

export const RBAC = 'rbac.authorization.k8s.io'
const resource = (name: string): GroupResource => ({ group: RBAC, resource: name })

/** What a binding gives to a user: the rules of its role, or why it gives none. */
interface Grant {
  /** `RoleBinding "dev/team" of Role "dev" to User "alice"`. */
  readonly source: string
  readonly rules: readonly PolicyRule[]
  readonly error?: string
}

export interface UserRules {
  readonly rules: readonly PolicyRule[]
  /** Why some may be missing, as one sentence; empty if none are. */
  readonly error: string
}

/** Users whose grants are remembered at a time. */
const REMEMBERED = 512

/**
 * Role-based access control over the roles and bindings of a store (upstream's `rbac.RBACAuthorizer`, 1.34). Bindings are indexed by subject as
 * they are written, and what a user holds in a namespace is remembered until something of it is written: a decision costs microseconds.
 * Bindings are asked in the order of their names, those of the cluster first; upstream's order is random.
 */
export class RbacAuthorizer implements Authorizer {
  readonly #roles: Collection
  readonly #clusterRoles: Collection
  readonly #roleBindings: BindingIndex
  readonly #clusterRoleBindings: BindingIndex
  readonly #grants = new Map<string, readonly Grant[]>()
  readonly #ends: (() => void)[] = []

  /** Throws if the store has no collections of RBAC. */
  constructor(store: Store) {
    const forget = () => this.#grants.clear()
    this.#roles = collectionOf(store, 'roles')
    this.#clusterRoles = collectionOf(store, 'clusterroles')
    this.#roleBindings = new BindingIndex(collectionOf(store, 'rolebindings'), forget)
    this.#clusterRoleBindings = new BindingIndex(collectionOf(store, 'clusterrolebindings'), forget)
    for (const roles of [this.#roles, this.#clusterRoles]) {
      this.#ends.push(follow(roles, forget, { closed: forget }))
    }
  }

  close(): void {
    for (const end of [...this.#ends, this.#roleBindings.close, this.#clusterRoleBindings.close]) end()
  }

  authorize(attributes: AuthorizationAttributes): Decision {
    const errors: string[] = []
    const namespace = 'path' in attributes ? '' : attributes.namespace
    for (const { source, rules, error } of this.#grantsOf(attributes.user, namespace)) {
      if (error !== undefined) errors.push(error)
      for (const rule of rules) {
        if (ruleAllows(rule, attributes)) return { allowed: true, reason: `RBAC: allowed by ${source}` }
      }
    }
    return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${aggregateSentences(errors)}` }
  }

  /** All that a user may do in a namespace and in the cluster; without a namespace in the cluster alone. */
  rulesOf(user: UserInfo, namespace: string): UserRules {
    const grants = this.#grantsOf(user, namespace)
    const errors = grants.flatMap(({ error }) => (error === undefined ? [] : [error]))
    return { rules: grants.flatMap(({ rules }) => rules), error: errors.length === 0 ? '' : aggregateSentences(errors) }
  }

  /** The rules of the role that a binding in this namespace (empty: in the cluster) refers to; undefined if there is no such role. */
  rulesOfRole(ref: RoleRef, namespace: string): readonly PolicyRule[] | undefined {
    const role = ref.kind === 'Role' ? this.#roles.get(namespace, ref.name) : this.#clusterRoles.get('', ref.name)
    return role === undefined ? undefined : ((role.rules as readonly PolicyRule[] | null) ?? [])
  }

  #grantsOf(user: UserInfo, namespace: string): readonly Grant[] {
    const key = JSON.stringify([namespace, user.username, user.groups])
    const known = this.#grants.get(key)
    if (known !== undefined) return known
    const grants = [
      ...this.#clusterRoleBindings.of(user, '').map(({ binding, subject }) => this.#grant(binding, subject, '')),
      ...(namespace === ''
        ? []
        : this.#roleBindings
            .of(user, namespace)
            .map(({ binding, subject }) => this.#grant(binding, subject, namespace))),
    ]
    if (this.#grants.size >= REMEMBERED) this.#grants.clear()
    this.#grants.set(key, grants)
    return grants
  }

  #grant(binding: ApiObject, subject: Subject, namespace: string): Grant {
    const ref = binding.roleRef as RoleRef
    const { name } = binding.metadata
    const what =
      namespace === '' ? `ClusterRoleBinding ${goQuote(name)}` : `RoleBinding ${goQuote(`${name}/${namespace}`)}`
    const source = `${what} of ${ref.kind} ${goQuote(ref.name)} to ${subjectText(subject, namespace)}`
    const rules = this.rulesOfRole(ref, namespace)
    // Upstream names the kind here, not the resource.
    if (rules === undefined)
      return { source, rules: [], error: notFound(resource(ref.kind.toLowerCase()), ref.name).message }
    return { source, rules }
  }
}

function collectionOf(store: Store, name: string): Collection {
  const collection = store.collection(resource(name))
  if (collection === undefined) throw new Error(`The store has no ${name}.`)
  return collection
}

const PRIVILEGED = 'system:masters'

/** Members of `system:masters` may do everything; of the rest each authorizer is asked in turn. */
export function authorizers(...others: readonly Authorizer[]): Authorizer {
  return {
    authorize(attributes) {
      if (isPrivileged(attributes.user)) return { allowed: true, reason: '' }
      const reasons: string[] = []
      for (const authorizer of others) {
        const decision = authorizer.authorize(attributes)
        if (decision.allowed) return decision
        if (decision.reason !== '') reasons.push(decision.reason)
      }
      return { allowed: false, reason: reasons.join('\n') }
    },
  }
}

export function isPrivileged(user: UserInfo): boolean {
  return user.groups.includes(PRIVILEGED)
}
