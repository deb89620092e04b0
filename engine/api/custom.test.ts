import { describe, expect, it } from 'vitest'
import { defineKind } from '../kinds/define.ts'
import { StatusError } from '../objects/status-error.ts'
import type { NewObject, TypeSchema } from '../objects/types.ts'
import { AS_TABLE, fixture } from './fixture.testing.ts'
import type { CustomResource } from './served.ts'

const text: TypeSchema = { type: 'string', field: () => undefined }
const spec: TypeSchema = { type: 'object', field: (name) => (name === 'size' ? text : undefined) }
const metadata: TypeSchema = { type: 'object', field: () => text, preserveUnknown: true }
const fields: Readonly<Record<string, TypeSchema>> = { apiVersion: text, kind: text, metadata, spec }
const schema: TypeSchema = { type: 'object', field: (name) => fields[name] }

const CHAIRS = { group: 'example.org', resource: 'chairs' }
const definition = defineKind({ schemaOf: () => schema }, { ...CHAIRS, version: 'v1', kind: 'Chair', status: {} })
const discovery = {
  resource: 'chairs',
  responseKind: { group: '', version: '', kind: 'Chair' },
  scope: 'Namespaced',
  singularResource: 'chair',
  verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
  subresources: [{ subresource: 'status', responseKind: { group: '', version: '', kind: 'Chair' }, verbs: ['get'] }],
}

/** Keeps `spec.size` alone of the spec. */
function decode(body: NewObject) {
  const { spec: given = {}, ...rest } = body as NewObject & { spec?: Record<string, unknown> }
  const unknown = Object.keys(given).filter((name) => name !== 'size')
  const object = { ...rest, spec: given.size === undefined ? {} : { size: given.size } }
  return { object, strictErrors: unknown.map((name) => `unknown field "spec.${name}"`) }
}

const custom: CustomResource = {
  discovery: { v1: discovery },
  listKind: 'ChairList',
  decode,
}
const PATH = '/apis/example.org/v1/namespaces/default/chairs'
const chair = (name: string, fields: object = {}) => ({
  apiVersion: 'example.org/v1',
  kind: 'Chair',
  metadata: { name },
  spec: { size: 'big', ...fields },
})

function withChairs(more: Partial<CustomResource> = {}) {
  const made = fixture()
  made.server.addResource(definition, { ...custom, ...more })
  return made
}

describe('a custom resource', () => {
  it('is served from when it is added until it is taken away', async () => {
    const { client, server } = withChairs()
    expect((await client.get('/apis/example.org')).json.versions).toHaveLength(1)
    const documents = [
      { group: 'example.org', version: 'v1', resources: [discovery], schemas: { Chair: { type: 'object' as const } } },
    ]
    server.showCustomDocuments(() => documents)
    expect((await client.get('/openapi/v3')).json.paths['apis/example.org/v1']).toBeDefined()
    expect((await client.post(PATH, chair('a'))).status).toBe(201)
    const watch = await client.watch(`${PATH}?watch=1`)
    expect(await watch.next(1)).toMatchObject([{ type: 'ADDED', object: { kind: 'Chair' } }])
    server.removeResource(CHAIRS)
    expect(await watch.next(1)).toMatchObject([{ type: 'ERROR', object: { code: 410 } }])
    expect((await client.get(PATH)).text).toBe('404 page not found\n')
    expect((await client.get('/apis/example.org')).status).toBe(404)
  })

  it('says the kind of each item of a list', async () => {
    const { client } = withChairs()
    await client.post(PATH, chair('a'))
    const { json } = await client.get(PATH)
    expect(json).toMatchObject({
      kind: 'ChairList',
      items: [{ kind: 'Chair', apiVersion: 'example.org/v1', spec: { size: 'big' } }],
    })
    expect((await client.get(PATH, AS_TABLE)).json.rows[0].cells[0]).toBe('a')
  })

  it('is read by its own rules', async () => {
    const { client } = withChairs()
    const loose = await client.post(`${PATH}?dryRun=All`, chair('a', { legs: 4 }))
    expect(loose.json.spec).toEqual({ size: 'big' })
    expect(loose.headers.Warning).toEqual(['299 - "unknown field \\"spec.legs\\""'])
    const strict = await client.post(`${PATH}?fieldValidation=Strict`, chair('a', { legs: 4 }))
    expect(strict.json.message).toBe(
      'Chair in version "v1" cannot be handled as a Chair: strict decoding error: unknown field "spec.legs"',
    )
  })

  it('is patched, but knows no strategic merge', async () => {
    const { client } = withChairs()
    await client.post(PATH, chair('a'))
    expect((await client.patch(`${PATH}/a`, 'merge', { spec: { size: 'small' } })).json.spec.size).toBe('small')
    expect((await client.patch(`${PATH}/b?fieldManager=me`, 'apply', chair('b'))).status).toBe(201)
    const refused = await client.patch(`${PATH}/a`, 'strategic', {})
    expect(refused.json.message).toBe(
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    )
    expect((await client.get(`${PATH}/a/legs`)).json.message).toBe('chairs.example.org "a" not found')
  })

  it('may refuse creates', async () => {
    const { client } = withChairs({
      admits: (verb) => {
        if (verb === 'create') throw new StatusError(405, 'MethodNotAllowed', 'no more chairs')
      },
    })
    expect((await client.post(PATH, chair('a'))).json.message).toBe('no more chairs')
    expect((await client.patch(`${PATH}/a?fieldManager=me`, 'apply', chair('a'))).json.message).toBe('no more chairs')
    expect((await client.get(PATH)).status).toBe(200)
  })

  it('changes while its objects stay', async () => {
    const { client, server } = withChairs()
    await client.post(PATH, chair('a'))
    server.changeResource(definition, { ...custom, listKind: 'Chairs' })
    expect((await client.get(PATH)).json).toMatchObject({ kind: 'Chairs', items: [{ metadata: { name: 'a' } }] })
  })

  it('has its objects back where a snapshot had them', async () => {
    const { client, server } = withChairs()
    await client.post(PATH, chair('a'))
    const snapshot = JSON.parse(JSON.stringify(server.snapshot()))
    server.removeResource(CHAIRS)
    server.restore(snapshot)
    expect((await client.get(PATH)).status).toBe(404)
    server.addResource(definition, custom)
    expect((await client.get(`${PATH}/a`)).json.spec.size).toBe('big')
    const other = withChairs()
    other.server.restore(snapshot)
    expect((await other.client.get(`${PATH}/a`)).status).toBe(200)
  })
})
