import type { Authorizer, Decision, UserInfo } from '../../auth/user.ts'
import { dns1123LabelErrors, dns1123SubdomainErrors } from '../../objects/names.ts'
import type { Declarations } from '../environment.ts'
import { EvaluationError, Opaque, type Value } from '../values.ts'

const PACKAGE = 'kubernetes.authorization.'

/** What `authorizer` is: questions about the one who made the request. */
export class AuthorizerValue extends Opaque {
  readonly typeName = `${PACKAGE}Authorizer`
  readonly authorizer: Authorizer
  readonly user: UserInfo
  constructor(authorizer: Authorizer, user: UserInfo) {
    super()
    this.authorizer = authorizer
    this.user = user
  }
}

class PathCheck extends Opaque {
  readonly typeName = `${PACKAGE}PathCheck`
  readonly from: AuthorizerValue
  readonly path: string
  constructor(from: AuthorizerValue, path: string) {
    super()
    this.from = from
    this.path = path
  }
}

class GroupCheck extends Opaque {
  readonly typeName = `${PACKAGE}GroupCheck`
  readonly from: AuthorizerValue
  readonly group: string
  constructor(from: AuthorizerValue, group: string) {
    super()
    this.from = from
    this.group = group
  }
}

interface Asked {
  readonly group: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

/** About one resource; `authorizer.requestResource` is one as well. */
export class ResourceCheck extends Opaque {
  readonly typeName = `${PACKAGE}ResourceCheck`
  readonly from: AuthorizerValue
  readonly asked: Asked
  constructor(from: AuthorizerValue, asked: Asked) {
    super()
    this.from = from
    this.asked = asked
  }
}

class DecisionValue extends Opaque {
  readonly typeName = `${PACKAGE}Decision`
  readonly decision: Decision
  constructor(decision: Decision) {
    super()
    this.decision = decision
  }
}

const narrowed = (check: Value | undefined, part: Partial<Asked>): ResourceCheck => {
  const { from, asked } = check as ResourceCheck
  return new ResourceCheck(from, { ...asked, ...part })
}

function serviceAccount(from: AuthorizerValue, namespace: string, name: string): AuthorizerValue {
  const [wrongName] = dns1123SubdomainErrors(name)
  if (wrongName !== undefined) throw new EvaluationError('Invalid service account name')
  const [wrongNamespace] = dns1123LabelErrors(namespace)
  if (wrongNamespace !== undefined) throw new EvaluationError('Invalid service account namespace')
  return new AuthorizerValue(from.authorizer, {
    username: `system:serviceaccount:${namespace}:${name}`,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
  })
}

/** Kubernetes' questions to the authorizer. */
export const authorization: Declarations = {
  [`${PACKAGE}Authorizer => path(string): ${PACKAGE}PathCheck`]: ([authorizer, path]) => {
    if (path === '') throw new EvaluationError('path must not be empty')
    return new PathCheck(authorizer as AuthorizerValue, path as string)
  },
  [`${PACKAGE}Authorizer => group(string): ${PACKAGE}GroupCheck`]: ([authorizer, group]) =>
    new GroupCheck(authorizer as AuthorizerValue, group as string),
  [`${PACKAGE}Authorizer => serviceAccount(string, string): ${PACKAGE}Authorizer`]: ([authorizer, namespace, name]) =>
    serviceAccount(authorizer as AuthorizerValue, namespace as string, name as string),
  [`${PACKAGE}GroupCheck => resource(string): ${PACKAGE}ResourceCheck`]: ([check, resource]) => {
    const { from, group } = check as GroupCheck
    return new ResourceCheck(from, { group, resource: resource as string, subresource: '', namespace: '', name: '' })
  },
  [`${PACKAGE}ResourceCheck => subresource(string): ${PACKAGE}ResourceCheck`]: ([check, subresource]) =>
    narrowed(check, { subresource: subresource as string }),
  [`${PACKAGE}ResourceCheck => namespace(string): ${PACKAGE}ResourceCheck`]: ([check, namespace]) =>
    narrowed(check, { namespace: namespace as string }),
  [`${PACKAGE}ResourceCheck => name(string): ${PACKAGE}ResourceCheck`]: ([check, name]) =>
    narrowed(check, { name: name as string }),
  // RBAC does not look at selectors: with one a request is for all, as upstream's authorizers that ignore them decide.
  [`${PACKAGE}ResourceCheck => fieldSelector(string): ${PACKAGE}ResourceCheck`]: ([check]) => check as ResourceCheck,
  [`${PACKAGE}ResourceCheck => labelSelector(string): ${PACKAGE}ResourceCheck`]: ([check]) => check as ResourceCheck,
  [`${PACKAGE}PathCheck => check(string): ${PACKAGE}Decision`]: ([check, verb], work) => {
    work.spend(350_000)
    const { from, path } = check as PathCheck
    return new DecisionValue(from.authorizer.authorize({ user: from.user, verb: verb as string, path }))
  },
  [`${PACKAGE}ResourceCheck => check(string): ${PACKAGE}Decision`]: ([check, verb], work) => {
    work.spend(350_000)
    const { from, asked } = check as ResourceCheck
    return new DecisionValue(
      from.authorizer.authorize({ user: from.user, verb: verb as string, version: '*', ...asked }),
    )
  },
  [`${PACKAGE}Decision => errored(): bool`]: () => false,
  [`${PACKAGE}Decision => error(): string`]: () => '',
  [`${PACKAGE}Decision => allowed(): bool`]: ([decision]) => (decision as DecisionValue).decision.allowed,
  [`${PACKAGE}Decision => reason(): string`]: ([decision]) => (decision as DecisionValue).decision.reason,
}
