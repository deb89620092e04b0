/**
 * Our Kubernetes client beside the usual one: what loading it costs a server. The other is not a dependency:
 * `npm install --no-save @kubernetes/client-node` puts it beside ours.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { mebibytes, row } from './report.ts'

const root = join(import.meta.dirname, '..', '..')

export function benchClient(): void {
  row('Kubernetes client, load: ours', load('./lab-server/kube/https.ts') ?? 'failed')
  row('  @kubernetes/client-node', load('@kubernetes/client-node') ?? 'not installed')
}

/** Undefined if it cannot be loaded. */
function load(module: string): string | undefined {
  const script = `
    await import('./lab-server/clock.ts') // what it takes to run TypeScript at all is paid by the rest of the server
    gc(); const before = process.memoryUsage.rss(), begun = performance.now()
    await import(${JSON.stringify(module)})
    const ms = performance.now() - begun; gc()
    console.log(JSON.stringify({ ms, bytes: process.memoryUsage.rss() - before }))`
  const args = ['--expose-gc', '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', script]
  const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' })
  if (status !== 0) return undefined
  const { ms, bytes } = JSON.parse(stdout) as { ms: number; bytes: number }
  return `${ms.toFixed(0)} ms, ${mebibytes(bytes)}`
}
