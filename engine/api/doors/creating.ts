import type { GroupVersionKind } from '../../kinds/resource.ts'
import type { ApiObject, GroupResource, NewObject } from '../../objects/types.ts'
import { mutateAll, validate } from '../admit.ts'
import { answer, methodNotAllowed } from '../answers.ts'
import type { Api, Call } from '../context.ts'
import type { WholeResponse } from '../http.ts'
import { placed } from '../objects.ts'
import { type WriteOptions, writeOptions } from '../query.ts'
import { optionsObject } from '../writes.ts'

export interface Creating {
  readonly resource: GroupResource
  /** Empty for a resource of its own. */
  readonly subresource: string
  readonly kind: GroupVersionKind
  readonly alsoVersions?: readonly Pick<GroupVersionKind, 'group' | 'version'>[]
}

export interface Sent {
  readonly object: NewObject
  readonly options: WriteOptions
  /** Validating admission, to be called when the object is known to be good. */
  admit(object?: NewObject): void
}

/** What is posted to a door that keeps no object: decoded and through mutating admission. Throws 405 for other methods. */
export function received(api: Api, call: Call, creating: Creating): Sent {
  if (call.request.method !== 'POST') throw methodNotAllowed()
  const options = writeOptions(call.request.query, 'CreateOptions')
  const { object, warnings } = api.decoder.decode({
    contentType: call.request.headers['content-type'] ?? '',
    body: call.request.body,
    expected: creating.kind,
    fieldValidation: options.fieldValidation,
    ...(creating.alsoVersions === undefined ? {} : { alsoVersions: creating.alsoVersions }),
  })
  for (const text of warnings) call.warnings.add(text)
  const { info } = call
  const own = placed(object, info.namespace)
  const attributes = {
    operation: 'CREATE' as const,
    resource: creating.resource,
    kind: creating.kind,
    subresource: creating.subresource,
    namespace: info.namespace,
    name: info.name === '' ? (own.metadata.name ?? '') : info.name,
    options: optionsObject(call),
    user: call.user,
    dryRun: options.dryRun,
    warn: (text: string) => call.warnings.add(text),
  }
  const mutated = mutateAll(api, attributes, own, undefined)
  return {
    object: mutated,
    options,
    admit(checked = mutated) {
      const named = { ...checked, metadata: { ...checked.metadata, name: attributes.name } } as ApiObject
      validate(api, attributes, named, undefined)
    },
  }
}

/** What such doors answer with when it is done. */
export function success(call: Call): WholeResponse {
  const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
  return answer(call.accepted, 201, JSON.stringify(status), call.warnings)
}
