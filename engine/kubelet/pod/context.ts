import type { Clock } from '../../clock/clock.ts'
import type { Random } from '../../clock/random.ts'
import type { Machine } from '../../containers/contract.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { NodeNetwork } from '../../network/contract.ts'
import type { DnsOptions } from '../env/dns.ts'
import type { Facts } from '../env/fields.ts'
import type { NodeImages, Tell } from '../images/node-images.ts'
import type { ClusterObjects } from '../objects.ts'
import type { Profile } from '../profiles/profile.ts'
import type { PendingResize } from '../status/generate.ts'
import type { TokenSource } from '../volumes/payload.ts'
import type { VolumeOptions } from '../volumes/pod-volumes.ts'
import type { Backoff } from './backoff.ts'
import type { PodWorker } from './worker.ts'

/** What a Pod's worker has of its node. */
export interface NodeContext {
  readonly name: string
  readonly hostIp: string
  readonly clock: Clock
  readonly random: Random
  readonly profile: Profile
  readonly objects: ClusterObjects
  readonly images: NodeImages
  readonly crashes: Backoff
  /** Where containers run; none where they only look as if. */
  readonly machine: Machine | undefined
  readonly network: NodeNetwork | undefined
  readonly volumes: VolumeOptions | undefined
  readonly tokens: TokenSource | undefined
  readonly dns: DnsOptions
  readonly allocatable: Facts['allocatable']
  /** Tells of the Pod, or of what `fieldPath` names in it: `spec.containers{web}`. */
  tell(pod: Pod, fieldPath?: string): Tell
  /** Hex, 64 characters. */
  newId(): string
  /** An address of the node's range, for Pods without a network of their own. */
  takeAddress(): string
  /** This one, for a Pod that had it before. */
  claimAddress(address: string): void
  freeAddress(address: string): void
  /** Containers of the Pod have changed: it is looked at soon. */
  relist(worker: PodWorker): void
  /** The Pod's status is another. */
  statusChanged(worker: PodWorker): void
  /** Takes note of what the Pod asks for now; why that is not to be had, if it is not. */
  recharge(worker: PodWorker): PendingResize | undefined
  /** Nothing of the Pod runs any more: what it had is for others. */
  terminated(worker: PodWorker): void
  /** Nothing of the Pod is left on the node. */
  finished(worker: PodWorker): void
  report(error: unknown): void
}
