import { isReady, statusOf, withCondition } from '../../kinds/pod/status.ts'
import { LabelSelector, type LabelSelectorObject } from '../../objects/label-selector.ts'
import { badRequest, forbidden, notFound, StatusError, unclassified } from '../../objects/status-error.ts'
import { formatTime } from '../../objects/time.ts'
import type { ApiObject, Json, NewObject } from '../../objects/types.ts'
import type { DeleteOptions } from '../../storage/deletion.ts'
import { answer } from '../answers.ts'
import type { Api, Call } from '../context.ts'
import { deleteOptionsOf } from '../deletes.ts'
import type { Endpoint } from '../endpoint.ts'
import type { ApiResponse } from '../http.ts'
import type { Door } from '../router.ts'
import { received, type Sent, success } from './creating.ts'

const EVICTION = { group: 'policy', version: 'v1', kind: 'Eviction' } as const
const PODS = { group: '', resource: 'pods' } as const
const BUDGETS = { group: 'policy', resource: 'poddisruptionbudgets' } as const
/** Evictions of a budget that its controller has not confirmed yet, at most. */
const MOST_UNCONFIRMED = 2000
/** Who writes a budget's status here. */
const SERVER = 'kube-apiserver'
/** Seconds after which to try again while a budget is not up to date. */
const RETRY_AFTER = 10

interface Budget {
  readonly spec?: { readonly selector?: LabelSelectorObject; readonly unhealthyPodEvictionPolicy?: string }
  readonly status?: BudgetStatus
}

interface BudgetStatus {
  readonly observedGeneration?: number
  readonly disruptedPods?: Readonly<Record<string, string>>
  readonly disruptionsAllowed: number
  readonly currentHealthy: number
  readonly desiredHealthy: number
  readonly expectedPods: number
  readonly conditions?: readonly Readonly<Record<string, unknown>>[]
}

/** `pods/<name>/eviction`: a deletion that keeps PodDisruptionBudgets (registry/core/pod's `EvictionREST`, 1.34). */
export const evictionDoor: Door = {
  serves: (group, version, resource, subresource) =>
    group === '' && version === 'v1' && resource === 'pods' && subresource === 'eviction',
  handle(api, call): ApiResponse {
    const sent = received(api, call, {
      resource: PODS,
      subresource: 'eviction',
      kind: EVICTION,
      alsoVersions: [{ group: 'policy', version: 'v1beta1' }],
    })
    if (sent.object.metadata.name !== call.info.name) {
      throw badRequest('name in URL does not match name in Eviction object')
    }
    const options = optionsOf(sent)
    sent.admit()
    return evict(api, call, options)
  },
}

function optionsOf({ object, options }: Sent): DeleteOptions {
  const sent = (object as NewObject & { readonly deleteOptions?: Readonly<Record<string, Json>> }).deleteOptions
  const own = sent === undefined ? {} : deleteOptionsOf(sent)
  return { ...own, dryRun: options.dryRun || own.dryRun === true }
}

function evict(api: Api, call: Call, options: DeleteOptions): ApiResponse {
  const { namespace, name } = call.info
  const pod = api.backend.store.collection(PODS)?.get(namespace, name)
  if (pod === undefined) throw notFound(PODS, name)
  if (!isBudgeted(pod)) {
    remove(api, pod, options)
    return success(call)
  }
  const budgets = budgetsOf(api, pod)
  if (budgets.length > 1) {
    const message = 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.'
    const status = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, code: 500 }
    return answer(call.accepted, 201, JSON.stringify(status), call.warnings)
  }
  const [budget] = budgets
  if (budget !== undefined && !mayGoUnhealthy(pod, budget)) {
    takeDisruption(api, pod, budget, options.dryRun ?? false)
  }
  remove(api, pod, options)
  return success(call)
}

/** A Pod that does not run, or is on its way out, disrupts nothing. */
function isBudgeted(pod: ApiObject): boolean {
  const { phase } = statusOf(pod)
  if (phase === 'Succeeded' || phase === 'Failed' || phase === 'Pending') return false
  return pod.metadata.deletionTimestamp === undefined
}

function budgetsOf(api: Api, pod: ApiObject): ApiObject[] {
  const { namespace } = pod.metadata
  const { items = [] } = api.backend.store.collection(BUDGETS)?.list({ namespace }) ?? {}
  return items.filter((budget) => {
    try {
      return LabelSelector.fromObject((budget as Budget).spec?.selector).matches(pod.metadata.labels ?? {})
    } catch {
      // A selector that cannot be read selects nothing.
      return false
    }
  })
}

function mayGoUnhealthy(pod: ApiObject, budget: ApiObject): boolean {
  if (isReady(pod)) return false
  const { spec, status } = budget as Budget
  if (spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true
  const { currentHealthy = 0, desiredHealthy = 0 } = status ?? {}
  return currentHealthy >= desiredHealthy && desiredHealthy > 0
}

function takeDisruption(api: Api, pod: ApiObject, budget: ApiObject, dryRun: boolean): void {
  const { name, generation = 0 } = budget.metadata
  const status = (budget as Budget).status
  const { disruptionsAllowed = 0, disruptedPods = {}, desiredHealthy = 0, currentHealthy = 0 } = status ?? {}
  if ((status?.observedGeneration ?? 0) < generation) {
    throw tooMany(`The disruption budget ${name} is still being processed by the server.`, RETRY_AFTER)
  }
  const refused = (why: string) => forbidden({ group: 'policy', resource: 'poddisruptionbudget' }, name, why)
  if (disruptionsAllowed < 0) throw refused('pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > MOST_UNCONFIRMED) {
    throw refused('DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  }
  if (disruptionsAllowed === 0) {
    throw tooMany(
      `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`,
      0,
    )
  }
  if (dryRun) return
  const now = formatTime(api.backend.clock.now())
  const left = disruptionsAllowed - 1
  const next = {
    ...budget,
    status: {
      ...status,
      disruptedPods: { ...disruptedPods, [pod.metadata.name]: now },
      disruptionsAllowed: left,
      ...(left === 0 ? { conditions: noneAllowed(status?.conditions ?? [], generation, now) } : {}),
    },
  }
  const endpoint = statusEndpoint(api, 'policy', 'v1', 'poddisruptionbudgets')
  endpoint.registry.update(budget.metadata.namespace, name, (live) => endpoint.manager.update(live, next, SERVER))
}

function noneAllowed(
  conditions: readonly Readonly<Record<string, unknown>>[],
  observedGeneration: number,
  now: string,
): Readonly<Record<string, unknown>>[] {
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const set = {
    type: 'DisruptionAllowed',
    status: 'False',
    observedGeneration,
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : now,
    reason: 'InsufficientPods',
    message: '',
  }
  return before === undefined ? [...conditions, set] : conditions.map((one) => (one === before ? set : one))
}

/** 429 with the budget as its cause: kubectl drain tries again. */
function tooMany(cause: string, retryAfterSeconds: number): StatusError {
  return new StatusError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
    details: {
      causes: [{ reason: 'DisruptionBudget', message: cause }],
      ...(retryAfterSeconds === 0 ? {} : { retryAfterSeconds }),
    },
  })
}

/** The Pod says why it goes, then it goes. */
function remove(api: Api, pod: ApiObject, options: DeleteOptions): void {
  const { namespace, name } = pod.metadata
  let { preconditions } = options
  const { registry } = statusEndpoint(api, '', 'v1', 'pods')
  if (options.dryRun !== true) {
    const condition = {
      type: 'DisruptionTarget',
      status: 'True',
      reason: 'EvictionByEvictionAPI',
      message: 'Eviction API: evicting',
    } as const
    const now = formatTime(api.backend.clock.now())
    const { object } = registry.update(namespace, name, (live) => withCondition(live ?? pod, condition, now), {
      ...(preconditions === undefined ? {} : { preconditions }),
    })
    if (preconditions?.resourceVersion !== undefined) {
      preconditions = { ...preconditions, resourceVersion: object.metadata.resourceVersion }
    }
  }
  const deletion = preconditions === undefined ? options : { ...options, preconditions }
  api.backend.registry(PODS)?.delete(namespace, name, deletion)
}

function statusEndpoint(api: Api, group: string, version: string, resource: string): Endpoint {
  const endpoint = api.endpoints.find(group, version, resource, 'status')
  if (endpoint === undefined) throw unclassified(`the server does not serve ${resource}/status`)
  return endpoint
}
