/**
 * A home in a folder, and nothing that keeps a reader in it: for the one person whose machine this is. The shell is their own, with
 * another home and another cluster.
 */
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { BASHRC, bashrc, labCommand, readerEnvironment } from '../../reader-home.ts'
import { startHere } from '../launcher/here.ts'
import type { Start } from '../launcher/launcher.ts'
import { readMarked } from './archive.ts'
import type { Command, Homes } from './home.ts'

export interface UnconfinedOptions {
  /** For one folder per home, and what they share. */
  folder: string
  /** Paths of kubectl and helm. */
  tools: readonly string[]
  completion: string
  /** The server's PATH. */
  path: string
  /** How processes are started. */
  start?: Start
}

export function unconfinedHomes({ folder, tools, completion, path, start = startHere }: UnconfinedOptions): Homes {
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
        async archive(without, signal) {
          signal.throwIfAborted()
          const mark = randomBytes(16).toString('hex')
          const names = without.map((name) => `--exclude=./${name}`)
          const script = `tar "$@" -cf - . 2> /dev/null; printf '%s%03d' "$0" "$?"`
          const command: Command = { file: 'bash', args: ['-c', script, mark, ...names], env, cwd: home }
          const { streams, kill } = await start(command, [false, true, false])
          const abort = () => kill('SIGKILL')
          signal.addEventListener('abort', abort, { once: true })
          try {
            return await readMarked(streams[1] as Readable, mark)
          } finally {
            signal.removeEventListener('abort', abort)
          }
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
