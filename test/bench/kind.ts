/** Labs on real clusters: how long a reader waits, how soon a tick comes, what a terminal carries. Needs Docker and kind. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Docker from 'dockerode'
import { systemClock } from '../../lab-server/clock.ts'
import { stillNode } from '../../lab-server/providers/kind/still.ts'
import type { SessionView } from '../../protocol/session.ts'
import { launchChromium } from '../chromium.ts'
import { clusterIds } from '../kind/leftovers.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
import { openTerminal } from '../terminal-client.ts'
import { mebibytes, percentile, row, seconds } from './report.ts'

const WAIT_MS = 300_000
const CHANGES = 20
const FLOOD_BYTES = 50_000_000
const STALL_SECONDS = 10

export async function benchKind(): Promise<void> {
  if (spawnSync('docker', ['info']).status !== 0 || spawnSync('kind', ['version']).status !== 0) {
    row('labs on kind', 'not measured: no Docker engine or no kind on PATH')
    return
  }
  const labs = mkdtempSync(join(tmpdir(), 'quayside-bench-'))
  execFileSync('mkdir', ['-p', join(labs, 'ticks')])
  writeFileSync(join(labs, 'ticks', 'lab.yaml'), ticksLab())
  const settings = {
    PROVIDER: 'kind',
    LABS: labs,
    POOL: '1',
    MAX_SESSIONS: '3',
    MAX_SESSIONS_PER_READER: '3',
    LOG_LEVEL: 'warn',
  }
  const server = await startServer({ settings })
  try {
    await measure(server)
  } finally {
    await server.stop()
    await cleanUp(server)
    rmSync(labs, { recursive: true })
  }
}

async function measure(server: TestServer): Promise<void> {
  const reader = new Reader(server.url)
  // The first start also makes the node image, once for all; the cold start is measured after it.
  const first = await reader.start('ticks')
  await reader.until(first.id, ready, WAIT_MS)
  await reader.ask('DELETE', `/api/sessions/${first.id}`)
  await pooled(server)

  const warm = await startToPrompt(server, reader)
  row('Start → prompt, pool warm', seconds(warm.ms), 'at most 2 s')
  await changeToTick(server, reader, warm.session)
  await throughput(server, reader, warm.session)
  await reader.ask('DELETE', `/api/sessions/${warm.session.id}`)
  await server.stop()
  await cleanUp(server)

  await coldStart()
}

/** In turn, and in both orders: whoever comes second pays for the removal of the first. */
async function coldStart(): Promise<void> {
  const cold = await startServer({ settings: { PROVIDER: 'kind', POOL: '0', LOG_LEVEL: 'warn' } })
  try {
    const reader = new Reader(cold.url)
    const started = async () => {
      const { ms, session } = await startToPrompt(cold, reader, 'scaling')
      await reader.ask('DELETE', `/api/sessions/${session.id}`)
      await removed(cold)
      return ms
    }
    const [alone1, ours1, ours2, alone2] = [await kindAlone(3), await started(), await started(), await kindAlone(3)]
    const alone = (alone1 + alone2) / 2
    const ours = (ours1 + ours2) / 2
    row('kind create alone, control plane and 3 workers', `${seconds(alone1)}, ${seconds(alone2)}`)
    row('Start → prompt, cold, the same cluster', `${seconds(ours1)}, ${seconds(ours2)}`)
    row('  mean beyond kind create', seconds(ours - alone), 'at most 3 s')
  } finally {
    await cold.stop()
    await cleanUp(cold)
  }
}

/** Waits until no cluster of a server is left. */
async function removed(server: TestServer): Promise<void> {
  for (const begun = Date.now(); Date.now() - begun < WAIT_MS; ) {
    if (clusterIds().length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error(`clusters of ${server.url} are still there`)
}

const ready = (view: SessionView) => view.status.state === 'ready'

async function startToPrompt(
  server: TestServer,
  reader: Reader,
  lab = 'ticks',
): Promise<{ ms: number; session: SessionView }> {
  const begun = performance.now()
  const started = await reader.start(lab)
  const session = await reader.until(started.id, ready, WAIT_MS)
  const terminal = await openTerminal(server.url, session.id, 1, reader.cookie)
  await terminal.expect(/\$ /)
  const ms = performance.now() - begun
  terminal.close()
  return { ms, session }
}

/** In a real browser: from the moment the API server answers the change until the page has been told. */
async function changeToTick(server: TestServer, reader: Reader, session: SessionView): Promise<void> {
  const kubeconfig = execFileSync('kind', ['get', 'kubeconfig', '--name', await clusterOf(server, reader, session)], {
    encoding: 'utf8',
  })
  const folder = mkdtempSync(join(tmpdir(), 'quayside-bench-'))
  const file = join(folder, 'config')
  writeFileSync(file, kubeconfig, { mode: 0o600 })
  const browser = await launchChromium()
  try {
    const context = await browser.newContext()
    const [name, value] = reader.cookie.split(/=(.*)/s) as [string, string]
    await context.addCookies([{ name, value, url: server.url }])
    const page = await context.newPage()
    await page.goto(server.url)
    await page.evaluate((id) => {
      const ticks: Record<string, number> = {}
      Object.assign(window, { ticks })
      new EventSource(`/api/sessions/${id}/events`).addEventListener('session', (event) => {
        const view = JSON.parse((event as MessageEvent<string>).data) as { steps: { id: string; status: string }[] }
        for (const step of view.steps) if (step.status === 'passed') ticks[step.id] ??= Date.now()
      })
    }, session.id)
    const delays: number[] = []
    const kubectl = (...args: string[]) => execFileSync('kubectl', ['--kubeconfig', file, ...args], { stdio: 'ignore' })
    for (let change = 1; change <= CHANGES; change++) {
      kubectl('create', 'configmap', `tick-${change}`)
      const done = Date.now()
      await page.waitForFunction(
        (id) => id in (window as unknown as { ticks: Record<string, number> }).ticks,
        `tick-${change}`,
      )
      const ticked = await page.evaluate(
        (id) => (window as unknown as { ticks: Record<string, number> }).ticks[id],
        `tick-${change}`,
      )
      delays.push(Math.max(0, (ticked as number) - done))
    }
    row(
      'cluster change → tick in the browser, p50 · p95',
      `${percentile(delays, 50)} · ${percentile(delays, 95)} ms`,
      'p95 at most 500 ms',
    )
  } finally {
    await browser.close()
    rmSync(folder, { recursive: true })
  }
}

async function throughput(server: TestServer, reader: Reader, session: SessionView): Promise<void> {
  const terminal = await openTerminal(server.url, session.id, 1, reader.cookie)
  const begun = performance.now()
  terminal.type(`head -c ${FLOOD_BYTES} /dev/zero | tr '\\0' 'x' | fold -w 99; echo do''ne\n`)
  await terminal.expect('done', WAIT_MS)
  const perSecond = FLOOD_BYTES / ((performance.now() - begun) / 1000)
  row('through one terminal', `${mebibytes(perSecond)}/s`)

  const before = residentBytes(server.pid)
  terminal.stall()
  terminal.type('yes\n')
  let most = before
  for (let second = 0; second < STALL_SECONDS; second++) {
    await new Promise((resolve) => setTimeout(resolve, 1000))
    most = Math.max(most, residentBytes(server.pid))
  }
  row(
    `server memory: before · ${STALL_SECONDS} s of "yes" that nobody reads`,
    `${mebibytes(before)} · ${mebibytes(most)}`,
  )
  terminal.close()
}

async function kindAlone(workers: number): Promise<number> {
  const nodes = ['control-plane', ...Array.from({ length: workers }, () => 'worker')].map((role) => `- role: ${role}`)
  const config = `kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes:\n${nodes.join('\n')}\n`
  const image = process.env.TEST_NODE_IMAGE ? ['--image', process.env.TEST_NODE_IMAGE] : []
  const folder = mkdtempSync(join(tmpdir(), 'quayside-bench-'))
  const begun = performance.now()
  try {
    execFileSync(
      'kind',
      [
        'create',
        'cluster',
        '--name',
        'quayside-bench',
        '--config',
        '-',
        '--kubeconfig',
        join(folder, 'config'),
        '--wait',
        '120s',
        ...image,
      ],
      {
        input: config,
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    )
    return performance.now() - begun
  } finally {
    const docker = new Docker()
    const nodes = await docker.listContainers({ filters: { label: ['io.x-k8s.kind.cluster=quayside-bench'] } })
    await Promise.all(nodes.map(({ Id }) => stillNode(docker, systemClock, Id)))
    execFileSync('kind', ['delete', 'cluster', '--name', 'quayside-bench', '--kubeconfig', join(folder, 'config')], {
      stdio: 'ignore',
    })
    rmSync(folder, { recursive: true })
  }
}

async function pooled(server: TestServer): Promise<void> {
  for (const begun = Date.now(); Date.now() - begun < WAIT_MS; ) {
    const text = await (await fetch(`${server.url}/metrics`)).text()
    if (/quayside_sessions\{state="pooled"\} [1-9]/.test(text)) return
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error('the pool was not filled')
}

/** The name of the session's cluster, as its reader would find it out. */
async function clusterOf(server: TestServer, reader: Reader, session: SessionView): Promise<string> {
  const terminal = await openTerminal(server.url, session.id, 1, reader.cookie)
  terminal.type('kubectl get nodes -o name\n')
  const seen = await terminal.expect(/node\/lab-[a-z0-9]+-control-plane/)
  terminal.close()
  return /node\/(lab-[a-z0-9]+)-control-plane/.exec(seen)?.[1] as string
}

const residentBytes = (pid: number) =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024

async function cleanUp(server: TestServer): Promise<void> {
  execFileSync(process.execPath, ['--disable-warning=ExperimentalWarning', 'lab-server/clean.ts'], {
    env: { ...process.env, QUAYSIDE_DATA: server.data },
    stdio: 'ignore',
  })
  removeData(server.data)
}

const ticksLab = () => `id: ticks
title: Ticks
summary: A step for each change that is timed.
minutes: 5
cluster: { workers: 0 }
steps:
${Array.from(
  { length: CHANGES },
  (_, index) => `  - id: tick-${index + 1}
    title: Change ${index + 1}
    checks:
      - title: It is there
        resource: { apiVersion: v1, kind: ConfigMap, name: tick-${index + 1} }
        expect: has(object.metadata.name)
    solution: kubectl create configmap tick-${index + 1}
`,
).join('')}`
