import { isTerminal } from '../../kinds/pod/status.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import type { ObjectEvent } from '../../storage/event.ts'
import { keyOfObject } from '../../storage/key.ts'
import type { Cluster } from '../cluster.ts'
import { claimed } from '../pod-control/claims.ts'
import { Owners, ownerOf } from '../pod-control/owners.ts'
import { endsWithNamespace, PODS, PodControl } from '../pod-control/pod-control.ts'
import { Selectors } from '../pod-control/selectors.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { REPLICA_SETS } from '../replicaset/replica-controller.ts'
import { rollBack, rollbackRevision } from './rollback.ts'
import { rollOn } from './rolling.ts'
import { isScaled, scaleSets } from './scaling.ts'
import {
  deploymentStatus,
  hasDeadline,
  isComplete,
  progressCheck,
  progressOf,
  rolloutStatus,
  TIMED_OUT,
  written,
} from './status.ts'
import {
  active,
  actualOf,
  DEPLOYMENTS,
  type Deployment,
  type DeploymentStatus,
  type ReplicaSet,
  sizeOf,
  sum,
} from './types.ts'
import { Workbench } from './workbench.ts'

const DEPLOYMENT = { kind: { group: 'apps', kind: 'Deployment' }, resource: DEPLOYMENTS }
const REPLICA_SET = { kind: { group: 'apps', kind: 'ReplicaSet' }, resource: REPLICA_SETS }
const COMPONENT = 'deployment-controller'

/** Replaces the Pods of one template by those of the next, with a ReplicaSet for each: the deployment controller (1.34). */
export class DeploymentController extends QueueController {
  readonly #control: PodControl
  readonly #selectors = new Selectors()
  readonly #owners: Owners

  constructor(cluster: Cluster, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#control = new PodControl(cluster, COMPONENT)
    this.#owners = new Owners(cluster, {
      ...DEPLOYMENT,
      selectorOf: ({ spec }) => this.#selectors.of((spec as Deployment['spec']).selector),
      add: (key) => this.queue.add(key),
    })
  }

  protected follows(): readonly Followed[] {
    return [
      { resource: DEPLOYMENTS, told: ({ object }) => this.queue.add(keyOfObject(object)) },
      { resource: REPLICA_SETS, told: (event) => this.#owners.told(event) },
      { resource: PODS, told: (event) => this.#hearOfPod(event) },
    ]
  }

  protected sync(key: string): void {
    const [namespace, name = ''] = key.split('/')
    const deployment = this.cluster.backend.store.collection(DEPLOYMENTS)?.get(namespace, name) as
      | Deployment
      | undefined
    if (deployment === undefined) return
    try {
      this.#bringOn(key, deployment)
    } catch (error) {
      // Nothing can be created any more, and nothing needs to be
      if (!endsWithNamespace(error)) throw error
    }
  }

  /** One that recreates waits for its last Pod to be gone. */
  #hearOfPod({ type, object }: ObjectEvent): void {
    if (type !== 'DELETED') return
    const set = ownerOf(this.cluster, REPLICA_SET, object)
    const deployment =
      set === undefined ? undefined : (ownerOf(this.cluster, DEPLOYMENT, set) as Deployment | undefined)
    if (deployment?.spec.strategy.type === 'Recreate') this.queue.add(keyOfObject(deployment))
  }

  #bringOn(key: string, deployment: Deployment): void {
    const selector = this.#selectors.of(deployment.spec.selector)
    const { writer, cluster } = this
    const sets = claimed(cluster, writer, { resource: REPLICA_SETS, owner: deployment, selector })
    const bench = new Workbench({ cluster, writer, control: this.#control }, deployment, sets as ReplicaSet[])
    if (deployment.metadata.deletionTimestamp !== undefined) {
      bench.sync(false)
      tell(bench, deploymentStatus(bench.deployment, bench.sets, bench.now))
      return
    }
    notePause(bench)
    if (deployment.spec.paused === true) {
      this.#scaleOnly(bench)
      return
    }
    const back = rollbackRevision(bench.deployment)
    if (back !== undefined) rollBack(bench, back)
    else if (isScaled(bench.deployment, bench.sync(false))) this.#scaleOnly(bench)
    else this.#rollOut(key, bench)
  }

  #scaleOnly(bench: Workbench): void {
    bench.sync(false)
    scaleSets(bench)
    if (bench.deployment.spec.paused === true && rollbackRevision(bench.deployment) === undefined) bench.cleanUp()
    tell(bench, deploymentStatus(bench.deployment, bench.sets, bench.now))
  }

  #rollOut(key: string, bench: Workbench): void {
    // What is scaled now is seen to be done later: the sets' status is that of before
    const done = bench.deployment.spec.strategy.type === 'Recreate' ? this.#recreate(bench) : rollOne(bench)
    if (done && isComplete(bench.deployment, bench.deployment.status ?? {})) bench.cleanUp()
    const status = rolloutStatus(bench.deployment, bench.sets, bench.now)
    if (tell(bench, status)) return
    const check = progressCheck(bench.deployment, status, bench.now)
    if (check !== undefined) this.queue.addAfter(key, check)
  }

  /** Whether the old Pods are gone and the new set has its size. */
  #recreate(bench: Workbench): boolean {
    const { old, current } = bench.sync(false)
    if (active(old).length > 0) {
      for (const set of active(old)) bench.scale(set, 0)
      return false
    }
    if (this.#runsOld(old)) return false
    const made = current ?? bench.sync(true).current
    if (made !== undefined) bench.scale(made, sizeOf(bench.deployment))
    return true
  }

  #runsOld(old: readonly ReplicaSet[]): boolean {
    if (sum(old, actualOf) > 0) return true
    const pods = this.cluster.backend.store.collection(PODS)
    return old.some(({ metadata }) => pods?.byIndex('owner', metadata.uid).some((pod) => !isTerminal(pod)))
  }
}

function rollOne(bench: Workbench): boolean {
  bench.sync(true)
  return !rollOn(bench)
}

/** A pause and its end are told in the condition, so that a pause does not count as a rollout that does not move. */
function notePause(bench: Workbench): void {
  const { deployment } = bench
  const reason = progressOf(deployment)?.reason
  if (!hasDeadline(deployment) || reason === TIMED_OUT) return
  const paused = deployment.spec.paused === true
  if (paused === (reason === 'DeploymentPaused')) return
  bench.tell(
    paused
      ? { status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' }
      : { status: 'Unknown', reason: 'DeploymentResumed', message: 'Deployment is resumed' },
  )
}

/** Whether that was news. */
function tell(bench: Workbench, status: DeploymentStatus): boolean {
  if (semanticallyEqual(written(status), bench.deployment.status ?? {})) return false
  bench.writeStatus(status)
  return true
}
