import { finishOf, jobSpecOf } from '../../kinds/batch/types.ts'
import { parseTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { type Followed, QueueController } from '../queue-controller.ts'

const JOBS: GroupResource = { group: 'batch', resource: 'jobs' }

/** Deletes Jobs so many seconds after they have finished, if they say so: upstream's TTL-after-finished controller (1.34). */
export class TtlAfterFinished extends QueueController {
  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: JOBS,
        told: ({ type, object }) => {
          if (type !== 'DELETED' && expiry(object) !== undefined) this.queue.add(keyOfObject(object))
        },
      },
    ]
  }

  protected sync(key: string): void {
    const { backend } = this.cluster
    const place = placeOf(key)
    const job = backend.store.collection(JOBS)?.get(place.namespace, place.name)
    const expires = job && expiry(job)
    if (job === undefined || expires === undefined) return
    const left = expires - backend.clock.now()
    if (left > 0) {
      this.queue.addAfter(key, left)
      return
    }
    const { namespace, name, uid } = job.metadata
    const options = { propagationPolicy: 'Foreground', preconditions: { uid } } as const
    orElse(() => backend.registry(JOBS)?.delete(namespace, name, options), 'NotFound')
  }
}

/** When it goes, milliseconds since 1970; undefined if it has not finished, stays, or goes already. */
function expiry(job: ApiObject): number | undefined {
  const { ttlSecondsAfterFinished: seconds } = jobSpecOf(job)
  if (seconds === undefined || job.metadata.deletionTimestamp !== undefined) return undefined
  const at = parseTime(finishOf(job)?.lastTransitionTime ?? '')
  return at === undefined ? undefined : at + seconds * 1000
}
