/** `npm run engine`: serves one cluster until it is told to stop. */
import { randomBytes } from 'node:crypto'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import process from 'node:process'
import { parseArgs } from 'node:util'
import { realClock } from '../clock/real-clock.ts'
import { ADMIN, serveCluster } from './serve.ts'

const USAGE = `Serves one embedded Kubernetes cluster until it is stopped.

  npm run engine -- --kubeconfig FILE [--nodes 3] [--port N] [--seed TEXT] [--api-only]

  --kubeconfig FILE  where to write the administrator's kubeconfig
  --nodes N          how many nodes the cluster has (0 to 100; 1 if not said)
  --port N           the port on 127.0.0.1 (any that is free if not said)
  --seed TEXT        names and uids that repeat from run to run
  --api-only         an API server and its objects, on which nothing runs
`
const MOST_NODES = 100

/** The command line does not make sense; the message is a sentence. */
class UsageError extends Error {}

async function main(): Promise<void> {
  const { kubeconfig, nodes, port, seed, apiOnly } = readArguments(process.argv.slice(2))
  const cluster = await serveCluster({
    clock: realClock(),
    seed: seed ?? randomBytes(8).toString('hex'),
    nodes,
    port,
    ...(apiOnly ? {} : { workloads: await everything() }),
    report: (error) => console.error(error),
  })
  const stop = (): void => void cluster.stop()
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
  const file = resolve(kubeconfig)
  try {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, cluster.kubeconfigFor(ADMIN), { mode: 0o600 })
  } catch (error) {
    await cluster.stop()
    throw new UsageError(`The kubeconfig cannot be written: ${(error as Error).message}.`)
  }
  console.log(`A cluster with ${nodes} ${nodes === 1 ? 'node' : 'nodes'} answers at ${cluster.url}. In another terminal:

  export KUBECONFIG=${file}
  kubectl get nodes

Press Ctrl+C to stop it; nothing of it is kept.`)
}

/** Read only where it is used: an API server alone starts in half the time. */
async function everything() {
  const [{ workloads }, { images }] = await Promise.all([
    import('../workloads/workloads.ts'),
    import('../images/all.ts'),
  ])
  return workloads({ images, addons: {} })
}

function readArguments(args: string[]) {
  const { values } = parse(args)
  if (values.kubeconfig === undefined) throw new UsageError('Say where to write the kubeconfig: --kubeconfig FILE.')
  return {
    kubeconfig: values.kubeconfig,
    nodes: number('--nodes', values.nodes ?? '1', 0, MOST_NODES),
    port: number('--port', values.port ?? '0', 0, 65_535),
    seed: values.seed,
    apiOnly: values['api-only'] ?? false,
  }
}

function parse(args: string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args,
      options: { kubeconfig: text, nodes: text, port: text, seed: text, 'api-only': { type: 'boolean' } },
    })
  } catch (error) {
    throw new UsageError(`${(error as Error).message.replace(/\.$/, '')}.`)
  }
}

function number(name: string, text: string, least: number, most: number): number {
  const value = Number(text)
  if (/^\d+$/.test(text) && value >= least && value <= most) return value
  throw new UsageError(`${name} takes a whole number from ${least} to ${most}, not "${text}".`)
}

try {
  await main()
} catch (error) {
  if (error instanceof UsageError) console.error(`${error.message}\n\n${USAGE}`)
  else if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') {
    console.error('The port is taken: choose another with --port, or leave it out for one that is free.')
  } else console.error(error)
  process.exitCode = 1
}
