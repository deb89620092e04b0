import type { Clock } from '../../clock/clock.ts'
import type { PodNetwork } from '../../network/contract.ts'
import type { Namespace } from '../files/namespace.ts'
import type { Cores, CpuGroup } from './cores.ts'
import type { ProcessTable } from './table.ts'
import type { Task } from './task.ts'

/** What the processes of one container share; a container is one. */
export interface Household {
  readonly clock: Clock
  readonly hostname: string
  readonly network: PodNetwork
  readonly cores: Cores
  readonly cpu: CpuGroup
  readonly table: ProcessTable
  /** All that runs in it. */
  readonly tasks: Set<Task>
  readonly first: Task | undefined
  /** Bytes of the image's program at rest. */
  readonly restingMemory: number
  space(): Namespace
  random(): number
  /** Kills it where it has more than it may have. */
  checkMemory(): void
  /** Whether it is the first process of its table, which ignores what it does not handle. */
  isInit(task: Task): boolean
  /** See `Machine`. */
  stirred(): void
  /** A process has ended. */
  left(task: Task): void
}
