import type { AdmissionAttributes } from '../admission/plugin.ts'
import { withTimesKept } from '../apply/field-manager.ts'
import { managerName } from '../apply/manager-errors.ts'
import type { Decoded } from '../decode/contract.ts'
import type { ApiObject, NewObject } from '../objects/types.ts'
import type { Updated } from '../storage/registry.ts'
import { attributesOf, mutate, validate } from './admit.ts'
import { authorizeOrRefuse } from './authorize.ts'
import { type Api, type Call, namespaceOf } from './context.ts'
import type { Endpoint } from './endpoint.ts'
import type { WholeResponse } from './http.ts'
import { mustBeNamed, placed, withOwnersOnce, withoutSelfLink } from './objects.ts'
import { type WriteOptions, writeOptions } from './query.ts'
import { objectAnswer } from './reads.ts'

/** POST to a resource. */
export function create(api: Api, call: Call, endpoint: Endpoint): WholeResponse {
  const options = writeOptions(call.request.query, 'CreateOptions')
  const sent = bodyOf(api, call, endpoint, options)
  const object = createObject(api, call, endpoint, options, sent)
  return objectAnswer(api, call, endpoint, 201, object, !options.dryRun)
}

/** Brings an object of the endpoint's version through managed fields, admission and the kind's rules into the store. */
export function createObject(
  api: Api,
  call: Call,
  endpoint: Endpoint,
  options: WriteOptions,
  sent: NewObject,
): ApiObject {
  endpoint.served.custom?.admits?.('create')
  const namespace = namespaceOf(call, endpoint.served.definition.namespaced)
  const attributes = attributesOf(
    call,
    endpoint,
    'CREATE',
    sent.metadata.name ?? '',
    options.dryRun,
    optionsObject(call),
  )
  const ready = prepareCreate(
    api,
    call,
    endpoint,
    attributes,
    placed(withoutSelfLink(sent), namespace),
    managerOf(call, options),
  )
  return endpoint.registry.create(ready, {
    ...(namespace === '' ? {} : { namespace }),
    dryRun: options.dryRun,
    admit: (object) => admitted(api, call, endpoint, attributes, object, undefined),
  })
}

function prepareCreate(
  api: Api,
  call: Call,
  endpoint: Endpoint,
  attributes: AdmissionAttributes,
  sent: NewObject,
  manager: string,
): NewObject {
  const single = withOwnersOnce(sent, call.warnings, false)
  const managed = endpoint.manager.update(undefined, single, manager)
  const mutated = mutate(api, endpoint, attributes, endpoint.toStored(managed), undefined)
  return withOwnersOnce(mutated, call.warnings, true)
}

/** The last look before the write: warnings, then those who may refuse. */
function admitted(
  api: Api,
  call: Call,
  endpoint: Endpoint,
  attributes: AdmissionAttributes,
  object: ApiObject,
  old: ApiObject | undefined,
): void {
  for (const text of endpoint.warnings?.(object, old) ?? []) call.warnings.add(text)
  validate(api, attributes, object, old)
}

/** PUT of an object, or of what one of its subresources shows of it. */
export function update(api: Api, call: Call, endpoint: Endpoint): WholeResponse {
  const options = writeOptions(call.request.query, 'UpdateOptions')
  const sent = placed(bodyOf(api, call, endpoint, options), namespaceOf(call, endpoint.served.definition.namespaced))
  mustBeNamed(sent, call.info.name)
  const single = withOwnersOnce(sent, call.warnings, false)
  const manager = managerOf(call, options)
  const updated = updateObject(api, call, endpoint, options, {
    make: (live) => endpoint.manager.update(live, single, manager),
  })
  return updatedAnswer(api, call, endpoint, options, updated)
}

export interface Change {
  /** The new object in the endpoint's version, with its managed fields; `live` is undefined where there is none yet. */
  make(live: ApiObject | undefined): NewObject
  /** Whether what is not there is created, whatever the kind says. */
  readonly forceCreate?: boolean
}

/** Writes what a PUT or a PATCH makes of an object, through admission and the kind's rules. */
export function updateObject(api: Api, call: Call, endpoint: Endpoint, options: WriteOptions, change: Change): Updated {
  const { info } = call
  const namespace = namespaceOf(call, endpoint.served.definition.namespaced)
  let attributes = attributesOf(call, endpoint, 'UPDATE', info.name, options.dryRun, optionsObject(call))
  return endpoint.registry.update(
    namespace,
    info.name,
    (existing) => {
      if (existing === undefined) {
        attributes = { ...attributes, operation: 'CREATE' }
        endpoint.served.custom?.admits?.('create')
      }
      const made = change.make(existing === undefined ? undefined : endpoint.fromStored(existing))
      const mutated = mutate(api, endpoint, attributes, endpoint.toStored(made), existing)
      return withOwnersOnce(mutated, call.warnings, true)
    },
    {
      dryRun: options.dryRun,
      forceCreate: change.forceCreate ?? false,
      finish: (object, old) => withTimesKept(old, object),
      admit: (object, old) => {
        // Who may update may not create by it.
        if (old === undefined) mayCreate(api, call)
        admitted(api, call, endpoint, attributes, object, old)
      },
    },
  )
}

function mayCreate(api: Api, call: Call): void {
  const { group, version, resource, subresource, namespace, name } = call.info
  if (api.authorizer === undefined) return
  const attributes = { user: call.user, verb: 'create', group, version, resource, subresource, namespace, name }
  authorizeOrRefuse(api.authorizer, attributes)
}

export function updatedAnswer(
  api: Api,
  call: Call,
  endpoint: Endpoint,
  options: WriteOptions,
  { object, created, removed }: Updated,
): WholeResponse {
  return objectAnswer(api, call, endpoint, created ? 201 : 200, object, !options.dryRun && !removed)
}

/** What the body says, in the endpoint's version, with its defaults. Its warnings are the answer's. */
export function bodyOf(api: Api, call: Call, endpoint: Endpoint, options: WriteOptions): NewObject {
  const { served, version } = endpoint
  const request = {
    contentType: call.request.headers['content-type'] ?? '',
    body: call.request.body,
    expected: version.gvk,
    fieldValidation: options.fieldValidation,
  }
  const { custom } = served
  const decoded =
    custom === undefined
      ? api.decoder.decode(request)
      : api.decoder.decodeCustom(request, (body) => custom.decode(body, version.gvk.version))
  return defaulted(call, endpoint, decoded)
}

export function defaulted(call: Call, { version }: Endpoint, { object, warnings }: Decoded): NewObject {
  for (const text of warnings) call.warnings.add(text)
  return version.default?.(object) ?? object
}

/** In whose name the request writes. */
export function managerOf(call: Call, { fieldManager }: WriteOptions): string {
  return managerName(fieldManager, call.request.headers['user-agent'] ?? '')
}

/** The options as admission sees them: what the query says. */
export function optionsObject({ request }: Call): Readonly<Record<string, unknown>> {
  const { query } = request
  const options: Record<string, unknown> = {}
  if (query.has('dryRun')) options.dryRun = query.getAll('dryRun')
  for (const name of ['fieldManager', 'fieldValidation']) {
    const value = query.get(name)
    if (value !== null && value !== '') options[name] = value
  }
  return options
}
