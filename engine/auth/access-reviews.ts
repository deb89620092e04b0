import type { VirtualContext, VirtualObject } from '../api/virtual.ts'
import { type FieldError, invalidValue } from '../objects/field-error.ts'
import { badRequest, invalid } from '../objects/status-error.ts'
import type { NewObject, ObjectMeta } from '../objects/types.ts'
import type { RbacAuthorizer } from './rbac.ts'
import { type Selectors, selectorErrors, selectorWarnings } from './review-selectors.ts'
import type { AuthorizationAttributes, Authorizer, UserInfo } from './user.ts'

/** authorization.k8s.io/v1: what may somebody do (upstream's registries, 1.34). Objects are canonical JSON of their types. */

const GROUP = 'authorization.k8s.io'

interface ResourceSpec extends Selectors {
  readonly namespace?: string
  readonly verb?: string
  readonly group?: string
  readonly version?: string
  readonly resource?: string
  readonly subresource?: string
  readonly name?: string
}

interface ReviewSpec {
  readonly resourceAttributes?: ResourceSpec
  readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string }
  readonly user?: string
  readonly groups?: readonly string[]
  readonly uid?: string
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

export function selfSubjectAccessReview(
  authorizer: Authorizer,
  object: NewObject,
  { user }: Pick<VirtualContext, 'user'>,
): VirtualObject {
  const spec = specOf(object)
  mustBeValid([
    ...presenceErrors(spec),
    ...selectorErrors(spec.resourceAttributes ?? {}),
    ...metadataErrors(object.metadata, 'must be empty'),
  ])
  return answer(authorizer, object, user)
}

export function subjectAccessReview(authorizer: Authorizer, object: NewObject): VirtualObject {
  const spec = specOf(object)
  mustBeValid([
    ...presenceErrors(spec),
    ...subjectErrors(spec),
    ...selectorErrors(spec.resourceAttributes ?? {}),
    ...metadataErrors(object.metadata, 'must be empty'),
  ])
  return answer(authorizer, object, subjectOf(spec))
}

export function localSubjectAccessReview(
  authorizer: Authorizer,
  object: NewObject,
  { namespace }: Pick<VirtualContext, 'namespace'>,
): VirtualObject {
  const placed = { ...object, metadata: { ...object.metadata, namespace: object.metadata.namespace ?? namespace } }
  const spec = specOf(placed)
  const { namespace: own, ...metadata } = placed.metadata
  mustBeValid([
    ...presenceErrors(spec),
    ...subjectErrors(spec),
    ...selectorErrors(spec.resourceAttributes ?? {}),
    ...metadataErrors(metadata, 'must be empty except for namespace', placed.metadata),
    ...placeErrors(spec, own ?? ''),
  ])
  if (own !== namespace) throw badRequest(`spec.resourceAttributes.namespace must match namespace: ${namespace}`)
  return answer(authorizer, placed, subjectOf(spec))
}

/** What `kubectl auth can-i --list` asks. */
export function selfSubjectRulesReview(
  rbac: RbacAuthorizer,
  object: NewObject,
  { user }: Pick<VirtualContext, 'user'>,
): VirtualObject {
  const { namespace = '' } = (object.spec ?? {}) as { namespace?: string }
  if (namespace === '') throw badRequest('no namespace on request')
  const { rules, error } = rbac.rulesOf(user, namespace)
  const has = (list: readonly string[] | undefined): boolean => (list?.length ?? 0) > 0
  return {
    kind: object.kind,
    apiVersion: object.apiVersion,
    metadata: {},
    spec: {},
    status: {
      resourceRules: rules
        .filter(({ resources }) => has(resources))
        .map(({ verbs, apiGroups, resources, resourceNames }) => ({
          verbs,
          ...(has(apiGroups) ? { apiGroups } : {}),
          ...(has(resources) ? { resources } : {}),
          ...(has(resourceNames) ? { resourceNames } : {}),
        })),
      nonResourceRules: rules
        .filter(({ nonResourceURLs }) => has(nonResourceURLs))
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: false,
      ...(error === '' ? {} : { evaluationError: error }),
    },
  }
}

function answer(authorizer: Authorizer, object: NewObject, user: UserInfo): VirtualObject {
  const spec = specOf(object)
  const { allowed, reason } = authorizer.authorize(askedBy(spec, user))
  const error = selectorWarnings(spec.resourceAttributes ?? {})
  return {
    ...object,
    status: {
      allowed,
      ...(reason === '' ? {} : { reason }),
      ...(error === '' ? {} : { evaluationError: error }),
    },
  }
}

function askedBy({ resourceAttributes, nonResourceAttributes }: ReviewSpec, user: UserInfo): AuthorizationAttributes {
  if (resourceAttributes === undefined) {
    return { user, verb: nonResourceAttributes?.verb ?? '', path: nonResourceAttributes?.path ?? '' }
  }
  const { verb = '', group = '', resource = '', subresource = '', namespace = '', name = '' } = resourceAttributes
  return { user, verb, group, version: resourceAttributes.version || '*', resource, subresource, namespace, name }
}

function subjectOf({ user = '', groups = [], uid, extra }: ReviewSpec): UserInfo {
  return { username: user, groups, ...(uid === undefined ? {} : { uid }), ...(extra === undefined ? {} : { extra }) }
}

const specOf = (object: NewObject): ReviewSpec => (object.spec ?? {}) as ReviewSpec

function mustBeValid(errors: readonly FieldError[]): void {
  // Upstream has forgotten the kind by then: its sentence begins with the group.
  if (errors.length > 0) throw invalid({ group: GROUP, kind: '' }, '', errors)
}

function presenceErrors({ resourceAttributes, nonResourceAttributes }: ReviewSpec): FieldError[] {
  if (resourceAttributes !== undefined && nonResourceAttributes !== undefined) {
    const detail = 'cannot be specified in combination with resourceAttributes'
    return [invalidValue('spec.nonResourceAttributes', goStruct(nonResourceAttributes), detail)]
  }
  if (resourceAttributes !== undefined || nonResourceAttributes !== undefined) return []
  const detail = 'exactly one of nonResourceAttributes or resourceAttributes must be specified'
  return [invalidValue('spec.resourceAttributes', null, detail)]
}

function subjectErrors({ user = '', groups = [] }: ReviewSpec): FieldError[] {
  if (user !== '' || groups.length > 0) return []
  return [invalidValue('spec.user', user, 'at least one of user or group must be specified')]
}

function placeErrors({ resourceAttributes, nonResourceAttributes }: ReviewSpec, namespace: string): FieldError[] {
  const errors: FieldError[] = []
  if (resourceAttributes !== undefined && (resourceAttributes.namespace ?? '') !== namespace) {
    const detail = 'must match metadata.namespace'
    errors.push(invalidValue('spec.resourceAttributes.namespace', resourceAttributes.namespace ?? '', detail))
  }
  if (nonResourceAttributes !== undefined) {
    const value = goStruct(nonResourceAttributes)
    errors.push(invalidValue('spec.nonResourceAttributes', value, 'disallowed on this kind of request'))
  }
  return errors
}

function metadataErrors(
  metadata: Partial<ObjectMeta>,
  detail: string,
  shown: Partial<ObjectMeta> = metadata,
): FieldError[] {
  const { managedFields: _, ...rest } = metadata
  const set = Object.values(rest).some((value) => value !== undefined && value !== null && value !== '')
  return set ? [invalidValue('metadata', shown, detail)] : []
}

/** Upstream's internal type has no JSON names. */
const goStruct = ({ path = '', verb = '' }: { path?: string; verb?: string }) => ({ Path: path, Verb: verb })
