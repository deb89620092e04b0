import { badRequest, methodNotSupported, StatusError } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import type { ListResult } from '../storage/list.ts'
import { answer } from './answers.ts'
import { type Api, type Call, namespaceOf } from './context.ts'
import { itemText, objectText, passingText } from './encode.ts'
import { type Endpoint, groupResource, type Shown } from './endpoint.ts'
import type { StreamedResponse, WholeResponse } from './http.ts'
import { listQuery } from './query.ts'
import { isTrue } from './request-info.ts'
import { selectionOf } from './selection.ts'
import { includeObject, partialText, rowText, TABLE_END, type TableForm, tableStart } from './table.ts'
import { watch } from './watches.ts'

/** GET of one object. */
export function get(api: Api, call: Call, endpoint: Endpoint): WholeResponse {
  const { query } = call.request
  if (isTrue(query.get('export'))) {
    throw badRequest('the export parameter, deprecated since v1.14, is no longer supported')
  }
  const namespace = namespaceOf(call, endpoint.served.definition.namespaced)
  const object = endpoint.registry.get(namespace, call.info.name, query.get('resourceVersion') ?? undefined)
  return objectAnswer(api, call, endpoint, 200, object, true)
}

/** One object in the form asked for. `stored`: whether it is one of the store, whose text is kept. */
export function objectAnswer(
  api: Api,
  call: Call,
  endpoint: Shown,
  status: number,
  object: ApiObject,
  stored: boolean,
): WholeResponse {
  const { accepted, warnings } = call
  const text = () =>
    stored ? objectText(api.backend.store.encodings, endpoint, object) : passingText(endpoint, object)
  const { target } = accepted
  if (target === undefined) return answer(accepted, status, text(), warnings)
  switch (target.kind) {
    case 'PartialObjectMetadata':
      return answer(accepted, status, partialText(endpoint.fromStored(object), target.version), warnings)
    case 'PartialObjectMetadataList':
      throw notTransformable(
        `you requested PartialObjectMetadataList, but the requested object is not a list (${goType(endpoint, '')})`,
      )
    case 'Table': {
      const form = tableForm(api, call, endpoint)
      const { resourceVersion } = object.metadata
      const start = tableStart(form, resourceVersion === undefined ? {} : { resourceVersion })
      const row = rowText(form, endpoint.fromStored(object), text)
      return answer(accepted, status, [start, row, TABLE_END], warnings)
    }
  }
}

/** A list or a watch of many, or of the one that the path names. */
export function listOrWatch(api: Api, call: Call, endpoint: Endpoint): WholeResponse | StreamedResponse {
  const query = listQuery(call.request.query)
  if (call.accepted.target?.kind === 'Table') includeObject(call.request.query)
  const { definition, registry } = endpoint.served
  const selection = selectionOf(endpoint, query, namespaceOf(call, definition.namespaced), nameInPath(call))
  if (query.watch || call.info.watchPath) {
    if (definition.verbs !== undefined && !definition.verbs.includes('watch')) {
      throw methodNotSupported(groupResource(endpoint), 'watch')
    }
    return watch(api, call, endpoint, query, selection)
  }
  const result = registry.collection.list({
    ...selection,
    resourceVersion: query.resourceVersion,
    resourceVersionMatch: query.resourceVersionMatch,
    limit: query.limit,
    continue: query.continue,
  })
  return listAnswer(api, call, endpoint, result)
}

/** Of `GET …/watch/pods/<name>`; in other lists, the name is only what a selector of fields says. */
function nameInPath({ info }: Call): string | undefined {
  return info.parts.length > 1 ? info.parts[1] : undefined
}

export function listAnswer(api: Api, call: Call, endpoint: Shown, result: ListResult): WholeResponse {
  const { accepted, warnings } = call
  const { encodings } = api.backend.store
  const metadata = listMetadata(result, endpoint.custom)
  const { target } = accepted
  switch (target?.kind) {
    case undefined: {
      const start = `{"kind":${JSON.stringify(endpoint.listKind)},"apiVersion":${JSON.stringify(endpoint.apiVersion)},"metadata":${JSON.stringify(metadata)},"items":[`
      const items = result.items.map((object) => itemText(encodings, endpoint, object))
      return answer(accepted, 200, listParts(start, items, ']}'), warnings)
    }
    case 'PartialObjectMetadata':
      throw notTransformable(
        `you requested PartialObjectMetadata, but the requested object is a list (${goType(endpoint, 'List')})`,
      )
    case 'PartialObjectMetadataList': {
      const { version } = target as { version: 'v1' | 'v1beta1' }
      const start = `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(metadata)},"items":[`
      const items = result.items.map((object) => partialText(object, version))
      return answer(accepted, 200, listParts(start, items, ']}'), warnings)
    }
    case 'Table': {
      const form = tableForm(api, call, endpoint)
      const { order } = endpoint.printer
      const items = order === undefined ? result.items : [...result.items].sort(order)
      const rows = items.map((object) =>
        rowText(form, endpoint.fromStored(object), () => objectText(encodings, endpoint, object)),
      )
      return answer(accepted, 200, listParts(tableStart(form, metadata), rows, TABLE_END), warnings)
    }
  }
}

/** meta/v1 `ListMeta`; lists of custom resources say that there is no more, in an order of their own. */
function listMetadata({ resourceVersion, continue: token, remainingItemCount }: ListResult, custom: boolean): object {
  const version = resourceVersion === '' ? {} : { resourceVersion }
  const remaining = remainingItemCount === undefined ? {} : { remainingItemCount }
  if (custom) return { continue: token ?? '', ...remaining, ...version }
  return { ...version, ...(token === undefined ? {} : { continue: token }), ...remaining }
}

/** Few large parts instead of one text that would have to be put together: 64 items a part. */
const ITEMS_A_PART = 64

function listParts(start: string, items: readonly string[], end: string): string[] {
  const parts = [start]
  for (let from = 0; from < items.length; from += ITEMS_A_PART) {
    parts.push((from === 0 ? '' : ',') + items.slice(from, from + ITEMS_A_PART).join(','))
  }
  parts.push(end)
  return parts
}

export function tableForm(api: Api, call: Call, endpoint: Shown): TableForm {
  return {
    printer: endpoint.printer,
    version: call.accepted.target?.version ?? 'v1',
    include: includeObject(call.request.query),
    now: api.backend.clock.now(),
  }
}

function notTransformable(message: string): StatusError {
  return new StatusError(406, 'NotAcceptable', message)
}

/** As upstream prints the type it holds: `*core.PodList`. */
function goType({ custom, gvk }: Shown, suffix: string): string {
  if (custom) return `*unstructured.Unstructured${suffix}`
  return `*${gvk.group === '' ? 'core' : (gvk.group.split('.')[0] ?? '')}.${gvk.kind}${suffix}`
}
