/** Labs on simulated clusters: how long a reader waits, what a session weighs, and how many go on one machine. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { loseNode } from '../../engine/workloads/eviction.testing.ts'
import { randomIds } from '../../lab-server/ids.ts'
import { testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'
import type { EmbeddedProvider } from '../../lab-server/providers/embedded/provider.ts'
import { whyNoSandbox } from '../../lab-server/providers/embedded/sandbox/homes.ts'
import type { Cluster } from '../../lab-server/providers/provider.ts'
import { memoryOf, processesOf } from '../embedded/processes.ts'
import { Reader, removeData, startServer } from '../server.ts'
import { openTerminal } from '../terminal-client.ts'
import { mebibytes, percentile, row } from './report.ts'

const WAIT_MS = 120_000
const STARTS = 10
const SESSIONS = 200
/** Of them, those that roll out while the others ask. */
const ROLLING = 10
/** Clusters that are made at the same time. */
const AT_ONCE = 4
/** Readers who ask at the same time: kubectl alone keeps a core busy for a tenth of a second. */
const ASKING = 1

const root = join(import.meta.dirname, '..', '..')
const milliseconds = (ms: number) => `${ms.toFixed(0)} ms`

export async function benchEmbedded(): Promise<void> {
  const why = await whyNoSandbox()
  row('shells of simulated labs', why === undefined ? 'in bubblewrap' : `as the server’s user (${why})`)
  await startToPrompt()
  await many()
  await eviction()
  // A process of its own, so that its memory is its own
  spawnSync('node', ['--disable-warning=ExperimentalWarning', '--expose-gc', 'test/bench/pods.ts'], {
    cwd: root,
    stdio: 'inherit',
  })
}

/** A cluster whose time goes as fast as there is something to do: a node is lost, and five minutes later its Pods run elsewhere. */
async function eviction(): Promise<void> {
  // The first warms the program
  await loseNode(10)
  const { took } = await loseNode()
  row('five minutes of a lost node, in time that jumps', milliseconds(took), 'under 1 s')
}

async function startToPrompt(): Promise<void> {
  const server = await startServer({
    settings: { PROVIDER: 'embedded', POOL: '1', STARTS_PER_MINUTE: '10000', LOG_LEVEL: 'warn' },
  })
  try {
    const warm: number[] = []
    const cold: number[] = []
    for (let start = 0; start < STARTS; start++) {
      await pooled(server.url)
      for (const times of [warm, cold]) {
        const other = new Reader(server.url)
        const begun = performance.now()
        const { id } = await other.start('scaling')
        await other.until(id, ({ status }) => status.state === 'ready', WAIT_MS)
        const terminal = await openTerminal(server.url, id, 1, other.cookie)
        // It may have come with the welcome
        if (!/\$ /.test(terminal.text())) await terminal.expect(/\$ /)
        times.push(performance.now() - begun)
        terminal.close()
        await other.ask('DELETE', `/api/sessions/${id}`)
      }
    }
    row('Start → prompt, simulated, p50 · p95', both(warm), 'at most 300 ms')
    row('  with no cluster prepared', both(cold))
  } finally {
    await server.stop()
    removeData(server.data)
  }
}

const both = (times: readonly number[]) =>
  `${milliseconds(percentile(times, 50))} · ${milliseconds(percentile(times, 95))}`

/** Until a cluster waits for a reader. */
async function pooled(url: string): Promise<void> {
  for (const begun = Date.now(); Date.now() - begun < WAIT_MS; ) {
    const text = await (await fetch(`${url}/metrics`)).text()
    if (/state="pooled"[^\n]* [1-9]/.test(text)) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('no cluster was prepared')
}

async function many(): Promise<void> {
  const provider = testProvider(`bench-${randomIds.short()}`)
  const clusters: Cluster[] = []
  try {
    await provider.prepare(new AbortController().signal)
    await make(provider, clusters, 4)
    const before = held()
    await make(provider, clusters, SESSIONS)
    row(
      `memory of a session with its shell (of ${SESSIONS})`,
      mebibytes((held() - before) / (SESSIONS - 4)),
      'at most 25 MiB',
    )
    await ask(clusters)
    const asked = new Set(clusters.slice(ROLLING).map(({ id }) => id))
    const answers = (await provider.weigh()).flatMap(({ answers }) =>
      [...answers].flatMap(([cluster, times]) => (asked.has(cluster) ? times : [])),
    )
    row(
      "  the API's part, the wait for its turn included",
      `p50 ${milliseconds(percentile(answers, 50))} · p95 ${milliseconds(percentile(answers, 95))}`,
      'p95 at most 20 ms',
    )
  } finally {
    await provider.close()
  }
}

const held = () => memoryOf([process.pid, ...processesOf(process.pid)])

async function make(provider: EmbeddedProvider, clusters: Cluster[], until: number): Promise<void> {
  let next = clusters.length
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next++ < until) {
        const id = `${randomIds.short()}${randomIds.short()}`
        const cluster = await provider.create({ id, workers: 3 }, () => {}, new AbortController().signal)
        await cluster.shells[0]?.attach({ onData: () => {}, onExit: () => {} })
        clusters.push(cluster)
      }
    }),
  )
}

/** Each lists its Pods with kubectl while some roll out. */
async function ask(clusters: readonly Cluster[]): Promise<void> {
  const stop = new AbortController()
  const rolling = clusters.slice(0, ROLLING).map((cluster) => {
    const script =
      'kubectl create deployment web --image=nginx --replicas=10; while kubectl rollout restart deployment web && kubectl rollout status deployment web; do :; done'
    return cluster.run(script, stop.signal).catch(() => {})
  })
  const whole: number[] = []
  const queue = clusters.slice(ROLLING)
  await Promise.all(
    Array.from({ length: ASKING }, async () => {
      for (let cluster = queue.pop(); cluster; cluster = queue.pop()) {
        const begun = performance.now()
        await cluster.run('kubectl get pods -A', AbortSignal.timeout(WAIT_MS))
        whole.push(performance.now() - begun)
      }
    }),
  )
  stop.abort(new Error('measured'))
  await Promise.all(rolling)
  const title = `kubectl get pods in ${SESSIONS - ROLLING} labs, ${ROLLING} roll out`
  row(title, `p50 ${milliseconds(percentile(whole, 50))} · p95 ${milliseconds(percentile(whole, 95))}`)
}
