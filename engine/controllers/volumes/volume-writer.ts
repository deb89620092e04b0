import type { Backend } from '../../admission/plugin.ts'
import type { EventRecorder } from '../../events/recorder.ts'
import { claimStatusOf } from '../../kinds/core/volume/claim-types.ts'
import { volumeSpecOf, volumeStatusOf } from '../../kinds/core/volume/volume-types.ts'
import { deepEqual } from '../../objects/equal.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { orElse } from '../namespaces.ts'
import type { Writer } from '../writer.ts'
import { CLAIMS, VOLUMES } from './matching.ts'

/** Says in statuses where claims and volumes stand. What is so already is not written. */
export class VolumeWriter {
  readonly #backend: Backend
  readonly #writer: Writer
  readonly #events: EventRecorder

  constructor(backend: Backend, writer: Writer, events: EventRecorder) {
    this.#backend = backend
    this.#writer = writer
    this.#events = events
  }

  get writer(): Writer {
    return this.#writer
  }

  setVolume(volume: ApiObject, phase: string, message?: string): ApiObject {
    if (volumeStatusOf(volume).phase === phase) return volume
    const place = { resource: VOLUMES, name: volume.metadata.name, subresource: 'status' }
    return this.#writer.update(place, (now) => {
      const { message: _, ...status } = now.status as { readonly message?: string }
      const lastPhaseTransitionTime = formatTime(this.#backend.clock.now())
      return {
        ...now,
        status: { ...status, phase, ...(message === undefined ? {} : { message }), lastPhaseTransitionTime },
      }
    })
  }

  failVolume(volume: ApiObject, reason: string, message: string): void {
    if (volumeStatusOf(volume).phase === 'Failed') return
    this.#events.warning(this.setVolume(volume, 'Failed', message), reason, message)
  }

  tellRecycled(volume: ApiObject): void {
    this.#events.normal(volume, 'VolumeRecycled', 'Volume recycled')
  }

  removeVolume({ metadata: { name, uid } }: ApiObject): void {
    orElse(() => this.#backend.registry(VOLUMES)?.delete(undefined, name, { preconditions: { uid } }), 'NotFound')
  }

  /** With what its volume offers, if it has one. */
  setClaim(claim: ApiObject, phase: string, volume?: ApiObject): ApiObject {
    const before = claimStatusOf(claim)
    const status = statusWith(claim, phase, volume)
    if (deepEqual(status, before)) return claim
    const { namespace, name } = claim.metadata
    return this.#writer.update({ resource: CLAIMS, namespace, name, subresource: 'status' }, (now) => ({
      ...now,
      status: statusWith(now, phase, volume),
    }))
  }

  loseClaim(claim: ApiObject, reason: string, message: string): void {
    if (claimStatusOf(claim).phase === 'Lost') return
    this.#events.warning(this.setClaim(claim, 'Lost'), reason, message)
  }
}

function statusWith(claim: ApiObject, phase: string, volume: ApiObject | undefined): object {
  const { accessModes: _, capacity, currentVolumeAttributesClassName: current, ...others } = claimStatusOf(claim)
  if (volume === undefined) return { ...others, phase }
  const { accessModes, capacity: offered, volumeAttributesClassName } = volumeSpecOf(volume)
  // What has become larger since it was bound is for others to tell
  const size = others.phase === phase ? capacity : offered
  const attributes = others.phase === 'Pending' && phase === 'Bound' ? volumeAttributesClassName : current
  return {
    ...others,
    phase,
    ...(accessModes === undefined ? {} : { accessModes }),
    ...(size === undefined ? {} : { capacity: size }),
    ...(attributes === undefined ? {} : { currentVolumeAttributesClassName: attributes }),
  }
}
