/** The built pages, as they are when a test begins. */
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const dist = join(import.meta.dirname, '../../dist')

export interface Pages {
  readonly folder: string
  /** The addresses of all of them. */
  readonly paths: string[]
  remove(): void
}

/** A copy, so that a build beside the tests does not take the pages away from under them. */
export function takePages(): Pages {
  if (!existsSync(join(dist, 'index.html')))
    throw new Error('The pages have not been built: run "npm run build" before the browser tests.')
  const folder = mkdtempSync(join(tmpdir(), 'quayside-pages-'))
  cpSync(dist, folder, { recursive: true })
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.html'))
  return {
    folder,
    paths: files.map((name) => `/${name.replace(/(^|\/)index\.html$/, '$1')}`).sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
