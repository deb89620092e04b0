import { describe, expect, it } from 'vitest'
import { accessObjects, customResourcesRole } from './access.ts'

interface Rule {
  apiGroups: string[]
  resources: string[]
  verbs: string[]
}
const rulesOf = (name: string) =>
  accessObjects.find((object) => object.kind === 'ClusterRole' && object.metadata.name === name)?.rules as Rule[]

/** Whether rules allow it, as RBAC reads them. */
const allow = (rules: Rule[], verb: string, apiGroup: string, resource: string) =>
  rules.some(
    (rule) =>
      (rule.apiGroups.includes(apiGroup) || rule.apiGroups.includes('*')) &&
      (rule.resources.includes(resource) || rule.resources.includes('*')) &&
      (rule.verbs.includes(verb) || rule.verbs.includes('*')),
  )

describe('what readers may do everywhere', () => {
  const rules = rulesOf('quayside:reader')

  it.each([
    ['get', '', 'secrets'],
    ['list', '', 'secrets'],
    ['patch', '', 'secrets'],
    ['get', '', 'pods/exec'],
    ['create', '', 'pods/exec'],
    ['get', '', 'pods/proxy'],
    ['get', '', 'services/proxy'],
    ['get', '', 'nodes/proxy'],
    ['delete', '', 'nodes'],
    ['patch', '', 'nodes/status'],
    ['patch', '', 'pods/status'],
    ['create', '', 'serviceaccounts/token'],
    ['impersonate', '', 'users'],
    ['impersonate', '', 'groups'],
    ['impersonate', '', 'serviceaccounts'],
    ['create', 'admissionregistration.k8s.io', 'validatingwebhookconfigurations'],
    ['delete', 'admissionregistration.k8s.io', 'validatingadmissionpolicies'],
    ['create', 'apiregistration.k8s.io', 'apiservices'],
    ['update', 'certificates.k8s.io', 'certificatesigningrequests/approval'],
    ['escalate', 'rbac.authorization.k8s.io', 'clusterroles'],
    ['bind', 'rbac.authorization.k8s.io', 'clusterroles'],
  ])('leaves out %s %s %s', (verb, group, resource) => {
    expect(allow(rules, verb, group, resource)).toBe(false)
  })

  it.each([
    ['list', '', 'pods'],
    ['get', '', 'pods/log'],
    ['create', '', 'namespaces'],
    ['patch', '', 'nodes'],
    ['create', 'apps', 'deployments'],
    ['patch', 'apps', 'deployments/scale'],
    ['list', 'metrics.k8s.io', 'pods'],
    ['create', 'apiextensions.k8s.io', 'customresourcedefinitions'],
  ])('has %s %s %s', (verb, group, resource) => {
    expect(allow(rules, verb, group, resource)).toBe(true)
  })
})

describe('rights to kinds that readers define', () => {
  it('lets them look everywhere, and write what has no namespace', () => {
    const role = customResourcesRole([
      { group: 'shop.example.org', plural: 'carts', scope: 'Namespaced' },
      { group: 'shop.example.org', plural: 'shops', scope: 'Cluster' },
    ])
    const rules = role.rules as Rule[]
    expect(allow(rules, 'list', 'shop.example.org', 'carts')).toBe(true)
    expect(allow(rules, 'create', 'shop.example.org', 'carts')).toBe(false)
    expect(allow(rules, 'create', 'shop.example.org', 'shops')).toBe(true)
  })

  it('gives nothing for a definition that passes itself off as Kubernetes’ own', () => {
    const role = customResourcesRole([
      { group: 'certificates.k8s.io', plural: 'certificatesigningrequests', scope: 'Cluster' },
      { group: 'admissionregistration.k8s.io', plural: 'validatingadmissionpolicies', scope: 'Cluster' },
      { group: 'apps', plural: 'deployments', scope: 'Cluster' },
    ])
    expect(role.rules).toEqual([])
  })
})
