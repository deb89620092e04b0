import { EventRecorder } from '../../events/recorder.ts'
import { formatTime } from '../../objects/time.ts'
import type { NewObject } from '../../objects/types.ts'
import { placeOf } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import type { Followed } from '../queue-controller.ts'
import { ServiceController } from './service-controller.ts'
import { planSlices, SLICE_CONTROLLER } from './slice-plan.ts'
import { hasSelector, LAST_CHANGE, MANAGED_BY, NODES, SERVICE_NAME, type Service, SLICES, type Slice } from './types.ts'

/** Milliseconds until a slice that somebody else has changed is looked at: upstream's `endpointSliceChangeMinSyncDelay`. */
const AFTER_CHANGE = 1000
/** Upstream's limiter of this queue: 1 s, doubled up to 1000 s. */
const BACKOFF = { first: 1000, longest: 1_000_000 }
const ZONE = 'topology.kubernetes.io/zone'

/** Keeps the EndpointSlices of Services that select Pods: upstream's endpointslice controller (1.34). */
export class EndpointSlices extends ServiceController {
  readonly #events: EventRecorder
  #writing = false

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report, backoff: BACKOFF })
    this.#events = new EventRecorder(
      cluster.backend,
      { component: 'endpoint-slice-controller' },
      'kube-controller-manager',
    )
  }

  protected override follows(): readonly Followed[] {
    return [
      ...super.follows(),
      {
        resource: SLICES,
        told: ({ object: { metadata } }) => {
          const { labels = {} } = metadata
          if (this.#writing || labels[MANAGED_BY] !== SLICE_CONTROLLER) return
          this.queue.addAfter(`${metadata.namespace ?? ''}/${labels[SERVICE_NAME] ?? ''}`, AFTER_CHANGE)
        },
      },
    ]
  }

  protected sync(key: string): void {
    const { namespace, name } = placeOf(key)
    const service = this.service(namespace, name)
    // The garbage collector takes the slices of one that is gone
    if (service === undefined) this.times.forget(key)
    if (service === undefined || !hasSelector(service)) return
    const pods = this.podsOf(service)
    const time = this.times.changed(key, service, pods)
    const { plan, missing } = planSlices(service, pods, this.#slicesOf(service), (node) => this.#zoneOf(node))
    this.#writing = true
    try {
      if (service.metadata.deletionTimestamp === undefined && this.takesNew(namespace)) {
        for (const slice of plan.create) this.writer.create(SLICES, withTime(slice, time), { namespace })
      }
      for (const slice of plan.update) this.#update(withTime(slice, time))
      for (const { metadata } of plan.remove) {
        orElse(() => this.cluster.backend.registry(SLICES)?.delete(namespace, metadata.name), 'NotFound')
      }
    } finally {
      this.#writing = false
    }
    if (missing.length === 0) return
    const why = missing.length === 1 ? missing[0] : `[${missing.join(', ')}]`
    this.#events.warning(
      service,
      'FailedToUpdateEndpointSlices',
      `Error updating Endpoint Slices for Service ${key}: ${why}`,
    )
    throw new Error(why)
  }

  #update(slice: Slice): void {
    const { name, namespace, labels, annotations } = slice.metadata
    this.writer.update({ resource: SLICES, namespace, name }, (now) => ({
      ...now,
      metadata: { ...now.metadata, ...(labels === undefined ? {} : { labels }), annotations: annotations ?? {} },
      endpoints: slice.endpoints,
      ports: slice.ports,
    }))
  }

  #slicesOf({ metadata }: Service): readonly Slice[] {
    const { namespace, name } = metadata
    const all = (this.cluster.backend.store.collection(SLICES)?.list({ namespace }).items ?? []) as readonly Slice[]
    return all.filter(
      ({ metadata: { labels, deletionTimestamp } }) =>
        labels?.[SERVICE_NAME] === name && labels[MANAGED_BY] === SLICE_CONTROLLER && deletionTimestamp === undefined,
    )
  }

  #zoneOf(node: string): string | undefined {
    const found = this.cluster.backend.store.collection(NODES)?.get(undefined, node)
    return found === undefined ? undefined : (found.metadata.labels?.[ZONE] ?? '')
  }
}

function withTime<T extends NewObject>(slice: T, time: number | undefined): T {
  const { [LAST_CHANGE]: _, ...rest } = slice.metadata.annotations ?? {}
  const annotations = time === undefined ? rest : { ...rest, [LAST_CHANGE]: formatTime(time) }
  return { ...slice, metadata: { ...slice.metadata, annotations } }
}
