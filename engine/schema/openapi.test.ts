import { describe, expect, it } from 'vitest'
import { longName } from './compact.ts'
import { definitions, groupVersions } from './data.ts'
import texts from './descriptions.json' with { type: 'json' }
import { describe as describeField } from './descriptions.ts'
import { type CustomGroupVersion, OpenApiDocuments } from './openapi.ts'

interface Operation {
  readonly parameters?: readonly { readonly name: string }[]
  readonly 'x-kubernetes-group-version-kind'?: { readonly kind: string }
}

interface Document {
  readonly paths: Record<string, Record<string, Operation>>
  readonly components: { readonly schemas: Record<string, Record<string, unknown>> }
}

const ask = (documents: OpenApiDocuments, address: string, headers: Record<string, string> = {}) => {
  const { pathname, searchParams } = new URL(address, 'http://server')
  return documents.answer({ headers, query: searchParams }, pathname)
}
const read = (documents: OpenApiDocuments, address: string): Document =>
  JSON.parse(ask(documents, address)?.body as string)
const addresses = (documents: OpenApiDocuments): Record<string, { serverRelativeURL: string }> =>
  JSON.parse(ask(documents, '/openapi/v3')?.body as string).paths

const crontabs: CustomGroupVersion = {
  group: 'stable.example.com',
  version: 'v1',
  resources: [
    {
      resource: 'crontabs',
      responseKind: { group: 'stable.example.com', version: 'v1', kind: 'CronTab' },
      scope: 'Namespaced',
      singularResource: 'crontab',
      verbs: ['get', 'list', 'create', 'update', 'patch', 'delete', 'deletecollection', 'watch'],
    },
  ],
  schemas: {
    CronTab: { type: 'object', properties: { spec: { type: 'object', properties: { cron: { type: 'string' } } } } },
  },
}

describe('the documents of /openapi/v3', () => {
  it('are listed with a hash each, one for every version of every group', () => {
    const paths = addresses(new OpenApiDocuments())
    expect(Object.keys(paths)).toEqual(
      groupVersions.map(({ group, version }) => (group === '' ? `api/${version}` : `apis/${group}/${version}`)),
    )
    expect(paths['apis/apps/v1']?.serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=[0-9A-F]{16}$/)
  })

  it('hold every definition that they refer to', () => {
    const documents = new OpenApiDocuments()
    for (const path of Object.keys(addresses(documents))) {
      const document = read(documents, `/openapi/v3/${path}`)
      const wanted = JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)
      for (const [, name = ''] of wanted) expect(document.components.schemas, `${path}: ${name}`).toHaveProperty([name])
    }
  })

  it('say of each resource that its writes take fieldValidation, as kubectl looks for it', () => {
    const documents = new OpenApiDocuments()
    for (const { group, version, resources } of groupVersions) {
      const path = group === '' ? `api/${version}` : `apis/${group}/${version}`
      const { paths } = read(documents, `/openapi/v3/${path}`)
      for (const { resource, responseKind, scope, verbs } of resources) {
        if (!verbs.includes('patch')) continue
        const at = `/${path}${scope === 'Namespaced' ? '/namespaces/{namespace}' : ''}/${resource}/{name}`
        const { parameters, ...patch } = paths[at]?.patch ?? {}
        expect(
          parameters?.map(({ name }) => name),
          at,
        ).toContain('fieldValidation')
        expect(patch['x-kubernetes-group-version-kind']?.kind, at).toBe(responseKind.kind)
      }
    }
  })

  it('never change under one hash, and send those who ask for another one on', () => {
    const documents = new OpenApiDocuments()
    const address = addresses(documents)['api/v1']?.serverRelativeURL ?? ''
    expect(ask(documents, address)?.headers['Cache-Control']).toBe('public, immutable')
    expect(ask(documents, '/openapi/v3/api/v1?hash=OLD')).toMatchObject({ status: 301, headers: { Location: address } })
    const etag = ask(documents, address)?.headers.ETag as string
    expect(ask(documents, address, { 'if-none-match': etag })?.status).toBe(304)
  })

  it('know nothing of other paths', () => {
    const documents = new OpenApiDocuments()
    expect(ask(documents, '/openapi/v3/apis/none/v1')).toBeUndefined()
    expect(ask(documents, '/openapi/v2')).toBeUndefined()
  })

  it('tell of custom resources too, as long as they are there', () => {
    let custom: readonly CustomGroupVersion[] = []
    const documents = new OpenApiDocuments(() => custom)
    expect(addresses(documents)).not.toHaveProperty(['apis/stable.example.com/v1'])
    custom = [crontabs]
    const before = addresses(documents)['apis/stable.example.com/v1']?.serverRelativeURL
    const { paths, components } = read(documents, before ?? '')
    const schema = components.schemas['com.example.stable.v1.CronTab']
    expect(schema).toMatchObject({
      'x-kubernetes-group-version-kind': [{ group: 'stable.example.com', version: 'v1', kind: 'CronTab' }],
      properties: { spec: { properties: { cron: { type: 'string' } } } },
    })
    const list = paths['/apis/stable.example.com/v1/namespaces/{namespace}/crontabs']
    expect(list?.get?.['x-kubernetes-group-version-kind']?.kind).toBe('CronTab')
    custom = [{ ...crontabs, schemas: { CronTab: { type: 'object' } } }]
    expect(addresses(documents)['apis/stable.example.com/v1']?.serverRelativeURL).not.toBe(before)
    custom = []
    expect(addresses(documents)).not.toHaveProperty(['apis/stable.example.com/v1'])
  })
})

describe('descriptions', () => {
  it('are of definitions and fields that there are', () => {
    for (const [name, fields] of Object.entries(texts)) {
      if (name === '*') continue
      const definition = definitions.get(name)
      expect(definition, name).toBeDefined()
      for (const field of Object.keys(fields)) {
        if (field !== '') expect(definition?.properties, `${name}.${field}`).toHaveProperty([field])
      }
    }
  })

  it('are sentences', () => {
    for (const [name, fields] of Object.entries(texts)) {
      for (const [field, text] of Object.entries(fields)) expect(text, `${name}.${field}`).toMatch(/^\S.*[^.]\.$|\*\.$/)
    }
  })

  it('reach the documents', () => {
    const { components } = read(new OpenApiDocuments(), '/openapi/v3/api/v1')
    const container = components.schemas[longName('core.v1.Container')] as {
      description: string
      properties: Record<string, { description: string }>
    }
    expect(container.description).toBe(describeField('core.v1.Container'))
    expect(container.properties.image?.description).toBe('The image to run, such as nginx:1.27.')
  })
})

it('says what reviews and older versions are for', () => {
  const document = (path: string) => {
    const answer = new OpenApiDocuments().answer({ headers: {}, query: new URLSearchParams() }, `/openapi/v3/${path}`)
    return JSON.parse(String(answer?.body)).components.schemas as Record<string, { description?: string }>
  }
  expect(document('apis/autoscaling/v1')['io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler']?.description).toContain(
    'CPU',
  )
  const review = document('apis/authorization.k8s.io/v1')['io.k8s.api.authorization.v1.SubjectAccessReview']
  expect(review?.description).toContain('whether somebody may')
})
