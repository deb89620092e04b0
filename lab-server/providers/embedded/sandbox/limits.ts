import { release } from 'node:os'
import type { HomeLimits } from './home.ts'

const KiB = 1024

/** Files that one process may have open. */
const OPEN_FILES = 1024

/**
 * What each process is held to, as bash sets it. Files and memory are counted for one process at a time; all of them together are
 * held by the home's own size and by cgroups. Without `processes` nothing is said of their number.
 */
export const processLimits = ({ memoryBytes, homeBytes, pids }: HomeLimits, processes: boolean): string =>
  [
    'ulimit -c 0',
    `ulimit -n ${OPEN_FILES}`,
    `ulimit -f ${Math.ceil(homeBytes / KiB)}`,
    `ulimit -d ${Math.ceil(memoryBytes / KiB)}`,
    ...(processes ? [`ulimit -u ${pids}`] : []),
  ].join('; ')

/** Linux 5.14 counts a user's processes in each user namespace by themselves; before, a home's would be counted with all others of that user. */
export function countsProcessesApart(kernel = release()): boolean {
  const [major = 0, minor = 0] = kernel.split('.').map(Number)
  return major > 5 || (major === 5 && minor >= 14)
}
