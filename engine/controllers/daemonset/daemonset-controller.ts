import { asPod, type Pod, statusOf } from '../../kinds/pod/status.ts'
import { deepEqual, semanticallyEqual } from '../../objects/equal.ts'
import type { ObjectEvent } from '../../storage/event.ts'
import { keyOfObject } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { orElse } from '../namespaces.ts'
import { nextAvailability } from '../pod-control/availability.ts'
import { claimed } from '../pod-control/claims.ts'
import { Owners } from '../pod-control/owners.ts'
import { addPaced } from '../pod-control/pace.ts'
import { endsWithNamespace, PODS, PodControl } from '../pod-control/pod-control.ts'
import { Selectors } from '../pod-control/selectors.ts'
import { slowStart } from '../pod-control/slow-start.ts'
import { podFromTemplate } from '../pod-control/template.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { daemonTemplate, fitting, templateFor } from './daemon-pod.ts'
import { FailedPods } from './failed-pods.ts'
import { type Plan, placing, rolling, type Situation } from './placing.ts'
import { DaemonRevisions } from './revisions.ts'
import { daemonSetStatus, written } from './status.ts'
import { byNode, DAEMON_SETS, type DaemonSet, type DaemonSetStatus, NODES, type Node } from './types.ts'

const COMPONENT = 'daemonset-controller'
/** Pods that are created or deleted in one step, at most: upstream's `BurstReplicas`. */
const BURST = 250

/** Keeps a Pod on each node that is fit for it: the DaemonSet controller (1.34). */
export class DaemonSetController extends QueueController {
  readonly #control: PodControl
  readonly #selectors = new Selectors()
  readonly #owners: Owners
  readonly #revisions: DaemonRevisions
  readonly #failed = new FailedPods()

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#control = new PodControl(cluster, COMPONENT)
    this.#revisions = new DaemonRevisions({ cluster, writer: this.writer, control: this.#control })
    this.#owners = new Owners(cluster, {
      kind: { group: 'apps', kind: 'DaemonSet' },
      resource: DAEMON_SETS,
      selectorOf: ({ spec }) => this.#selectors.of((spec as DaemonSet['spec']).selector),
      add: (key, owner) => addPaced(this.queue, key, (owner as DaemonSet).status?.desiredNumberScheduled ?? 0),
    })
  }

  override stop(): void {
    super.stop()
    this.#failed.clear()
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: DAEMON_SETS, told: ({ object }) => this.queue.add(keyOfObject(object)) },
      { resource: PODS, told: (event) => this.#owners.told(event) },
      { resource: NODES, told: (event) => this.#hearOfNode(event) },
    ]
  }

  protected sync(key: string): void {
    const [namespace, name = ''] = key.split('/')
    const set = this.cluster.backend.store.collection(DAEMON_SETS)?.get(namespace, name) as DaemonSet | undefined
    if (set === undefined || set.metadata.deletionTimestamp !== undefined) return
    try {
      this.#bringOn(key, set)
    } catch (error) {
      // Nothing can be created any more, and nothing needs to be
      if (!endsWithNamespace(error)) throw error
    }
  }

  /** Most changes of nodes are of their status, which does not say whether they are fit. */
  #hearOfNode({ type, object, previous }: ObjectEvent): void {
    if (type === 'DELETED') return
    const [now, before] = [object as Node, previous as Node | undefined]
    const same =
      before !== undefined &&
      deepEqual(now.metadata.labels, before.metadata.labels) &&
      deepEqual(now.spec?.taints, before.spec?.taints)
    if (same) return
    for (const set of this.cluster.backend.store.collection(DAEMON_SETS) ?? []) this.queue.add(keyOfObject(set))
  }

  #bringOn(key: string, set: DaemonSet): void {
    const selector = this.#selectors.of(set.spec.selector)
    const pods = this.#pods(set)
    const revisions = this.#revisions.of(set, selector, pods)
    let failure: { readonly error: unknown } | undefined
    try {
      this.#place(key, this.#situation(set, revisions.hash))
      this.#revisions.forget(set, revisions, this.#pods(set))
    } catch (error) {
      failure = { error }
    }
    const situation = this.#situation(set, revisions.hash)
    this.#tell(set, daemonSetStatus(situation))
    if (failure !== undefined) throw failure.error
    const next = nextAvailability([...situation.pods.values()].flat(), set.spec.minReadySeconds ?? 0, situation.now)
    if (next !== undefined) this.queue.addAfter(key, next)
  }

  #pods(owner: DaemonSet): Pod[] {
    const selector = this.#selectors.of(owner.spec.selector)
    return claimed(this.cluster, this.writer, { resource: PODS, owner, selector }).map(asPod)
  }

  #situation(set: DaemonSet, hash: string): Situation {
    const { store, clock } = this.cluster.backend
    const nodes = (store.collection(NODES)?.list().items ?? []) as readonly Node[]
    return { set, hash, nodes, pods: byNode(this.#pods(set)), fitOf: fitting(set), now: clock.now() }
  }

  /** An update goes on only where there is a Pod wherever one is to be. */
  #place(key: string, situation: Situation): void {
    const { set, hash } = situation
    const plan = placing(situation, (pod, node) => this.#mayReplace(key, situation, pod, node))
    this.#carryOut(set, hash, plan)
    if (plan.create.length > 0 || plan.remove.length > 0) return
    if (set.spec.updateStrategy.type === 'RollingUpdate') this.#carryOut(set, hash, rolling(situation))
  }

  #mayReplace(key: string, { set, now }: Situation, pod: Pod, node: string): boolean {
    const { namespace, name } = pod.metadata
    const { events } = this.#control
    if (statusOf(pod).phase === 'Succeeded') {
      const message = `Found succeeded daemon pod ${namespace}/${name} on node ${node}, will try to delete it`
      events.normal(set, 'SucceededDaemonPod', message)
      return true
    }
    const left = this.#failed.left(`${set.metadata.uid}/${set.status?.observedGeneration ?? 0}/${node}`, now)
    if (left > 0) {
      this.queue.addAfter(key, left)
      return false
    }
    const message = `Found failed daemon pod ${namespace}/${name} on node ${node}, will try to kill it`
    events.warning(set, 'FailedDaemonPod', message)
    return true
  }

  #carryOut(set: DaemonSet, hash: string, { create, remove }: Plan): void {
    const template = daemonTemplate(set, hash)
    let next = 0
    const { error } = slowStart(Math.min(create.length, BURST), () => {
      const node = create[next++] as string
      try {
        this.#control.create(set, podFromTemplate(templateFor(template, node), set))
      } catch (failure) {
        if (!endsWithNamespace(failure)) throw failure
      }
    })
    const errors: unknown[] = error === undefined ? [] : [error]
    for (const pod of remove.slice(0, BURST)) {
      try {
        orElse(() => this.#control.delete(set, pod), 'NotFound')
      } catch (failure) {
        errors.push(failure)
      }
    }
    if (errors.length > 0) throw errors[0]
  }

  #tell(set: DaemonSet, status: DaemonSetStatus): void {
    const told = written(status)
    if (semanticallyEqual(told, set.status ?? {})) return
    const { namespace, name } = set.metadata
    const place = { resource: DAEMON_SETS, namespace, name, subresource: 'status' }
    this.writer.update(place, (now) => ({ ...now, status: told }))
  }
}
