/** What nodes know and have, as JSON: with the cluster's objects, all that there is to begin with again. Processes are not kept; they begin anew. */
import type { ContainerOptions } from '../containers/contract.ts'
import type { Blobs } from '../containers/files/blobs.ts'
import type { KeptFile } from '../containers/files/kept.ts'
import type { Pod } from '../kinds/pod/status.ts'
import type { KeptImages } from './images/node-images.ts'
import type { KeptLog } from './logs/container-log.ts'
import type { KeptUsage } from './metrics/usage-samples.ts'
import type { Pressing } from './node/pressure-watch.ts'
import type { KeptBackoff } from './pod/backoff.ts'
import type { ContainerRecord, SandboxRecord } from './pod/record.ts'
import type { Ending } from './status/generate.ts'
import type { FullPodStatus, StartFailure } from './status/types.ts'
import type { KeptVolume } from './volumes/pod-volumes.ts'

/** What a container was asked to be, but for what is made for it each time. */
export type Launch = Omit<ContainerOptions, 'image' | 'env' | 'mounts' | 'kept' | 'log'> & {
  readonly env: readonly (readonly [name: string, value: string])[]
}

/** A run of a container. */
export type KeptRun = Omit<ContainerRecord, 'resumed' | 'made' | 'container' | 'log' | 'termination' | 'waiting'> & {
  readonly log?: KeptLog
  /** Of one that runs. */
  readonly launch?: Launch
  /** What it has written over its image. */
  readonly files?: KeptFile
}

export type Stage = 'syncing' | 'terminating' | 'terminated' | 'finished'

export interface KeptPod {
  /** As its node knows it, which the API may know otherwise. */
  readonly pod: Pod
  readonly isStatic: boolean
  readonly stage: Stage
  /** Seconds. */
  readonly grace?: number
  readonly ending?: Ending
  readonly sandbox?: SandboxRecord
  readonly ip?: string
  readonly failures: readonly (readonly [container: string, failure: StartFailure])[]
  readonly status: FullPodStatus
  readonly runs: readonly KeptRun[]
  readonly volumes?: readonly KeptVolume[]
}

export interface KeptNode {
  readonly running: boolean
  readonly cutOff: boolean
  readonly slowness: number
  /** Milliseconds. */
  readonly latency: number
  /** How often it has started. */
  readonly boots: number
  readonly pressing: Pressing
  readonly images: KeptImages
  readonly crashes: KeptBackoff
  readonly disk?: KeptFile
  readonly pods: readonly KeptPod[]
}

export interface KeptNodes {
  readonly nodes: Readonly<Record<string, KeptNode>>
  /** Volumes that are reached from every node. */
  readonly shared: Readonly<Record<string, KeptFile>>
  readonly usage: KeptUsage
}

/** What was kept, and the bytes of its files. */
export interface PutBackNodes {
  readonly kept: KeptNodes
  readonly blobs: Blobs
}
