/**
 * What pages weigh on the way to a reader, gzip, against the budgets of .size-limit.json; exits with 1 when one is over.
 * size-limit knows files, not pages: which files a page loads is read from the built pages here, and given to it by name.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { gzipSync } from 'node:zlib'

interface Budget {
  name: string
  /** A page of dist/, or a pattern of pages; each is measured alone. */
  pages: string
  not?: string
  what: 'html' | 'js' | 'own-js' | 'css' | 'all-js'
  /** Like "7 kB"; 1 kB is 1000 bytes, as size-limit counts. */
  limit: string
}

const root = join(import.meta.dirname, '..')
const dist = join(root, 'dist')

const weigh = (bytes: Uint8Array | string) => gzipSync(bytes, { level: 9 }).length
const file = (path: string) => join(dist, path.replace(/^\//, ''))

function bytesOf(limit: string): number {
  const [, number = '', unit = ''] = /^([\d.]+) ?(kB|B)$/.exec(limit) ?? []
  if (number === '') throw new Error(`.size-limit.json: limit: found "${limit}"; expected a size like "7 kB"`)
  return Number(number) * (unit === 'kB' ? 1000 : 1)
}

/** Modules that a module loads: at once, and when it is asked to. */
function importsOf(path: string): { now: string[]; later: string[] } {
  const text = readFileSync(file(path), 'utf8')
  const resolve = (specifier: string) => join('/', relative(dist, join(dirname(file(path)), specifier)))
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => resolve(match[1] ?? ''))
  return {
    now: found(/(?:\bimport|\bfrom)\s*["'`](\.[^"'`]+\.js)["'`]/g),
    later: found(/\bimport\(\s*["'`](\.[^"'`]+\.js)["'`]/g),
  }
}

/** A module and all that comes with it, in bytes-on-the-wire terms: each file once. */
function closure(entries: string[], later: boolean): Set<string> {
  const seen = new Set<string>()
  const todo = [...entries]
  for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
    if (seen.has(path) || !existsSync(file(path))) continue
    seen.add(path)
    const imports = importsOf(path)
    todo.push(...imports.now, ...(later ? imports.later : []))
  }
  return seen
}

const attributes = (html: string, pattern: RegExp) => [
  ...new Set([...html.matchAll(pattern)].map((match) => match[1] ?? '')),
]
const scripts = (html: string) => attributes(html, /<script[^>]*\ssrc="([^"]+)"/g)
const isLabScript = (path: string) => /LabLayout/.test(path)
/** Fetched on demand, on every page alike, and no part of a lab: the search. */
const isSearch = (path: string) => /ui-core|when-opened/.test(path)

const total = (paths: Iterable<string>) => [...paths].reduce((sum, path) => sum + weigh(readFileSync(file(path))), 0)

function measure(page: string, what: Budget['what']): number {
  const html = readFileSync(page, 'utf8')
  const entries = scripts(html)
  switch (what) {
    case 'html':
      return weigh(html)
    case 'css': {
      // A print stylesheet does not hold up reading, and Starlight's own budget leaves it out too.
      const links = attributes(html, /<link(?![^>]*media="print")[^>]*rel="stylesheet"[^>]*href="([^"]+)"/g)
      return total(links)
    }
    case 'js':
      // The idle page also fetches what stands in for the search until it is opened.
      return total(new Set([...closure(entries, false), ...globSync('_astro/when-opened.*.js', { cwd: dist })]))
    case 'own-js': {
      const rest = closure(
        entries.filter((path) => !isLabScript(path)),
        false,
      )
      return total([...closure(entries.filter(isLabScript), false)].filter((path) => !rest.has(path)))
    }
    case 'all-js':
      return total([...closure(entries, true)].filter((path) => !isSearch(path)))
  }
}

const budgets = JSON.parse(readFileSync(join(root, '.size-limit.json'), 'utf8')) as Budget[]
let over = 0
console.log('page                                     what                              gzip      limit')
for (const { name, pages, not, what, limit } of budgets) {
  const found = globSync(pages, { cwd: dist }).filter(
    (page) => page !== not && !(not && globSync(not, { cwd: dist }).includes(page)),
  )
  if (found.length === 0) {
    console.log(`${pages}: found no such page in dist/; expected the site to be built`)
    over++
  }
  for (const page of found.sort()) {
    const bytes = measure(join(dist, page), what)
    const fits = bytes <= bytesOf(limit)
    if (!fits) over++
    const kB = `${(bytes / 1000).toFixed(1)} kB`
    console.log(`${page.padEnd(40)} ${name.padEnd(30)} ${kB.padStart(8)} ${limit.padStart(10)}${fits ? '' : '  OVER'}`)
  }
}
if (over > 0) process.exitCode = 1
