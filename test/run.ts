/**
 * `npm test`: everything, in the order in which it is cheapest to fail. Ends with one line, `N passed, N failed`.
 *
 * Kind tests run where Docker and kind answer; TEST_KIND=required makes their absence a failure, TEST_KIND=skip leaves
 * them out. TEST_NODE_IMAGE names the node image where kind's own cannot be pulled.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { findChromium } from './chromium.ts'

let passed = 0
/** What failed, by name, and why: a step, or a test with its file. */
const failures: string[] = []

const root = join(import.meta.dirname, '..')
const reports = mkdtempSync(join(tmpdir(), 'quayside-tests-'))

function run(command: string, args: string[], env: Record<string, string> = {}): boolean {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } }).status === 0
}

function heading(text: string): void {
  console.log(`\n── ${text}`)
}

/** A command that passes or fails as a whole. */
function step(name: string, command: string, ...args: string[]): void {
  heading(name)
  if (run(command, args)) passed++
  else failures.push(name)
}

/** What counts of vitest's report. */
interface Report {
  numPassedTests: number
  testResults: { name: string; status: string; message?: string; assertionResults: Assertion[] }[]
}

interface Assertion {
  status: string
  fullName: string
  failureMessages?: string[]
}

/** Characters of why a test failed that are repeated at the end. */
const WHY = 600

/** Failed tests of a report, and files that failed before their first test. */
function failuresOf({ testResults }: Report): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name)
    const failed = assertionResults
      .filter((one) => one.status === 'failed')
      .map(({ fullName, failureMessages }) => withReason(`${file} > ${fullName}`, failureMessages?.[0]))
    return failed.length === 0 && status === 'failed' ? [withReason(file, message)] : failed
  })
}

/** The message without the stack below it. */
function withReason(name: string, message = ''): string {
  const reason = message
    .split(/\n\s+at /, 1)[0]
    ?.trim()
    .slice(0, WHY)
  return reason ? `${name}\n${reason.replace(/^/gm, '      ')}` : name
}

/** One project of vitest.config.ts; counts its tests. */
function tests(project: string): void {
  heading(`${project} tests`)
  const report = join(reports, `${project}.json`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const ok = run('vitest', args, { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' })
  if (!existsSync(report)) {
    failures.push(`${project} tests: no report`)
    return
  }
  const counts = JSON.parse(readFileSync(report, 'utf8')) as Report
  const failed = failuresOf(counts)
  passed += counts.numPassedTests
  failures.push(...failed)
  // An error outside a test, or a project without tests, is a failure too.
  if (failed.length === 0 && !ok) failures.push(`${project} tests: an error outside a test`)
  else if (failed.length === 0 && counts.numPassedTests === 0) failures.push(`${project} tests: there are none`)
}

/** Undefined if kind tests can run. */
function whyNoKind(): string | undefined {
  if (process.env.TEST_KIND === 'skip') return 'TEST_KIND=skip'
  if (spawnSync('docker', ['info']).status !== 0) return 'no Docker engine answers'
  if (spawnSync('kind', ['version']).status !== 0) return 'there is no kind on PATH'
  return undefined
}

step('site', 'astro', 'build')
step('types', 'tsc', '--noEmit')
step('types of pages', 'astro', 'check', '--minimumFailingSeverity', 'warning')
step('lint', 'biome', 'check', '--error-on-warnings', '.')
step('spelling', 'node', 'src/prose/check-spelling.ts')
tests('unit')
step('weights of pages', 'node', 'test/page-weights.ts')

tests('embedded')

heading('browser')
const chromium = findChromium()
if (chromium) {
  console.log(chromium)
  tests('browser')
} else {
  failures.push('browser tests: no Chromium found, and none could be installed')
}

const noKind = whyNoKind()
if (!noKind) {
  tests('kind')
} else {
  heading('kind tests')
  console.log(`The kind tests did not run: ${noKind}.`)
  if (process.env.TEST_KIND === 'required') failures.push(`kind tests: ${noKind}`)
}

rmSync(reports, { recursive: true })
if (failures.length > 0) heading(`failed:\n${failures.map((failure) => `   ${failure}`).join('\n')}`)
console.log(`\n${passed} passed, ${failures.length} failed`)
process.exit(failures.length === 0 ? 0 : 1)
