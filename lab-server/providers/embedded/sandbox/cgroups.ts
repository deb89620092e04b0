/**
 * Limits on all processes of one home together: a control group for each, where this process may make them (as root, or where systemd
 * has delegated a part of the tree to its user). Where it may not, each process has its own limits, and no more.
 */
import { execFileSync } from 'node:child_process'
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type Clock, sleep } from '../../../clock.ts'
import type { HomeLimits } from './home.ts'

const ROOT = '/sys/fs/cgroup'
/** Of `cpu.max` and its forerunner, in microseconds. */
const PERIOD = 100_000
/**
 * How much more of the processors readers' processes get together than another group, such as the server's, where both want all of them. What a
 * reader types is shown by their shell, which must not wait for the clusters; their commands take little, and each home no more than its limit.
 */
const WEIGHT = 4
/** Of a group that nothing is said of: `cpu.shares` in version 1, `cpu.weight` in version 2. */
const USUAL_SHARES = 1024
const USUAL_WEIGHT = 100
/** A group is gone once its last process is; that takes a moment after they were killed. In ms. */
const REMOVE_EVERY = 20
const REMOVE_TIMES = 100

export interface Cgroups {
  /** The files into which a process writes its number to be held, after the group was made. */
  make(id: string, limits: HomeLimits): string[]
  remove(id: string, clock: Clock): Promise<void>
  /** Of groups that are there. */
  ids(): string[]
  close(): void
}

interface Place {
  /** Folders of groups, one for each hierarchy; one in all in version 2. */
  parents: Parent[]
}

interface Parent {
  folder: string
  /** Of all groups in it together. */
  own?: Settings
  /** Of each group in it. */
  settings(limits: HomeLimits): Settings
}

/** Values by file. */
type Settings = Record<string, string | number>

/** @param name of this installation's groups; undefined where none can be made */
export function findCgroups(name: string): Cgroups | undefined {
  const place = existsSync(join(ROOT, 'cgroup.controllers')) ? unified(name) : hierarchies(name)
  if (place === undefined) return undefined
  const { parents } = place
  for (const { folder, own } of parents) set(folder, own ?? {})
  return {
    make(id, limits) {
      return parents.map(({ folder, settings }) => {
        const group = join(folder, id)
        mkdirSync(group, { recursive: true })
        set(group, settings(limits))
        return join(group, 'cgroup.procs')
      })
    },
    async remove(id, clock) {
      for (const { folder } of parents) {
        const group = join(folder, id)
        for (let times = 0; existsSync(group) && times < REMOVE_TIMES; times++) {
          try {
            rmdirSync(group)
          } catch {
            for (const pid of readFileSync(join(group, 'cgroup.procs'), 'utf8').split('\n')) kill(Number(pid))
            await sleep(clock, REMOVE_EVERY)
          }
        }
      }
    },
    ids: () => [...new Set(parents.flatMap(({ folder }) => groupsIn(folder)))],
    close() {
      for (const { folder } of parents) if (groupsIn(folder).length === 0) tryTo(() => rmdirSync(folder))
    },
  }
}

/** Some files are there only where the kernel was told so: of swap, for instance. */
function set(group: string, settings: Settings): void {
  for (const [file, value] of Object.entries(settings)) {
    if (existsSync(join(group, file))) writeFileSync(join(group, file), String(value))
  }
}

const groupsIn = (folder: string): string[] =>
  existsSync(folder) ? readdirSync(folder).filter((entry) => statSync(join(folder, entry)).isDirectory()) : []

function kill(pid: number): void {
  if (pid > 1) tryTo(() => process.kill(pid, 'SIGKILL'))
}

function tryTo<T>(attempt: () => T): T | undefined {
  try {
    return attempt()
  } catch {
    return undefined
  }
}

/** Version 1: a hierarchy for each controller, which only root may use. */
function hierarchies(name: string): Place | undefined {
  const wanted: (Omit<Parent, 'folder'> & { controller: string })[] = [
    {
      controller: 'memory',
      settings: ({ memoryBytes }) => ({
        'memory.limit_in_bytes': memoryBytes,
        'memory.memsw.limit_in_bytes': memoryBytes,
      }),
    },
    { controller: 'pids', settings: ({ pids }) => ({ 'pids.max': pids }) },
    {
      controller: 'cpu',
      own: { 'cpu.shares': WEIGHT * USUAL_SHARES },
      settings: ({ cpus }) => ({ 'cpu.cfs_period_us': PERIOD, 'cpu.cfs_quota_us': Math.round(cpus * PERIOD) }),
    },
  ]
  const parents = wanted.map(({ controller, ...parent }) => ({ folder: join(ROOT, controller, name), ...parent }))
  return parents.every(({ folder }) => usable(folder)) ? { parents } : undefined
}

/** Version 2: the first place on the way to our own group that hands on its controllers and lets us make groups. */
function unified(name: string): Place | undefined {
  const own = tryTo(() => readFileSync('/proc/self/cgroup', 'utf8').match(/^0::(.*)$/m)?.[1]) ?? '/'
  const ways: string[] = []
  for (let path = own; ; path = dirname(path)) {
    ways.unshift(join(ROOT, path))
    if (path === '/' || path === '.') break
  }
  for (const way of ways) {
    const handedOn = tryTo(() => readFileSync(join(way, 'cgroup.subtree_control'), 'utf8').split(/\s+/)) ?? []
    if (!['memory', 'pids'].every((controller) => handedOn.includes(controller))) continue
    const folder = join(way, name)
    if (!usable(folder)) continue
    const controllers = ['memory', 'pids', 'cpu'].filter((controller) => handedOn.includes(controller))
    if (!handOn(folder, controllers)) continue
    const settings = ({ memoryBytes, pids, cpus }: HomeLimits) => ({
      'memory.max': memoryBytes,
      'memory.swap.max': 0,
      'pids.max': pids,
      'cpu.max': `${Math.round(cpus * PERIOD)} ${PERIOD}`,
    })
    return { parents: [{ folder, own: { 'cpu.weight': WEIGHT * USUAL_WEIGHT }, settings }] }
  }
  return undefined
}

/** Lets the groups in a folder have the controllers that it has itself. */
function handOn(folder: string, controllers: readonly string[]): boolean {
  try {
    writeFileSync(join(folder, 'cgroup.subtree_control'), controllers.map((controller) => `+${controller}`).join(' '))
    return true
  } catch {
    return false
  }
}

/** Whether groups can be made there and processes put into them: tried with one. */
function usable(folder: string): boolean {
  const trial = join(folder, 'trial')
  try {
    mkdirSync(trial, { recursive: true })
    accessSync(join(trial, 'cgroup.procs'), constants.W_OK)
    execFileSync('/bin/bash', ['-c', 'echo $$ > "$1"', 'bash', join(trial, 'cgroup.procs')], { stdio: 'ignore' })
    return true
  } catch {
    return false
  } finally {
    tryTo(() => rmdirSync(trial))
  }
}
