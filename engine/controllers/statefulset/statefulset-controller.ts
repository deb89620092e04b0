import { asPod, type Pod } from '../../kinds/pod/status.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { keyOfObject } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { type ControllerRevision, History, says } from '../history/history.ts'
import { nextAvailability } from '../pod-control/availability.ts'
import { claimed } from '../pod-control/claims.ts'
import { Owners } from '../pod-control/owners.ts'
import { addPaced } from '../pod-control/pace.ts'
import { endsWithNamespace, PODS, PodControl } from '../pod-control/pod-control.ts'
import { Selectors } from '../pod-control/selectors.ts'
import { safeEncoded, valueHash } from '../pod-control/template-hash.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { StatefulPods } from './stateful-pods.ts'
import { statefulSetStatus, written } from './status.ts'
import { parentOf, revisionOf, STATEFUL_SETS, type StatefulSet, type StatefulSetStatus, sizeOf } from './types.ts'
import { bringOn, workOf } from './update.ts'

const COMPONENT = 'statefulset-controller'
/** On a revision: what its name ends with. */
const HASH_LABEL = 'controller.kubernetes.io/hash'
/** Characters of a set's name that its revisions' names keep. */
const LONGEST_PREFIX = 223

interface Revisions {
  readonly all: readonly ControllerRevision[]
  readonly current: ControllerRevision
  readonly update: ControllerRevision
  readonly collisions: number
}

/** Keeps Pods that have names, an order and storage of their own: the StatefulSet controller (1.34). */
export class StatefulSetController extends QueueController {
  readonly #selectors = new Selectors()
  readonly #owners: Owners
  readonly #history: History
  readonly #pods: StatefulPods

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    const tools = { cluster, writer: this.writer, control: new PodControl(cluster, COMPONENT) }
    this.#history = new History(tools)
    this.#pods = new StatefulPods(tools)
    this.#owners = new Owners(cluster, {
      kind: { group: 'apps', kind: 'StatefulSet' },
      resource: STATEFUL_SETS,
      selectorOf: ({ spec }) => this.#selectors.of((spec as StatefulSet['spec']).selector),
      add: (key, owner) => addPaced(this.queue, key, sizeOf(owner as StatefulSet)),
    })
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: STATEFUL_SETS, told: ({ object }) => this.queue.add(keyOfObject(object)) },
      { resource: PODS, told: (event) => this.#owners.told(event) },
    ]
  }

  protected sync(key: string): void {
    const [namespace, name = ''] = key.split('/')
    const { backend } = this.cluster
    const set = backend.store.collection(STATEFUL_SETS)?.get(namespace, name) as StatefulSet | undefined
    if (set === undefined) return
    const selector = this.#selectors.of(set.spec.selector)
    const known = this.#history.of(set, selector)
    const pods = claimed(this.cluster, this.writer, {
      resource: PODS,
      owner: set,
      selector,
      fits: ({ metadata }) => parentOf({ metadata }).parent === set.metadata.name,
    }).map(asPod)
    try {
      const revisions = this.#revisions(set, known)
      try {
        this.#bringOn(set, pods, revisions)
      } finally {
        this.#forget(set, pods, revisions)
      }
    } catch (error) {
      // Nothing can be created any more, and nothing needs to be
      if (!endsWithNamespace(error)) throw error
    }
    const { minReadySeconds = 0 } = set.spec
    const next = nextAvailability(pods, minReadySeconds, backend.clock.now())
    if (next !== undefined) this.queue.addAfter(key, next)
  }

  #bringOn(set: StatefulSet, pods: readonly Pod[], revisions: Revisions): void {
    const now = this.cluster.backend.clock.now()
    let failure: { readonly error: unknown } | undefined
    let deleted = false
    if (set.metadata.deletionTimestamp === undefined) {
      try {
        deleted = bringOn(workOf(set, pods, { ...revisions, pods: this.#pods, now }))
      } catch (error) {
        failure = { error }
      }
    }
    this.#tell(set, statefulSetStatus(set, pods, revisions, { now, deleted }))
    if (failure !== undefined) throw failure.error
  }

  #tell(set: StatefulSet, status: StatefulSetStatus): void {
    const { namespace, name } = set.metadata
    const told = written(status)
    if (semanticallyEqual(told, set.status ?? {})) return
    const place = { resource: STATEFUL_SETS, namespace, name, subresource: 'status' }
    this.writer.update(place, (now) => ({ ...now, status: told }))
  }

  /** The revision of the present template, the latest of all, and the one that Pods had when all of them were the same last. */
  #revisions(set: StatefulSet, known: readonly ControllerRevision[]): Revisions {
    const latest = known.at(-1)
    const same = known.findLast((one) => says(one, set.spec.template))
    const next = (latest?.revision ?? 0) + 1
    let collisions = set.status?.collisionCount ?? 0
    let update: ControllerRevision
    if (same === undefined) {
      const made = this.#create(set, next, collisions)
      update = made.revision
      collisions = made.collisions
    } else update = same === latest ? same : this.#history.renumber(same, next)
    const all = [...known.filter(({ metadata }) => metadata.uid !== update.metadata.uid), update]
    const current = all.find(({ metadata }) => metadata.name === set.status?.currentRevision) ?? update
    return { all, current, update, collisions }
  }

  #create(set: StatefulSet, revision: number, before: number) {
    const { template } = set.spec
    for (let collisions = before; ; collisions++) {
      const hash = safeEncoded(valueHash(template, String(collisions)))
      const name = `${set.metadata.name.slice(0, LONGEST_PREFIX)}-${hash}`
      try {
        const made = this.#history.create(set, template, { name, labels: { [HASH_LABEL]: hash }, revision })
        return { revision: made, collisions }
      } catch (error) {
        const there = this.#history.taken(set, name, error)
        if (says(there, template)) return { revision: there, collisions }
      }
    }
  }

  #forget(set: StatefulSet, pods: readonly Pod[], { all, current, update }: Revisions): void {
    const used = new Set([current.metadata.name, update.metadata.name, ...pods.map(revisionOf)])
    this.#history.truncate(all, ({ metadata }) => used.has(metadata.name), set.spec.revisionHistoryLimit ?? 10)
  }
}
