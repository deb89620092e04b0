import { describe, expect, it } from 'vitest'
import { send, serverWithDefinitions } from './testing.ts'

const embedded = {
  type: 'object',
  'x-kubernetes-embedded-resource': true,
  'x-kubernetes-preserve-unknown-fields': true,
}
const definition = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'ships.sea.io' },
  spec: {
    group: 'sea.io',
    scope: 'Cluster',
    names: { plural: 'ships', kind: 'Ship' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: { one: embedded, all: { type: 'array', items: embedded } },
          },
        },
      },
    ],
  },
}

async function created(fields: object, query = '') {
  const server = serverWithDefinitions()
  await send(server, {
    method: 'POST',
    path: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    body: definition,
  })
  const body = { apiVersion: 'sea.io/v1', kind: 'Ship', metadata: { name: 'a' }, ...fields }
  // biome-ignore lint/suspicious/noExplicitAny: answers of any kind are looked into
  return (await send(server, { method: 'POST', path: `/apis/sea.io/v1/ships${query}`, body })).body as any
}

describe('objects inside of custom resources', () => {
  it('have canonical metadata', async () => {
    const metadata = { name: 'x', labels: { a: 'b' }, strange: 1, creationTimestamp: null }
    const { one, all } = await created({
      one: { apiVersion: 'v1', kind: 'Pod', metadata, spec: { any: 1 } },
      all: [{ apiVersion: 'v1', kind: 'Pod', metadata: { strange: 1 } }],
    })
    expect(one).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x', labels: { a: 'b' } },
      spec: { any: 1 },
    })
    expect(all).toEqual([{ apiVersion: 'v1', kind: 'Pod', metadata: {} }])
  })

  it('may not have unknown metadata where that is asked for', async () => {
    const all = [{ apiVersion: 'v1', kind: 'Pod', metadata: { strange: 1 } }]
    const { message } = await created({ all }, '?fieldValidation=Strict')
    expect(message).toContain('unknown field "all[0].metadata.strange"')
  })

  it('must say what they are', async () => {
    const { details } = await created({
      one: { apiVersion: 'a/b/c', kind: 'No_Kind', metadata: { labels: { 'a b': 'c' } } },
      all: [{}, { apiVersion: '', kind: '' }],
    })
    const causes = (details.causes as { field: string; message: string }[]).map(({ field, message }) =>
      `${field}: ${message}`.slice(0, 70),
    )
    expect(causes).toEqual([
      'one.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string',
      'one.kind: Invalid value: "No_Kind": may have mixed case, but should ot',
      'one.metadata.labels: Invalid value: "a b": name part must consist of a',
      'all[0].apiVersion: Required value',
      'all[0].kind: Required value',
      'all[1].apiVersion: Invalid value: "": must not be empty',
      'all[1].kind: Invalid value: "": must not be empty',
    ])
  })

  it('must have metadata of the right types', async () => {
    const { message, code } = await created({ one: { apiVersion: 'v1', kind: 'Pod', metadata: { labels: 5 } } })
    expect(code).toBe(400)
    expect(message).toContain(
      'Ship in version "v1" cannot be handled as a Ship: one.metadata: Invalid value: {"labels":5}: json: cannot unmarshal number',
    )
    const { message: kind } = await created({ one: { apiVersion: 'v1', kind: 5 } })
    expect(kind).toContain('one.kind: Invalid value: 5: must be a string')
  })
})
