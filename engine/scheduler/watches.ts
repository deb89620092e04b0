import type { Backend } from '../admission/plugin.ts'
import { CLAIMS, CLASSES, VOLUMES } from '../controllers/volumes/matching.ts'
import { isTerminal } from '../kinds/pod/status.ts'
import type { ApiObject, GroupResource } from '../objects/types.ts'
import type { ObjectEvent } from '../storage/event.ts'
import { follow } from '../storage/follow.ts'
import { keyOfObject } from '../storage/key.ts'
import type { Cache } from './cache.ts'
import type { Hints } from './hints.ts'
import type { Nominations } from './nominations.ts'
import { podSpec, podStatus } from './pod-info.ts'
import type { SchedulingQueue } from './queue.ts'

/** The one name to whose Pods the scheduler attends. */
export const DEFAULT_SCHEDULER = 'default-scheduler'

/** Who has Pods that wait for more than a node. */
export interface Waiting {
  isBinding(key: string): boolean
  forget(key: string): void
  /** Nothing that is known holds any more. */
  forgetAll(): void
}

export interface WatchedParts {
  readonly cache: Cache
  readonly queue: SchedulingQueue
  readonly nominations: Nominations
  readonly hints: Hints
  readonly waiting: Waiting
}

/** Brings cache and queue up to date with each change of the cluster: scheduler's event handlers (1.34). */
export class Watches {
  readonly #backend: Backend
  readonly #parts: WatchedParts
  #ends: readonly (() => void)[] = []

  constructor(backend: Backend, parts: WatchedParts) {
    this.#backend = backend
    this.#parts = parts
  }

  start(): void {
    if (this.#ends.length > 0) return
    const { store, clock } = this.#backend
    const { hints, waiting } = this.#parts
    const storage = ({ type }: ObjectEvent): void => {
      if (type !== 'DELETED') hints.storageChanged()
    }
    const claims = ({ type, object }: ObjectEvent): void => {
      if (type !== 'DELETED') hints.claimChanged(object, type === 'ADDED')
    }
    const told: readonly (readonly [GroupResource, (event: ObjectEvent) => void])[] = [
      [{ group: '', resource: 'namespaces' }, () => this.#parts.cache.namespaceChanged()],
      [{ group: '', resource: 'nodes' }, (event) => this.#node(event)],
      [{ group: '', resource: 'pods' }, (event) => this.#pod(event)],
      [CLAIMS, claims],
      [VOLUMES, storage],
      [CLASSES, storage],
      [{ group: 'storage.k8s.io', resource: 'csidrivers' }, storage],
      [{ group: 'storage.k8s.io', resource: 'csistoragecapacities' }, storage],
    ]
    const options = {
      closed: () => waiting.forgetAll(),
      later: (begin: () => void) => clock.after(0, begin),
    }
    this.#ends = told.flatMap(([resource, tell]) => {
      const collection = store.collection(resource)
      return collection === undefined ? [] : [follow(collection, tell, options)]
    })
  }

  stop(): void {
    for (const end of this.#ends) end()
    this.#ends = []
  }

  #node({ type, object }: ObjectEvent): void {
    const { cache, hints } = this.#parts
    const { name } = object.metadata
    if (type === 'DELETED') {
      cache.removeNode(name)
      hints.nodeWent(object)
      return
    }
    const before = cache.node(name)?.node
    cache.setNode(object)
    const node = cache.node(name)
    if (node === undefined) return
    if (before === undefined) hints.nodeCame(node)
    else hints.nodeChanged(before, node)
  }

  #pod({ type, object }: ObjectEvent): void {
    // What has ended takes no place, as if it were gone
    if (type === 'DELETED' || isTerminal(object)) this.#podWent(object)
    else if ((podSpec(object).nodeName ?? '') !== '') this.#podIsPlaced(object)
    else this.#podWaits(object)
  }

  #podWent(pod: ApiObject): void {
    const { cache, queue, nominations, hints, waiting } = this.#parts
    const key = keyOfObject(pod)
    waiting.forget(key)
    queue.remove(key)
    nominations.remove(key)
    const placed = cache.remove(key)
    if (placed !== undefined) hints.podWent(placed)
    else if ((podStatus(pod).nominatedNodeName ?? '') !== '') hints.podWent(cache.reader.read(pod))
  }

  #podIsPlaced(pod: ApiObject): void {
    const { cache, queue, nominations, hints, waiting } = this.#parts
    const key = keyOfObject(pod)
    waiting.forget(key)
    queue.remove(key)
    nominations.remove(key)
    const info = cache.reader.read(pod)
    const before = cache.placed(key)
    cache.place(info)
    const isNew = before === undefined || (podSpec(before.pod).nodeName ?? '') === ''
    if (isNew) hints.podCame(info)
    else hints.podChanged(before, info)
  }

  #podWaits(pod: ApiObject): void {
    const { cache, queue, nominations, hints, waiting } = this.#parts
    const { schedulerName = DEFAULT_SCHEDULER, schedulingGates = [] } = podSpec(pod)
    const key = keyOfObject(pod)
    if (schedulerName !== DEFAULT_SCHEDULER || schedulingGates.length > 0 || waiting.isBinding(key)) return
    const info = cache.reader.read(pod)
    const queued = queue.get(key)
    nominations.set(info)
    if (queued === undefined) {
      queue.add(info)
      return
    }
    const { info: before } = queued
    queue.update(queued, info)
    hints.waitingChanged(before, info)
  }
}
