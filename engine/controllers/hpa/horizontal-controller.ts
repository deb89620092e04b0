import type { MetricsSource } from '../../api/runtime.ts'
import type { ScaleForms } from '../../api/scale-form.ts'
import { EventRecorder } from '../../events/recorder.ts'
import type {
  AutoscalerCondition,
  AutoscalerSpec,
  AutoscalerStatus,
  CrossVersionReference,
  MetricStatus,
} from '../../kinds/autoscaling/types.ts'
import { semanticallyEqual } from '../../objects/equal.ts'
import { LabelSelector } from '../../objects/label-selector.ts'
import { getIn } from '../../objects/paths.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, GroupResource } from '../../objects/types.ts'
import { keyOfObject, placeOf } from '../../storage/key.ts'
import { type Cluster, CONTROLLER_MANAGER } from '../cluster.ts'
import { kindOf } from '../ownership.ts'
import { type Followed, QueueController } from '../queue-controller.ts'
import { ScalingHistory } from './history.ts'
import { type CustomMetrics, noCustomMetrics } from './metrics.ts'
import { type MetricProposal, NoProposal, propose } from './proposals.ts'

const AUTOSCALERS: GroupResource = { group: 'autoscaling', resource: 'horizontalpodautoscalers' }
const PODS: GroupResource = { group: '', resource: 'pods' }

/** Milliseconds between two looks at an autoscaler: kube-controller-manager's sync period. */
const PERIOD = 15_000
/** By how much a metric may be off its target without anything being done. */
const TOLERANCE = 0.1
const TOLERANCES = { up: TOLERANCE, down: TOLERANCE }

export interface HorizontalOptions {
  /** Where CPU and memory are measured; without it there is no metrics API. */
  readonly metrics?: MetricsSource | undefined
  readonly custom?: CustomMetrics
  readonly scales: ScaleForms
  readonly report?: ((error: unknown) => void) | undefined
}

/** What an autoscaler scales, as its Scale shows it. */
interface Target {
  readonly resource: GroupResource
  readonly specReplicas: number
  readonly statusReplicas: number
  readonly selector: string
}

/** An autoscaler while it is looked at. */
interface Round {
  readonly autoscaler: ApiObject
  readonly spec: AutoscalerSpec
  conditions: readonly AutoscalerCondition[]
  readonly now: number
}

/** Sets numbers of replicas by what is measured: upstream's horizontal controller (1.34). */
export class HorizontalController extends QueueController {
  readonly #options: HorizontalOptions
  readonly #recorder: EventRecorder
  readonly #histories = new Map<string, ScalingHistory>()
  /** Selectors of targets by their autoscaler: no Pod may have two. */
  readonly #selectors = new Map<string, LabelSelector>()

  constructor(cluster: Cluster, options: HorizontalOptions) {
    super(cluster, { report: options.report })
    this.#options = options
    this.#recorder = new EventRecorder(cluster.backend, { component: 'horizontal-pod-autoscaler' }, CONTROLLER_MANAGER)
  }

  protected follows(): readonly Followed[] {
    return [
      {
        resource: AUTOSCALERS,
        told: ({ type, object }) => {
          const key = keyOfObject(object)
          if (type === 'DELETED') this.#forget(key)
          else this.queue.addAfter(key, PERIOD)
        },
      },
    ]
  }

  override stop(): void {
    super.stop()
    this.#histories.clear()
    this.#selectors.clear()
  }

  #forget(key: string): void {
    this.#histories.delete(key)
    this.#selectors.delete(key)
  }

  protected sync(key: string): void {
    const { namespace, name } = placeOf(key)
    const { backend } = this.cluster
    const autoscaler = backend.store.collection(AUTOSCALERS)?.get(namespace, name)
    if (autoscaler === undefined) return
    this.queue.addAfter(key, PERIOD)
    const spec = autoscaler.spec as AutoscalerSpec
    const status = autoscaler.status as AutoscalerStatus | undefined
    this.#reconcile({ autoscaler, spec, conditions: status?.conditions ?? [], now: backend.clock.now() }, key)
  }

  #reconcile(round: Round, key: string): void {
    const { autoscaler, spec, now } = round
    let target: Target
    try {
      target = this.#target(autoscaler.metadata.namespace, spec.scaleTargetRef)
    } catch (error) {
      const { message } = error as Error
      this.#recorder.warning(autoscaler, 'FailedGetScale', message)
      const why = `the HPA controller was unable to get the target's current scale: ${message}`
      setCondition(round, 'AbleToScale', 'False', 'FailedGetScale', why)
      this.#write(round, statusOf(autoscaler))
      return
    }
    const able = "the HPA controller was able to get the target's current scale"
    setCondition(round, 'AbleToScale', 'True', 'SucceededGetScale', able)
    const current = target.specReplicas
    const history = this.#histories.get(key) ?? new ScalingHistory()
    this.#histories.set(key, history)
    history.begin(current, now)
    const decision = this.#decide(round, key, target, history)
    if (decision === undefined) return
    const { desired, reason, metrics } = decision
    const rescales = desired !== undefined && desired !== current
    const shown = { ...statusOf(autoscaler), currentReplicas: current, currentMetrics: metrics }
    if (!rescales) {
      this.#write(round, { ...shown, desiredReplicas: current })
      return
    }
    const { namespace } = autoscaler.metadata
    try {
      const { name } = spec.scaleTargetRef
      this.#options.scales.rescale(target.resource, namespace, name, desired, CONTROLLER_MANAGER)
    } catch (error) {
      const { message } = error as Error
      const said = `New size: ${desired}; reason: ${reason}; error: ${message}`
      this.#recorder.warning(autoscaler, 'FailedRescale', said)
      const why = `the HPA controller was unable to update the target scale: ${message}`
      setCondition(round, 'AbleToScale', 'False', 'FailedUpdateScale', why)
      this.#write(round, { ...shown, desiredReplicas: statusOf(autoscaler).desiredReplicas })
      return
    }
    const done = `the HPA controller was able to update the target scale to ${desired}`
    setCondition(round, 'AbleToScale', 'True', 'SucceededRescale', done)
    this.#recorder.normal(autoscaler, 'SuccessfulRescale', `New size: ${desired}; reason: ${reason}`)
    history.scaled(current, desired, spec.behavior, now)
    this.#write(round, { ...shown, desiredReplicas: desired, lastScaleTime: formatTime(now) })
  }

  /** How many it shall be, and why; undefined if no metric says anything, which is written then. */
  #decide(
    round: Round,
    key: string,
    target: Target,
    history: ScalingHistory,
  ):
    | { readonly desired?: number; readonly reason: string; readonly metrics: readonly MetricStatus[] | null }
    | undefined {
    const { autoscaler, spec, now } = round
    const { minReplicas: min = 1, maxReplicas: max, behavior } = spec
    const current = target.specReplicas
    if (current === 0 && min !== 0) {
      const why = 'scaling is disabled since the replica count of the target is zero'
      setCondition(round, 'ScalingActive', 'False', 'ScalingDisabled', why)
      return { reason: '', metrics: null }
    }
    if (current > max) {
      return { desired: max, reason: 'Current number of replicas above Spec.MaxReplicas', metrics: null }
    }
    if (current < min) {
      return { desired: min, reason: 'Current number of replicas below Spec.MinReplicas', metrics: null }
    }
    const measured = this.#measure(round, key, target)
    if (measured.best === undefined) {
      const status = statusOf(autoscaler)
      this.#write(round, { ...status, currentReplicas: current, currentMetrics: measured.statuses })
      this.#recorder.warning(autoscaler, 'FailedComputeMetricsReplicas', measured.failure ?? '')
      return undefined
    }
    const { replicas, name } = measured.best
    const reason = replicas > current ? `${name} above target` : replicas < current ? 'All metrics below target' : ''
    const bounded = history.bound({ current, desired: replicas, min, max, now }, behavior)
    setCondition(round, 'AbleToScale', 'True', bounded.able.reason, bounded.able.message)
    const { isLimited, reason: limit, message } = bounded.limited
    setCondition(round, 'ScalingLimited', isLimited ? 'True' : 'False', limit, message)
    return { desired: bounded.replicas, reason, metrics: measured.statuses }
  }

  /** The metric that asks for most, if enough of them can be read. */
  #measure(
    round: Round,
    key: string,
    target: Target,
  ): { readonly best?: MetricProposal; readonly statuses: readonly MetricStatus[] | null; readonly failure?: string } {
    const { autoscaler, spec, now } = round
    const { metrics = [] } = spec
    const { namespace = '' } = autoscaler.metadata
    const found = this.#select(round, key, target.selector, namespace)
    if (found === undefined) return { statuses: null, failure: this.#selectorFailure(round) }
    const look = {
      namespace,
      ...found,
      specReplicas: target.specReplicas,
      statusReplicas: target.statusReplicas,
      tolerances: TOLERANCES,
      now,
      resources: this.#options.metrics,
      custom: this.#options.custom ?? noCustomMetrics,
    }
    let best: MetricProposal | undefined
    const failures: NoProposal[] = []
    const statuses = metrics.map((metric): MetricStatus => {
      try {
        const proposal = propose(metric, look)
        if (best === undefined || proposal.replicas > best.replicas) best = proposal
        return proposal.status
      } catch (error) {
        if (!(error instanceof NoProposal)) throw error
        this.#recorder.warning(autoscaler, error.reason, error.message)
        failures.push(error)
        return { type: '' }
      }
    })
    const [first] = failures
    if (first !== undefined && (best === undefined || best.replicas < target.specReplicas)) {
      const why = `the HPA was unable to compute the replica count: ${first.message}`
      setCondition(round, 'ScalingActive', 'False', first.reason, why)
      const all = `${failures.length} invalid out of ${metrics.length}`
      return { statuses, failure: `invalid metrics (${all}), first error is: ${first.summary}` }
    }
    if (best === undefined) return { statuses, failure: '' }
    const why = `the HPA was able to successfully calculate a replica count from ${best.name}`
    setCondition(round, 'ScalingActive', 'True', 'ValidMetricFound', why)
    return { best, statuses }
  }

  /** The target's Pods; undefined if they cannot be told from others', and the condition says why. */
  #select(
    round: Round,
    key: string,
    text: string,
    namespace: string,
  ): { readonly selector: LabelSelector; readonly pods: readonly ApiObject[] } | undefined {
    const { autoscaler } = round
    const refuse = (event: string, reason: string, message: string, shown = message): undefined => {
      this.#recorder.warning(autoscaler, event, message)
      setCondition(round, 'ScalingActive', 'False', reason, shown)
    }
    if (text === '') {
      const shown = "the HPA target's scale is missing a selector"
      return refuse('SelectorRequired', 'InvalidSelector', 'selector is required', shown)
    }
    let selector: LabelSelector
    try {
      selector = LabelSelector.parse(text)
    } catch (error) {
      const why = `couldn't convert selector into a corresponding internal selector object: ${(error as Error).message}`
      return refuse('InvalidSelector', 'InvalidSelector', why)
    }
    this.#selectors.set(key, selector)
    const all = this.cluster.backend.store.collection(PODS)?.list({ namespace }).items ?? []
    const pods = all.filter(({ metadata }) => selector.matches(metadata.labels))
    const others = [...this.#selectors].filter(
      ([other, selects]) =>
        other.startsWith(`${namespace}/`) && pods.some(({ metadata }) => selects.matches(metadata.labels)),
    )
    if (others.length > 1) {
      const names = others.map(([other]) => `{${other.slice(namespace.length + 1)} ${namespace}}`)
      const why = `pods by selector ${text} are controlled by multiple HPAs: [${names.join(' ')}]`
      return refuse('AmbiguousSelector', 'AmbiguousSelector', why)
    }
    return { selector, pods }
  }

  #selectorFailure({ conditions }: Round): string {
    const condition = conditions.find(({ type }) => type === 'ScalingActive')
    const isMissing = condition?.message === "the HPA target's scale is missing a selector"
    return isMissing ? 'selector is required' : (condition?.message ?? '')
  }

  /** Throws Error with a sentence if there is nothing of that name that can be scaled. */
  #target(namespace: string | undefined, { apiVersion = '', kind, name }: CrossVersionReference): Target {
    const { group } = kindOf({ apiVersion, kind })
    const served = this.cluster.catalogue.ofKind({ group, kind })
    if (served === undefined) throw new Error(`no matches for kind "${kind}" in group "${group}"`)
    const { resource } = served.definition
    const object = served.registry.get(namespace, name)
    const scale = this.#options.scales.find(resource, object.apiVersion)?.of(object)
    if (scale === undefined) throw new Error('the server could not find the requested resource')
    return {
      resource,
      specReplicas: Number(getIn(scale, ['spec', 'replicas']) ?? 0),
      statusReplicas: Number(getIn(scale, ['status', 'replicas']) ?? 0),
      selector: String(getIn(scale, ['status', 'selector']) ?? ''),
    }
  }

  #write({ autoscaler, conditions }: Round, next: Omit<AutoscalerStatus, 'conditions'>): void {
    const { namespace, name } = autoscaler.metadata
    const { lastScaleTime, currentReplicas = 0, desiredReplicas, currentMetrics } = next
    const status: AutoscalerStatus = {
      ...(lastScaleTime === undefined ? {} : { lastScaleTime }),
      ...(currentReplicas === 0 ? {} : { currentReplicas }),
      desiredReplicas,
      currentMetrics: currentMetrics === null || currentMetrics.length === 0 ? null : currentMetrics,
      conditions,
    }
    if (semanticallyEqual(status, autoscaler.status)) return
    this.writer.update({ resource: AUTOSCALERS, namespace, name, subresource: 'status' }, (now) => ({ ...now, status }))
  }
}

function statusOf({ status }: ApiObject): AutoscalerStatus {
  return (status as AutoscalerStatus | undefined) ?? { desiredReplicas: 0, currentMetrics: null }
}

function setCondition(round: Round, type: string, status: 'True' | 'False', reason: string, message: string): void {
  const before = round.conditions.find((one) => one.type === type)
  const lastTransitionTime = before?.status === status ? (before.lastTransitionTime ?? null) : formatTime(round.now)
  const condition = { type, status, lastTransitionTime, reason, message }
  round.conditions =
    before === undefined
      ? [...round.conditions, condition]
      : round.conditions.map((one) => (one === before ? condition : one))
}
