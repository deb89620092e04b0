import type { VirtualContext, VirtualObject, VirtualResource } from '../api/virtual.ts'
import type { Clock } from '../clock/clock.ts'
import { badRequest } from '../objects/status-error.ts'
import { formatTime } from '../objects/time.ts'
import type { NewObject, TypeSchema } from '../objects/types.ts'
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
} from './access-reviews.ts'
import type { ChainedAuthenticator } from './authenticate.ts'
import type { RbacAuthorizer } from './rbac.ts'
import { ISSUER } from './service-accounts.ts'
import type { Authorizer, UserInfo } from './user.ts'

export interface ReviewOptions {
  readonly schemas: { schemaOf(group: string, version: string, kind: string): TypeSchema | undefined }
  readonly clock: Clock
  readonly authorizer: Authorizer
  readonly rbac: RbacAuthorizer
  readonly authenticator: ChainedAuthenticator
}

/** The resources of authorization.k8s.io and authentication.k8s.io: questions that are answered and not kept. */
export function reviews(options: ReviewOptions): readonly VirtualResource[] {
  const { authorizer, rbac } = options
  const authorization = (kind: string, namespaced: boolean, create: VirtualResource['create']) =>
    virtual(options, 'authorization.k8s.io', kind, namespaced, create)
  const authentication = (kind: string, create: VirtualResource['create']) =>
    virtual(options, 'authentication.k8s.io', kind, false, create)
  return [
    authorization('SelfSubjectAccessReview', false, (object, context) =>
      selfSubjectAccessReview(authorizer, object, context),
    ),
    authorization('SubjectAccessReview', false, (object) => subjectAccessReview(authorizer, object)),
    authorization('LocalSubjectAccessReview', true, (object, context) =>
      localSubjectAccessReview(authorizer, object, context),
    ),
    authorization('SelfSubjectRulesReview', false, (object, context) => selfSubjectRulesReview(rbac, object, context)),
    authentication('SelfSubjectReview', (object, context) => selfSubjectReview(options.clock, object, context)),
    authentication('TokenReview', (object) => tokenReview(options.authenticator, object)),
  ]
}

function virtual(
  { schemas }: ReviewOptions,
  group: string,
  kind: string,
  namespaced: boolean,
  create: VirtualResource['create'],
): VirtualResource {
  const gvk = { group, version: 'v1', kind }
  const schema = schemas.schemaOf(group, 'v1', kind)
  if (schema === undefined) throw new Error(`There is no schema of ${kind}.`)
  return { gvk, resource: `${kind.toLowerCase()}s`, namespaced, schema, create }
}

/** What `kubectl auth whoami` asks. */
export function selfSubjectReview(
  clock: Clock,
  object: NewObject,
  { user }: Pick<VirtualContext, 'user'>,
): VirtualObject {
  return {
    kind: object.kind,
    apiVersion: object.apiVersion,
    metadata: { creationTimestamp: formatTime(clock.now()) },
    status: { userInfo: userJson(user) },
  }
}

export async function tokenReview(authenticator: ChainedAuthenticator, object: NewObject): Promise<VirtualObject> {
  const spec = (object.spec ?? {}) as { token?: string; audiences?: readonly string[] }
  if (spec.token === undefined || spec.token === '') {
    throw badRequest('token is required for TokenReview in authentication')
  }
  const answer = await authenticator.review(spec.token, spec.audiences?.length ? spec.audiences : [ISSUER])
  if ('error' in answer) return { ...object, status: { user: {}, error: answer.error } }
  return { ...object, status: { authenticated: true, user: userJson(answer.user), audiences: answer.audiences } }
}

function userJson({ username, uid, groups, extra }: UserInfo): object {
  return {
    username,
    ...(uid === undefined || uid === '' ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  }
}
