import type { AdmissionAttributes, AdmissionPlugin, Backend } from '../admission/plugin.ts'
import { isPrivileged } from '../auth/rbac.ts'
import type { Authorizer, UserInfo } from '../auth/user.ts'
import type { BindingSpec, ParamKind, PolicySpec } from '../kinds/admissionregistration/types.ts'
import { deepEqual } from '../objects/equal.ts'
import { forbiddenField } from '../objects/field-error.ts'
import { invalid } from '../objects/status-error.ts'
import type { GroupResource } from '../objects/types.ts'

const GROUP = 'admissionregistration.k8s.io'
const POLICIES = { group: GROUP, resource: 'validatingadmissionpolicies' } as const

export interface ParamPermissionOptions {
  readonly authorizer: Authorizer
  resourceOf(kind: ParamKind): { readonly resource: GroupResource } | undefined
}

/** Who writes a policy or a binding must be allowed to read its parameters: upstream's strategies (1.34), which look when all else is valid. */
export class ParamPermission implements AdmissionPlugin {
  readonly name = 'ParamPermission'
  readonly #options: ParamPermissionOptions

  constructor(options: ParamPermissionOptions) {
    this.#options = options
  }

  validate(attributes: AdmissionAttributes, backend: Backend): void {
    const { resource, subresource, object, operation, user } = attributes
    if (resource.group !== GROUP || subresource !== '' || object === undefined || isPrivileged(user)) return
    if (operation !== 'CREATE' && operation !== 'UPDATE') return
    if (resource.resource === POLICIES.resource) this.#policy(attributes, object.spec as PolicySpec)
    else if (resource.resource === 'validatingadmissionpolicybindings') {
      this.#binding(attributes, object.spec as BindingSpec, backend)
    }
  }

  #policy(attributes: AdmissionAttributes, { paramKind }: PolicySpec): void {
    const before = attributes.oldObject?.spec as PolicySpec | undefined
    if (paramKind === undefined || deepEqual(before?.paramKind, paramKind)) return
    const { kind = '', apiVersion = '' } = paramKind
    if (this.#may(attributes.user, 'get', this.#scopeOf(paramKind), '*', '*')) return
    const who = goUser(attributes.user)
    const rule = `user ${who} must have "get" permission on all objects of the referenced paramKind (kind=${kind}, apiVersion=${apiVersion})`
    throw refusal(attributes, 'spec.paramKind', rule)
  }

  #binding(attributes: AdmissionAttributes, { paramRef, policyName }: BindingSpec, backend: Backend): void {
    const before = attributes.oldObject?.spec as BindingSpec | undefined
    if (paramRef === undefined) return
    if (before?.policyName === policyName && deepEqual(before?.paramRef, paramRef)) return
    const policy = backend.registry(POLICIES)?.collection.get(undefined, policyName ?? '')
    const paramKind = (policy?.spec as PolicySpec | undefined)?.paramKind
    const scope = paramKind === undefined ? EVERYTHING : this.#scopeOf(paramKind)
    const { name = '', namespace = '' } = paramRef
    const verb = name === '' ? 'list' : 'get'
    if (this.#may(attributes.user, verb, scope, name, namespace)) return
    const who = goUser(attributes.user)
    const lacking = `does not have "${verb}" permission`
    const everywhere = `to determine minimum required permissions and user ${who} ${lacking} for all groups, versions and resources`
    const rule =
      policy === undefined
        ? `unable to get policy ${policyName} ${everywhere}`
        : scope.resource === '*' && paramKind !== undefined
          ? `unable to ${scope.group === '*' ? 'parse' : 'resolve'} paramKind &{${paramKind.apiVersion} ${paramKind.kind}} ${everywhere}`
          : `user ${who} ${lacking} on the object referenced by paramRef`
    throw refusal(attributes, 'spec.paramRef', rule)
  }

  /** What must be readable at least. */
  #scopeOf(paramKind: ParamKind): Scope {
    const parts = (paramKind.apiVersion ?? '').split('/')
    if (parts.length > 2) return EVERYTHING
    const [version = '', group = ''] = parts.reverse()
    return { group, version, resource: this.#options.resourceOf(paramKind)?.resource.resource ?? '*' }
  }

  #may(user: UserInfo, verb: string, scope: Scope, name: string, namespace: string): boolean {
    return this.#options.authorizer.authorize({ user, verb, ...scope, subresource: '', namespace, name }).allowed
  }
}

interface Scope {
  readonly group: string
  readonly version: string
  readonly resource: string
}

const EVERYTHING: Scope = { group: '*', version: '*', resource: '*' }

function refusal({ kind, name }: AdmissionAttributes, field: string, rule: string) {
  return invalid(kind, name, [forbiddenField(field, rule)])
}

/** A user as Go prints the struct that upstream has of it. */
function goUser({ username, uid = '', groups, extra = {} }: UserInfo): string {
  const more = Object.keys(extra)
    .sort()
    .map((key) => `${key}:[${(extra[key] ?? []).join(' ')}]`)
  return `&{${username} ${uid} [${groups.join(' ')}] map[${more.join(' ')}]}`
}
