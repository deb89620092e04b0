import type { ContainerStatus, PodStatus, Resources } from '../../kinds/pod/types.ts'
import type { ContainerUser } from '../pod/record.ts'

/** core/v1 `ContainerState` as a kubelet writes it. Times are RFC 3339; null for one that never was. */
export interface State {
  readonly waiting?: { readonly reason?: string; readonly message?: string }
  readonly running?: { readonly startedAt: string | null }
  readonly terminated?: Terminated
}

export interface Terminated {
  readonly exitCode: number
  readonly reason?: string
  readonly message?: string
  readonly startedAt: string | null
  readonly finishedAt: string | null
  readonly containerID?: string
}

export interface FullContainerStatus extends ContainerStatus {
  readonly state: State
  readonly lastState: State
  readonly image: string
  readonly imageID: string
  readonly containerID?: string
  readonly started?: boolean
  readonly allocatedResources?: Resources['requests']
  readonly user?: { readonly linux: ContainerUser }
  readonly volumeMounts?: readonly VolumeMountStatus[]
}

export interface VolumeMountStatus {
  readonly name: string
  readonly mountPath: string
  readonly readOnly?: boolean
  readonly recursiveReadOnly?: string
}

export interface FullPodStatus extends PodStatus {
  readonly message?: string
  readonly startTime?: string
  readonly initContainerStatuses?: readonly FullContainerStatus[]
  readonly containerStatuses?: readonly FullContainerStatus[]
  readonly ephemeralContainerStatuses?: readonly FullContainerStatus[]
}

/** Why a container could not be started when that was last tried: `CrashLoopBackOff`, with a sentence. */
export interface StartFailure {
  readonly reason: string
  readonly message: string
}
