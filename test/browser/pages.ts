/** The built pages, as they are when a test begins. */
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const dist = join(import.meta.dirname, '../../dist')

export interface Pages {
  readonly folder: string
  /** The addresses of all of them. */
  readonly paths: string[]
  /** Of pages that are not translated and shown in English, at an address of another language, only the first: they differ in nothing else. */
  readonly distinct: string[]
  remove(): void
}

/** Whether the text of a page is in another language than what stands round it. */
export function isBorrowed(html: string): boolean {
  const [, page] = /<html lang="([^"]*)"/.exec(html) ?? []
  const [, text] = /<main[^>]* lang="([^"]*)"/.exec(html) ?? []
  return text !== undefined && text !== page
}

/** A copy, so that a build beside the tests does not take the pages away from under them. */
export function takePages(): Pages {
  if (!existsSync(join(dist, 'index.html')))
    throw new Error('The pages have not been built: run "npm run build" before the browser tests.')
  const folder = mkdtempSync(join(tmpdir(), 'quayside-pages-'))
  cpSync(dist, folder, { recursive: true })
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .sort()
  const addressOf = (name: string) => `/${name.replace(/(^|\/)index\.html$/, '$1')}`
  const borrowed = files.filter((name) => isBorrowed(readFileSync(join(folder, name), 'utf8')))
  return {
    folder,
    paths: files.map(addressOf).sort(),
    distinct: files
      .filter((name) => !borrowed.slice(1).includes(name))
      .map(addressOf)
      .sort(),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
