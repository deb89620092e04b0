import type { Clock } from '../clock/clock.ts'
import type { Random } from '../clock/random.ts'
import { type ContainerWorld, RunningContainer } from './container.ts'
import type { Container, ContainerOptions, Machine, Sandbox, SandboxOptions } from './contract.ts'
import { deviceTree } from './files/dev.ts'
import type { DirectoryNode } from './files/inode.ts'
import { Cores } from './processes/cores.ts'
import { ProcessTable } from './processes/table.ts'

export interface MachineOptions {
  readonly clock: Clock
  readonly random: Random
  /** Whole cores. */
  readonly cores: number
  /** Bytes. */
  readonly memory: number
  /** See `Machine`. */
  readonly stirred?: () => void
}

/** What containers use of their machine. */
export interface MachineParts {
  readonly clock: Clock
  readonly random: Random
  readonly cores: Cores
  readonly coreCount: number
  readonly memory: number
  /** Milliseconds since 1970. */
  readonly started: number
  /** /dev of all its containers. */
  readonly devices: DirectoryNode
  memoryUsed(): number
  stirred(): void
  /** Kills what has most where the machine has none left. */
  checkMemory(): void
}

export function createMachine(options: MachineOptions): Machine {
  return new SimulatedMachine(options)
}

class SimulatedMachine implements Machine, MachineParts {
  readonly clock: Clock
  readonly random: Random
  readonly cores: Cores
  readonly coreCount: number
  readonly memory: number
  readonly started: number
  readonly #containers = new Set<RunningContainer>()
  #devices: DirectoryNode | undefined

  readonly stirred: () => void

  constructor({ clock, random, cores, memory, stirred = () => {} }: MachineOptions) {
    this.clock = clock
    this.random = random
    this.cores = new Cores(clock, cores)
    this.coreCount = cores
    this.memory = memory
    this.stirred = stirred
    this.started = clock.now()
  }

  get devices(): DirectoryNode {
    this.#devices ??= deviceTree(
      () => this.random.float(),
      () => this.started,
    )
    return this.#devices
  }

  sandbox(options: SandboxOptions): Sandbox {
    const containers = new Set<RunningContainer>()
    const shared = options.shareProcesses ? new ProcessTable(1) : undefined
    const world = (target: RunningContainer | undefined): ContainerWorld => ({
      machine: this,
      network: options.network,
      hostname: options.hostname,
      table: shared ?? target?.table ?? new ProcessTable(),
      shared: shared !== undefined || target !== undefined,
      removed: (container) => {
        containers.delete(container)
        this.#containers.delete(container)
      },
    })
    return {
      network: options.network,
      create: (asked: ContainerOptions): Container => {
        const target = [...containers].findLast(({ name, isRunning }) => isRunning && name === asked.target)
        const container = new RunningContainer(asked, world(target))
        if (target !== undefined) void target.ended.then(() => container.kill('SIGKILL'))
        containers.add(container)
        this.#containers.add(container)
        return container
      },
      remove: () => {
        for (const container of [...containers]) container.remove()
        const { network } = options
        if ('detach' in network && typeof network.detach === 'function') network.detach()
      },
    }
  }

  setSlowness(factor: number): void {
    this.cores.setSlowness(factor)
  }

  memoryUsed(): number {
    let sum = 0
    for (const container of this.#containers) sum += container.usage().memory
    return sum
  }

  checkMemory(): void {
    if (this.#containers.size === 0 || this.memoryUsed() <= this.memory) return
    const [biggest] = [...this.#containers].sort((a, b) => b.usage().memory - a.usage().memory)
    biggest?.outOfMemory()
  }

  usage(): { readonly cpu: number; readonly memory: number } {
    return { cpu: this.cores.used, memory: this.memoryUsed() }
  }
}
