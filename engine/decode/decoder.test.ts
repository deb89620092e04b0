import { describe, expect, it } from 'vitest'
import { StatusError } from '../objects/status-error.ts'
import type { FieldValidation } from './contract.ts'
import { BodyDecoder } from './decoder.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const deployment = { group: 'apps', version: 'v1', kind: 'Deployment' }
const pod = { group: '', version: 'v1', kind: 'Pod' }
const decoder = new BodyDecoder()

const decode = (
  body: string | Uint8Array,
  { contentType = 'application/json', expected = deployment, fieldValidation = 'Strict' as FieldValidation } = {},
) => decoder.decode({ contentType, body: typeof body === 'string' ? bytes(body) : body, expected, fieldValidation })

function refusal(read: () => unknown): { code: number; message: string } {
  try {
    read()
  } catch (error) {
    if (error instanceof StatusError) return { code: error.code, message: error.message }
    throw error
  }
  throw new Error('It was not refused.')
}

describe('a body', () => {
  it('comes out as Go writes it: what is always there, what is empty, in one order', () => {
    const { object, warnings } = decode(
      '{"spec":{"containers":[{"image":"i","name":"c","tty":false,"env":[]}],"nodeName":"","hostNetwork":null},"kind":"Pod","apiVersion":"v1"}',
      { expected: pod },
    )
    expect(JSON.stringify(object)).toBe(
      '{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":[{"name":"c","image":"i","resources":{}}]},"status":{}}',
    )
    expect(warnings).toEqual([])
  })

  it('keeps an empty list where only an absent one has defaults', () => {
    const behavior = (rules: object) =>
      decode(JSON.stringify({ spec: { behavior: { scaleDown: rules } } }), {
        expected: { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' },
      }).object.spec
    expect(behavior({ policies: [] })).toMatchObject({ behavior: { scaleDown: { policies: [] } } })
    expect(JSON.stringify(behavior({}))).toContain('"scaleDown":{}')
    expect(JSON.stringify(behavior({ policies: null }))).toContain('"scaleDown":{}')
  })

  it('need not say its kind', () => {
    expect(decode('{"metadata":{"name":"x"}}').gvk).toEqual(deployment)
    expect(decode('null').object).toMatchObject({ kind: 'Deployment', spec: { selector: null } })
  })

  it('is warned of if nobody asks for more', () => {
    const body = '{"spec":{"replica":1,"replicas":3,"replicas":4,"template":{"spec":{"containers":[{"foo":{}}]}}}}'
    expect(decode(body, { fieldValidation: 'Warn' }).warnings).toEqual([
      'unknown field "spec.replica"',
      'duplicate field "spec.replicas"',
      'unknown field "spec.template.spec.containers[0].foo"',
    ])
    expect(decode(body, { fieldValidation: 'Ignore' })).toMatchObject({
      warnings: [],
      object: { spec: { replicas: 4 } },
    })
  })

  it('may be YAML, with what YAML says of itself', () => {
    const yaml = { contentType: 'application/yaml' }
    const text = 'apiVersion: apps/v1\nkind: Deployment\nspec:\n  replicas: 3\n  replicas: 4\n  foo: 1\n'
    expect(refusal(() => decode(text, yaml)).message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: yaml: unmarshal errors:\n  line 5: key "replicas" already set in map, unknown field "spec.foo"',
    )
    expect(decode(text, { ...yaml, fieldValidation: 'Warn' })).toMatchObject({
      object: { spec: { replicas: 4 } },
      warnings: ['line 5: key "replicas" already set in map', 'unknown field "spec.foo"'],
    })
    expect(refusal(() => decode('a: b: c', yaml)).message).toBe(
      'the object provided is unrecognized (must be of type Deployment): yaml: mapping values are not allowed in this context (613a20623a2063)',
    )
  })

  it('is refused in a version that the door does not take', () => {
    const scaler = { group: 'autoscaling', version: 'v2', kind: 'HorizontalPodAutoscaler' }
    const body = '{"apiVersion":"autoscaling/v1","kind":"HorizontalPodAutoscaler"}'
    expect(refusal(() => decode(body, { expected: scaler })).message).toBe(
      'the API version in the data (autoscaling/v1) does not match the expected API version (autoscaling/v2)',
    )
    const evictions = {
      contentType: '',
      expected: { group: 'policy', version: 'v1', kind: 'Eviction' },
      fieldValidation: 'Strict',
    } as const
    const old = bytes('{"apiVersion":"policy/v1beta1","kind":"Eviction"}')
    const alsoVersions = [{ group: 'policy', version: 'v1beta1' }]
    expect(decoder.decode({ ...evictions, body: old, alsoVersions }).gvk.version).toBe('v1beta1')
  })

  it('is not looked at in other formats', () => {
    expect(refusal(() => decode('{}', { contentType: 'application/cbor' }))).toEqual({
      code: 415,
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    })
    expect(decode('{}', { contentType: 'application/json; charset=utf-8' }).gvk).toEqual(deployment)
  })

  it('is refused when it is nested too deeply', () => {
    for (const contentType of ['application/json', 'application/yaml']) {
      const deep = `{"metadata":${'['.repeat(100_000)}${']'.repeat(100_000)}}`
      expect(refusal(() => decode(deep, { contentType })).code, contentType).toBe(400)
    }
  })

  it('keeps numbers exact where a 64-bit integer goes', () => {
    const revision = { group: 'apps', version: 'v1', kind: 'ControllerRevision' }
    const faulty = '{"revision":9223372036854775808}'
    expect(refusal(() => decode(faulty, { expected: revision })).message).toContain(
      'json: cannot unmarshal number 9223372036854775808 into Go struct field ControllerRevision.revision of type int64',
    )
    expect(decode('{"revision":9223372036854775807}', { expected: revision }).warnings).toEqual([])
  })

  it('cannot set what all objects inherit', () => {
    const map = { group: '', version: 'v1', kind: 'ConfigMap' }
    const { object } = decode('{"data":{"__proto__":"x","constructor":"y"}}', { expected: map })
    expect(Object.entries(object.data as object)).toEqual([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})

describe('the body of a protobuf client', () => {
  const contentType = 'application/vnd.kubernetes.protobuf'
  const magic = [0x6b, 0x38, 0x73, 0]
  const say = (...more: number[]) => refusal(() => decode(Uint8Array.from(more), { contentType })).message

  it('is refused in the words of a real API server', () => {
    const unrecognized = 'the object provided is unrecognized (must be of type Deployment): '
    expect(say(...bytes('abc'))).toBe(
      `${unrecognized}provided data does not appear to be a protobuf message, expected prefix [107 56 115 0] (616263)`,
    )
    expect(say(...magic, 0x0a, 0xff, 0xff)).toBe(`${unrecognized}unexpected EOF (6b3873000affff)`)
    expect(say()).toBe(`${unrecognized}empty data (<empty>)`)
    expect(say(...magic)).toBe(`${unrecognized}empty body (6b387300)`)
    const named = [0x0a, 0x15, 0x0a, 7, ...bytes('apps/v1'), 0x12, 10, ...bytes('Deployment')]
    expect(say(...magic, ...named, 0x12, 2, 0xff, 0xff)).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: unexpected EOF',
    )
  })
})

describe('the body of a custom kind', () => {
  const expected = { group: 'stable.example.com', version: 'v1', kind: 'CronTab' }
  const request = (body: string, fieldValidation: FieldValidation = 'Strict') =>
    decoder.decodeCustom(
      { contentType: 'application/json', body: bytes(body), expected, fieldValidation },
      (object) => ({
        object,
        strictErrors: 'foo' in object ? ['unknown field "foo"'] : [],
      }),
    )

  it('is handed on as it is, with duplicate and unknown fields told together', () => {
    const body = '{"apiVersion":"stable.example.com/v1","kind":"CronTab","spec":{"a":1,"a":[{"b":1,"b":2}]},"foo":1}'
    const errors = ['duplicate field "spec.a"', 'duplicate field "spec.a[0].b"', 'unknown field "foo"']
    expect(request(body, 'Warn').warnings).toEqual(errors)
    expect(refusal(() => request(body)).message).toBe(
      `CronTab in version "v1" cannot be handled as a CronTab: strict decoding error: ${errors.join(', ')}`,
    )
    expect(request(body, 'Ignore')).toMatchObject({ warnings: [], object: { spec: { a: [{ b: 2 }] } } })
  })

  it('must say its kind and version', () => {
    expect(refusal(() => request('{}')).message).toBe(
      "the object provided is unrecognized (must be of type CronTab): Object 'Kind' is missing in '{}' ({})",
    )
    expect(refusal(() => request('{"kind":"CronTab","apiVersion":"v1"}')).message).toBe(
      'the API version in the data (v1) does not match the expected API version (stable.example.com/v1)',
    )
  })
})

describe('the options of a deletion', () => {
  const options = (body: string) => decoder.deleteOptions({ contentType: 'application/json', body: bytes(body) })

  it('may be those of any group, or none', () => {
    expect(options('')).toBeUndefined()
    expect(options('{"propagationPolicy":"Background"}')).toEqual({ propagationPolicy: 'Background' })
    expect(options('{"kind":"DeleteOptions","apiVersion":"v1","gracePeriodSeconds":0}')).toEqual({
      gracePeriodSeconds: 0,
    })
    expect(options('{"kind":"DeleteOptions","apiVersion":"apps/v1","dryRun":["All"]}')).toEqual({ dryRun: ['All'] })
  })

  it('are refused without a reason', () => {
    expect(refusal(() => options('{"kind":"Pod","apiVersion":"v1"}')).code).toBe(500)
    expect(refusal(() => options('{"gracePeriodSeconds":"x"}'))).toEqual({
      code: 500,
      message: 'json: cannot unmarshal string into Go struct field DeleteOptions.gracePeriodSeconds of type int64',
    })
  })
})

describe('a patch', () => {
  const live = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' } }
  const patched = (
    type: 'json-patch' | 'merge-patch' | 'strategic-merge-patch',
    patch: string,
    value: object,
    fieldValidation: FieldValidation = 'Strict',
  ) =>
    decoder.fromPatched({
      patch: decoder.patch(type, bytes(patch), fieldValidation),
      value: { ...live, ...value } as never,
      expected: deployment,
      fieldValidation,
    })

  it('is refused when it is no JSON', () => {
    expect(refusal(() => decoder.patch('merge-patch', bytes('{'), 'Strict')).message).toBe(
      'error decoding patch: unexpected end of JSON input',
    )
    expect(refusal(() => decoder.patch('strategic-merge-patch', bytes('x'), 'Strict')).message).toBe(
      "invalid character 'x' looking for beginning of value",
    )
  })

  it('tells of its own faults with those of what it makes', () => {
    const document = decoder.patch('json-patch', bytes('[{"op":"add","op":"add","path":"/a","foo":1}]'), 'Strict')
    expect(document.strictErrors).toEqual(['json patch duplicate field "[0].op"', 'json patch unknown field "[0].foo"'])
    const { warnings } = patched('merge-patch', '{"spec":{"foo":1,"foo":1}}', { spec: { foo: 1 } }, 'Warn')
    expect(warnings).toEqual(['duplicate field "spec.foo"', 'unknown field "spec.foo"'])
  })

  it('of JSON that makes what the kind cannot hold shows what it makes', () => {
    const { code, message } = refusal(() =>
      patched('merge-patch', '{"spec":{"replicas":"x"}}', { spec: { replicas: 'x' } }),
    )
    expect(code).toBe(422)
    expect(message).toBe(
      ' "" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"apps/v1\\",\\"kind\\":\\"Deployment\\",\\"metadata\\":{\\"name\\":\\"x\\"},\\"spec\\":{\\"replicas\\":\\"x\\"}}": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32',
    )
  })

  it.each([
    [{ replicas: 'x' }, 'unrecognized type: int32'],
    [{ replicas: 1.5 }, 'cannot convert float64 to int32'],
    [{ paused: 1 }, 'unrecognized type: bool'],
    [{ template: 'x' }, 'cannot restore struct from: string'],
    [{ selector: { matchLabels: ['a'] } }, 'cannot restore map from slice'],
    [{ selector: { matchLabels: { a: 1 } } }, 'cannot convert int64 to string'],
    [{ template: { spec: { containers: {} } } }, 'cannot restore slice from map'],
    [{ foo: 1, bar: 2 }, 'strict decoding error: unknown field "spec.bar", unknown field "spec.foo"'],
  ])('of the strategic kind shows itself: %o', (spec, why) => {
    const { code, message } = refusal(() => patched('strategic-merge-patch', '{"spec":{"a":1}}', { spec }))
    expect({ code, message }).toEqual({
      code: 422,
      message: ` "" is invalid: patch: Invalid value: "map[spec:map[a:1]]": ${why}`,
    })
  })

  it('leaves an object that is canonical', () => {
    expect(patched('strategic-merge-patch', '{}', { spec: { paused: false } }).object).toMatchObject({
      spec: { selector: null, strategy: {}, template: { metadata: {}, spec: { containers: null } } },
      status: {},
    })
  })
})

describe('the body of an apply', () => {
  it('is YAML or JSON', () => {
    expect(decoder.apply(bytes('a: 1\n'), 'Strict').value).toEqual({ a: 1 })
    expect(decoder.apply(bytes('{"a":{"b":[1]}}'), 'Strict')).toEqual({
      value: { a: { b: [1] } },
      strictError: undefined,
    })
    expect(refusal(() => decoder.apply(bytes('[1]'), 'Strict')).message).toBe(
      'error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}',
    )
    expect(refusal(() => decoder.apply(bytes('a: b: c'), 'Strict')).message).toBe(
      'error decoding YAML: error converting YAML to JSON: yaml: mapping values are not allowed in this context',
    )
  })

  it('tells of keys that come twice once it has been applied', () => {
    const document = decoder.apply(bytes('{"kind":"Deployment",\n"spec":{"replicas":1,"replicas":2}}'), 'Warn')
    const strictError =
      'error converting YAML to JSON: yaml: unmarshal errors:\n  line 2: key "replicas" already set in map'
    expect(document.strictError).toBe(strictError)
    const made = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 2 } }
    expect(decoder.applied(document, made, deployment, 'Warn').warnings).toEqual([
      'line 2: key "replicas" already set in map',
    ])
    expect(refusal(() => decoder.applied(document, made, deployment, 'Strict')).message).toBe(
      `error strict decoding YAML: ${strictError}`,
    )
  })
})
