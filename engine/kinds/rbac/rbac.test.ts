import { describe, expect, it } from 'vitest'
import { KindsUnderTest } from '../kind.testing.ts'
import { resources } from './index.ts'

const kinds = new KindsUnderTest(resources)
const rule = { verbs: ['get'], apiGroups: [''], resources: ['pods'] }

describe('roles', () => {
  it.each([
    [rule, ''],
    [
      { verbs: [] },
      '[rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource]',
    ],
    [
      { verbs: ['get'], nonResourceURLs: ['/healthz'] },
      'rules[0].nonResourceURLs: Invalid value: ["/healthz"]: namespaced rules cannot apply to non-resource URLs',
    ],
  ])('%j', (given, message) => {
    expect(kinds.createError('roles', kinds.make('roles', { rules: [given] }))).toBe(message)
  })

  it('takes names that are no DNS names, but none that cannot stand in a path', () => {
    const named = (name: string) => kinds.createError('roles', kinds.make('roles', { rules: [rule] }, { name }))
    expect(named('system:Node_Proxier')).toBe('')
    expect(named('a/b')).toBe(`metadata.name: Invalid value: "a/b": may not contain '/'`)
  })

  it('lets cluster roles mix no URLs with resources, and aggregate by something', () => {
    const of = (fields: object) => kinds.createError('clusterroles', kinds.make('clusterroles', { ...fields }))
    expect(of({ rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] })).toBe('')
    expect(of({ rules: [{ ...rule, nonResourceURLs: ['/x'] }] })).toBe(
      'rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs',
    )
    expect(of({ aggregationRule: {} })).toBe(
      'aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil',
    )
    expect(
      of({ aggregationRule: { clusterRoleSelectors: [{ matchExpressions: [{ key: 'a', operator: 'Is' }] }] } }),
    ).toBe(
      '[aggregationRule.clusterRoleSelectors[0].matchExpressions[0].operator: Invalid value: "Is": not a valid selector operator, aggregationRule.clusterRoleSelectors[0]: Invalid value: null: invalid label selector.]',
    )
  })
})

describe('bindings', () => {
  const roleRef = { apiGroup: '', kind: 'Role', name: 'reader' }
  const make = (fields: object) => kinds.make('rolebindings', { roleRef, ...fields })

  it('knows the group of roles, users and groups', () => {
    const subjects = [
      { kind: 'User', name: 'ann' },
      { kind: 'ServiceAccount', name: 'bot', namespace: 'x' },
    ]
    const made = make({ subjects })
    expect(made.roleRef).toEqual({ ...roleRef, apiGroup: 'rbac.authorization.k8s.io' })
    expect(made.subjects).toEqual([{ ...subjects[0], apiGroup: 'rbac.authorization.k8s.io' }, subjects[1]])
    expect(kinds.createError('rolebindings', made)).toBe('')
    expect(kinds.cells('rolebindings', made)).toEqual(['it', 'Role/reader', '90s', 'ann', '', 'x/bot'])
  })

  it.each([
    [
      { roleRef: { apiGroup: 'x', kind: 'Y', name: '' } },
      '[roleRef.apiGroup: Unsupported value: "x": supported values: "rbac.authorization.k8s.io", roleRef.kind: Unsupported value: "Y": supported values: "Role", "ClusterRole", roleRef.name: Required value]',
    ],
    [
      { subjects: [{ kind: 'Robot', name: '' }] },
      '[subjects[0].name: Required value, subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"]',
    ],
    [
      { subjects: [{ kind: 'ServiceAccount', name: 'A', apiGroup: 'x' }] },
      `[subjects[0].name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), subjects[0].apiGroup: Unsupported value: "x": supported values: ""]`,
    ],
  ])('%j', (fields, message) => {
    expect(kinds.createError('rolebindings', make(fields))).toBe(message)
  })

  it('asks for the namespace of a service account where there is none', () => {
    const made = kinds.make('clusterrolebindings', {
      roleRef: { ...roleRef, kind: 'ClusterRole' },
      subjects: [{ kind: 'ServiceAccount', name: 'bot' }],
    })
    expect(kinds.createError('clusterrolebindings', made)).toBe('subjects[0].namespace: Required value')
  })

  it('is for one role all its life', () => {
    expect(kinds.updateError('rolebindings', make({ roleRef: { ...roleRef, name: 'x' } }), make({}))).toBe(
      'roleRef: Invalid value: {"APIGroup":"rbac.authorization.k8s.io","Kind":"Role","Name":"x"}: cannot change roleRef',
    )
  })
})
