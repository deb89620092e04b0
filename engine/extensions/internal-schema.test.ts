import { describe, expect, it } from 'vitest'
import { internalSchema } from './internal-schema.ts'
import { send, serverWithDefinitions } from './testing.ts'

const definition = (schema: object, name = 'v1') => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ships.sea.io' },
  spec: {
    group: 'sea.io',
    scope: 'Namespaced',
    names: { plural: 'ships', kind: 'Ship' },
    versions: [{ name, served: true, storage: true, schema: { openAPIV3Schema: schema } }],
  },
})
const post = async (body: object) =>
  (await send(serverWithDefinitions(), {
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body,
  })) as { code: number; body: { message: string; details: { causes: { field: string; message: string }[] } } }

describe('a schema as sentences show it', () => {
  it('has all fields of the internal type, in its order', () => {
    const text = JSON.stringify(internalSchema({ type: 'object', properties: { b: { type: 'x' }, a: {} } }))
    expect(text).toMatch(/^\{"ID":"","Schema":"","Ref":null,"Description":"","Type":"object","Nullable":false,/)
    expect(text).toContain('"Properties":{"a":{"ID":""')
    expect(text).toMatch(/"XMapType":null,"XValidations":null\}$/)
  })

  it('tells what is not structural only of schemas that could be', async () => {
    const { body } = await post(
      definition({ type: 'object', properties: { a: { $ref: '#/x', properties: { b: { type: 'array' } } } } }),
    )
    expect(body.details.causes.map(({ field, message }) => `${field}: ${message}`)).toEqual([
      'spec.validation.openAPIV3Schema.properties[a].$ref: Forbidden: $ref is not supported',
    ])
  })

  it('names the first version twice', async () => {
    const { body } = await post(definition({ type: 'object' }, 'V 1'))
    expect(body.details.causes.map(({ field }) => field)).toEqual(['spec.versions[0].name', 'spec.version'])
  })
})
