import { describe, expect, it } from 'vitest'
import { OpenApiDocuments } from '../schema/openapi.ts'
import type { Definition } from './definition.ts'
import { DEFINITIONS } from './index.ts'
import { groupVersionsOf } from './openapi.ts'
import { send, serverWithDefinitions } from './testing.ts'

const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'apples.fruit.io' },
  spec: {
    group: 'fruit.io',
    scope: 'Namespaced',
    names: { plural: 'apples', kind: 'Apple' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { spec: { type: 'object', properties: { p: { 'x-kubernetes-int-or-string': true } } } },
          },
        },
      },
    ],
  },
}

describe('what OpenAPI shows of custom resources', () => {
  it('is their schema, with both types of int-or-string', async () => {
    const server = serverWithDefinitions()
    await send(server, {
      method: 'POST',
      path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      body: definition,
    })
    const served = server.catalogue.get({ group: 'fruit.io', resource: 'apples' })
    const stored = server.backend.registry(DEFINITIONS)?.get(undefined, 'apples.fruit.io') as Definition
    if (served?.custom === undefined) throw new Error('Apples are not served.')
    const groups = groupVersionsOf([{ definition: stored, custom: served.custom }])
    const documents = new OpenApiDocuments(() => groups)
    const answer = documents.answer({ headers: {}, query: new URLSearchParams() }, '/openapi/v3/apis/fruit.io/v1')
    const { components, paths } = JSON.parse(String(answer?.body))
    expect(components.schemas['io.fruit.v1.Apple'].properties.spec.properties.p.anyOf).toEqual([
      { type: 'integer' },
      { type: 'string' },
    ])
    expect(Object.keys(paths)).toContain('/apis/fruit.io/v1/namespaces/{namespace}/apples/{name}')
  })
})
