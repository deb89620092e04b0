import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { authorizeOrRefuse } from '../api/authorize.ts'
import { StatusError } from '../objects/status-error.ts'
import type { NewObject } from '../objects/types.ts'
import {
  localSubjectAccessReview,
  selfSubjectAccessReview,
  selfSubjectRulesReview,
  subjectAccessReview,
} from './access-reviews.ts'
import { ANONYMOUS } from './authenticate.ts'
import { escalationCheck } from './escalation.ts'
import { impersonate } from './impersonate.ts'
import { authorizers, RbacAuthorizer } from './rbac.ts'
import { selfSubjectReview } from './reviews.ts'
import { testCluster } from './testing.ts'
import type { UserInfo } from './user.ts'

/** What a real API server of 1.34.4 answered, with the roles below. */
interface Answered {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly body?: NewObject
  readonly headers?: Record<string, string>
  readonly as: 'admin' | 'anonymous' | 'bot'
  readonly status: number
  readonly message?: string
  readonly answer?: { readonly reason?: string }
}

const answered = readFileSync(new URL('upstream-answers.jsonl', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Answered)

const RBAC = 'rbac.authorization.k8s.io'
const users: Record<Answered['as'], UserInfo> = {
  admin: { username: 'kubernetes-admin', groups: ['kubeadm:cluster-admins', 'system:authenticated'] },
  anonymous: ANONYMOUS,
  bot: {
    username: 'system:serviceaccount:team:bot',
    groups: ['system:serviceaccounts', 'system:serviceaccounts:team', 'system:authenticated'],
  },
}

function cluster() {
  const made = testCluster()
  const { put } = made
  const user = (name: string) => [{ kind: 'User', apiGroup: RBAC, name }]
  const to = (kind: string, name: string) => ({ apiGroup: RBAC, kind, name })
  const team = (name: string) => ({ name, namespace: 'team' })
  const clusterRule = { apiGroups: [RBAC], resources: ['clusterroles', 'clusterrolebindings'] }
  put({
    kind: 'Role',
    metadata: team('dev'),
    rules: [
      { apiGroups: [''], resources: ['pods', 'pods/log'], verbs: ['get', 'list'] },
      { apiGroups: ['apps'], resources: ['deployments'], resourceNames: ['web'], verbs: ['get', 'update'] },
      { apiGroups: [RBAC], resources: ['roles', 'rolebindings'], verbs: ['create', 'update', 'patch', 'get'] },
      { apiGroups: [RBAC], resources: ['clusterroles'], resourceNames: ['view'], verbs: ['bind'] },
    ],
  })
  const bot = { kind: 'ServiceAccount', name: 'bot' }
  put({ kind: 'RoleBinding', metadata: team('dev'), subjects: [...user('alice'), bot], roleRef: to('Role', 'dev') })
  const lost = [{ kind: 'Group', apiGroup: RBAC, name: 'lost' }]
  put({ kind: 'RoleBinding', metadata: team('dangling'), subjects: lost, roleRef: to('Role', 'gone') })
  put({
    kind: 'ClusterRole',
    metadata: { name: 'rolemaker' },
    rules: [
      { ...clusterRule, verbs: ['*'] },
      { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['bob'] },
      {
        apiGroups: ['authentication.k8s.io'],
        resources: ['userextras/scopes'],
        verbs: ['impersonate'],
        resourceNames: ['view'],
      },
    ],
  })
  put({
    kind: 'ClusterRole',
    metadata: { name: 'crud' },
    rules: [{ ...clusterRule, verbs: ['create', 'update', 'get'] }],
  })
  const bind = (name: string, subjects: readonly unknown[], role: string) =>
    put({ kind: 'ClusterRoleBinding', metadata: { name }, subjects, roleRef: to('ClusterRole', role) })
  bind('maker', user('carol'), 'rolemaker')
  bind('crud', user('dave'), 'crud')
  const rbac = new RbacAuthorizer(made.store)
  return { ...made, bind, rbac, authorizer: authorizers(rbac) }
}

function told(call: () => unknown): { readonly status: number; readonly message?: string; readonly answer?: unknown } {
  try {
    return { status: 201, answer: call() }
  } catch (error) {
    if (!(error instanceof StatusError)) throw error
    return { status: error.code, message: error.message }
  }
}

/** Group, resource and so on of a path of the API. */
function infoOf(path: string) {
  const parts = decodeURI(path).split('?')[0]?.split('/').filter(Boolean) ?? []
  const group = parts[0] === 'api' ? '' : (parts[1] ?? '')
  const rest = parts.slice(parts[0] === 'api' ? 2 : 3)
  const namespaced = rest[0] === 'namespaces' && rest.length > 2
  const [resource = '', name = '', subresource = ''] = namespaced ? rest.slice(2) : rest
  return { group, version: 'v1', namespace: namespaced ? (rest[1] ?? '') : '', resource, name, subresource }
}

function verbOf({ method, path }: Answered): string {
  if (method === 'GET') return infoOf(path).name === '' ? 'list' : 'get'
  return method === 'POST' ? 'create' : method.toLowerCase()
}

describe('authorization answers as a real API server', () => {
  const { rbac, authorizer, backend, clock, bind } = cluster()

  it.each(answered.map((one, index) => [`${index} ${one.name}`, one] as const))('%s', (_, one) => {
    if (one.name === 'impersonate')
      bind('bot', [{ kind: 'ServiceAccount', namespace: 'team', name: 'bot' }], 'rolemaker')
    const result = told(() => {
      const user = impersonate(one.headers ?? {}, users[one.as], authorizer, one.path)
      const info = infoOf(one.path)
      const asked = one.path.startsWith('/api')
        ? { user, verb: verbOf(one), ...info }
        : { user, verb: 'get', path: one.path }
      authorizeOrRefuse(authorizer, asked)
      if (one.body === undefined) return undefined
      const body = { ...one.body, metadata: one.body.metadata ?? {} }
      switch (info.resource) {
        case 'selfsubjectaccessreviews':
          return selfSubjectAccessReview(authorizer, body, { user }).status
        case 'subjectaccessreviews':
          return subjectAccessReview(authorizer, body).status
        case 'localsubjectaccessreviews': {
          const placed = { ...body, metadata: { ...body.metadata, namespace: info.namespace } }
          return localSubjectAccessReview(authorizer, placed, info).status
        }
        case 'selfsubjectrulesreviews':
          return selfSubjectRulesReview(rbac, body, { user }).status
        case 'selfsubjectreviews':
          return selfSubjectReview(clock, body, { user }).status
        default: {
          const plugin = escalationCheck(rbac, authorizer)
          const kind = { group: info.group, version: 'v1', kind: body.kind }
          const resource = { group: info.group, resource: info.resource }
          const common = { operation: 'CREATE', subresource: '', options: {}, dryRun: true, warn: () => {} } as const
          const { namespace, name } = info
          plugin.mutate?.({ ...common, resource, kind, namespace, name, object: body, user }, backend)
          return null
        }
      }
    })
    expect({ ...result, message: result.message?.trim() }).toEqual({
      status: one.status,
      ...(one.status < 300 ? { answer: expectedOf(one) } : {}),
      message: one.message?.trim(),
    })
  })

  /** Upstream takes bindings in random order; and the admin of the recorded cluster came by certificate. */
  function expectedOf({ answer, as, name }: Answered): unknown {
    if (answer === undefined || answer === null) return null
    if (name === 'ssrr') {
      return { ...answer, resourceRules: expect.any(Array), nonResourceRules: expect.any(Array) }
    }
    if (name !== 'ssr' || as !== 'admin' || !('userInfo' in answer)) return answer
    const { extra, ...userInfo } = answer.userInfo as { extra?: Record<string, unknown> }
    const { 'authentication.kubernetes.io/credential-id': _, ...rest } = extra ?? {}
    return { userInfo: Object.keys(rest).length === 0 ? userInfo : { ...userInfo, extra: rest } }
  }

  it('lists the rules of a user that a real API server lists, in any order', () => {
    const { rbac, authorizer } = cluster()
    const sorted = (list: unknown) => (list as unknown[]).map((rule) => JSON.stringify(rule)).sort()
    for (const { name, status, body, headers, answer } of answered) {
      if (name !== 'ssrr' || status !== 201 || body === undefined) continue
      const user = impersonate(headers ?? {}, users.admin, authorizer, '/')
      const mine = selfSubjectRulesReview(rbac, body, { user }).status as Record<string, unknown>
      const theirs = answer as Record<string, unknown>
      expect(sorted(mine.resourceRules)).toEqual(sorted(theirs.resourceRules))
      expect(sorted(mine.nonResourceRules)).toEqual(sorted(theirs.nonResourceRules))
    }
  })
})
