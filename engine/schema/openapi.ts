import type { ApiRequest, WholeResponse } from '../api/http.ts'
import { expand, longName, type OpenApiSchema, REFERENCE, referencesOf } from './compact.ts'
import { type DiscoveryResource, definitions, type GroupVersionData, groupVersions, recordedVersion } from './data.ts'
import { describe } from './descriptions.ts'
import { pathsOf } from './openapi-paths.ts'

/** A version of a group with custom resources. */
export interface CustomGroupVersion {
  readonly group: string
  readonly version: string
  readonly resources: readonly DiscoveryResource[]
  /** The `openAPIV3Schema` of each kind. */
  readonly schemas: Readonly<Record<string, OpenApiSchema>>
}

/** Definitions that every document has. */
const always = [
  'meta.v1.APIResourceList',
  'meta.v1.DeleteOptions',
  'meta.v1.Patch',
  'meta.v1.Status',
  'meta.v1.WatchEvent',
]

interface Document {
  readonly hash: string
  readonly text: () => string
}

/** `/openapi/v3`: what is recorded of the built-in kinds with descriptions of our own, and what custom resources say of themselves. */
export class OpenApiDocuments {
  private readonly built: ReadonlyMap<string, Document>
  private readonly custom: () => readonly CustomGroupVersion[]
  private lastCustom: readonly CustomGroupVersion[] = []
  private customDocuments: ReadonlyMap<string, Document> = new Map()

  /** `custom` is asked at each request: as long as it hands back the same list, documents are not made again. */
  constructor(
    custom: () => readonly CustomGroupVersion[] = () => [],
    served: readonly GroupVersionData[] = groupVersions,
  ) {
    this.custom = custom
    this.built = new Map(served.map((one) => [pathOf(one), documentOf(() => builtIn(one), one)]))
  }

  /** Undefined for paths that are no document's. */
  answer(request: Pick<ApiRequest, 'headers' | 'query'>, path: string): WholeResponse | undefined {
    const rest = /^\/openapi\/v3(?:\/(.*?))?\/?$/.exec(path)?.[1]
    if (rest === undefined) return /^\/openapi\/v3\/?$/.test(path) ? json(JSON.stringify(this.index())) : undefined
    const document = this.documents().get(rest)
    if (document === undefined) return undefined
    const asked = request.query.get('hash')
    if (asked !== null && asked !== document.hash) {
      return { kind: 'whole', status: 301, headers: { Location: address(rest, document.hash) }, body: '' }
    }
    const headers = {
      ETag: `"${document.hash}"`,
      Vary: 'Accept',
      ...(asked === null ? {} : { 'Cache-Control': 'public, immutable' }),
    }
    if (request.headers['if-none-match']?.includes(document.hash)) {
      return { kind: 'whole', status: 304, headers, body: '' }
    }
    return json(document.text(), headers)
  }

  index(): object {
    const paths = [...this.documents()].map(([path, { hash }]) => [path, { serverRelativeURL: address(path, hash) }])
    return { paths: Object.fromEntries(paths) }
  }

  /** By path below `/openapi/v3/`. */
  private documents(): ReadonlyMap<string, Document> {
    const custom = this.custom()
    if (custom.length === 0) return this.built
    if (custom !== this.lastCustom) {
      this.lastCustom = custom
      this.customDocuments = new Map(custom.map((one) => [pathOf(one), documentOf(() => customDocument(one), one)]))
    }
    return new Map([...this.built, ...this.customDocuments])
  }
}

const pathOf = ({ group, version }: { group: string; version: string }): string =>
  group === '' ? `api/${version}` : `apis/${group}/${version}`
const address = (path: string, hash: string): string => `/openapi/v3/${path}?hash=${hash}`

function json(body: string, headers: Readonly<Record<string, string>> = {}): WholeResponse {
  return { kind: 'whole', status: 200, headers: { 'Content-Type': 'application/json', ...headers }, body }
}

/** The text is made when it is first asked for and kept; the hash is of what it is made from. */
function documentOf(make: () => object, source: object): Document {
  let text: string | undefined
  let hash: string | undefined
  return {
    get hash() {
      hash ??= fingerprint(JSON.stringify(source))
      return hash
    },
    text: () => {
      text ??= JSON.stringify(make())
      return text
    },
  }
}

/** 64 bits by FNV-1a in two halves: it only has to change when the document does. */
function fingerprint(text: string): string {
  const halves = [0x811c9dc5, 0x01000193].map((start) => {
    let hash = start
    for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
    return (hash >>> 0).toString(16).toUpperCase().padStart(8, '0')
  })
  return halves.join('')
}

function builtIn(one: GroupVersionData): object {
  const { group, version, resources } = one
  const kinds = new Map<string, string>()
  for (const [name, { 'x-kubernetes-group-version-kind': of = [] }] of definitions) {
    for (const kind of of) kinds.set(`${kind.group}/${kind.version}/${kind.kind}`, name)
  }
  const named = (kind: { group: string; version: string; kind: string }): string | undefined =>
    kinds.get(`${kind.group}/${kind.version}/${kind.kind}`)
  const subresources = resources.flatMap(({ subresources: inner = [] }) => inner)
  const spoken = subresources.flatMap(({ responseKind, acceptedTypes = [] }) => [responseKind, ...acceptedTypes])
  const roots = [
    ...Object.keys(one.definitions),
    ...spoken.flatMap(
      ({ kind, ...of }) => named({ group: of.group || group, version: of.version || version, kind }) ?? [],
    ),
  ]
  const nameOf = (kind: { group: string; version: string; kind: string }): string | undefined => {
    const found = named(kind)
    return found === undefined ? undefined : longName(found)
  }
  return document(pathsOf(group, version, resources, nameOf), schemasOf([...roots, ...always]))
}

/** Definitions with all that they refer to. */
function schemasOf(roots: readonly string[]): Record<string, OpenApiSchema> {
  const schemas = new Map<string, OpenApiSchema>()
  const queue = [...roots]
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    const definition = definitions.get(name)
    if (definition === undefined || schemas.has(longName(name))) continue
    const of = name
    schemas.set(
      longName(name),
      expand(definition, (field) => describe(of, field)),
    )
    queue.push(...referencesOf(definition))
  }
  return Object.fromEntries([...schemas].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function document(paths: object, schemas: object): object {
  const { major, minor } = recordedVersion
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: `${major}.${minor}` },
    paths,
    components: { schemas },
  }
}

function customDocument({ group, version, resources, schemas }: CustomGroupVersion): object {
  const prefix = `${group.split('.').reverse().join('.')}.${version}`
  const reference = (name: string) => ({ $ref: REFERENCE + longName(name) })
  const described = (field: string) => ({ description: describe('', field) ?? '', type: 'string' })
  const own: Record<string, object> = {}
  for (const [kind, schema] of Object.entries(schemas)) {
    const identity = { group, version, kind }
    own[`${prefix}.${kind}`] = {
      ...schema,
      type: 'object',
      properties: {
        ...schema.properties,
        apiVersion: described('apiVersion'),
        kind: described('kind'),
        metadata: { allOf: [reference('meta.v1.ObjectMeta')], description: describe('', 'metadata') ?? '' },
      },
      'x-kubernetes-group-version-kind': [identity],
    }
    own[`${prefix}.${kind}List`] = {
      type: 'object',
      required: ['items'],
      properties: {
        apiVersion: described('apiVersion'),
        items: { type: 'array', items: { $ref: `${REFERENCE}${prefix}.${kind}` } },
        kind: described('kind'),
        metadata: { allOf: [reference('meta.v1.ListMeta')] },
      },
      'x-kubernetes-group-version-kind': [{ ...identity, kind: `${kind}List` }],
    }
  }
  const nameOf = (kind: { group: string; version: string; kind: string }): string | undefined => {
    if (kind.group === 'autoscaling' && kind.kind === 'Scale') return longName('autoscaling.v1.Scale')
    return Object.hasOwn(own, `${prefix}.${kind.kind}`) ? `${prefix}.${kind.kind}` : undefined
  }
  const shared = schemasOf([...always, 'meta.v1.ObjectMeta', 'meta.v1.ListMeta', 'autoscaling.v1.Scale'])
  return document(pathsOf(group, version, resources, nameOf, { custom: true }), { ...own, ...shared })
}
