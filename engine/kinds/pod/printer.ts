import { parseTime } from '../../objects/time.ts'
import type { ApiObject } from '../../objects/types.ts'
import { age, ageColumn, column, nameColumn } from '../printers.ts'
import type { Printer } from '../resource.ts'
import { restartsAlways } from './resources.ts'
import { isReadyStatus } from './status.ts'
import type { ContainerState, ContainerStatus, PodSpec, PodStatus } from './types.ts'

/** `printPod` (pkg/printers/internalversion, 1.34). */
export const podPrinter: Printer = {
  columns: [
    nameColumn,
    column('Ready', 'string', 'How many containers are ready, of how many.'),
    column('Status', 'string', 'Where the Pod is in its life, or what keeps it from going on.'),
    column('Restarts', 'string', 'How often its containers were restarted, and when for the last time.'),
    ageColumn,
    column('IP', 'string', 'Address of the Pod.', 'wide'),
    column('Node', 'string', 'Node on which the Pod runs.', 'wide'),
    column('Nominated Node', 'string', 'Node that is being cleared for the Pod.', 'wide'),
    column('Readiness Gates', 'string', 'How many conditions hold of those that others must set.', 'wide'),
  ],
  cells(pod, now) {
    const spec = pod.spec as PodSpec
    const status = (pod.status ?? {}) as PodStatus
    const { ready, total, reason, restarts, lastRestart } = summary(pod, spec, status)
    const since = lastRestart === undefined ? '' : ` (${age(lastRestart, now)} ago)`
    return [
      pod.metadata.name,
      `${ready}/${total}`,
      reason,
      restarts === 0 ? '0' : `${restarts}${since}`,
      age(pod.metadata.creationTimestamp, now),
      status.podIPs?.[0]?.ip || '<none>',
      spec.nodeName || '<none>',
      status.nominatedNodeName || '<none>',
      gates(spec, status),
    ]
  },
  conditions(pod) {
    const { phase } = (pod.status ?? {}) as PodStatus
    if (phase === 'Succeeded') {
      return [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod has completed successfully.' }]
    }
    return phase === 'Failed' ? [{ type: 'Completed', status: 'True', reason: phase, message: 'The pod failed.' }] : []
  },
}

/** Restarts of some containers, and when the last of them ended before. */
class Restarts {
  count = 0
  last: string | undefined

  add({ restartCount, lastState }: ContainerStatus): void {
    this.count += restartCount
    const finished = lastState?.terminated?.finishedAt
    if (finished == null) return
    const isLater = this.last === undefined || (parseTime(finished) ?? 0) > (parseTime(this.last) ?? 0)
    if (isLater) this.last = finished
  }
}

interface Summary {
  readonly ready: number
  readonly total: number
  readonly reason: string
  readonly restarts: number
  readonly lastRestart: string | undefined
}

function summary(pod: ApiObject, spec: PodSpec, status: PodStatus): Summary {
  const sidecars = new Set((spec.initContainers ?? []).filter(restartsAlways).map(({ name }) => name))
  const init = initialization(spec, status, sidecars)
  let reason = init.reason ?? firstReason(status)
  let { ready } = init
  let restarts = init.all
  const initialized = status.conditions?.find(({ type }) => type === 'Initialized')?.status === 'True'
  if (init.reason === undefined || initialized) {
    restarts = init.ofSidecars
    let running = false
    for (const container of (status.containerStatuses ?? []).toReversed()) {
      restarts.add(container)
      const why = containerReason(container.state ?? {})
      if (why !== undefined) reason = why
      else if (container.ready && container.state?.running !== undefined) {
        running = true
        ready++
      }
    }
    if (reason === 'Completed' && running) reason = isReadyStatus(status) ? 'Running' : 'NotReady'
  }
  return {
    ready,
    total: (spec.containers?.length ?? 0) + sidecars.size,
    reason: endReason(pod, status) ?? reason,
    restarts: restarts.count,
    lastRestart: restarts.last,
  }
}

function firstReason({ phase = '', reason = '', conditions = [] }: PodStatus): string {
  const gated = conditions.some((one) => one.type === 'PodScheduled' && one.reason === 'SchedulingGated')
  return gated ? 'SchedulingGated' : reason || phase
}

function endReason({ metadata }: ApiObject, { reason, phase }: PodStatus): string | undefined {
  if (metadata.deletionTimestamp === undefined) return undefined
  if (reason === 'NodeLost') return 'Unknown'
  return phase === 'Failed' || phase === 'Succeeded' ? undefined : 'Terminating'
}

/** How far init containers have come: without a reason all have done their work. */
function initialization(spec: PodSpec, status: PodStatus, sidecars: ReadonlySet<string>) {
  const all = new Restarts()
  const ofSidecars = new Restarts()
  let ready = 0
  let reason: string | undefined
  for (const [index, container] of (status.initContainerStatuses ?? []).entries()) {
    const isSidecar = sidecars.has(container.name)
    all.add(container)
    if (isSidecar) ofSidecars.add(container)
    const { terminated, waiting } = container.state ?? {}
    if (terminated?.exitCode === 0) continue
    if (isSidecar && container.started === true) {
      if (container.ready) ready++
      continue
    }
    const waits = waiting?.reason ?? ''
    if (terminated !== undefined) reason = `Init:${terminationReason(terminated)}`
    else if (waits !== '' && waits !== 'PodInitializing') reason = `Init:${waits}`
    else reason = `Init:${index}/${spec.initContainers?.length ?? 0}`
    break
  }
  return { all, ofSidecars, ready, reason }
}

function containerReason({ waiting, terminated }: ContainerState): string | undefined {
  if ((waiting?.reason ?? '') !== '') return waiting?.reason
  return terminated === undefined ? undefined : terminationReason(terminated)
}

function terminationReason({ reason, signal = 0, exitCode }: NonNullable<ContainerState['terminated']>): string {
  return reason || (signal === 0 ? `ExitCode:${exitCode}` : `Signal:${signal}`)
}

function gates({ readinessGates = [] }: PodSpec, { conditions = [] }: PodStatus): string {
  if (readinessGates.length === 0) return '<none>'
  const held = readinessGates.filter(
    ({ conditionType }) => conditions.find(({ type }) => type === conditionType)?.status === 'True',
  )
  return `${held.length}/${readinessGates.length}`
}
