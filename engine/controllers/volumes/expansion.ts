import { EventRecorder } from '../../events/recorder.ts'
import { claimSpecOf, claimStatusOf } from '../../kinds/core/volume/claim-types.ts'
import { volumeSpecOf } from '../../kinds/core/volume/volume-types.ts'
import { Quantity } from '../../objects/quantity.ts'
import type { ApiObject } from '../../objects/types.ts'
import { type Cluster, CONTROLLER_MANAGER } from '../cluster.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { CLAIMS, VOLUMES } from './matching.ts'

/** Tells that nobody here can make a volume larger whose claim has grown: upstream's volume expansion controller (1.34), without plug-ins. */
export class VolumeExpansion extends QueueController {
  readonly #events: EventRecorder

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#events = new EventRecorder(cluster.backend, { component: 'volume_expand' }, CONTROLLER_MANAGER)
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: CLAIMS,
        told: ({ type, object }) => {
          const { namespace, name } = object.metadata
          if (type === 'MODIFIED' && wantsMore(object)) this.queue.add(`${namespace}/${name}`)
        },
      },
    ]
  }

  protected sync(key: string): void {
    const [namespace, name = ''] = key.split('/')
    const { store } = this.cluster.backend
    const claim = store.collection(CLAIMS)?.get(namespace, name)
    if (claim === undefined || !wantsMore(claim)) return
    const volume = store.collection(VOLUMES)?.get(undefined, claimSpecOf(claim).volumeName ?? '')
    if (volume === undefined) return
    const message = 'waiting for an external controller to expand this PVC'
    const { csi, flexVolume } = volumeSpecOf(volume)
    if (csi !== undefined || flexVolume !== undefined) this.#events.normal(claim, 'ExternalExpanding', message)
    else this.#events.warning(claim, 'ExternalExpanding', message)
  }
}

function wantsMore(claim: ApiObject): boolean {
  const { phase, capacity } = claimStatusOf(claim)
  if (phase !== 'Bound') return false
  const wanted = Quantity.fromJson(claimSpecOf(claim).resources?.requests?.storage ?? '0')
  return wanted.compare(Quantity.fromJson(capacity?.storage ?? '0')) > 0
}
