import { describe, expect, it } from 'vitest'
import { policies, policyObjects } from './policies.ts'

describe('the policies', () => {
  it.each(policies.map((policy) => [policy.name, policy] as const))(
    '%s is bound, denies and fails closed',
    (_, policy) => {
      const [definition, binding] = policyObjects(policy)
      expect(definition).toMatchObject({ kind: 'ValidatingAdmissionPolicy', spec: { failurePolicy: 'Fail' } })
      expect(binding).toMatchObject({
        kind: 'ValidatingAdmissionPolicyBinding',
        spec: { policyName: policy.name, validationActions: ['Deny'] },
      })
    },
  )

  it('say what they refuse in sentences', () => {
    for (const { message } of policies.flatMap((policy) => policy.validations)) {
      expect(message).toMatch(/^This lab .*\.$/)
    }
  })

  it('hold for the cluster’s own parts only where those make Pods for readers', () => {
    const exempting = policies.filter((policy) => !policy.forAll).flatMap(policyObjects)
    for (const object of exempting.filter((candidate) => candidate.kind === 'ValidatingAdmissionPolicy')) {
      expect(object.spec).toMatchObject({ matchConditions: [{ name: 'not-the-cluster-itself' }] })
    }
    expect(policies.filter((policy) => policy.forAll).map((policy) => policy.name)).toEqual(['quayside-pods'])
  })

  it('never match what has no namespace by a wildcard, which selectors do not narrow', () => {
    const wild = policies
      .flatMap((policy) => policy.rules)
      .filter((rule) => rule.resources.some((resource) => resource.startsWith('*')))
    expect(wild.length).toBeGreaterThan(0)
    for (const rule of wild) expect(rule.scope).toBe('Namespaced')
  })
})
