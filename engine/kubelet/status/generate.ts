import { qosClass } from '../../kinds/pod/qos.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { PodCondition } from '../../kinds/pod/types.ts'
import type { Records, SandboxRecord } from '../pod/record.ts'
import { conditionsOf, endedReady, isOwnCondition } from './conditions.ts'
import { containerStatuses, withInitProbes, withProbes } from './containers.ts'
import { type Phase, phaseOf } from './phase.ts'
import type { FullContainerStatus, FullPodStatus, StartFailure } from './types.ts'

/** Why a Pod has to end although its containers did not: evicted, past its deadline, its node going down. */
export interface Ending {
  readonly reason: string
  readonly message: string
  /** Of the condition DisruptionTarget; none where nothing is disrupted. */
  readonly disruption?: { readonly reason: string; readonly message: string }
}

/** Why a Pod keeps the resources that it has: `Deferred` until there is room, `Infeasible` on this node. */
export interface PendingResize {
  readonly reason: 'Deferred' | 'Infeasible'
  readonly message: string
}

/** Other resources on their way to a Pod's containers. */
export interface RunningResize {
  /** The Pod's, when they were set aside. */
  readonly generation: number
  /** Why they could not be given. */
  readonly fault?: string
}

export interface StatusView {
  readonly pod: Pod
  /** As it was told last. */
  readonly old: FullPodStatus
  readonly records: Records
  readonly sandbox: SandboxRecord | undefined
  /** Addresses, kept when its sandbox has gone. */
  readonly ip: string | undefined
  readonly hostIp: string
  readonly failures: ReadonlyMap<string, StartFailure>
  /** Nothing of it is started any more. */
  readonly terminal: boolean
  readonly ending: Ending | undefined
  readonly isStatic: boolean
  /** Other resources that it does not get, or not yet. */
  readonly pendingResize: PendingResize | undefined
  readonly runningResize: RunningResize | undefined
  /** RFC 3339. */
  readonly now: string
}

/** Bytes of termination messages in a Pod's status: upstream's limit for all containers together. */
const LONGEST_MESSAGES = 12 * 1024

/** A Pod's status as its kubelet sees it: `generateAPIPodStatus` and what the status manager adds (1.34). */
export function generateStatus(view: StatusView): FullPodStatus {
  const { pod, old, records, sandbox, now, hostIp } = view
  const { spec, metadata } = pod
  const seen = { spec, ending: metadata.deletionTimestamp !== undefined, records, failures: view.failures }
  const containers = spec.containers ?? []
  const inits = spec.initContainers ?? []
  const ephemerals = spec.ephemeralContainers ?? []
  const limit = Math.floor(LONGEST_MESSAGES / Math.max(1, containers.length + inits.length + ephemerals.length))
  const shorten = (status: FullContainerStatus) => shortened(status, limit)
  const statuses = withProbes(
    containerStatuses(seen, containers, old.containerStatuses ?? [], false),
    containers,
    records,
  ).map(shorten)
  const initStatuses = withInitProbes(
    containerStatuses(seen, inits, old.initContainerStatuses ?? [], true),
    inits,
    records,
  ).map(shorten)
  const ephemeralStatuses = containerStatuses(seen, ephemerals, old.ephemeralContainerStatuses ?? [], false).map(
    shorten,
  )
  const names = new Set(containers.map(({ name }) => name))
  const hasInitialized =
    sandbox !== undefined && records.some(({ name, attempt }) => names.has(name) && attempt === sandbox.attempt)
  const computed = phaseOf({
    spec,
    statuses: [...statuses, ...initStatuses],
    terminal: view.terminal,
    hasInitialized,
    isStatic: view.isStatic,
  })
  const { phase, reason, message } = settledPhase(view, computed)
  const others = ((pod.status?.conditions ?? []) as readonly PodCondition[]).filter(({ type }) => !isOwnCondition(type))
  const generation = metadata.generation ?? 0
  const disruption = disruptionOf(view)
  const before = old.conditions ?? []
  const conditions = conditionsOf({
    spec,
    phase,
    initStatuses,
    statuses,
    others,
    hasSandbox: sandbox?.ready === true,
  })
  const ip = spec.hostNetwork === true ? hostIp : view.ip
  return {
    conditions: [
      ...others.filter(({ type }) => disruption === undefined || type !== 'DisruptionTarget'),
      ...resizeConditions(view),
      ...[...(disruption === undefined ? [] : [disruption]), ...conditions].map((condition) =>
        dated(condition, before, generation, now),
      ),
    ],
    ...(statuses.length === 0 ? {} : { containerStatuses: statuses }),
    ...(ephemeralStatuses.length === 0 ? {} : { ephemeralContainerStatuses: ephemeralStatuses }),
    hostIP: hostIp,
    hostIPs: [{ ip: hostIp }],
    ...(initStatuses.length === 0 ? {} : { initContainerStatuses: initStatuses }),
    ...(message === undefined ? {} : { message }),
    ...(generation === 0 ? {} : { observedGeneration: generation }),
    phase,
    ...(ip === undefined ? {} : { podIP: ip, podIPs: [{ ip }] }),
    qosClass: pod.status?.qosClass ?? qosClass(spec),
    ...(reason === undefined ? {} : { reason }),
    startTime: old.startTime ?? now,
  }
}

/** The status of a Pod that its kubelet does not take. */
export function rejectedStatus(pod: Pod, reason: string, message: string, now: string): FullPodStatus {
  const { generation = 0 } = pod.metadata
  const others = ((pod.status?.conditions ?? []) as readonly PodCondition[]).filter(({ type }) => !isOwnCondition(type))
  return {
    ...(others.length === 0 ? {} : { conditions: others }),
    message: `Pod was rejected: ${message}`,
    ...(generation === 0 ? {} : { observedGeneration: generation }),
    phase: 'Failed',
    qosClass: pod.status?.qosClass ?? qosClass(pod.spec),
    reason,
    startTime: now,
  }
}

/** What is over stays over, and the reasons of a phase stay while it does. */
function settledPhase(
  { pod, old, ending }: StatusView,
  computed: Phase,
): { readonly phase: Phase; readonly reason?: string | undefined; readonly message?: string | undefined } {
  if (ending !== undefined) return { phase: 'Failed', reason: ending.reason, message: ending.message }
  const told = (pod.status ?? {}) as FullPodStatus
  const isOver = (phase: string | undefined): phase is Phase => phase === 'Succeeded' || phase === 'Failed'
  const phase = isOver(told.phase) ? told.phase : !isOver(computed) && isOver(old.phase) ? old.phase : computed
  if (phase !== old.phase) return { phase }
  return { phase, reason: old.reason ?? told.reason, message: old.message ?? told.message }
}

function resizeConditions({ pendingResize, runningResize, terminal, pod, old, now }: StatusView): PodCondition[] {
  if (terminal) return []
  const { generation = 0 } = pod.metadata
  const pending = { type: 'PodResizePending', status: 'True', ...pendingResize }
  const running = {
    type: 'PodResizeInProgress',
    status: 'True',
    ...(runningResize?.fault === undefined ? {} : { reason: 'Error', message: runningResize.fault }),
  }
  return [
    ...(pendingResize === undefined ? [] : [probed(pending, generation)]),
    ...(runningResize === undefined ? [] : [probed(running, runningResize.generation)]),
  ]

  /** Unlike others, these say when they were looked at last. */
  function probed(condition: PodCondition, observed: number): PodCondition {
    const { type, reason, message } = condition
    const before = old.conditions?.find((one) => one.type === type)
    const isSame = before?.reason === reason && before?.observedGeneration === (observed === 0 ? undefined : observed)
    const kept = before !== undefined && isSame && before.message === message
    const at = dated(condition, old.conditions ?? [], observed, now)
    return {
      ...at,
      lastProbeTime: kept ? (before.lastProbeTime ?? now) : now,
      lastTransitionTime: before?.reason === reason ? (at.lastTransitionTime ?? now) : now,
    }
  }
}

function disruptionOf({ ending, old }: StatusView): PodCondition | undefined {
  const before = old.conditions?.find(({ type }) => type === 'DisruptionTarget')
  if (ending?.disruption === undefined) return before
  return { type: 'DisruptionTarget', status: 'True', ...ending.disruption }
}

function dated(
  condition: PodCondition,
  before: readonly PodCondition[],
  generation: number,
  now: string,
): PodCondition {
  const old = before.find(({ type }) => type === condition.type)
  return {
    lastProbeTime: null,
    lastTransitionTime: old?.status === condition.status ? (old.lastTransitionTime ?? now) : now,
    ...(condition.message === undefined ? {} : { message: condition.message }),
    ...(generation === 0 ? {} : { observedGeneration: generation }),
    ...(condition.reason === undefined ? {} : { reason: condition.reason }),
    status: condition.status,
    type: condition.type,
  }
}

function shortened(status: FullContainerStatus, limit: number): FullContainerStatus {
  const isLong = ({ terminated }: FullContainerStatus['state']) => (terminated?.message?.length ?? 0) > limit
  if (!isLong(status.state) && !isLong(status.lastState)) return status
  const cut = (state: FullContainerStatus['state']) =>
    state.terminated?.message === undefined
      ? state
      : { terminated: { ...state.terminated, message: state.terminated.message.slice(0, limit) } }
  return { ...status, state: cut(status.state), lastState: cut(status.lastState) }
}

/**
 * What of a status is told to the API server: others keep their conditions, and a Pod is not said to be over while its containers may still
 * run (`mergePodStatus`, 1.34).
 */
export function mergeStatus(
  told: FullPodStatus,
  status: FullPodStatus,
  { mayRun, now, generation }: { readonly mayRun: boolean; readonly now: string; readonly generation: number },
): FullPodStatus {
  const isOver = (phase: string | undefined) => phase === 'Succeeded' || phase === 'Failed'
  const ends = !isOver(told.phase) && isOver(status.phase)
  const conditions = [
    ...(told.conditions ?? []).filter(({ type }) => !isOwnCondition(type)),
    ...(status.conditions ?? []).filter(({ type }) => isOwnCondition(type)),
  ]
  const disruption = status.conditions?.find(({ type }) => type === 'DisruptionTarget')
  if (disruption !== undefined && ends && !mayRun) {
    const at = conditions.findIndex(({ type }) => type === 'DisruptionTarget')
    if (at < 0) conditions.push(disruption)
    else conditions[at] = disruption
  }
  const { phase, reason, message, ...rest } = status
  const shown: Pick<FullPodStatus, 'phase' | 'reason' | 'message'> = ends && mayRun ? told : status
  const merged: FullPodStatus = {
    ...rest,
    conditions,
    ...(shown.message === undefined ? {} : { message: shown.message }),
    ...(shown.phase === undefined ? {} : { phase: shown.phase }),
    ...(shown.reason === undefined ? {} : { reason: shown.reason }),
    ...(told.resourceClaimStatuses === undefined ? {} : { resourceClaimStatuses: told.resourceClaimStatuses }),
  }
  if (!isOver(merged.phase)) return merged
  return { ...merged, conditions: conditions.map((one) => endedCondition(one, merged.phase as Phase, now, generation)) }
}

function endedCondition(condition: PodCondition, phase: Phase, now: string, generation: number): PodCondition {
  const { type, status } = condition
  if ((type !== 'Ready' && type !== 'ContainersReady') || status !== 'True') return condition
  return dated(endedReady(type, phase), [condition], generation, now)
}
