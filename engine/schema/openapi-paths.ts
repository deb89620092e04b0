import { longName, REFERENCE } from './compact.ts'
import type { DiscoveryResource } from './data.ts'

interface Kind {
  readonly group: string
  readonly version: string
  readonly kind: string
}

const query = (name: string, type: 'string' | 'boolean' | 'integer') => ({
  name,
  in: 'query',
  schema: { type, uniqueItems: true },
})
const inPath = (name: string) => ({ name, in: 'path', required: true, schema: { type: 'string', uniqueItems: true } })

const listParameters = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue', 'string'),
  query('fieldSelector', 'string'),
  query('labelSelector', 'string'),
  query('limit', 'integer'),
  query('resourceVersion', 'string'),
  query('resourceVersionMatch', 'string'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
]
const deleteParameters = [
  query('dryRun', 'string'),
  query('gracePeriodSeconds', 'integer'),
  query('orphanDependents', 'boolean'),
  query('propagationPolicy', 'string'),
]
/** Clients look for `fieldValidation` among them before they ask for it. */
const writeParameters = [query('dryRun', 'string'), query('fieldManager', 'string'), query('fieldValidation', 'string')]
const patchTypes = ['apply-patch+yaml', 'json-patch+json', 'merge-patch+json', 'strategic-merge-patch+json']

const reference = (long: string) => ({ $ref: REFERENCE + long })
const content = (long: string) => ({ content: { 'application/json': { schema: reference(long) } } })
const responses = (long: string) => ({ '200': { description: 'OK', ...content(long) } })

/** OpenAPI's paths of a group's resources in one version. `nameOf` gives a kind's definition, by its long name. */
export function pathsOf(
  group: string,
  version: string,
  resources: readonly DiscoveryResource[],
  nameOf: (kind: Kind) => string | undefined,
  { custom = false }: { readonly custom?: boolean } = {},
): Record<string, object> {
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`
  const status = longName('meta.v1.Status')
  const paths: Record<string, object> = {
    [`${root}/`]: { get: { responses: responses(longName('meta.v1.APIResourceList')) } },
  }
  const kindOf = (said: Kind): Kind => ({
    group: said.version === '' ? group : said.group,
    version: said.version || version,
    kind: said.kind,
  })
  const operations = (kind: Kind, verbs: readonly string[], takes = kind) => {
    const own = nameOf(kind) ?? status
    const body = nameOf(takes) ?? own
    const operation = (verb: string, action: string, more: object) =>
      verbs.includes(verb)
        ? { 'x-kubernetes-action': action, 'x-kubernetes-group-version-kind': kind, ...more }
        : undefined
    const write = {
      parameters: writeParameters,
      requestBody: { ...content(body), required: true },
      responses: responses(own),
    }
    const patched = {
      parameters: [...writeParameters, query('force', 'boolean')],
      requestBody: {
        content: Object.fromEntries(
          patchTypes
            // kubectl sends what stands here, and custom resources know no strategic merge
            .filter((type) => !custom || type !== 'strategic-merge-patch+json')
            .map((type) => [`application/${type}`, { schema: reference(longName('meta.v1.Patch')) }]),
        ),
        required: true,
      },
      responses: responses(own),
    }
    const removed = { parameters: deleteParameters, responses: responses(status) }
    return {
      list: operation('list', 'list', {
        parameters: listParameters,
        responses: responses(nameOf({ ...kind, kind: `${kind.kind}List` }) ?? own),
      }),
      create: operation('create', 'post', write),
      deletecollection: operation('deletecollection', 'deletecollection', removed),
      get: operation('get', 'get', { responses: responses(own) }),
      update: operation('update', 'put', write),
      patch: operation('patch', 'patch', patched),
      delete: operation('delete', 'delete', removed),
    }
  }
  for (const { resource, responseKind, scope, verbs, subresources = [] } of resources) {
    const namespaced = scope === 'Namespaced'
    const base = namespaced ? `${root}/namespaces/{namespace}/${resource}` : `${root}/${resource}`
    const place = namespaced ? [inPath('namespace')] : []
    const named = [inPath('name'), ...place]
    const own = operations(kindOf(responseKind), verbs)
    add(paths, base, { get: own.list, post: own.create, delete: own.deletecollection }, place)
    add(paths, `${base}/{name}`, { get: own.get, put: own.update, patch: own.patch, delete: own.delete }, named)
    if (namespaced) add(paths, `${root}/${resource}`, { get: own.list }, [])
    for (const sub of subresources) {
      const takes = sub.acceptedTypes?.[0]
      const inner = operations(kindOf(sub.responseKind), sub.verbs, kindOf(takes ?? sub.responseKind))
      const found = { get: inner.get, post: inner.create, put: inner.update, patch: inner.patch, delete: inner.delete }
      add(paths, `${base}/{name}/${sub.subresource}`, found, named)
    }
  }
  return paths
}

function add(
  paths: Record<string, object>,
  path: string,
  operations: Readonly<Record<string, object | undefined>>,
  parameters: readonly object[],
): void {
  const served = Object.entries(operations).filter(([, operation]) => operation !== undefined)
  if (served.length > 0) paths[path] = { ...Object.fromEntries(served), parameters }
}
