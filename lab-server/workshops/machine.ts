/** What this machine has for clusters, read anew each time. In a container what the container may use of it. */
import { readFileSync } from 'node:fs'
import { availableParallelism, freemem, totalmem } from 'node:os'
import type { Machine } from './capacity.ts'

/** The kernel's answers, so that a test can give others. */
export interface Sources {
  /** Undefined if there is no such file. */
  file(path: string): string | undefined
  /** Bytes, where the kernel says nothing better. */
  memory: { total: number; free: number }
  cpus: number
}

export const thisMachine: Sources = {
  file(path) {
    try {
      return readFileSync(path, 'utf8')
    } catch {
      return undefined
    }
  },
  get memory() {
    return { total: totalmem(), free: freemem() }
  },
  get cpus() {
    return availableParallelism()
  },
}

export function readMachine(sources: Sources = thisMachine): Machine {
  const { file, memory, cpus } = sources
  const whole = {
    total: kibibytes(file('/proc/meminfo'), 'MemTotal') ?? memory.total,
    available: kibibytes(file('/proc/meminfo'), 'MemAvailable') ?? memory.free,
  }
  const number = (path: string) => {
    const text = file(path)?.trim()
    return text !== undefined && /^\d+$/.test(text) ? Number(text) : undefined
  }
  const instances = number('/proc/sys/fs/inotify/max_user_instances')
  const watches = number('/proc/sys/fs/inotify/max_user_watches')
  return {
    memoryBytes: withinGroup(whole, number),
    cpus,
    inotify: instances === undefined || watches === undefined ? null : { instances, watches },
  }
}

/** The group that this process is in, of either version; without one, or without a limit, the machine's own. */
function withinGroup(
  whole: Machine['memoryBytes'],
  number: (path: string) => number | undefined,
): Machine['memoryBytes'] {
  const groups = [
    ['/sys/fs/cgroup/memory.max', '/sys/fs/cgroup/memory.current'],
    ['/sys/fs/cgroup/memory/memory.limit_in_bytes', '/sys/fs/cgroup/memory/memory.usage_in_bytes'],
  ] as const
  for (const [limitFile, usedFile] of groups) {
    const limit = number(limitFile)
    const used = number(usedFile)
    if (limit === undefined || used === undefined || limit >= whole.total) continue
    return { total: limit, available: Math.max(0, Math.min(whole.available, limit - used)) }
  }
  return whole
}

function kibibytes(meminfo: string | undefined, field: string): number | undefined {
  const found = meminfo?.match(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm'))?.[1]
  return found === undefined ? undefined : Number(found) * 1024
}
