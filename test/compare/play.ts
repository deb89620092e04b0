/** Plays themes on a side. */
import { execFile, spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { dump, load } from 'js-yaml'
import type { Clients } from './clients.ts'
import { normalise } from './normalise.ts'
import type { Side } from './side.ts'
import { type Step, type Theme, title } from './theme.ts'

/** What a command did, normalised. */
export interface Outcome {
  readonly command: string
  readonly stdout: string
  readonly stderr: string
  readonly code: number
}

/** A command that has not ended by then is stuck; in ms. */
const STUCK_MS = 60_000

const run = promisify(execFile)

/** Plays a theme from an empty namespace. Resolves with an outcome for each step. */
export async function play(theme: Theme, side: Side, clients: Clients, suffix = ''): Promise<Outcome[]> {
  const namespace = `${theme.name}-${clients.id}${suffix}`
  const folder = mkdtempSync(join(tmpdir(), 'quayside-compare-'))
  const home = join(folder, '.home')
  const kubeconfig = join(home, 'kubeconfig')
  const env: Record<string, string> = {
    PATH: [clients.bin, join(import.meta.dirname, 'tools'), dirname(process.execPath), process.env.PATH].join(
      delimiter,
    ),
    HOME: home,
    KUBECONFIG: kubeconfig,
    NS: namespace,
    NODE: side.node,
    CHARTS: join(import.meta.dirname, '../charts'),
    LC_ALL: 'C',
    TZ: 'UTC',
  }
  const k = (...args: string[]) =>
    run(join(clients.bin, 'kubectl'), args, { env: { ...env, KUBECONFIG: side.kubeconfig } })
  const shell: Shell = { folder, env }
  try {
    mkdirSync(home)
    writeFileSync(kubeconfig, accessTo(side.kubeconfig, namespace), { mode: 0o600 })
    for (const [name, content] of Object.entries(theme.files ?? {})) {
      const text = typeof content === 'string' ? content : JSON.stringify(content)
      const path = join(folder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text.replaceAll('$NS', namespace).replaceAll('$NODE', side.node))
    }
    await k('create', 'namespace', namespace)
    await k('wait', '--for=create', 'serviceaccount/default', 'configmap/kube-root-ca.crt', '-n', namespace)
    const outcomes: Outcome[] = []
    for (const step of theme.steps) outcomes.push(await take(step, shell, namespace))
    return outcomes
  } catch (error) {
    throw new Error(`theme ${theme.name} on the ${side.name} side: ${(error as Error).message}`)
  } finally {
    // Nobody ends the Pods of nodes that are not there
    await k('delete', 'pods', '--all', '-n', namespace, '--force', '--grace-period=0', '--wait=false').catch(() => {})
    await k('delete', 'namespace', namespace, '--wait=false', '--ignore-not-found').catch(() => {})
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The same access by names that do not tell the sides apart. */
function accessTo(kubeconfig: string, namespace: string): string {
  const { clusters, users } = load(readFileSync(kubeconfig, 'utf8')) as {
    clusters: [{ cluster: object }]
    users: [{ user: object }]
  }
  return dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'cluster', cluster: clusters[0].cluster }],
    users: [{ name: 'admin', user: users[0].user }],
    contexts: [{ name: 'compare', context: { cluster: 'cluster', user: 'admin', namespace } }],
    'current-context': 'compare',
  })
}

interface Shell {
  readonly folder: string
  readonly env: Record<string, string>
}

async function take(step: Step, shell: Shell, namespace: string): Promise<Outcome> {
  if (typeof step === 'object' && 'prepare' in step) {
    const { code, stdout, stderr } = await bash(step.prepare, shell)
    // What it says is of interest only if it went wrong
    return { command: title(step), stdout: code === 0 ? '' : stdout, stderr: code === 0 ? '' : stderr, code }
  }
  const { run, meanwhile, normalise: more = [], unordered } = typeof step === 'string' ? { run: step } : step
  const [outcome, beside] = await Promise.all([bash(run, shell), meanwhile ? bash(meanwhile, shell) : undefined])
  const clean = (text: string) => {
    let result = text
    for (const [pattern, replacement] of more) result = result.replace(pattern, replacement)
    result = normalise(result, { namespace, folder: shell.folder })
    return unordered ? result.split('\n').sort().join('\n') : result
  }
  return {
    command: title(step),
    stdout: clean(outcome.stdout),
    stderr: clean(outcome.stderr + failureOf(beside)),
    code: outcome.code,
  }
}

const failureOf = (beside: { stdout: string; stderr: string; code: number } | undefined) =>
  beside && beside.code !== 0 ? `\nwhat ran beside it ended with ${beside.code}: ${beside.stdout}${beside.stderr}` : ''

function bash(script: string, { folder, env }: Shell): Promise<{ stdout: string; stderr: string; code: number }> {
  return new Promise((resolve, reject) => {
    // A group of its own, so that what a stuck script has begun ends with it
    const child = spawn('bash', ['-c', script], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const stuck = setTimeout(() => {
      stderr += `\nstill running after ${STUCK_MS} ms\n`
      process.kill(-(child.pid as number), 'SIGKILL')
    }, STUCK_MS)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(stuck)
      resolve({ stdout, stderr, code: code ?? -1 })
    })
  })
}

/** Calls `work` for each item, `width` at a time; results in the items' order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  width: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const entries = items.entries()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const [index, item] of entries) results[index] = await work(item)
    }),
  )
  return results
}
