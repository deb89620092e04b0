import { describe, expect, it } from 'vitest'
import { compacted, type PolicyRule, ruleAllows, ruleText, uncovered } from './policy-rule.ts'
import { RbacAuthorizer } from './rbac.ts'
import { testCluster } from './testing.ts'

const user = { username: 'alice', groups: ['devs', 'system:authenticated'] }
const resource = (verb: string, name: string, more: object = {}) => {
  const [plural = '', subresource = ''] = name.split('/')
  const rest = { group: '', version: 'v1', namespace: 'team', name: '' }
  return { user, verb, resource: plural, subresource, ...rest, ...more }
}

describe('a rule', () => {
  const core: PolicyRule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }

  it.each<[string, PolicyRule, Parameters<typeof ruleAllows>[1], boolean]>([
    ['what it names', core, resource('get', 'pods'), true],
    ['no other verb', core, resource('list', 'pods'), false],
    ['no subresource', core, resource('get', 'pods/log'), false],
    ['no other group', core, resource('get', 'pods', { group: 'metrics.k8s.io' }), false],
    ['everything by stars', { verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, resource('get', 'pods/log'), true],
    ['a subresource of all', { ...core, resources: ['*/scale'] }, resource('get', 'deployments/scale'), true],
    ['only that of all', { ...core, resources: ['*/scale'] }, resource('get', 'deployments'), false],
    ['an object by name', { ...core, resourceNames: ['web'] }, resource('get', 'pods', { name: 'web' }), true],
    ['no list by name', { ...core, resourceNames: ['web'] }, resource('get', 'pods'), false],
    ['a path', { verbs: ['get'], nonResourceURLs: ['/x'] }, { user, verb: 'get', path: '/x' }, true],
    ['what is below', { verbs: ['get'], nonResourceURLs: ['/x/*'] }, { user, verb: 'get', path: '/x/y/z' }, true],
    ['not itself then', { verbs: ['get'], nonResourceURLs: ['/x/*'] }, { user, verb: 'get', path: '/x' }, false],
    ['no path for resources', core, { user, verb: 'get', path: '/pods' }, false],
  ])('allows %s', (_, rule, attributes, allowed) => {
    expect(ruleAllows(rule, attributes)).toBe(allowed)
  })

  it('covers another piece by piece; what is left is told by resource', () => {
    const held = [core, { verbs: ['*'], apiGroups: ['apps'], resources: ['*/scale'] }]
    const asked = [
      { verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'deployments/scale'] },
      { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['a'] },
    ]
    expect(compacted(uncovered(held, asked)).map(ruleText)).toEqual([
      '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}',
      '{APIGroups:[""], Resources:["deployments/scale"], Verbs:["get" "list"]}',
      '{APIGroups:["apps"], Resources:["pods"], Verbs:["get" "list"]}',
    ])
  })
})

describe('RBAC follows what is written', () => {
  const apiGroup = 'rbac.authorization.k8s.io'
  const rules = [{ verbs: ['get'], apiGroups: [''], resources: ['pods'] }]
  const roleRef = { apiGroup, kind: 'Role', name: 'reader' }
  const metadata = { name: 'b', namespace: 'team' }

  function cluster() {
    const made = testCluster()
    const rbac = new RbacAuthorizer(made.store)
    const asks = (username: string) =>
      rbac.authorize({ ...resource('get', 'pods'), user: { username, groups: ['devs'] } })
    const remove = (name: string, key: string) =>
      made.store.collection({ group: apiGroup, resource: name })?.remove(key)
    made.put({ kind: 'Role', metadata: { name: 'reader', namespace: 'team' }, rules })
    const bind = (...subjects: object[]) => made.put({ kind: 'RoleBinding', metadata, subjects, roleRef })
    return { ...made, asks, remove, bind }
  }

  it('when subjects come and go', () => {
    const { asks, bind, remove } = cluster()
    expect(asks('alice')).toEqual({ allowed: false, reason: '' })
    bind({ kind: 'User', apiGroup, name: 'alice' })
    expect(asks('alice').allowed).toBe(true)
    bind({ kind: 'User', apiGroup, name: 'bob' })
    expect([asks('alice').allowed, asks('bob').allowed]).toEqual([false, true])
    remove('rolebindings', 'team/b')
    expect(asks('bob').allowed).toBe(false)
  })

  it('when rules change, and when the role is gone', () => {
    const { asks, bind, put, remove } = cluster()
    bind({ kind: 'Group', apiGroup, name: 'devs' })
    expect(asks('x').allowed).toBe(true)
    put({ kind: 'Role', metadata: { name: 'reader', namespace: 'team' }, rules: [] })
    expect(asks('x')).toEqual({ allowed: false, reason: '' })
    remove('roles', 'team/reader')
    const reason = 'RBAC: role.rbac.authorization.k8s.io "reader" not found'
    expect(asks('x')).toEqual({ allowed: false, reason })
  })

  it('names the first subject of a binding that applies', () => {
    const { asks, bind } = cluster()
    bind({ kind: 'Group', apiGroup, name: 'devs' }, { kind: 'User', apiGroup, name: 'alice' })
    const start = 'RBAC: allowed by RoleBinding "b/team" of Role "reader" to'
    expect(asks('alice').reason).toBe(`${start} Group "devs"`)
    bind({ kind: 'User', apiGroup, name: 'alice' }, { kind: 'Group', apiGroup, name: 'devs' })
    expect(asks('alice').reason).toBe(`${start} User "alice"`)
    bind({ kind: 'ServiceAccount', name: 'bot' })
    expect(asks('system:serviceaccount:team:bot').reason).toBe(`${start} ServiceAccount "bot/team"`)
    expect(asks('system:serviceaccount:other:bot').allowed).toBe(false)
  })
})
