/**
 * What pages weigh on the way to a reader, gzip, against their budgets; exits with 1 when one is over.
 * size-limit measures files and knows nothing of pages: which files a page loads is read from the built pages here.
 */
import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import filePlugin from '@size-limit/file'
import sizeLimit from 'size-limit'
import { isBorrowed } from './browser/pages.ts'

interface Budget {
  name: string
  /** At most, for each page. 1 kB is 1000 bytes, as in size-limit. */
  kB: number
  /** At most for the page in the middle, when all are laid in a row. */
  median?: number
  /** None is fine where a page may do without. */
  filesOf(page: string): string[]
  optional?: true
}

const dist = join(import.meta.dirname, '..', 'dist')
const file = (path: string) => join(dist, path)

/** The same files are asked for again and again, page after page. */
function once<T>(work: (key: string) => T): (key: string) => T {
  const known = new Map<string, T>()
  return (key) => {
    const found = known.get(key) ?? work(key)
    known.set(key, found)
    return found
  }
}

const textOf = once((path) => readFileSync(file(path), 'utf8'))

/** Modules that a module loads at once, and those that it loads when it is asked to. */
const importsOf = once((path): { now: string[]; later: string[] } => {
  const text = textOf(path)
  const resolve = (specifier: string) => `/${relative(dist, join(dirname(file(path)), specifier))}`
  const found = (pattern: RegExp) => [...text.matchAll(pattern)].map((match) => resolve(match[1] ?? ''))
  return {
    now: found(/(?:\bimport|\bfrom)\s*["'`](\.[^"'`]+\.js)["'`]/g),
    later: found(/\bimport\(\s*["'`](\.[^"'`]+\.js)["'`]/g),
  }
})

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

const html = textOf
const named = (page: string, pattern: RegExp) => [
  ...new Set([...html(page).matchAll(pattern)].map((match) => match[1] ?? '')),
]
const scripts = (page: string) => named(page, /<script[^>]*\ssrc="([^"]+)"/g)
/** The search itself is fetched when it is opened, and has no part in anything else. */
const isSearch = (path: string) => /ui-core|when-opened/.test(path)
/** The lab page's own script, and the one for ticks that all pages share: neither is Starlight's. */
const isOwn = (path: string) => /LabLayout|TwoColumnContent/.test(path)

/** Once idle, a page also fetches what stands in for the search until a reader opens it. */
const search = globSync('_astro/when-opened.*.js', { cwd: dist })
const now = (page: string) => [...closure(scripts(page), false), ...search]

const later = (page: string) =>
  [...closure(scripts(page), true)].filter((path) => !now(page).includes(path) && !isSearch(path))
/** A print stylesheet does not hold up reading. */
const sheets = (page: string) => named(page, /<link(?![^>]*media="print")[^>]*rel="stylesheet"[^>]*href="([^"]+)"/g)

const reading: Budget[] = [
  { name: 'HTML', kB: 16, median: 7, filesOf: (page) => [page] },
  { name: 'JS', kB: 30, filesOf: now },
  {
    name: 'CSS',
    kB: 17,
    filesOf: sheets,
  },
  {
    // What a reader's first press loads, or a picture that comes into view.
    name: 'simulations',
    kB: 25,
    filesOf: later,
    optional: true,
  },
]

/** Views of the work area that a reader may never open: each has a budget of its own, and something written in it that tells it apart. */
const views = [
  { name: 'Files', kB: 180, inside: 'files-tree' },
  { name: 'Preview', kB: 4, inside: 'preview-frame' },
  { name: 'Workshop', kB: 6, inside: 'seat-strip' },
]
const afterStart = (page: string) => [...closure(scripts(page), true)].filter((path) => !isSearch(path))

/** What comes with a view and is not there without it. */
function onlyIn(page: string, inside: string): Set<string> {
  const all = afterStart(page)
  const entry = all.filter((path) => textOf(path).includes(inside))
  const others = all.filter((path) => !closure(entry, true).has(path))
  const shared = closure(
    others.filter((path) => !importsOf(path).later.some((later) => entry.includes(later))),
    false,
  )
  return new Set([...closure(entry, true)].filter((path) => !shared.has(path)))
}

const labs: Budget[] = [
  // With the text of a whole lab, and a hint for each check.
  { name: 'HTML', kB: 18, filesOf: (page) => [page] },
  { name: 'CSS', kB: 19, filesOf: sheets },
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
    filesOf(page) {
      const ofViews = new Set(views.flatMap(({ inside }) => [...onlyIn(page, inside)]))
      return afterStart(page).filter((path) => !ofViews.has(path))
    },
  },
  ...views.map(({ name, kB, inside }) => ({ name, kB, filesOf: (page: string) => [...onlyIn(page, inside)] })),
]

/** Pages of hosts and participants: a board at once, the terminal when a host looks at one. */
const workshops: Budget[] = [
  { name: 'HTML', kB: 16, filesOf: (page) => [page] },
  { name: 'JS', kB: 36, filesOf: now },
  { name: 'CSS', kB: 21, filesOf: sheets },
  { name: 'JS, a terminal', kB: 110, filesOf: later, optional: true },
]

const isWorkshopPage = (page: string) => /<quay-(?:room|join|sheet)/.test(html(page))
const isLabPage = (page: string) => html(page).includes('<quay-lab')
const pages = globSync('**/*.html', { cwd: dist }).sort()
if (!pages.some(isLabPage)) throw new Error('dist/: found no lab page; expected the site to be built')

const checks = pages.flatMap((page) =>
  (isLabPage(page) ? labs : isWorkshopPage(page) ? workshops : reading).flatMap((budget) => {
    const files = [...new Set(budget.filesOf(page))].map(file)
    if (files.length > 0) return [{ page, name: budget.name, budget, files, gzip: true }]
    if (budget.optional) return []
    throw new Error(`${page}: ${budget.name}: found no file; expected the page to load some`)
  }),
)
const sizes = (await sizeLimit([filePlugin], { checks })) as { size: number }[]
const weighed = checks.map(({ page, budget }, at) => ({
  page,
  budget,
  kB: (sizes[at]?.size ?? Number.POSITIVE_INFINITY) / 1000,
}))

/** Marks what is over its budget, and makes the whole fail. */
function judged(kB: number, most: number): string {
  if (kB <= most) return kB.toFixed(1)
  process.exitCode = 1
  return `${kB.toFixed(1)} OVER ${most}`
}

for (const [title, budgets] of [
  ['kB, gzip', reading],
  ['kB, gzip, of a lab', labs],
  ['kB, gzip, workshops', workshops],
] as const) {
  const rows = pages.filter((page) => weighed.some((one) => one.page === page && budgets.includes(one.budget)))
  // A page that is not translated is another one once more.
  const of = (budget: Budget) =>
    weighed.filter((one) => one.budget === budget && !isBorrowed(html(one.page))).map(({ kB }) => kB)
  const line = (name: string, cell: (budget: Budget) => string) =>
    console.log([name.padEnd(44), ...budgets.map((budget) => cell(budget).padStart(19))].join(''))
  line(title, ({ name }) => name)
  for (const page of rows)
    line(page, (budget) => {
      const found = weighed.find((one) => one.page === page && one.budget === budget)
      return found === undefined ? '–' : judged(found.kB, budget.kB)
    })
  line('the page in the middle', (budget) => {
    const middle = of(budget).sort((a, b) => a - b)[Math.floor(of(budget).length / 2)]
    return middle === undefined ? '–' : judged(middle, budget.median ?? budget.kB)
  })
  line('at most, any page', ({ kB }) => String(kB))
  line('at most, the page in the middle', ({ median }) => (median === undefined ? '' : String(median)))
  console.log('')
}
