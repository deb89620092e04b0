import type { ApplyDocument, PatchDocument, PatchType } from '../decode/contract.ts'
import {
  badRequest,
  conflict,
  notFound,
  requestEntityTooLarge,
  StatusError,
  unclassified,
} from '../objects/status-error.ts'
import type { ApiObject, Json, NewObject } from '../objects/types.ts'
import { applyJsonPatch, decodeJsonPatch } from '../patch/json-patch.ts'
import { applyMergePatch } from '../patch/merge-patch.ts'
import { PatchError } from '../patch/patch-error.ts'
import { applyStrategicMergePatch } from '../patch/strategic-merge.ts'
import { type Api, type Call, namespaceOf } from './context.ts'
import { type Endpoint, groupResource } from './endpoint.ts'
import type { WholeResponse } from './http.ts'
import { unsupported } from './negotiation.ts'
import { mustBeNamed, placed } from './objects.ts'
import { type WriteOptions, writeOptions } from './query.ts'
import { defaulted, managerOf, updatedAnswer, updateObject } from './writes.ts'

const APPLY = 'application/apply-patch+yaml'
const TYPES: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json-patch',
  'application/merge-patch+json': 'merge-patch',
  'application/strategic-merge-patch+json': 'strategic-merge-patch',
}
/** Custom resources have no strategic merge. */
const CUSTOM_TYPES = Object.keys(TYPES).filter((type) => TYPES[type] !== 'strategic-merge-patch')

/** PATCH of an object, or of what one of its subresources shows of it. */
export function patch(api: Api, call: Call, endpoint: Endpoint): WholeResponse {
  const type = patchTypeOf(call, endpoint.served.custom !== undefined)
  const options = writeOptions(call.request.query, 'PatchOptions', type === 'apply' ? 'apply' : 'other')
  const make = type === 'apply' ? applying(api, call, endpoint, options) : patching(api, call, endpoint, options, type)
  const namespace = namespaceOf(call, endpoint.served.definition.namespaced)
  const updated = updateObject(api, call, endpoint, options, {
    make: (live) => {
      const made = placed(make(live), namespace)
      mustBeNamed(made, call.info.name)
      if (live === undefined) mustBeNew(endpoint, made, call.info.name)
      return made
    },
    forceCreate: type === 'apply' && endpoint.subresource === '',
  })
  return updatedAnswer(api, call, endpoint, options, updated)
}

/** Throws 415 for other types than a resource takes. */
export function patchTypeOf({ request }: Call, custom: boolean): PatchType | 'apply' {
  const header = request.headers['content-type'] ?? ''
  const end = header.indexOf(';')
  const contentType = end > 0 ? header.slice(0, end) : header
  if (contentType === APPLY) return 'apply'
  const accepted = custom ? CUSTOM_TYPES : Object.keys(TYPES)
  const type = accepted.includes(contentType) ? TYPES[contentType] : undefined
  if (type === undefined) {
    if (custom) throw unsupported([...accepted, APPLY])
    // Said by upstream's web framework, which built-in kinds are served through
    throw new StatusError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', { details: {} })
  }
  return type
}

function mustBeNew(endpoint: Endpoint, made: NewObject, name: string): void {
  const { uid = '' } = made.metadata
  if (uid === '') return
  const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`
  throw conflict(groupResource(endpoint), name, why)
}

type Make = (live: ApiObject | undefined) => NewObject

function patching(api: Api, call: Call, endpoint: Endpoint, options: WriteOptions, type: PatchType): Make {
  const { fieldValidation } = options
  const document = api.decoder.patch(type, call.request.body, fieldValidation)
  const manager = managerOf(call, options)
  return (live) => {
    if (live === undefined) throw notFound(groupResource(endpoint), call.info.name)
    const value = applied(document, live, endpoint)
    const request = { patch: document, value, expected: endpoint.version.gvk, fieldValidation }
    const { custom } = endpoint.served
    const decoded =
      custom === undefined
        ? api.decoder.fromPatched(request)
        : api.decoder.fromPatchedCustom(request, (body) => custom.decode(body, endpoint.version.gvk.version))
    return endpoint.manager.update(live, defaulted(call, endpoint, decoded), manager)
  }
}

function applied({ type, value }: PatchDocument, live: ApiObject, endpoint: Endpoint): Json {
  return patchedOrRefused(() => {
    switch (type) {
      case 'json-patch':
        return applyJsonPatch(live, decodeJsonPatch(value).operations)
      case 'merge-patch':
        return applyMergePatch(live, value)
      case 'strategic-merge-patch':
        return applyStrategicMergePatch(live, value, endpoint.version.schema)
    }
  })
}

/** What `apply` gives; its PatchErrors as the API server answers them. */
export function patchedOrRefused(apply: () => unknown): Json {
  try {
    return apply() as Json
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    switch (error.reason) {
      case 'badRequest':
        throw badRequest(error.message)
      case 'unprocessable':
        throw new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {
          details: {},
        })
      case 'tooLarge':
        throw requestEntityTooLarge(error.message)
      case 'failed':
        throw unclassified(error.message)
    }
  }
}

function applying(api: Api, call: Call, endpoint: Endpoint, options: WriteOptions): Make {
  const { fieldValidation } = options
  const document = api.decoder.apply(call.request.body, fieldValidation)
  return (live) => {
    const made = appliedOrRefused(() =>
      endpoint.manager.apply(live, document.value, options.fieldManager, options.force ?? false),
    )
    const { custom } = endpoint.served
    if (custom === undefined) {
      const decoded = api.decoder.applied(document, made as Json, endpoint.version.gvk, fieldValidation)
      return defaulted(call, endpoint, decoded)
    }
    tellStrictError(call, document, options)
    const { object } = custom.decode(made as unknown as NewObject, endpoint.version.gvk.version)
    return endpoint.version.default?.(object) ?? object
  }
}

/** Errors that upstream has no reason for are its plain errors: 500 with the bare text. */
export function appliedOrRefused<T>(apply: () => T): T {
  try {
    return apply()
  } catch (error) {
    if (error instanceof StatusError) throw error
    throw unclassified((error as Error).message)
  }
}

export function tellStrictError(call: Call, { strictError }: ApplyDocument, { fieldValidation }: WriteOptions): void {
  if (strictError === undefined || fieldValidation === 'Ignore') return
  if (fieldValidation === 'Strict') throw badRequest(`error strict decoding YAML: ${strictError}`)
  for (const text of strictError.split('\n')) call.warnings.add(text.trim())
}
