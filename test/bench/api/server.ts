import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { load } from 'js-yaml'
import { freePort } from '../../../lab-server/port.ts'
import { type Access, Client } from './client.ts'

/** An API server under measurement. */
export interface MeasuredServer {
  readonly name: string
  readonly access: Access
  /** Milliseconds from the start of its process to its first answer. */
  readonly startedIn: number
  /** Resident memory of all its processes, in bytes. */
  memory(): number
  stop(): Promise<void>
}

const TOKEN = 'benchmark'
const START_WITHIN = 60_000
const root = join(import.meta.dirname, '..', '..', '..')

export const hasReal = (): boolean =>
  ['etcd', 'kube-apiserver'].every((binary) => spawnSync(binary, ['--version']).status === 0)

/** kube-apiserver with an etcd that does not wait for its disk: as quick as it can be. */
export async function startReal(): Promise<MeasuredServer> {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-bench-api-'))
  const [client, peer, secure] = [await freePort(), await freePort(), await freePort()]
  const key = join(folder, 'sa.key')
  execFileSync('openssl', ['genrsa', '-out', key, '2048'], { stdio: 'ignore' })
  writeFileSync(join(folder, 'tokens.csv'), `${TOKEN},admin,admin,system:masters\n`)
  const etcd = run('etcd', [
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=http://127.0.0.1:${client}`,
    `--advertise-client-urls=http://127.0.0.1:${client}`,
    `--listen-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
    `--initial-cluster=default=http://127.0.0.1:${peer}`,
    '--unsafe-no-fsync',
    '--log-level=error',
  ])
  const begun = performance.now()
  const api = run('kube-apiserver', [
    `--etcd-servers=http://127.0.0.1:${client}`,
    `--cert-dir=${join(folder, 'certificates')}`,
    `--secure-port=${secure}`,
    '--bind-address=127.0.0.1',
    `--token-auth-file=${join(folder, 'tokens.csv')}`,
    '--authorization-mode=RBAC',
    `--service-account-key-file=${key}`,
    `--service-account-signing-key-file=${key}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    '--service-cluster-ip-range=10.96.0.0/16',
  ])
  const access: Access = { port: secure, token: TOKEN }
  const stop = async (): Promise<void> => {
    await ended(api)
    await ended(etcd)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    const startedIn = await firstAnswer(access, begun, [api, etcd])
    await giveAccount(access)
    return { name: 'kube-apiserver', access, startedIn, memory: () => residentMemory(api) + residentMemory(etcd), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** What controllers, which do not run beside it, would make: Pods of both servers then get the same volume with a token. */
async function giveAccount(access: Access): Promise<void> {
  const client = new Client(access, 1)
  const account = JSON.stringify({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default' } })
  for (const begun = performance.now(); performance.now() - begun < START_WITHIN; await pause()) {
    const { status } = await client.ask('POST', '/api/v1/namespaces/default/serviceaccounts', account)
    if (status === 201) break
  }
  client.close()
}

/** `npm run engine`, when its bundle is made. */
export async function startEngine(): Promise<MeasuredServer> {
  const folder = mkdtempSync(join(tmpdir(), 'quayside-bench-api-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const port = await freePort()
  execFileSync('node', ['--disable-warning=ExperimentalWarning', join(root, 'engine', 'node', 'bundle.ts')])
  const begun = performance.now()
  const engine = run('node', [
    '--max-semi-space-size=1',
    join(root, 'node_modules', '.cache', 'quayside', 'engine', 'start.mjs'),
    '--nodes=0',
    '--api-only',
    `--port=${port}`,
    `--kubeconfig=${kubeconfig}`,
  ])
  const stop = async (): Promise<void> => {
    await ended(engine)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    while (!existsSync(kubeconfig)) {
      mustRun([engine])
      await pause()
    }
    const access = readAccess(readFileSync(kubeconfig, 'utf8'), port)
    const startedIn = await firstAnswer(access, begun, [engine])
    return { name: 'engine', access, startedIn, memory: () => residentMemory(engine), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Resident bytes of a Node process that does nothing. */
export async function bareNode(): Promise<number> {
  const node = run('node', ['-e', 'setInterval(() => {}, 1000)'])
  await new Promise((resolve) => setTimeout(resolve, 500))
  const memory = residentMemory(node)
  await ended(node)
  return memory
}

function readAccess(kubeconfig: string, port: number): Access {
  const { users } = load(kubeconfig) as { users: { user: Record<string, string> }[] }
  const user = users[0]?.user ?? {}
  const decode = (text = ''): string => Buffer.from(text, 'base64').toString()
  return { port, certificate: decode(user['client-certificate-data']), key: decode(user['client-key-data']) }
}

function run(command: string, args: readonly string[]): ChildProcess {
  return spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'] })
}

async function firstAnswer(access: Access, begun: number, processes: readonly ChildProcess[]): Promise<number> {
  const client = new Client(access, 1)
  while (performance.now() - begun < START_WITHIN) {
    mustRun(processes)
    const ready = await client.ask('GET', '/readyz').catch(() => undefined)
    if (ready?.status === 200) {
      client.close()
      return performance.now() - begun
    }
    await pause()
  }
  throw new Error('the API server does not answer')
}

function mustRun(processes: readonly ChildProcess[]): void {
  const over = processes.find(({ exitCode }) => exitCode !== null)
  if (over !== undefined) throw new Error(`${over.spawnfile} has ended with ${over.exitCode}`)
}

/** `VmRSS` of Linux; the benchmark's peers run nowhere else. */
function residentMemory({ pid }: ChildProcess): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const over = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
  await over
  clearTimeout(late)
}

const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 5))
