import { spawnSync } from 'node:child_process'

/** What `git log --format=t:%ct --name-only` prints: for each commit its time in seconds, then its files. */
export function newestChanges(log: string): Map<string, Date> {
  const dates = new Map<string, Date>()
  let time = 0
  for (const line of log.split('\n')) {
    if (line.startsWith('t:')) time = Number(line.slice(2)) * 1000
    // The newest commit comes first.
    else if (line !== '' && !dates.has(line)) dates.set(line, new Date(time))
  }
  return dates
}

/**
 * When each file of a folder was last changed, by its path from `root`. Empty where there is no git or no repository: pages from
 * an archive say nothing of their age. Starlight's own looks in src/content/docs alone.
 */
export function changesIn(root: string, folder: string): Map<string, Date> {
  const args = ['log', '--format=t:%ct', '--name-only', '--relative', '--no-renames', '--', folder]
  const { status, stdout } = spawnSync('git', ['-c', 'core.quotePath=false', ...args], {
    cwd: root,
    encoding: 'utf8',
    // Bytes; a year of daily changes to all pages is a tenth of it.
    maxBuffer: 64 * 1024 * 1024,
  })
  return status === 0 ? newestChanges(stdout) : new Map()
}
