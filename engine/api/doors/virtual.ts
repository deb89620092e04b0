import { answer } from '../answers.ts'
import type { Api, Call } from '../context.ts'
import type { ApiResponse } from '../http.ts'
import type { Door } from '../router.ts'
import type { VirtualResource } from '../virtual.ts'
import { received } from './creating.ts'

/** Reviews and their like: an object is posted, and comes back with its answer. */
export function virtualDoor(virtual: VirtualResource): Door {
  const { gvk } = virtual
  return {
    serves: (group, version, resource, subresource) =>
      group === gvk.group && version === gvk.version && resource === virtual.resource && subresource === '',
    async handle(api: Api, call: Call): Promise<ApiResponse> {
      const sent = received(api, call, {
        resource: { group: gvk.group, resource: virtual.resource },
        subresource: '',
        kind: gvk,
      })
      sent.admit()
      const made = await virtual.create(sent.object, {
        user: call.user,
        namespace: call.info.namespace,
        dryRun: sent.options.dryRun,
      })
      return answer(call.accepted, 201, JSON.stringify(made), call.warnings)
    },
  }
}
