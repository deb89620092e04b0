/** The embedded API server beside a real one, each alone on the machine with the same client and the same Pods. */
import { Client } from './api/client.ts'
import { bareNode, hasReal, type MeasuredServer, startEngine, startReal } from './api/server.ts'
import { mebibytes, percentile, row } from './report.ts'

const CONNECTIONS = 16
const PODS = 5_000
const WATCHERS = 20
const WATCHED_PODS = 1_000
/** Milliseconds for a server to come to rest. */
const REST = 3_000

interface Figures {
  readonly startedIn: number
  readonly idle: number
  readonly createsPerSecond: number
  readonly createP99: number
  readonly perPod: number
  readonly listMs: number
  readonly listBytes: number
  readonly eventsPerSecond: number
}

export async function benchApi(): Promise<void> {
  const node = await bareNode()
  const engine = await measured(startEngine)
  const real = hasReal() ? await measured(startReal) : undefined
  if (real === undefined) row('a real API server', 'not measured: no etcd or no kube-apiserver on PATH')
  const beside = (of: (figures: Figures) => string) =>
    real === undefined ? of(engine) : `${of(engine)}, real ${of(real)}`
  const ratio = real === undefined ? '' : `: ${(engine.createsPerSecond / real.createsPerSecond).toFixed(1)} times`
  row(
    `Pods created/s, ${CONNECTIONS} connections`,
    beside(({ createsPerSecond }) => createsPerSecond.toFixed(0)) + ratio,
    'at least 1.5 times',
  )
  row(
    '  p99',
    beside(({ createP99 }) => `${createP99.toFixed(0)} ms`),
  )
  row(
    `LIST of ${PODS} Pods`,
    beside(({ listMs, listBytes }) => `${listMs.toFixed(0)} ms (${mebibytes(listBytes)})`),
  )
  row(
    `events/s to ${WATCHERS} watchers`,
    beside(({ eventsPerSecond }) => eventsPerSecond.toFixed(0)),
  )
  row('memory idle, over bare Node', mebibytes(engine.idle - node), 'at most 40 MiB')
  if (real !== undefined) row('  a real one with its etcd, in all', mebibytes(real.idle))
  row(
    `memory per Pod, of the second ${PODS}`,
    beside(({ perPod }) => `${(perPod / 1000).toFixed(1)} kB`),
    'at most 12 kB',
  )
  row(
    'start → first answer',
    beside(({ startedIn }) => `${startedIn.toFixed(0)} ms`),
    'at most 150 ms',
  )
}

async function measured(start: () => Promise<MeasuredServer>): Promise<Figures> {
  const starts: number[] = []
  let server = await start()
  // The first start reads its files from disk; people start it more than once.
  for (let again = 0; again < 2; again++) {
    await server.stop()
    server = await start()
    starts.push(server.startedIn)
  }
  const client = new Client(server.access, CONNECTIONS)
  try {
    await rest()
    const idle = server.memory()
    // A server runs for longer than its first thousands of requests, during which the engine's program is still being compiled.
    await create(client, 'first', PODS)
    await rest()
    const before = server.memory()
    const creates = await create(client, 'pod', PODS)
    await rest()
    const perPod = (server.memory() - before) / PODS
    const lists: { ms: number; bytes: number }[] = []
    for (let again = 0; again < 5; again++) {
      const begun = performance.now()
      const { bytes } = await client.ask('GET', `/api/v1/namespaces/default/pods?limit=${PODS}`)
      lists.push({ ms: performance.now() - begun, bytes })
    }
    return {
      startedIn: Math.min(...starts),
      idle,
      createsPerSecond: (PODS * 1000) / creates.ms,
      createP99: percentile(creates.times, 99),
      perPod,
      listMs: percentile(
        lists.map(({ ms }) => ms),
        50,
      ),
      listBytes: lists[0]?.bytes ?? 0,
      eventsPerSecond: await watched(server, client),
    }
  } finally {
    client.close()
    await server.stop()
  }
}

async function create(client: Client, name: string, pods: number): Promise<{ ms: number; times: number[] }> {
  const times: number[] = []
  let next = 0
  const begun = performance.now()
  const work = async (): Promise<void> => {
    for (let number = next++; number < pods; number = next++) {
      const asked = performance.now()
      const { status, text } = await client.ask('POST', '/api/v1/namespaces/default/pods', pod(`${name}-${number}`))
      if (status !== 201) throw new Error(`a Pod was not created: ${text}`)
      times.push(performance.now() - asked)
    }
  }
  await Promise.all(Array.from({ length: CONNECTIONS }, work))
  return { ms: performance.now() - begun, times }
}

/** Events that reach all watchers together, a second. */
async function watched(server: MeasuredServer, client: Client): Promise<number> {
  const watchers = new Client(server.access, WATCHERS)
  let events = 0
  const expected = WATCHERS * WATCHED_PODS
  const all = Promise.withResolvers<void>()
  const path = '/api/v1/namespaces/default/pods?watch=true&resourceVersion='
  const { text } = await client.ask('GET', '/api/v1/namespaces/default/pods?limit=1')
  // The list's own comes first.
  const version = /"resourceVersion":"(\d+)"/.exec(text)?.[1] ?? ''
  const watches = await Promise.all(
    Array.from({ length: WATCHERS }, () =>
      watchers.watch(path + version, () => {
        if (++events === expected) all.resolve()
      }),
    ),
  )
  const begun = performance.now()
  await create(client, 'watched', WATCHED_PODS)
  await all.promise
  const ms = performance.now() - begun
  for (const watch of watches) watch.stop()
  watchers.close()
  return (expected * 1000) / ms
}

function pod(name: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels: { app: 'web', tier: 'front' } },
    spec: {
      containers: [
        {
          name: 'web',
          image: 'ghcr.io/stefanprodan/podinfo:6.9.1',
          ports: [{ containerPort: 9898 }],
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
          readinessProbe: { httpGet: { path: '/readyz', port: 9898 } },
        },
      ],
    },
  })
}

const rest = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, REST))
