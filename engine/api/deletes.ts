import { invalid, type Status, StatusError } from '../objects/status-error.ts'
import type { ApiObject, GroupResource, Json } from '../objects/types.ts'
import { type DeleteOptions, validateDeleteOptions } from '../storage/deletion.ts'
import { attributesOf, validate } from './admit.ts'
import { answer } from './answers.ts'
import { type Api, type Call, namespaceOf } from './context.ts'
import { type Endpoint, groupResource } from './endpoint.ts'
import type { WholeResponse } from './http.ts'
import { dryRunValueErrors, integer, listQuery } from './query.ts'
import { listAnswer, objectAnswer } from './reads.ts'
import { isTrue } from './request-info.ts'
import { selectionOf } from './selection.ts'

/** Resources whose deletion is answered with the object's last state, not with a Status: their storage says `ReturnDeletedObject` (1.34). */
const RETURNING: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'namespaces',
  'serviceaccounts',
  'persistentvolumes',
  'persistentvolumeclaims',
  'podtemplates',
  'resourcequotas',
  'csidrivers.storage.k8s.io',
  'csinodes.storage.k8s.io',
  'storageclasses.storage.k8s.io',
  'volumeattachments.storage.k8s.io',
  'volumeattributesclasses.storage.k8s.io',
  'resourceclaims.resource.k8s.io',
  'resourceclaimtemplates.resource.k8s.io',
  'resourceslices.resource.k8s.io',
  'deviceclasses.resource.k8s.io',
])

/** DELETE of one object. */
export function remove(api: Api, call: Call, endpoint: Endpoint): WholeResponse {
  const options = deleteOptions(api, call)
  const namespace = namespaceOf(call, endpoint.served.definition.namespaced)
  const { object, removed } = endpoint.registry.delete(namespace, call.info.name, {
    ...options,
    admit: admission(api, call, endpoint, options, call.info.name),
  })
  // Asked to wait for dependents, as clients did before propagation policies.
  const status = !removed && options.orphanDependents === false ? 202 : 200
  if (!removed || returnsDeleted(groupResource(endpoint))) {
    return objectAnswer(api, call, endpoint, status, object, !options.dryRun && !removed)
  }
  return answer(call.accepted, status, JSON.stringify(deletedStatus(endpoint, object)), call.warnings)
}

function returnsDeleted({ group, resource }: GroupResource): boolean {
  return RETURNING.has(group === '' ? resource : `${resource}.${group}`)
}

function deletedStatus(endpoint: Endpoint, { metadata }: ApiObject): Status {
  // Of the group that was asked, where a resource is served by two
  const { group } = endpoint.gvk
  const { resource } = groupResource(endpoint)
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { name: metadata.name, ...(group === '' ? {} : { group }), kind: resource, uid: metadata.uid },
  }
}

function admission(api: Api, call: Call, endpoint: Endpoint, options: DeleteOptions, name: string) {
  const { admit: _, ...sent } = options
  const attributes = attributesOf(call, endpoint, 'DELETE', name, options.dryRun ?? false, { ...sent })
  return (existing: ApiObject) => {
    const namespace = existing.metadata.namespace ?? ''
    validate(api, { ...attributes, namespace, name: existing.metadata.name }, undefined, existing)
  }
}

/** DELETE of all that a list finds, each by the options given. The answer is the list. */
export function removeCollection(api: Api, call: Call, endpoint: Endpoint): WholeResponse {
  const query = listQuery(call.request.query)
  const options = deleteOptions(api, call)
  const { definition, registry } = endpoint.served
  const selection = selectionOf(endpoint, query, namespaceOf(call, definition.namespaced), undefined)
  const result = registry.collection.list({
    ...selection,
    resourceVersion: query.resourceVersion,
    resourceVersionMatch: query.resourceVersionMatch,
    limit: query.limit,
    continue: query.continue,
  })
  const each = { ...options, admit: admission(api, call, endpoint, options, '') }
  for (const { metadata } of result.items) {
    try {
      registry.delete(metadata.namespace, metadata.name, each)
    } catch (error) {
      if (!(error instanceof StatusError && error.code === 404)) throw error
    }
  }
  return listAnswer(api, call, endpoint, result)
}

/** meta/v1 `DeleteOptions` of the body, else of the query. Throws 400 for what cannot be read, 422 for what contradicts itself. */
export function deleteOptions(api: Api, call: Call): DeleteOptions {
  const { request } = call
  const sent = api.decoder.deleteOptions({ contentType: request.headers['content-type'] ?? '', body: request.body })
  return checked(sent === undefined ? fromQuery(request.query) : fromBody(sent))
}

/** The same of options that came inside another object. */
export function deleteOptionsOf(sent: Readonly<Record<string, Json>>): DeleteOptions {
  return checked(fromBody(sent))
}

function checked(options: Sent): DeleteOptions {
  validateDeleteOptions(options.options)
  const errors = dryRunValueErrors(options.dryRun)
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors)
  return { ...options.options, dryRun: options.dryRun.length > 0 }
}

interface Sent {
  readonly options: DeleteOptions
  readonly dryRun: readonly string[]
}

function fromBody(sent: Readonly<Record<string, Json>>): Sent {
  const { gracePeriodSeconds, orphanDependents, propagationPolicy, preconditions, dryRun } = sent as {
    gracePeriodSeconds?: number
    orphanDependents?: boolean
    propagationPolicy?: string
    preconditions?: { uid?: string; resourceVersion?: string }
    dryRun?: string[]
  }
  return {
    options: {
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(orphanDependents === undefined ? {} : { orphanDependents }),
      ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
      ...(preconditions === undefined ? {} : { preconditions }),
    },
    dryRun: dryRun ?? [],
  }
}

function fromQuery(query: URLSearchParams): Sent {
  const gracePeriodSeconds = integer(query.get('gracePeriodSeconds'))
  const orphanDependents = query.get('orphanDependents')
  const propagationPolicy = query.get('propagationPolicy')
  const uid = query.get('uid') ?? ''
  const resourceVersion = query.get('resourceVersion') ?? ''
  const preconditions = { ...(uid === '' ? {} : { uid }), ...(resourceVersion === '' ? {} : { resourceVersion }) }
  return {
    options: {
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
      ...(orphanDependents === null ? {} : { orphanDependents: isTrue(orphanDependents) }),
      ...(propagationPolicy === null ? {} : { propagationPolicy }),
      ...(Object.keys(preconditions).length === 0 ? {} : { preconditions }),
    },
    dryRun: query.getAll('dryRun'),
  }
}
