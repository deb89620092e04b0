import { FieldManager, type Managed } from '../../apply/field-manager.ts'
import type { FieldsPool } from '../../apply/fields-pool.ts'
import { formatTime } from '../../objects/time.ts'
import { answer } from '../answers.ts'
import type { Api, Call } from '../context.ts'
import type { ApiResponse } from '../http.ts'
import type { Door } from '../router.ts'
import { apiVersionOf } from '../served.ts'
import type { VirtualResource } from '../virtual.ts'
import { managerOf } from '../writes.ts'
import { received } from './creating.ts'

/** Reviews and their like: an object is posted, and comes back with its answer. */
export function virtualDoor(virtual: VirtualResource, pool: FieldsPool): Door {
  const { gvk } = virtual
  let manager: FieldManager | undefined
  /** Nothing is kept, but upstream's way of a create is the same for all. */
  const managerIn = ({ backend, decoder }: Api): FieldManager =>
    new FieldManager({
      apiVersion: apiVersionOf(gvk),
      kind: gvk.kind,
      schema: virtual.schema,
      pool,
      empty: decoder.canonical({}, gvk) as unknown as Managed,
      now: () => formatTime(backend.clock.now()),
    })
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
      manager ??= managerIn(api)
      const object = manager.update(undefined, sent.object, managerOf(call, sent.options))
      const made = await virtual.create(object, {
        user: call.user,
        namespace: call.info.namespace,
        dryRun: sent.options.dryRun,
      })
      return answer(call.accepted, 201, JSON.stringify(made), call.warnings)
    },
  }
}
