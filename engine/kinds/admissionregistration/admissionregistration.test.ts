import { describe, expect, it } from 'vitest'
import { KindsUnderTest } from '../kind.testing.ts'
import { resources } from './index.ts'

const kinds = new KindsUnderTest(resources)
const rule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }
const hook = {
  name: 'a.b.c',
  clientConfig: { url: 'https://x/y' },
  rules: [rule],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
}

describe('webhooks', () => {
  const NAME = 'validatingwebhookconfigurations'
  const make = (...webhooks: object[]) => kinds.make(NAME, { webhooks })

  it('have defaults', () => {
    const service = { namespace: 'n', name: 's' }
    const mutating = kinds.make('mutatingwebhookconfigurations', { webhooks: [{ ...hook, clientConfig: { service } }] })
    expect(mutating.webhooks).toEqual([
      {
        ...hook,
        clientConfig: { service: { ...service, port: 443 } },
        rules: [{ ...rule, scope: '*' }],
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        timeoutSeconds: 10,
        reinvocationPolicy: 'Never',
      },
    ])
    expect(kinds.createError('mutatingwebhookconfigurations', mutating)).toBe('')
    expect(kinds.cells(NAME, make(hook, hook))).toEqual(['it', 2, '90s'])
  })

  it.each([
    [{ name: '' }, 'webhooks[0].name: Required value'],
    [
      { name: 'a.b' },
      'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three segments separated by dots',
    ],
    [{ sideEffects: null }, 'webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDryRun'],
    [
      { sideEffects: 'Some' },
      'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "None", "NoneOnDryRun"',
    ],
    [
      { timeoutSeconds: 31 },
      'webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds',
    ],
    [{ clientConfig: {} }, 'webhooks[0].clientConfig: Required value: exactly one of url or service is required'],
    [
      { clientConfig: { url: 'http://u@/x?y#z' } },
      `[webhooks[0].clientConfig.url: Invalid value: "http": 'https' is the only allowed URL scheme; desired format: https://host[/path], webhooks[0].clientConfig.url: Invalid value: "": host must be specified; desired format: https://host[/path], webhooks[0].clientConfig.url: Invalid value: "u": user information is not permitted in the URL, webhooks[0].clientConfig.url: Invalid value: "z": fragments are not permitted in the URL, webhooks[0].clientConfig.url: Invalid value: "y": query parameters are not permitted in the URL]`,
    ],
    [
      { clientConfig: { service: { namespace: '', name: 's', path: 'x//y', port: 0 } } },
      '[webhooks[0].clientConfig.service.name: Required value, webhooks[0].clientConfig.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535, inclusive, webhooks[0].clientConfig.service.path: Invalid value: "x//y": must start with a \'/\', webhooks[0].clientConfig.service.path: Invalid value: "x//y": segment[0] may not be empty, webhooks[0].clientConfig.service.path: Invalid value: "x//y": segment[1] may not be empty]',
    ],
    [
      { admissionReviewVersions: ['v2', 'v2'] },
      '[webhooks[0].admissionReviewVersions[1]: Invalid value: "v2": duplicate version, webhooks[0].admissionReviewVersions: Invalid value: ["v2","v2"]: must include at least one of v1, v1beta1]',
    ],
    [
      { rules: [{ ...rule, operations: ['*', 'READ'], resources: ['*', 'pods', 'x/*', 'x/y', '*/*'] }] },
      `[webhooks[0].rules[0].operations: Invalid value: ["*","READ"]: if '*' is present, must not specify other operations, webhooks[0].rules[0].operations[1]: Unsupported value: "READ": supported values: "*", "CONNECT", "CREATE", "DELETE", "UPDATE", webhooks[0].rules[0].resources[3]: Invalid value: "x/y": if 'x/*' is present, must not specify x/y, webhooks[0].rules[0].resources: Invalid value: ["*","pods","x/*","x/y","*/*"]: if '*/*' is present, must not specify other resources, webhooks[0].rules[0].resources: Invalid value: ["*","pods","x/*","x/y","*/*"]: if '*' is present, must not specify other resources without subresources]`,
    ],
    [
      { matchConditions: [{ name: '', expression: ' ' }] },
      '[webhooks[0].matchConditions[0].expression: Required value, webhooks[0].matchConditions[0].name: Required value]',
    ],
  ])('%j', (fields, message) => {
    expect(kinds.createError(NAME, make({ ...hook, ...fields }))).toBe(message)
  })

  it('have names of their own', () => {
    expect(kinds.createError(NAME, make(hook, hook))).toBe('webhooks[1].name: Duplicate value: "a.b.c"')
  })
})

describe('policies', () => {
  const NAME = 'validatingadmissionpolicies'
  const good = { matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'true' }] }
  const make = (spec: object) => kinds.make(NAME, { spec: { ...good, ...spec }, status: {} })

  it.each([
    [{}, ''],
    [
      { matchConstraints: undefined, validations: [] },
      '[spec.matchConstraints: Required value, spec.validations: Required value: validations or auditAnnotations must contain at least one item, spec.auditAnnotations: Required value: validations or auditAnnotations must contain at least one item]',
    ],
    [{ matchConstraints: {} }, 'spec.matchConstraints.resourceRules: Required value'],
    [
      { paramKind: { apiVersion: 'a/b/c', kind: 'A b' } },
      `[spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c, spec.paramKind.kind: Invalid value: "A b": may have mixed case, but should otherwise match: a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')]`,
    ],
    [
      { validations: [{ expression: ' ', message: 'a\nb', reason: 'Odd' }] },
      '[spec.validations[0].expression: Required value: expression is not specified, spec.validations[0].message: Invalid value: "a\\nb": must not contain line breaks, spec.validations[0].reason: Unsupported value: "Odd": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge"]',
    ],
    [
      { variables: [{ name: 'in', expression: '' }] },
      '[spec.variables[0].name: Invalid value: "in": must be a valid CEL identifier, spec.variables[0].expression: Required value: expression is not specified]',
    ],
    [
      { failurePolicy: 'Cry', auditAnnotations: [{ key: 'k', valueExpression: '' }] },
      '[spec.failurePolicy: Unsupported value: "Cry": supported values: "Fail", "Ignore", spec.auditAnnotations[0].valueExpression: Required value: valueExpression is not specified]',
    ],
  ])('%j', (spec, message) => {
    expect(kinds.createError(NAME, make(spec))).toBe(message)
  })

  it('hand their expressions to who knows CEL', () => {
    const seen: string[] = []
    const check = {
      errors(
        expression: string,
        field: string,
        { use, hasParams, variables }: { use: string; hasParams: boolean; variables: readonly object[] },
      ) {
        seen.push(`${field} ${expression} ${use} ${hasParams} ${variables.length}`)
        return []
      },
    }
    const checked = new KindsUnderTest((schemas) => resources(schemas, check))
    const policy = make({
      paramKind: { apiVersion: 'v1', kind: 'ConfigMap' },
      matchConditions: [{ name: 'm', expression: ' a ' }],
      variables: [{ name: 'v', expression: 'b' }],
      validations: [{ expression: 'c', messageExpression: 'd' }],
      auditAnnotations: [{ key: 'k', valueExpression: 'e' }],
    })
    expect(checked.createError(NAME, policy)).toBe('')
    expect(seen).toEqual([
      'spec.matchConditions[0].expression a matchCondition true 0',
      'spec.variables[0].expression b variable true 0',
      'spec.validations[0].expression c validation true 1',
      'spec.validations[0].messageExpression d message true 1',
      'spec.auditAnnotations[0].valueExpression e auditAnnotation true 1',
    ])
    expect(kinds.cells(NAME, policy)).toEqual(['it', 1, 'v1/ConfigMap', '90s'])
  })

  it('are bound', () => {
    const binding = (spec: object) =>
      kinds.make('validatingadmissionpolicybindings', {
        spec: { policyName: 'p', validationActions: ['Deny'], ...spec },
      })
    const error = (spec: object) => kinds.createError('validatingadmissionpolicybindings', binding(spec))
    expect(error({})).toBe('')
    expect(error({ policyName: '', validationActions: [] })).toBe(
      '[spec.policyName: Required value, spec.validationActions: Required value: at least one validation action is required]',
    )
    expect(error({ validationActions: ['Deny', 'Warn'] })).toContain('must not contain both Deny and Warn')
    expect(error({ paramRef: { name: 'a', selector: {} } })).toBe(
      '[spec.paramRef.name: Forbidden: name and selector are mutually exclusive, spec.paramRef.selector: Forbidden: name and selector are mutually exclusive, spec.paramRef.parameterNotFoundAction: Required value]',
    )
    const shown = (paramRef: object) => kinds.cells('validatingadmissionpolicybindings', binding({ paramRef }))[2]
    expect(shown({ name: 'x' })).toBe('*/x')
    expect(shown({ selector: { matchLabels: { a: 'b' } } })).toBe(
      '&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}',
    )
  })
})
