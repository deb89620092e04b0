import { describe, expect, it } from 'vitest'
import { send, serverWithDefinitions } from './testing.ts'

const version = (name: string, storage: boolean, spec: object, more: object = {}) => ({
  name,
  served: true,
  storage,
  schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
  ...more,
})
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ships.sea.io' },
  spec: {
    group: 'sea.io',
    scope: 'Cluster',
    names: { plural: 'ships', kind: 'Ship' },
    versions: [
      version('v2', true, {
        type: 'object',
        required: ['sails'],
        properties: { sails: { type: 'integer', maximum: 5 }, flag: { type: 'string' } },
      }),
      version(
        'v1',
        false,
        {
          type: 'object',
          properties: { sails: { type: 'integer' }, flag: { type: 'string', enum: ['red', 'green'] } },
          'x-kubernetes-validations': [{ rule: '!has(oldSelf.flag) || has(self.flag)', message: 'keep the flag' }],
        },
        { deprecated: true },
      ),
    ],
  },
}

async function fleet() {
  const server = serverWithDefinitions()
  await send(server, {
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: definition,
  })
  return async (method: string, version: string, name: string, spec: object) => {
    const path = `/apis/sea.io/${version}/ships${method === 'PUT' ? `/${name}` : ''}`
    let metadata: object = { name }
    if (method === 'PUT') {
      const { body: old } = await send(server, { method: 'GET', path })
      metadata = (old as { metadata: object }).metadata
    }
    const body = { apiVersion: `sea.io/${version}`, kind: 'Ship', metadata, spec }
    // biome-ignore lint/suspicious/noExplicitAny: answers of any kind are looked into
    const { code, body: told, warning } = (await send(server, { method, path, body })) as any
    return { code, message: told.message, warning, apiVersion: told.apiVersion }
  }
}

describe('a resource whose versions differ', () => {
  it('is checked as the version that was asked has it', async () => {
    const write = await fleet()
    expect(await write('POST', 'v1', 'a', { sails: 9, flag: 'red' })).toMatchObject({
      code: 201,
      apiVersion: 'sea.io/v1',
    })
    expect((await write('POST', 'v2', 'b', { sails: 9 })).message).toContain('should be less than or equal to 5')
    expect((await write('POST', 'v1', 'b', { flag: 'blue' })).message).toContain('Unsupported value: "blue"')
    expect((await write('PUT', 'v1', 'a', { sails: 8 })).message).toContain('keep the flag')
    expect(await write('PUT', 'v1', 'a', { sails: 8, flag: 'green' })).toMatchObject({ code: 200 })
    expect(await write('PUT', 'v2', 'a', { sails: 3 })).toMatchObject({ code: 200, apiVersion: 'sea.io/v2' })
  })

  it('says of a version that it is deprecated', async () => {
    const write = await fleet()
    expect((await write('POST', 'v1', 'a', {})).warning).toBe('299 - "sea.io/v1 Ship is deprecated"')
    expect((await write('POST', 'v2', 'b', { sails: 1 })).warning).toBeUndefined()
  })
})
