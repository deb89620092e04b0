import { authorizeOrRefuse } from '../api/authorize.ts'
import { unclassified } from '../objects/status-error.ts'
import { ANONYMOUS } from './authenticate.ts'
import { serviceAccountOf } from './binding-index.ts'
import { accountGroups } from './service-accounts.ts'
import type { Authorizer, ResourceAttributes, UserInfo } from './user.ts'

const USER = 'impersonate-user'
const GROUP = 'impersonate-group'
const UID = 'impersonate-uid'
const EXTRA = 'impersonate-extra-'
const AUTHENTICATION = 'authentication.k8s.io'
const AUTHENTICATED = 'system:authenticated'
const UNAUTHENTICATED = 'system:unauthenticated'

/**
 * The user that a request wants to be taken for; the same one if it wants none. Header names in lower case; several values of a header are joined
 * by `, `. Throws 403 unless the user may impersonate each part, 500 for headers without a user, as upstream's `WithImpersonation` (1.34).
 * `url` is the request's, for that message.
 */
export function impersonate(
  headers: Readonly<Record<string, string>>,
  user: UserInfo,
  authorizer: Authorizer,
  url: string,
): UserInfo {
  const wish = wishOf(headers)
  if (wish === undefined) return user
  if (wish.username === '') throw withoutUser(wish, url)
  const must = (part: Pick<ResourceAttributes, 'resource' | 'name'> & Partial<ResourceAttributes>) =>
    authorizeOrRefuse(authorizer, {
      user,
      verb: 'impersonate',
      group: '',
      version: part.group === AUTHENTICATION ? 'v1' : '',
      subresource: '',
      namespace: '',
      ...part,
    })
  const account = serviceAccountOf(wish.username)
  const [namespace = '', name = ''] = account?.split('/') ?? []
  if (account === undefined) must({ resource: 'users', name: wish.username })
  else must({ resource: 'serviceaccounts', namespace, name })
  for (const group of wish.groups) must({ resource: 'groups', name: group })
  for (const [key, values] of Object.entries(wish.extra)) {
    for (const value of values) must({ group: AUTHENTICATION, resource: 'userextras', subresource: key, name: value })
  }
  if (wish.uid !== '') must({ group: AUTHENTICATION, resource: 'uids', name: wish.uid })
  const groups = wish.groups.length > 0 || account === undefined ? wish.groups : accountGroups(namespace)
  return {
    username: wish.username,
    ...(wish.uid === '' ? {} : { uid: wish.uid }),
    groups: withImplied(wish.username, groups),
    ...(Object.keys(wish.extra).length === 0 ? {} : { extra: wish.extra }),
  }
}

interface Wish {
  readonly username: string
  readonly uid: string
  readonly groups: readonly string[]
  readonly extra: Readonly<Record<string, readonly string[]>>
}

function wishOf(headers: Readonly<Record<string, string>>): Wish | undefined {
  const extra: Record<string, readonly string[]> = {}
  for (const [header, value] of Object.entries(headers)) {
    if (header.startsWith(EXTRA)) extra[unescaped(header.slice(EXTRA.length))] = value.split(', ')
  }
  const wish = {
    username: headers[USER] ?? '',
    uid: headers[UID] ?? '',
    groups: headers[GROUP]?.split(', ') ?? [],
    extra,
  }
  const empty = wish.username === '' && wish.uid === '' && wish.groups.length === 0 && Object.keys(extra).length === 0
  return empty ? undefined : wish
}

function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** Groups that nobody has to ask for: an authenticated user stays one unless something else is said. */
function withImplied(username: string, groups: readonly string[]): readonly string[] {
  if (username === ANONYMOUS.username) return groups.includes(UNAUTHENTICATED) ? groups : [...groups, UNAUTHENTICATED]
  return groups.includes(AUTHENTICATED) || groups.includes(UNAUTHENTICATED) ? groups : [...groups, AUTHENTICATED]
}

/** Upstream prints the parts as it prints Go structs: kind, namespace, name, uid, apiVersion, resourceVersion and path. */
function withoutUser(wish: Wish, url: string) {
  const parts = [
    ...wish.groups.map((group) => `{Group  ${group}    }`),
    ...Object.entries(wish.extra).flatMap(([key, values]) =>
      values.map((value) => `{UserExtra  ${value}  ${AUTHENTICATION}/v1  ${key}}`),
    ),
    ...(wish.uid === '' ? [] : [`{UID  ${wish.uid}  ${AUTHENTICATION}/v1  }`]),
  ]
  const why = `requested [${parts.join(' ')}] without impersonating a user`
  return unclassified(`Internal Server Error: "${url}": ${why}`)
}
