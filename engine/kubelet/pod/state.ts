import type { Sandbox, VolumeTree } from '../../containers/contract.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { FullPodStatus, StartFailure } from '../status/types.ts'
import type { PodVolumes } from '../volumes/pod-volumes.ts'
import type { ContainerRecord, SandboxRecord } from './record.ts'

/** What of a Pod is on its node. */
export interface PodState {
  pod: Pod
  /** The newest first; of each container the last two. */
  records: ContainerRecord[]
  sandbox: SandboxRecord | undefined
  /** What is behind the sandbox. */
  live: { readonly sandbox: Sandbox; detach(): void } | undefined
  /** Kept when its sandbox has gone. */
  ip: string | undefined
  /** Why containers could not be started when that was last tried. */
  failures: Map<string, StartFailure>
  status: FullPodStatus
  volumes: PodVolumes | undefined
  /** Files of /etc that the kubelet makes. */
  etc: VolumeTree | undefined
}

/** Runs that are kept of one container: the one that is, and the one before. */
const KEPT_RUNS = 2

export function addRecord(state: PodState, record: ContainerRecord): void {
  let seen = 0
  state.records = [record, ...state.records].filter(({ name }) => name !== record.name || ++seen <= KEPT_RUNS)
}

/** Of each container's runs that are over, only the last is kept (`cleanUpContainersInPod`, 1.34). */
export function forgetOldRuns(state: PodState): void {
  const ended = new Set<string>()
  const kept = state.records.filter(({ name, state: is }) => {
    if (is !== 'exited') return true
    if (ended.has(name)) return false
    ended.add(name)
    return true
  })
  if (kept.length < state.records.length) state.records = kept
}

/** Marks the end of a container's run, and tells who waits for it. `now` in ms since 1970. */
export function endRecord(
  record: ContainerRecord,
  end: { readonly exitCode: number; readonly reason: string; readonly message?: string },
  now: number,
): void {
  if (record.state === 'exited') return
  record.state = 'exited'
  record.finishedAt = now
  record.exitCode = end.exitCode
  record.reason = end.reason
  record.message = end.message ?? ''
  record.log?.close()
  delete record.made
  const { waiting = [] } = record
  delete record.waiting
  for (const call of waiting) call({ code: end.exitCode })
}
