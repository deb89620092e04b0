import { isReady } from '../../kinds/pod/status.ts'
import { deepEqual } from '../../objects/equal.ts'
import type { ObjectEvent } from '../../storage/event.ts'
import { keyOfObject } from '../../storage/key.ts'
import { isActive, NAMESPACES } from '../namespaces.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { TriggerTimes } from './trigger-times.ts'
import { hasSelector, PODS, type Pod, SERVICES, type Service, selects } from './types.ts'

/** What both endpoint controllers have in common: they work on Services, and on all that select a Pod which changes. */
export abstract class ServiceController extends QueueController {
  protected readonly times = new TriggerTimes()
  /** As they were last told of: what changes in a Pod decides whom it concerns. */
  readonly #pods = new Map<string, Pod>()

  protected follows(): readonly Followed[] {
    this.#pods.clear()
    return [
      { resource: SERVICES, told: ({ object }) => this.queue.add(keyOfObject(object)) },
      { resource: PODS, told: (event) => this.#pod(event) },
    ]
  }

  override stop(): void {
    super.stop()
    this.#pods.clear()
    this.times.clear()
  }

  protected service(namespace: string, name: string): Service | undefined {
    return this.cluster.backend.store.collection(SERVICES)?.get(namespace, name) as Service | undefined
  }

  protected podsOf(service: Service): readonly Pod[] {
    const { namespace } = service.metadata
    const pods = (this.cluster.backend.store.collection(PODS)?.list({ namespace }).items ?? []) as readonly Pod[]
    return pods.filter((pod) => selects(service, pod))
  }

  /** One that ends takes nothing new. */
  protected takesNew(namespace: string): boolean {
    return isActive(this.cluster.backend.store.collection(NAMESPACES)?.get(undefined, namespace))
  }

  #pod({ type, object }: ObjectEvent): void {
    const pod = object as Pod
    const key = keyOfObject(pod)
    const before = this.#pods.get(key)
    if (type === 'DELETED') this.#pods.delete(key)
    else this.#pods.set(key, pod)
    const isKnown = before !== undefined && type !== 'DELETED'
    const moved = isKnown && !sameMembership(before, pod)
    if (isKnown && !moved && sameEndpoint(before, pod)) return
    const { namespace } = pod.metadata
    const services = this.cluster.backend.store.collection(SERVICES)?.list({ namespace }).items ?? []
    for (const service of services as readonly Service[]) {
      if (!hasSelector(service)) continue
      if (selects(service, pod) || (moved && selects(service, before))) this.queue.add(keyOfObject(service))
    }
  }
}

function sameMembership(before: Pod, now: Pod): boolean {
  const { labels } = now.metadata
  if (labels !== before.metadata.labels && !deepEqual(labels, before.metadata.labels)) return false
  return now.spec.hostname === before.spec.hostname && now.spec.subdomain === before.spec.subdomain
}

/** Upstream looks at these alone; and a Pod that is done says so by no longer being ready. */
function sameEndpoint(before: Pod, now: Pod): boolean {
  return (
    now.metadata.deletionTimestamp === before.metadata.deletionTimestamp &&
    isReady(now) === isReady(before) &&
    deepEqual(now.status?.podIPs, before.status?.podIPs)
  )
}
