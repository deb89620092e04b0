import type { FieldsPool } from '../../apply/fields-pool.ts'
import type { ApiServerOptions, Guards } from '../api-server.ts'
import type { Door } from '../router.ts'
import type { ScaleForms } from '../scale-form.ts'
import type { Catalogue } from '../served.ts'
import { bindingDoor } from './binding.ts'
import { componentStatusesDoor } from './component-statuses.ts'
import { evictionDoor } from './eviction.ts'
import { logDoor } from './log.ts'
import { metricsDoors } from './metrics.ts'
import { proxyDoor } from './proxy.ts'
import { scaleDoor } from './scale.ts'
import { streamsDoor } from './streams.ts'
import { tokenDoor } from './token.ts'
import { virtualDoor } from './virtual.ts'

/** All doors that are no plain reading and writing of objects. */
export function doorsOf(
  options: ApiServerOptions,
  guards: Guards,
  catalogue: Catalogue,
  pool: FieldsPool,
  scales: ScaleForms | undefined,
): Door[] {
  return [
    ...(scales === undefined ? [] : [scaleDoor(scales, catalogue)]),
    bindingDoor,
    evictionDoor,
    logDoor,
    streamsDoor,
    proxyDoor,
    componentStatusesDoor,
    ...(guards.tokens === undefined ? [] : [tokenDoor(guards.tokens)]),
    ...(guards.virtual ?? []).map((virtual) => virtualDoor(virtual, pool)),
    ...(options.metrics === undefined ? [] : metricsDoors(options.metrics)),
  ]
}
