import { describe, expect, it } from 'vitest'
import type { AdmissionAttributes, Backend } from '../admission/plugin.ts'
import type { AuthorizationAttributes } from '../auth/user.ts'
import type { StatusError } from '../objects/status-error.ts'
import { ParamPermission } from './param-permission.ts'

const GROUP = 'admissionregistration.k8s.io'
const alice = { username: 'alice', groups: ['devs', 'system:authenticated'] }
const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
const policy = { metadata: { name: 'limits' }, spec: { paramKind } }

function told(resource: string, kind: string, spec: object, more: Partial<AdmissionAttributes> = {}) {
  const asked: AuthorizationAttributes[] = []
  const plugin = new ParamPermission({
    authorizer: {
      authorize(attributes) {
        asked.push(attributes)
        return { allowed: false, reason: '' }
      },
    },
    resourceOf: ({ kind }) => (kind === 'ConfigMap' ? { resource: { group: '', resource: 'configmaps' } } : undefined),
  })
  const attributes = {
    operation: 'CREATE',
    resource: { group: GROUP, resource },
    kind: { group: GROUP, version: 'v1', kind },
    subresource: '',
    name: 'mine',
    user: alice,
    object: { metadata: { name: 'mine' }, spec },
    ...more,
  } as unknown as AdmissionAttributes
  const backend = {
    registry: () => ({ collection: { get: (_: unknown, name: string) => (name === 'limits' ? policy : undefined) } }),
  } as unknown as Backend
  try {
    plugin.validate(attributes, backend)
  } catch (error) {
    return { asked, message: (error as StatusError).message }
  }
  return { asked, message: undefined }
}

const policies = (spec: object, more?: Partial<AdmissionAttributes>) =>
  told('validatingadmissionpolicies', 'ValidatingAdmissionPolicy', spec, more)
const bindings = (spec: object, more?: Partial<AdmissionAttributes>) =>
  told('validatingadmissionpolicybindings', 'ValidatingAdmissionPolicyBinding', spec, more)
const who = 'user &{alice  [devs system:authenticated] map[]}'

describe('who writes a policy', () => {
  it('must be allowed to read all of its parameters', () => {
    const { asked, message } = policies({ paramKind })
    expect(message).toBe(
      `ValidatingAdmissionPolicy.${GROUP} "mine" is invalid: spec.paramKind: Forbidden: ${who} must have "get" permission on all objects of the referenced paramKind (kind=ConfigMap, apiVersion=v1)`,
    )
    expect(asked).toMatchObject([
      { verb: 'get', group: '', version: 'v1', resource: 'configmaps', namespace: '*', name: '*' },
    ])
    expect(policies({ paramKind: { apiVersion: 'a/v1', kind: 'None' } }).asked).toMatchObject([
      { group: 'a', version: 'v1', resource: '*' },
    ])
  })

  it('is not asked without parameters, with those of before, or as a master', () => {
    expect(policies({}).asked).toEqual([])
    const oldObject = policy as unknown as NonNullable<AdmissionAttributes['oldObject']>
    expect(policies({ paramKind }, { operation: 'UPDATE', oldObject }).asked).toEqual([])
    expect(policies({ paramKind }, { user: { username: 'root', groups: ['system:masters'] } }).asked).toEqual([])
  })
})

describe('who writes a binding', () => {
  it.each([
    [
      { policyName: 'limits', paramRef: { name: 'p', namespace: 'n' } },
      'get',
      `${who} does not have "get" permission on the object referenced by paramRef`,
    ],
    [
      { policyName: 'limits', paramRef: { selector: {} } },
      'list',
      `${who} does not have "list" permission on the object referenced by paramRef`,
    ],
    [
      { policyName: 'none', paramRef: { name: 'p' } },
      'get',
      `unable to get policy none to determine minimum required permissions and ${who} does not have "get" permission for all groups, versions and resources`,
    ],
  ])('must be allowed to read what it refers to: %j', (spec, verb, sentence) => {
    const { asked, message } = bindings(spec)
    expect(message).toContain(`spec.paramRef: Forbidden: ${sentence}`)
    expect(asked).toMatchObject([{ verb }])
  })
})
