import { methodNotSupported, notFound, type StatusError } from '../objects/status-error.ts'
import { methodNotAllowed, pageNotFound, resourceNotFound } from './answers.ts'
import type { Api, Call } from './context.ts'
import { remove, removeCollection } from './deletes.ts'
import type { Endpoint } from './endpoint.ts'
import type { ApiResponse } from './http.ts'
import { patch } from './patches.ts'
import { get, listOrWatch } from './reads.ts'
import { create, update } from './writes.ts'

/** What is served at a resource's or a subresource's own path in a way of its own. Undefined where it does not know the path. */
export interface Door {
  /** Whether it answers for this resource and subresource. */
  serves(group: string, version: string, resource: string, subresource: string): boolean
  /** Throws 405 for methods that it does not know. */
  handle(api: Api, call: Call): Promise<ApiResponse> | ApiResponse
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch']

/** Answers a request for a resource. Throws StatusErrors. */
export async function route(
  api: Api,
  call: Call,
  doors: readonly Door[],
  servesGroup: (group: string) => boolean,
): Promise<ApiResponse> {
  const { info } = call
  const { group, version, resource, subresource } = info
  const door = doors.find((one) => one.serves(group, version, resource, subresource))
  if (door !== undefined) return door.handle(api, call)
  const main = api.endpoints.find(group, version, resource, '')
  if (main === undefined) {
    if (!servesGroup(group)) return pageNotFound()
    throw resourceNotFound()
  }
  mustFit(call, main)
  if (main.version.deprecation !== undefined) call.warnings.add(main.version.deprecation)
  main.served.custom?.admits?.(info.verb)
  if (subresource === '') return throughMain(api, call, main)
  const endpoint = api.endpoints.find(group, version, resource, subresource)
  if (endpoint === undefined) throw unknownSubresource(main, call)
  return throughSubresource(api, call, endpoint)
}

/** Throws 404 for paths that a resource of this scope does not have. */
function mustFit({ info }: Call, { served }: Endpoint): void {
  const { namespaced } = served.definition
  const inNamespace = info.namespace !== '' && info.parts[0] !== 'namespaces'
  const fits = namespaced ? inNamespace || info.parts.length === 1 : !inNamespace
  if (!fits || info.parts.length > 3) throw resourceNotFound()
}

function unknownSubresource({ served }: Endpoint, { info }: Call): StatusError {
  return served.custom === undefined ? resourceNotFound() : notFound(served.definition.resource, info.name)
}

function throughMain(api: Api, call: Call, endpoint: Endpoint): ApiResponse {
  const { info, request } = call
  const { verbs = ALL_VERBS, namespaced } = endpoint.served.definition
  const may = (verb: string) => {
    if (!verbs.includes(verb)) throw refusal(endpoint, verb)
  }
  const ofOne = info.parts.length > 1
  const everywhere = namespaced && info.namespace === ''
  switch (request.method) {
    case 'GET':
      if (!ofOne || info.watchPath) {
        may(info.watchPath ? 'watch' : 'list')
        return listOrWatch(api, call, endpoint)
      }
      may('get')
      return get(api, call, endpoint)
    case 'POST':
      if (ofOne || everywhere || info.watchPath) throw methodNotAllowed()
      may('create')
      return create(api, call, endpoint)
    case 'PUT':
      if (!ofOne || info.watchPath) throw methodNotAllowed()
      may('update')
      return update(api, call, endpoint)
    case 'PATCH':
      if (!ofOne || info.watchPath) throw methodNotAllowed()
      may('patch')
      return patch(api, call, endpoint)
    case 'DELETE':
      if (info.watchPath || (everywhere && !ofOne)) throw methodNotAllowed()
      may(ofOne ? 'delete' : 'deletecollection')
      return ofOne ? remove(api, call, endpoint) : removeCollection(api, call, endpoint)
    default:
      throw methodNotAllowed()
  }
}

function refusal({ served }: Endpoint, verb: string): StatusError {
  return served.custom === undefined ? methodNotAllowed() : methodNotSupported(served.definition.resource, verb)
}

function throughSubresource(api: Api, call: Call, endpoint: Endpoint): ApiResponse {
  const { subresources = {} } = endpoint.served.definition
  const verbs = subresources[endpoint.subresource]?.verbs ?? []
  const may = (verb: 'get' | 'update' | 'patch') => {
    if (!verbs.includes(verb)) throw methodNotAllowed()
  }
  switch (call.request.method) {
    case 'GET':
      may('get')
      return get(api, call, endpoint)
    case 'PUT':
      may('update')
      return update(api, call, endpoint)
    case 'PATCH':
      may('patch')
      return patch(api, call, endpoint)
    default:
      throw methodNotAllowed()
  }
}
