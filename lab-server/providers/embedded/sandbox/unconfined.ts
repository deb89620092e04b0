/**
 * A home in a folder, and nothing that keeps a reader in it: for the one person whose machine this is. The shell is their own, with
 * another home and another cluster.
 */
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { BASHRC, bashrc, labCommand, readerEnvironment } from '../../reader-home.ts'
import type { Command, Homes } from './home.ts'

export interface UnconfinedOptions {
  /** For one folder per home, and what they share. */
  folder: string
  /** Paths of kubectl and helm. */
  tools: readonly string[]
  completion: string
  /** The server's PATH. */
  path: string
}

export function unconfinedHomes({ folder, tools, completion, path }: UnconfinedOptions): Homes {
  const homes = join(folder, 'homes')
  const settings = join(folder, 'shell')
  const open = new Set<string>()
  const clear = (id: string) => rm(join(homes, id), { recursive: true, force: true })
  return {
    confined: false,
    async open(id) {
      const home = join(homes, id)
      await mkdir(settings, { recursive: true, mode: 0o700 })
      await mkdir(join(settings, 'bin'), { recursive: true, mode: 0o700 })
      await writeFile(join(settings, 'bin', 'lab'), labCommand, { mode: 0o700 })
      await mkdir(join(home, '.kube'), { recursive: true, mode: 0o700 })
      await writeFile(join(settings, 'completion'), completion)
      await writeFile(join(settings, 'bashrc'), bashrc.replaceAll(dirname(BASHRC), settings))
      const own = readerEnvironment.map((entry) => entry.split(/=(.*)/s).slice(0, 2) as [string, string])
      const env: Record<string, string> = {
        ...Object.fromEntries(own),
        PATH: [join(settings, 'bin'), ...new Set(tools.map((tool) => dirname(tool))), path].join(delimiter),
        HOME: home,
        KUBECONFIG: join(home, '.kube', 'config'),
        HISTFILE: join(home, '.bash_history'),
      }
      let running = true
      open.add(id)
      return {
        command: ([file = '', ...args]): Command => ({
          file,
          args: args.map((arg) => (arg === BASHRC ? join(settings, 'bashrc') : arg)),
          env,
          cwd: home,
        }),
        listener: () => undefined,
        async write(path, content) {
          const file = join(home, path)
          await mkdir(dirname(file), { recursive: true, mode: 0o700 })
          await writeFile(file, content, { mode: 0o600 })
        },
        get running() {
          return running
        },
        async close() {
          running = false
          open.delete(id)
          await clear(id)
        },
      }
    },
    async leftovers() {
      const found = await readdir(homes).catch(() => [])
      const left = found.filter((id) => !open.has(id))
      return Promise.all(left.map(async (id) => ({ id, createdAt: (await stat(join(homes, id))).mtimeMs })))
    },
    clear,
    close: async () => {},
  }
}
