/**
 * What pages weigh on the way to a reader, gzip, against their budgets; exits with 1 when one is over.
 * size-limit measures files and knows nothing of pages: which files a page loads is read from the built pages here.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import filePlugin from '@size-limit/file'
import sizeLimit from 'size-limit'

interface Budget {
  name: string
  /** 1 kB is 1000 bytes, as in size-limit. */
  kB: number
  filesOf(page: string): string[]
}

const dist = join(import.meta.dirname, '..', 'dist')
const file = (path: string) => join(dist, path)

/** Modules that a module loads at once, and those that it loads when it is asked to. */
function importsOf(path: string): { now: string[]; later: string[] } {
  const text = readFileSync(file(path), 'utf8')
  const resolve = (specifier: string) => `/${relative(dist, join(dirname(file(path)), specifier))}`
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => resolve(match[1] ?? ''))
  return {
    now: found(/(?:\bimport|\bfrom)\s*["'`](\.[^"'`]+\.js)["'`]/g),
    later: found(/\bimport\(\s*["'`](\.[^"'`]+\.js)["'`]/g),
  }
}

/** Modules and all that come with them, each once. */
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

const html = (page: string) => readFileSync(file(page), 'utf8')
const named = (page: string, pattern: RegExp) => [
  ...new Set([...html(page).matchAll(pattern)].map((match) => match[1] ?? '')),
]
const scripts = (page: string) => named(page, /<script[^>]*\ssrc="([^"]+)"/g)
/** The lab page's own script, and the one for ticks that all pages share: neither is Starlight's. */
const isOwn = (path: string) => /LabLayout|TwoColumnContent/.test(path)

const reading: Budget[] = [
  { name: 'HTML', kB: 7, filesOf: (page) => [page] },
  {
    name: 'JS',
    kB: 30,
    // Once idle, a page also fetches what stands in for the search until a reader opens it.
    filesOf: (page) => [...closure(scripts(page), false), ...globSync('_astro/when-opened.*.js', { cwd: dist })],
  },
  {
    name: 'CSS',
    kB: 17,
    // A print stylesheet does not hold up reading.
    filesOf: (page) => named(page, /<link(?![^>]*media="print")[^>]*rel="stylesheet"[^>]*href="([^"]+)"/g),
  },
]

const labs: Budget[] = [
  {
    name: 'own JS before Start',
    kB: 8,
    filesOf(page) {
      const shared = closure(
        scripts(page).filter((path) => !isOwn(path)),
        false,
      )
      return [...closure(scripts(page).filter(isOwn), false)].filter((path) => !shared.has(path))
    },
  },
  {
    name: 'all JS after Start',
    kB: 130,
    // The search is fetched when it is opened, and has no part in a lab.
    filesOf: (page) => [...closure(scripts(page), true)].filter((path) => !path.includes('ui-core')),
  },
]

const isLabPage = (page: string) => html(page).includes('<quay-lab')
const pages = globSync('**/*.html', { cwd: dist }).sort()
const checks = pages.flatMap((page) =>
  (isLabPage(page) ? labs : reading).map(({ name, kB, filesOf }) => {
    const files = [...new Set(filesOf(page))].map(file)
    if (files.length === 0) throw new Error(`${page}: ${name}: found no file; expected the page to load some`)
    return { page, name, kB, files, gzip: true }
  }),
)
if (!pages.some(isLabPage)) throw new Error('dist/: found no lab page; expected the site to be built')

const sizes = (await sizeLimit([filePlugin], { checks })) as { size: number }[]
console.log(`${'page'.padEnd(40)} ${'what, gzip'.padEnd(20)}   weighs   at most`)
for (const [at, { page, name, kB }] of checks.entries()) {
  const size = (sizes[at]?.size ?? Number.POSITIVE_INFINITY) / 1000
  if (size > kB) process.exitCode = 1
  const over = size > kB ? '   OVER' : ''
  console.log(
    `${page.padEnd(40)} ${name.padEnd(20)} ${size.toFixed(1).padStart(5)} kB  ${`${kB} kB`.padStart(7)}${over}`,
  )
}
