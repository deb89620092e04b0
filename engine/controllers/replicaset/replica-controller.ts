import type { WorkloadSpec } from '../../kinds/apps/types.ts'
import { asPod, isActive, type Pod } from '../../kinds/pod/status.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import type { LabelSelectorObject } from '../../objects/label-selector.ts'
import type { Labels } from '../../objects/requirement.ts'
import type { ApiObject, GroupKind, GroupResource } from '../../objects/types.ts'
import { keyOfObject } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { nextAvailability } from '../pod-control/availability.ts'
import { claimed } from '../pod-control/claims.ts'
import { writtenStatus } from '../pod-control/conditions.ts'
import { controllerOf } from '../pod-control/controller-ref.ts'
import { Owners } from '../pod-control/owners.ts'
import { addPaced } from '../pod-control/pace.ts'
import { endsWithNamespace, PODS, PodControl } from '../pod-control/pod-control.ts'
import { byDeletionOrder } from '../pod-control/ranks.ts'
import { Selectors } from '../pod-control/selectors.ts'
import { slowStart } from '../pod-control/slow-start.ts'
import { podFromTemplate } from '../pod-control/template.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { type ReplicaSetStatus, replicaSetStatus } from './status.ts'

export const REPLICA_SETS: GroupResource = { group: 'apps', resource: 'replicasets' }
export const REPLICATION_CONTROLLERS: GroupResource = { group: '', resource: 'replicationcontrollers' }

/** Pods that are created or deleted in one sync, at most: upstream's `BurstReplicas`. */
const BURST = 500

interface ReplicaKind {
  readonly kind: GroupKind
  readonly resource: GroupResource
  readonly component: string
}

type ReplicaSpec = Omit<WorkloadSpec, 'selector'> & { readonly selector?: LabelSelectorObject | Labels | null }

/** Keeps as many Pods as a ReplicaSet asks for; a ReplicationController is one by an older name, as upstream (1.34). */
export class ReplicaController extends QueueController {
  readonly #kind: ReplicaKind
  readonly #pods: PodControl
  readonly #selectors = new Selectors()
  readonly #owners: Owners

  private constructor(cluster: Cluster, kind: ReplicaKind, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#kind = kind
    this.#pods = new PodControl(cluster, kind.component)
    this.#owners = new Owners(cluster, {
      ...kind,
      selectorOf: (owner) => this.#selectorOf(owner),
      add: (key, owner) => addPaced(this.queue, key, (owner.spec as ReplicaSpec).replicas ?? 0),
    })
  }

  static ofReplicaSets(cluster: Cluster, report?: (error: unknown) => void): ReplicaController {
    const kind = { group: 'apps', kind: 'ReplicaSet' }
    return new ReplicaController(cluster, { kind, resource: REPLICA_SETS, component: 'replicaset-controller' }, report)
  }

  static ofReplicationControllers(cluster: Cluster, report?: (error: unknown) => void): ReplicaController {
    const kind = { group: '', kind: 'ReplicationController' }
    const component = 'replication-controller'
    return new ReplicaController(cluster, { kind, resource: REPLICATION_CONTROLLERS, component }, report)
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: this.#kind.resource, told: ({ object }) => this.queue.add(keyOfObject(object)) },
      { resource: PODS, told: (event) => this.#owners.told(event) },
    ]
  }

  protected sync(key: string): void {
    const [namespace, name = ''] = key.split('/')
    const { backend } = this.cluster
    const set = backend.store.collection(this.#kind.resource)?.get(namespace, name)
    if (set === undefined) return
    const selector = this.#selectorOf(set)
    const pods = claimed(this.cluster, this.writer, {
      resource: PODS,
      owner: set,
      selector,
      among: isActive,
    }).map(asPod)
    const failure = set.metadata.deletionTimestamp === undefined ? this.#manage(set, pods) : undefined
    const now = backend.clock.now()
    const status = this.#tell(set, pods, failure, now)
    if (failure !== undefined) throw failure
    const { minReadySeconds = 0 } = set.spec as ReplicaSpec
    if (minReadySeconds > 0 && status.readyReplicas !== status.availableReplicas) {
      this.queue.addAfter(key, nextAvailability(pods, minReadySeconds, now) ?? minReadySeconds * 1000)
    }
  }

  #selectorOf(set: ApiObject) {
    const { selector } = (set.spec ?? {}) as ReplicaSpec
    // A ReplicationController's are plain labels
    return this.#kind.kind.group === ''
      ? this.#selectors.ofLabels((selector ?? undefined) as Labels | undefined)
      : this.#selectors.of(selector as LabelSelectorObject | undefined)
  }

  /** Creates what is missing or deletes what is too much; what is returned went wrong. */
  #manage(set: ApiObject, pods: readonly Pod[]): unknown {
    const { replicas = 0, template } = set.spec as ReplicaSpec
    const surplus = pods.length - replicas
    if (surplus < 0) {
      const pod = podFromTemplate(template, set)
      return slowStart(Math.min(-surplus, BURST), () => {
        try {
          this.#pods.create(set, pod)
        } catch (error) {
          // Where a namespace ends nothing can be created, and nothing needs to be
          if (!endsWithNamespace(error)) throw error
        }
      }).error
    }
    if (surplus === 0) return undefined
    const count = Math.min(surplus, BURST)
    const ordered = count < pods.length ? this.#byDeletionOrder(set, pods) : pods
    let failure: unknown
    for (const pod of ordered.slice(0, count)) {
      try {
        orElse(() => this.#pods.delete(set, pod), 'NotFound')
      } catch (error) {
        failure ??= error
      }
    }
    return failure
  }

  #byDeletionOrder(set: ApiObject, pods: readonly Pod[]): readonly Pod[] {
    return byDeletionOrder(pods, this.#related(set), this.cluster.backend.clock.now())
  }

  /** The Pods of all sets of the same controller. */
  #related(set: ApiObject): readonly ApiObject[] {
    const { store } = this.cluster.backend
    const controller = controllerOf(set)
    if (controller === undefined) return []
    const sets = store.collection(this.#kind.resource)?.byIndex('owner', controller.uid) ?? []
    return sets.flatMap(({ metadata }) => store.collection(PODS)?.byIndex('owner', metadata.uid) ?? [])
  }

  #tell(set: ApiObject, pods: readonly Pod[], failure: unknown, now: number): ReplicaSetStatus {
    const before = (set.status ?? { replicas: 0 }) as ReplicaSetStatus
    const spec = set.spec as ReplicaSpec
    const { generation = 0, namespace, name } = set.metadata
    const status = replicaSetStatus({ spec, status: before, generation, pods, failure, now })
    const written = writtenStatus(status, ['replicas'])
    if (semanticallyEqual(written, before)) return status
    this.writer.update({ resource: this.#kind.resource, namespace, name, subresource: 'status' }, (live) => ({
      ...live,
      status: written,
    }))
    return status
  }
}
