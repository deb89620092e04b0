import { describe, expect, it } from 'vitest'
import type { ApiObject } from '../objects/types.ts'
import { send, serverWithDefinitions } from './testing.ts'

const PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions'
const body = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ships.sea.io' },
  spec: {
    group: 'sea.io',
    scope: 'Namespaced',
    names: { plural: 'ships', kind: 'Ship', shortNames: ['sh'] },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
}
const condition = { '.': {}, 'f:lastTransitionTime': {}, 'f:message': {}, 'f:reason': {}, 'f:status': {}, 'f:type': {} }

describe('a definition that is established', () => {
  it('has a status that the API server owns', async () => {
    const server = serverWithDefinitions()
    await send(server, { method: 'POST', path: `${PATH}?fieldManager=client`, body })
    const { body: got } = await send(server, { method: 'GET', path: `${PATH}/ships.sea.io` })
    const { managedFields = [] } = (got as ApiObject).metadata
    expect(managedFields.map(({ manager, operation, subresource }) => [manager, operation, subresource])).toEqual([
      ['client', 'Update', undefined],
      ['kube-apiserver', 'Update', 'status'],
    ])
    expect(managedFields[1]?.fieldsV1).toEqual({
      'f:status': {
        'f:acceptedNames': { 'f:kind': {}, 'f:listKind': {}, 'f:plural': {}, 'f:shortNames': {}, 'f:singular': {} },
        'f:conditions': { 'k:{"type":"Established"}': condition, 'k:{"type":"NamesAccepted"}': condition },
      },
    })
  })

  it('lists its objects with an end', async () => {
    const server = serverWithDefinitions()
    await send(server, { method: 'POST', path: PATH, body })
    const { body: list } = await send(server, { method: 'GET', path: '/apis/sea.io/v1/ships' })
    expect((list as { metadata: object }).metadata).toMatchObject({ continue: '' })
  })
})
