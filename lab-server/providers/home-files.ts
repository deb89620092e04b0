/**
 * The reader's home folder for the panel Files. All of it is done by a script as the reader, where the reader's shells are: what
 * keeps a shell in keeps this in, and no path leads further than the reader could go.
 */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  EDIT_ID,
  type EditRequest,
  type FileEntry,
  type FilesView,
  type FileView,
  MAX_ENTRIES,
  MAX_FILE,
  PathRequest,
} from '../../protocol/files.ts'
import { ReaderError } from '../errors.ts'

export interface HomeFiles {
  /** Calls while one is under way get its answer. */
  list(): Promise<FilesView>
  /** @throws {ReaderError} as protocol/files.ts says; so do all */
  read(path: string): Promise<FileView>
  /**
   * @param version as it was read; null: it must not be there yet; undefined: whatever is there
   * @returns the new version
   */
  write(path: string, content: string, version?: string | null): Promise<string>
  makeFolder(path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  remove(path: string): Promise<void>
  /** Tells a program that waits for a file to be edited. */
  answerEdit(id: string, state: EditRequest['state']): Promise<void>
}

/** Runs a command as the reader in the home, with the reader's environment. */
export type RunInHome = (
  argv: readonly string[],
  options: {
    stdin?: string
    /** Bytes of standard output that are kept. */
    limit: number
    signal: AbortSignal
  },
) => Promise<{ code: number; stdout: Uint8Array }>

const script = readFileSync(join(import.meta.dirname, 'home-files.sh'), 'utf8')

/** Milliseconds for any of it: a home is small and in memory. */
const WITHIN = 15_000
/** Of a list, in bytes: {@link MAX_ENTRIES} names of a good length, and what is beside them. */
const LIST_LIMIT = 512 * 1024

/** As home-files.sh has them. */
const refusals: Record<number, (path: string) => ReaderError> = {
  44: (path) => new ReaderError('no-file', `There is no ${path} any more.`, { status: 404 }),
  45: (path) => new ReaderError('outside-home', `${path} leads out of your home folder.`, { status: 403 }),
  46: (path) => new ReaderError('is-link', `${path} is a link: open what it leads to.`, { status: 409 }),
  47: (path) => new ReaderError('is-folder', `${path} is a folder.`, { status: 409 }),
  48: (path) => new ReaderError('file-exists', `There is already something called ${path}.`, { status: 409 }),
  49: (path) =>
    new ReaderError('too-large', `${path} is too large to be shown here: more than ${MAX_FILE / 1024} KiB.`, {
      status: 413,
    }),
}

export function homeFiles(run: RunInHome): HomeFiles {
  let listing: Promise<FilesView> | undefined

  const call = (argv: readonly string[], { stdin, limit = 0 }: { stdin?: string; limit?: number } = {}) =>
    run(['bash', '--norc', '--noprofile', '-c', script, 'files', ...argv], {
      ...(stdin !== undefined && { stdin }),
      limit,
      signal: AbortSignal.timeout(WITHIN),
    })

  async function must(path: string, argv: readonly string[], options?: { stdin?: string; limit?: number }) {
    const { code, stdout } = await call(argv, options)
    if (code === 0) return stdout
    throw (
      refusals[code]?.(path) ??
      new ReaderError('file-refused', `${path} could not be changed: you have no right to it, or your home is full.`, {
        status: 409,
      })
    )
  }

  async function list(): Promise<FilesView> {
    const { stdout } = await call(['list'], { limit: LIST_LIMIT })
    return readList(Buffer.from(stdout).toString('utf8'), stdout.length >= LIST_LIMIT)
  }

  async function bytesOf(path: string): Promise<Uint8Array> {
    return must(path, ['read', path, String(MAX_FILE)], { limit: MAX_FILE + 1 })
  }

  return {
    list() {
      listing ??= list().finally(() => {
        listing = undefined
      })
      return listing
    },

    async read(path) {
      check(path)
      const bytes = await bytesOf(path)
      const content = textOf(bytes)
      if (content === undefined)
        throw new ReaderError('binary', `${path} is no text: it cannot be shown here.`, { status: 415 })
      return { path, content, version: versionOf(bytes) }
    },

    async write(path, content, version) {
      check(path)
      if (typeof version === 'string' && versionOf(await bytesOf(path)) !== version)
        throw new ReaderError('changed', `${path} has changed since you opened it.`, { status: 409 })
      await must(path, ['write', path, version === null ? 'new' : 'any'], { stdin: content })
      return versionOf(Buffer.from(content))
    },

    async makeFolder(path) {
      check(path)
      await must(path, ['folder', path])
    },

    async rename(from, to) {
      check(from)
      check(to)
      if (to.startsWith(`${from}/`))
        throw new ReaderError('file-exists', `${from} cannot be moved into itself.`, { status: 409 })
      await must(from, ['rename', from, to])
    },

    async remove(path) {
      check(path)
      await must(path, ['remove', path])
    },

    async answerEdit(id, state) {
      const over = new ReaderError('no-edit', 'Nobody waits for this file any more.', { status: 404 })
      if (!EDIT_ID.test(id)) throw over
      const { code } = await call(['edit', id, state])
      if (code !== 0) throw over
    },
  }
}

/** Whoever calls has looked already; a path that leads out is an error of ours. */
function check(path: string): void {
  if (!PathRequest.safeParse({ path }).success)
    throw new ReaderError('outside-home', 'This is no path below your home folder.', { status: 403 })
}

const versionOf = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('base64url')

function textOf(bytes: Uint8Array): string | undefined {
  if (bytes.includes(0)) return undefined
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Of lines `regular file|12|1700000000.123|./shop/web.yaml`. */
export function readList(text: string, cut: boolean): FilesView {
  const lines = text.split('\n')
  // The last one is empty, or not whole
  lines.pop()
  const entries = lines.flatMap((line): FileEntry[] => {
    const [type = '', size = '', , ...name] = line.split('|')
    const path = name.join('|').replace(/^\.\//, '')
    if (!PathRequest.safeParse({ path }).success) return []
    const kind = /directory/i.test(type) ? 'folder' : /link/i.test(type) ? 'link' : 'file'
    return [{ path, kind, size: kind === 'file' ? Number(size) : 0 }]
  })
  entries.sort((a, b) => (a.path < b.path ? -1 : 1))
  return {
    version: createHash('sha256')
      .update([...lines].sort().join('\n'))
      .digest('base64url'),
    entries: entries.slice(0, MAX_ENTRIES),
    truncated: cut || entries.length > MAX_ENTRIES,
  }
}
