/** Which kind of home this machine can give: bubblewrap's where that works, else a mere folder. */
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { promisify } from 'node:util'
import type { Clock } from '../../../clock.ts'
import type { Logger } from '../../../log.ts'
import type { Launcher } from '../launcher/launcher.ts'
import { bubblewrapHomes, type UserNumbers } from './bubblewrap.ts'
import { findCgroups } from './cgroups.ts'
import { layFiles } from './files.ts'
import type { HomeLimits, Homes } from './home.ts'
import { unconfinedHomes } from './unconfined.ts'

const run = promisify(execFile)
const TRY_WITHIN = 5_000

export interface HomesOptions {
  clock: Clock
  log: Logger
  launcher: Launcher
  /** Of this installation. */
  instance: string
  folder: string
  limits: HomeLimits
  /** Paths of kubectl and helm. */
  tools: readonly string[]
  completion: string
  /** The server's PATH. */
  path: string
}

/** Undefined if bubblewrap works here; else why not, as a part of a sentence. */
export async function whyNoSandbox(): Promise<string | undefined> {
  for (const command of ['bwrap', 'nsenter', 'setpriv', 'bash']) {
    if (!(await works(command, ['--version']))) return `there is no ${command}`
  }
  const asOther = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : []
  const [file = '', ...args] = [
    ...asOther,
    'bwrap',
    '--unshare-all',
    '--unshare-user',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
  ]
  if (await works(file, [...args, '--', '/usr/bin/env', 'true'])) return undefined
  return 'bubblewrap does not work: this system does not allow user namespaces'
}

async function works(file: string, args: string[]): Promise<boolean> {
  try {
    await run(file, args, { timeout: TRY_WITHIN })
    return true
  } catch {
    return false
  }
}

export async function openHomes(options: HomesOptions, confined: boolean): Promise<Homes> {
  const { clock, log, launcher, instance, folder, limits, tools, completion, path } = options
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (!confined) return unconfinedHomes({ folder, tools, completion, path, start: launcher.spawn })
  // A name for files and groups that says nothing of the installation's own id
  const hash = createHash('sha256').update(instance).digest()
  const name = `quayside-${hash.toString('hex').slice(0, 12)}`
  const isRoot = process.getuid?.() === 0
  const cgroups = findCgroups(name)
  if (!cgroups)
    log.warn('shells have limits for each process, not for all of a lab together: this machine gives no control groups')
  return bubblewrapHomes({
    clock,
    start: launcher.spawn,
    limits,
    cgroups,
    files: layFiles({ name, folder, tools, completion, asOther: isRoot }),
    users: isRoot ? userNumbers(hash.readUInt16BE()) : undefined,
  })
}

/**
 * Numbers that no system hands out (systemd's table of users and groups): 65536 to 524287, each installation a part of them; where
 * those are not mapped, as in containers, 60578 to 61183.
 */
function userNumbers(installation: number): UserNumbers {
  const mapped = readFileSync('/proc/self/uid_map', 'utf8')
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .reduce((most, [first = 0, , count = 0]) => Math.max(most, first + count), 0)
  const wide = mapped > 524_288
  const base = wide ? 65_536 + (installation % 45) * 10_000 : 60_578
  const size = wide ? 10_000 : 606
  const taken = new Set<number>()
  let last = -1
  return {
    take() {
      // One after the other, so that what is left of one home never meets the next
      for (let tries = 0; tries < size; tries++) {
        last = (last + 1) % size
        if (taken.has(last)) continue
        taken.add(last)
        return base + last
      }
      throw new Error('all numbers of users are taken')
    },
    give: (user) => taken.delete(user - base),
  }
}
