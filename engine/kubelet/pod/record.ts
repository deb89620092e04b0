import type { Container, ContainerOptions, ExitStatus } from '../../containers/contract.ts'
import type { Container as ContainerSpec, Resources } from '../../kinds/pod/types.ts'
import type { ContainerLog } from '../logs/container-log.ts'
import type { TerminationLog } from './termination-log.ts'

export type ProbeKind = 'startup' | 'liveness' | 'readiness'
export type ProbeResult = 'success' | 'failure' | 'unknown'

/** One run of a container, as the container runtime knows it. */
export interface ContainerRecord {
  /** Hex, 64 characters. */
  readonly id: string
  readonly name: string
  readonly restartCount: number
  /** As it was when it was started. */
  readonly spec: ContainerSpec
  /** Of the sandbox that it was made in. */
  readonly attempt: number
  /** Of the image, as statuses name them. */
  readonly image: string
  readonly imageId: string
  readonly user: ContainerUser
  /** What its node has set aside for it. */
  allocated: Resources
  /** What it is seen to run with. */
  resources: Resources
  state: 'created' | 'running' | 'exited'
  /** Milliseconds since 1970; 0 if it never was. */
  startedAt: number
  finishedAt: number
  exitCode: number
  reason: string
  message: string
  /** It is killed because its node has no memory left. */
  outOfMemory?: boolean
  /** It ran before a restore: what it is made of was found out then. */
  resumed?: boolean
  /** What its container was made with, while it runs. */
  made?: ContainerOptions
  /** What runs; none where containers only look as if. */
  container?: Container
  log?: ContainerLog
  termination?: TerminationLog
  /** Its Pod's worker has seen it running. */
  seen?: boolean
  /** Last word of its probes; none that has not been probed. */
  results?: { [kind in ProbeKind]?: ProbeResult }
  /** Who waits for its end. */
  waiting?: ((status: ExitStatus) => void)[]
}

export interface ContainerUser {
  readonly uid: number
  readonly gid: number
  readonly supplementalGroups: readonly number[]
}

/** What containers of a Pod share while they run. */
export interface SandboxRecord {
  readonly id: string
  /** How many there were before it. */
  readonly attempt: number
  ready: boolean
  readonly ip: string
}

/** Runs of all containers of a Pod, the newest first. */
export type Records = readonly ContainerRecord[]

export function latest(records: Records, name: string): ContainerRecord | undefined {
  return records.find((record) => record.name === name)
}

/** `kubecontainer.ShouldContainerBeRestarted` (1.34). */
export function shouldRun(
  records: Records,
  name: string,
  { restartPolicy, ending }: { readonly restartPolicy: string | undefined; readonly ending: boolean },
): boolean {
  if (ending) return false
  const record = latest(records, name)
  if (record === undefined) return true
  if (record.state === 'running') return false
  if (record.state === 'created') return true
  if (restartPolicy === 'Never') return false
  return restartPolicy !== 'OnFailure' || record.exitCode !== 0
}
