/** PGlite, PostgreSQL in WebAssembly: loaded when the first database starts, and once for all that follow in this thread. */
import type { PGlite as Instance } from '@electric-sql/pglite'
import type { BaseFilesystem } from '@electric-sql/pglite/basefs'

import { addTemplate } from './templates.ts'

export type { BaseFilesystem, Instance }

export interface Pglite {
  readonly PGlite: typeof Instance
  readonly BaseFilesystem: typeof BaseFilesystem
  readonly template: Template
}

/** The files of a database cluster as initdb has made it, by their paths from the data directory. Shared: nobody writes into them. */
export interface Template {
  /** Says whether files that a volume takes from a template are this one's. */
  readonly id: string
  readonly directories: readonly string[]
  readonly files: ReadonlyMap<string, Uint8Array>
}

/** In PGlite's own file system. */
export const DATA = '/pglite/data'

/**
 * Less of everything that a lab does not need: a segment of the log has 1 MiB in place of 16, and few are kept. Statements are not
 * written to disk with fsync, which memory does not know.
 */
export const INITDB = ['--wal-segsize=1']
export const SETTINGS: readonly string[] = [
  'shared_buffers=8MB',
  'min_wal_size=2MB',
  'max_wal_size=4MB',
  'wal_recycle=off',
  'max_connections=100',
  'jit=off',
]

export function startParams(PGlite: typeof Instance): string[] {
  const settings = PGlite.defaultStartParams.filter((param) => param !== 'search_path=public')
  // What is left of that pair is its -c: the first that follows another -c goes.
  const kept = settings.filter((param, index) => !(param === '-c' && settings[index + 1] === '-c'))
  return [...kept, ...SETTINGS.flatMap((setting) => ['-c', setting])]
}

let loading: Promise<Pglite> | undefined
let make = makeTemplate

/** From now on templates of this thread are made by that, which may be in another: it takes 2 to 3 seconds in which nothing else is done. */
export function makeTemplatesBy(other: () => Promise<Template>): void {
  make = other
}

/** The engine in this thread: 9 MB of code that is compiled once, and a template. */
export function loadPglite(): Promise<Pglite> {
  loading ??= load().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

async function load(): Promise<Pglite> {
  const [{ PGlite }, { BaseFilesystem }, template] = await Promise.all([
    import('@electric-sql/pglite'),
    import('@electric-sql/pglite/basefs'),
    make(),
  ])
  addTemplate(template)
  return { PGlite, BaseFilesystem, template }
}

/** A new template, made here and now. */
export async function makeTemplate(): Promise<Template> {
  const { PGlite } = await import('@electric-sql/pglite')
  const made = await PGlite.create({ initDbStartParams: INITDB, startParams: startParams(PGlite) })
  const { FS } = made.Module
  await made.close()
  const directories: string[] = []
  const files = new Map<string, Uint8Array>()
  const walk = (at: string) => {
    for (const name of FS.readdir(DATA + at)) {
      if (name === '.' || name === '..' || name === 'postmaster.pid') continue
      const path = `${at}/${name}`
      if (FS.isDir(FS.stat(DATA + path).mode)) {
        directories.push(path)
        walk(path)
      } else files.set(path, FS.readFile(DATA + path).slice())
    }
  }
  walk('')
  return { id: identifierOf(files.get('/global/pg_control')), directories, files }
}

/** The database cluster's own number, with which its control file begins. */
function identifierOf(control: Uint8Array | undefined): string {
  if (control === undefined) throw new Error('initdb has made no control file.')
  return new DataView(control.buffer, control.byteOffset).getBigUint64(0, true).toString()
}
