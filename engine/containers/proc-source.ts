import type { ContainerLimits, Input, Output } from './contract.ts'
import { nameOf } from './files/paths.ts'
import type { ProcSource, ShownProcess } from './files/proc.ts'
import type { MachineParts } from './machine.ts'
import type { Household } from './processes/household.ts'
import type { Task } from './processes/task.ts'

/** What a container's /proc and /sys tell. */
export function procSourceOf(
  household: Household & {
    readonly limits: ContainerLimits
    usage(): { readonly cpu: number; readonly memory: number }
  },
  machine: MachineParts,
): ProcSource {
  return {
    hostname: household.hostname,
    pids: () => household.table.all().map(({ pid }) => pid),
    process(pid) {
      const task = household.table.get(pid)
      return task === undefined ? undefined : shown(task, household)
    },
    now: () => machine.clock.now(),
    machine() {
      const { load } = machine.cores
      return {
        cores: machine.coreCount,
        memory: machine.memory,
        memoryUsed: machine.memoryUsed(),
        load: [load, load, load],
        started: machine.started,
        busy: machine.cores.used,
      }
    },
    limits() {
      const { cpu, memory } = household.usage()
      const { cpuLimit, memoryLimit } = household.limits
      return { memory: memoryLimit, cores: cpuLimit, memoryUsed: memory, cpu }
    },
    mounts: () => household.space().mounts,
  }
}

function shown(task: Task, viewer: Household): ShownProcess {
  const inputs: Readonly<Record<number, Input>> = { 0: task.stdin }
  const outputs: Readonly<Record<number, Output>> = { 1: task.stdout, 2: task.stderr }
  return {
    info: task.info(),
    name: nameOf(task.argv[0] ?? ''),
    cwd: task.cwd,
    executable: task.executable,
    env: task.env,
    group: task.group,
    descriptors: [0, 1, 2],
    hasTerminal: task.tty !== undefined,
    root: task.household === viewer ? undefined : task.household.space(),
    input: (descriptor) => inputs[descriptor],
    output: (descriptor) => outputs[descriptor],
  }
}
