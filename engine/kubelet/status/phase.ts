import { restartsAlways } from '../../kinds/pod/resources.ts'
import type { PodSpec } from '../../kinds/pod/types.ts'
import type { FullContainerStatus } from './types.ts'

export type Phase = 'Pending' | 'Running' | 'Succeeded' | 'Failed'

export interface PhaseView {
  readonly spec: PodSpec
  /** Of init containers and containers. */
  readonly statuses: readonly FullContainerStatus[]
  /** Nothing of it is started any more. */
  readonly terminal: boolean
  /** A regular container has been started at least once. */
  readonly hasInitialized: boolean
  readonly isStatic: boolean
}

/** `getPhase` (1.34). */
export function phaseOf({ spec, statuses, terminal, hasInitialized, isStatic }: PhaseView): Phase {
  const statusOf = (name: string) => statuses.find((status) => status.name === name)
  let pendingInit = 0
  let failedInit = 0
  let pendingSidecars = 0
  let [unknown, running, waiting, stopped, succeeded] = [0, 0, 0, 0, 0]
  for (const container of spec.initContainers ?? []) {
    const status = statusOf(container.name)
    if (restartsAlways(container)) {
      if (status === undefined) unknown++
      else if (status.state.running !== undefined) {
        if (status.started !== true) pendingSidecars++
        running++
      } else if (status.state.terminated === undefined && status.lastState.terminated === undefined) {
        pendingSidecars++
        if (status.state.waiting !== undefined) waiting++
        else unknown++
      }
      continue
    }
    const ended =
      status?.state.terminated ?? (status?.state.waiting === undefined ? undefined : status.lastState.terminated)
    if (ended === undefined) pendingInit++
    else if (ended.exitCode !== 0) failedInit++
  }
  for (const { name } of spec.containers ?? []) {
    const status = statusOf(name)
    if (status?.state.running !== undefined) running++
    else if (status?.state.terminated !== undefined) {
      stopped++
      if (status.state.terminated.exitCode === 0) succeeded++
    } else if (status?.state.waiting === undefined) unknown++
    else if (status.lastState.terminated !== undefined) stopped++
    else waiting++
  }
  if (failedInit > 0 && spec.restartPolicy === 'Never') return 'Failed'
  if (pendingInit > 0 || (pendingSidecars > 0 && !hasInitialized) || waiting > 0) return 'Pending'
  if (running > 0 && unknown === 0) return 'Running'
  if (running === 0 && stopped > 0 && unknown === 0) {
    if (terminal && !isStatic) return stopped === succeeded ? 'Succeeded' : 'Failed'
    if (spec.restartPolicy === 'Always') return 'Running'
    if (stopped === succeeded) return 'Succeeded'
    return spec.restartPolicy === 'Never' ? 'Failed' : 'Running'
  }
  return 'Pending'
}
