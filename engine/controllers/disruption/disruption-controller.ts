import type { ScaleForms } from '../../api/scale-form.ts'
import { EventRecorder } from '../../events/recorder.ts'
import { conditionOf, isReady, isTerminal, statusOf, withCondition } from '../../kinds/pod/status.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { scaledValue } from '../../objects/int-or-string.ts'
import { LabelSelector } from '../../objects/label-selector.ts'
import { getIn } from '../../objects/paths.ts'
import { StatusError } from '../../objects/status-error.ts'
import { formatTime, parseTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource, OwnerReference } from '../../objects/types.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import { type Cluster, CONTROLLER_MANAGER } from '../cluster.ts'
import { kindOf } from '../ownership.ts'
import { controllerOf } from '../pod-control/controller-ref.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { WorkQueue } from '../work-queue.ts'
import { type BudgetStatus, budgetSpecOf, budgetStatusOf, selectorText, withAllowed } from './budget.ts'

const BUDGETS: GroupResource = { group: 'policy', resource: 'poddisruptionbudgets' }
const PODS: GroupResource = { group: '', resource: 'pods' }

/** Milliseconds within which a Pod that was allowed to go must have gone. */
const DELETION_WITHIN = 120_000
/** Milliseconds after which a Pod that was to go, and did not, is no longer said to be going. */
const STALE_AFTER = 120_000

/** Counts for each PodDisruptionBudget how many of its Pods may go: upstream's disruption controller (1.34). */
export class DisruptionController extends QueueController {
  readonly #scales: ScaleForms
  readonly #recorder: EventRecorder
  /** Pods whose condition DisruptionTarget may have become stale. */
  readonly #stale: WorkQueue

  constructor(cluster: Cluster, scales: ScaleForms, report?: (error: unknown) => void) {
    super(cluster, { report })
    this.#scales = scales
    this.#recorder = new EventRecorder(cluster.backend, { component: 'controllermanager' }, CONTROLLER_MANAGER)
    this.#stale = new WorkQueue({ clock: cluster.backend.clock, sync: (key) => this.#syncStale(key), report })
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: BUDGETS,
        told: ({ type, object }) => {
          if (type !== 'DELETED') this.queue.add(keyOfObject(object))
        },
      },
      { resource: PODS, told: ({ type, object, previous }) => this.#podChanged(type, object, previous) },
    ]
  }

  override stop(): void {
    super.stop()
    this.#stale.clear()
  }

  #podChanged(type: string, pod: ApiObject, previous: ApiObject | undefined): void {
    const labelsChanged = previous !== undefined && previous.metadata.labels !== pod.metadata.labels
    const budgets = new Set(this.#budgetsOf(pod))
    if (labelsChanged) for (const budget of this.#budgetsOf(previous)) budgets.add(budget)
    for (const budget of budgets) this.queue.add(keyOfObject(budget))
    if (type !== 'DELETED' && staleIn(pod, this.cluster.backend.clock.now()) !== undefined) {
      this.#stale.add(keyOfObject(pod))
    }
  }

  #budgetsOf({ metadata: { namespace, labels } }: ApiObject): ApiObject[] {
    const budgets = this.cluster.backend.store.collection(BUDGETS)
    if (budgets === undefined || budgets.size === 0) return []
    return budgets.list({ namespace }).items.filter((budget) => selectorOf(budget).matches(labels))
  }

  protected sync(key: string): void {
    const { namespace, name } = placeOf(key)
    const budget = this.cluster.backend.store.collection(BUDGETS)?.get(namespace, name)
    if (budget === undefined) return
    try {
      this.#count(budget, key)
    } catch (error) {
      if (error instanceof StatusError) throw error
      this.#failSafe(budget, error as Error)
    }
  }

  #count(budget: ApiObject, key: string): void {
    const { clock } = this.cluster.backend
    const { namespace, generation } = budget.metadata
    const selector = selectorOf(budget)
    const all = this.cluster.backend.store.collection(PODS)?.list({ namespace }).items ?? []
    const pods = all.filter(({ metadata }) => selector.matches(metadata.labels))
    if (pods.length === 0) this.#recorder.normal(budget, 'NoPods', 'No matching pods found')
    const { expected, desired } = this.#expected(budget, pods)
    const now = clock.now()
    const { disrupted, recheck } = this.#disrupted(budget, pods, now)
    const isHealthy = (pod: ApiObject) =>
      pod.metadata.deletionTimestamp === undefined && !(pod.metadata.name in disrupted) && isReady(pod)
    const currentHealthy = pods.filter(isHealthy).length
    const disruptionsAllowed = expected <= 0 ? 0 : Math.max(0, currentHealthy - desired)
    const before = budgetStatusOf(budget)
    const counted: BudgetStatus = {
      ...(generation === undefined ? {} : { observedGeneration: generation }),
      ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy: desired,
      expectedPods: expected,
      ...(before.conditions === undefined ? {} : { conditions: before.conditions }),
    }
    const allowed = disruptionsAllowed > 0
    const said = {
      status: allowed ? 'True' : 'False',
      reason: allowed ? 'SufficientPods' : 'InsufficientPods',
      message: '',
    } as const
    this.#write(budget, { ...counted, conditions: withAllowed(counted, said, formatTime(now)) })
    if (recheck !== undefined) this.queue.addAfter(key, recheck - now + 1)
  }

  /** How many Pods there should be, and how many of them healthy. Throws Error if that cannot be known. */
  #expected(budget: ApiObject, pods: readonly ApiObject[]): { readonly expected: number; readonly desired: number } {
    const { minAvailable, maxUnavailable } = budgetSpecOf(budget)
    if (maxUnavailable !== undefined) {
      const expected = this.#scaleOfOwners(budget, pods)
      return { expected, desired: Math.max(0, expected - scaledValue(maxUnavailable, expected, 'up')) }
    }
    if (typeof minAvailable === 'string') {
      const expected = this.#scaleOfOwners(budget, pods)
      return { expected, desired: scaledValue(minAvailable, expected, 'up') }
    }
    return minAvailable === undefined ? { expected: 0, desired: 0 } : { expected: pods.length, desired: minAvailable }
  }

  /** Replicas that the Pods' controllers want, together. */
  #scaleOfOwners(budget: ApiObject, pods: readonly ApiObject[]): number {
    const scales = new Map<string, number>()
    let unmanaged = 0
    for (const pod of pods) {
      const reference = controllerOf(pod)
      if (reference === undefined) {
        unmanaged++
        continue
      }
      if (scales.has(reference.uid)) continue
      const owner = this.#scaledOwner(reference, pod.metadata.namespace)
      if (owner === undefined) {
        const why = `found no controllers for pod "${pod.metadata.name}"`
        const said = `Failed to calculate the number of expected pods: ${why}`
        this.#recorder.warning(budget, 'CalculateExpectedPodCountFailed', said)
        throw new Error(why)
      }
      scales.set(owner.uid, owner.replicas)
    }
    if (unmanaged > 0) {
      const selector = selectorText(budgetSpecOf(budget).selector ?? {})
      const said =
        `Pods selected by this PodDisruptionBudget (selector: ${selector}) were found to be unmanaged. As a result, ` +
        'the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account ' +
        'for these pods please set ".spec.minAvailable" field of the PDB to an integer value.'
      this.#recorder.warning(budget, 'UnmanagedPods', said)
    }
    let total = 0
    for (const replicas of scales.values()) total += replicas
    return total
  }

  /** What scales a Pod's controller: itself, or of a ReplicaSet its Deployment. */
  #scaledOwner(
    reference: OwnerReference,
    namespace: string | undefined,
  ): { readonly uid: string; readonly replicas: number } | undefined {
    const served = this.cluster.catalogue.ofKind(kindOf(reference))
    const owner = served?.registry.collection.get(namespace, reference.name)
    if (served === undefined || owner?.metadata.uid !== reference.uid) return undefined
    const above = reference.kind === 'ReplicaSet' ? controllerOf(owner) : undefined
    if (above?.kind === 'Deployment') return this.#scaledOwner(above, namespace)
    const scale = this.#scales.find(served.definition.resource, owner.apiVersion)?.of(owner)
    return scale && { uid: owner.metadata.uid, replicas: Number(getIn(scale, ['spec', 'replicas']) ?? 0) }
  }

  /** Pods that were allowed to go and may still do so, and when to look again. */
  #disrupted(budget: ApiObject, pods: readonly ApiObject[], now: number) {
    const { disruptedPods = {} } = budgetStatusOf(budget)
    const disrupted: Record<string, string> = {}
    let recheck: number | undefined
    for (const pod of pods) {
      const { name, deletionTimestamp } = pod.metadata
      const since = disruptedPods[name]
      if (since === undefined || deletionTimestamp !== undefined) continue
      const until = (parseTime(since) ?? 0) + DELETION_WITHIN
      if (until < now) {
        const { namespace = '' } = budget.metadata
        const said = `Pod was expected by PDB ${namespace}/${namespace} to be deleted but it wasn't`
        this.#recorder.warning(pod, 'NotDeleted', said)
        continue
      }
      disrupted[name] = since
      recheck = Math.min(recheck ?? until, until)
    }
    return { disrupted, recheck }
  }

  /** Nobody may go while nobody can count. */
  #failSafe(budget: ApiObject, { message }: Error): void {
    const status = { ...budgetStatusOf(budget), disruptionsAllowed: 0 }
    const now = formatTime(this.cluster.backend.clock.now())
    const said = { status: 'False', reason: 'SyncFailed', message } as const
    this.#write(budget, { ...status, conditions: withAllowed(status, said, now) })
  }

  #write(budget: ApiObject, status: BudgetStatus): void {
    if (semanticallyEqual(status, budget.status)) return
    const { namespace, name } = budget.metadata
    this.writer.update({ resource: BUDGETS, namespace, name, subresource: 'status' }, (now) => ({ ...now, status }))
  }

  #syncStale(key: string): void {
    const { backend } = this.cluster
    const { namespace, name } = placeOf(key)
    const pod = backend.store.collection(PODS)?.get(namespace, name)
    const now = backend.clock.now()
    const left = pod && staleIn(pod, now)
    if (pod === undefined || left === undefined) return
    if (left > 0) {
      this.#stale.addAfter(key, left)
      return
    }
    this.writer.update({ resource: PODS, namespace, name, subresource: 'status' }, (live) =>
      withCondition(live, { type: 'DisruptionTarget', status: 'False' }, formatTime(now)),
    )
  }
}

function selectorOf(budget: ApiObject): LabelSelector {
  try {
    return LabelSelector.fromObject(budgetSpecOf(budget).selector)
  } catch {
    return LabelSelector.nothing
  }
}

/** Milliseconds until a Pod that was to go no longer counts as such; undefined if it never was, has gone, or its kubelet said so. */
function staleIn(pod: ApiObject, now: number): number | undefined {
  if (pod.metadata.deletionTimestamp !== undefined || isTerminal(pod)) return undefined
  const condition = conditionOf(statusOf(pod), 'DisruptionTarget')
  if (condition?.status !== 'True' || condition.reason === 'TerminationByKubelet') return undefined
  return Math.max(0, (parseTime(condition.lastTransitionTime ?? '') ?? 0) + STALE_AFTER - now)
}
