/**
 * `npm test`: everything, in the order in which it is cheapest to fail. Ends with one line, `N passed, N failed`.
 *
 * Kind tests run where Docker and kind answer; TEST_KIND=required makes their absence a failure, TEST_KIND=skip leaves
 * them out. TEST_NODE_IMAGE names the node image where kind's own cannot be pulled.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findChromium } from './chromium.ts'

let passed = 0
let failed = 0

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
  else failed++
}

/** One project of vitest.config.ts; counts its tests. */
function tests(project: string): void {
  heading(`${project} tests`)
  const report = join(reports, `${project}.json`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const ok = run('vitest', args, { NODE_OPTIONS: '--disable-warning=ExperimentalWarning' })
  const counts = existsSync(report)
    ? (JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number })
    : { numPassedTests: 0, numFailedTests: 0 }
  passed += counts.numPassedTests
  failed += counts.numFailedTests
  // An error outside a test, or a project without tests, is a failure too.
  if ((!ok && counts.numFailedTests === 0) || counts.numPassedTests + counts.numFailedTests === 0) failed++
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
  console.log('No Chromium found and none could be installed: the browser tests did not run.')
  failed++
}

const noKind = whyNoKind()
if (!noKind) {
  tests('kind')
} else {
  heading('kind tests')
  console.log(`The kind tests did not run: ${noKind}.`)
  if (process.env.TEST_KIND === 'required') failed++
}

rmSync(reports, { recursive: true })
console.log(`\n${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
