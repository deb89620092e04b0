/** Many Pods in one cluster: how soon they run, and what they weigh. A program of its own, started by the benchmark. */
import { realClock } from '../../engine/clock/real-clock.ts'
import { createCluster } from '../../engine/cluster.ts'
import { images } from '../../engine/images/all.ts'
import { FAST } from '../../engine/kubelet/profiles/fast.ts'
import { MACHINE } from '../../engine/kubelet/profiles/machine.ts'
import type { Profile } from '../../engine/kubelet/profiles/profile.ts'
import { workloads } from '../../engine/workloads/workloads.ts'
import { mebibytes, row, seconds } from './report.ts'

const NODES = 100
/** On every node, as labs' images are. */
const IMAGE = 'registry.k8s.io/pause:3.10'
const WITHIN_MS = 300_000

async function run(replicas: number, profile: Profile): Promise<{ ms: number; bytes: number }> {
  const before = held()
  const cluster = await createCluster({
    clock: realClock(),
    seed: 'bench',
    nodes: NODES,
    host: '127.0.0.1',
    port: 6443,
    workloads: workloads({ images, profile, preloaded: [IMAGE] }),
  })
  const pods = cluster.api.backend.store.collection({ group: '', resource: 'pods' })
  const nodes = cluster.api.backend.store.collection({ group: '', resource: 'nodes' })
  if (pods === undefined || nodes === undefined) throw new Error('the cluster has no Pods')
  await until(() => [...nodes].length === NODES)
  await new Promise((resolve) => setTimeout(resolve, 2_000))
  const labels = { app: 'web' }
  const begun = performance.now()
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'web', image: IMAGE, resources: { requests: { cpu: '1m' } } }],
        },
      },
    },
  }
  const answer = await cluster.api.handle({
    method: 'POST',
    path: '/apis/apps/v1/namespaces/default/deployments',
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json' },
    body: new TextEncoder().encode(JSON.stringify(body)),
    credentials: { certificate: { commonName: 'bench', organizations: ['system:masters'] } },
    signal: new AbortController().signal,
  })
  if (answer.kind !== 'whole' || answer.status !== 201) throw new Error('the Deployment was refused')
  let running = 0
  const end = pods.subscribe(
    {},
    {
      event({ type, object, previous }) {
        const runs = (pod: typeof object | undefined) =>
          (pod?.status as { phase?: string } | undefined)?.phase === 'Running'
        running += Number(type !== 'DELETED' && runs(object)) - Number(runs(previous))
      },
    },
  )
  await until(() => running >= replicas)
  const ms = performance.now() - begun
  end()
  const bytes = held() - before
  cluster.stop()
  return { ms, bytes }
}

function held(): number {
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

async function until(holds: () => boolean): Promise<void> {
  for (const begun = performance.now(); !holds(); ) {
    if (performance.now() - begun > WITHIN_MS) throw new Error('not within five minutes')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

const thousand = await run(1_000, MACHINE)
row(`1,000 Pods Running on ${NODES} nodes`, seconds(thousand.ms), 'at most 5 s')
row('  memory with their containers', mebibytes(thousand.bytes))
const all = await run(10_000, FAST)
row(`10,000 Pods Running on ${NODES} nodes`, seconds(all.ms))
row('  memory', mebibytes(all.bytes), 'at most 400 MiB')
process.exit()
