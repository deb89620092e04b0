import { expect, it } from 'vitest'
import { VirtualClock } from '../../../../engine/clock/virtual-clock.ts'
import { type Cluster, createCluster } from '../../../../engine/cluster.ts'
import { images } from '../../../../engine/images/all.ts'
import { workloads } from '../../../../engine/workloads/workloads.ts'
import { Stirrings } from './stirrings.ts'

const MINUTE = 60_000

async function ask(cluster: Cluster, method: string, path: string, body?: unknown) {
  const answer = await cluster.api.handle({
    method,
    path,
    query: new URLSearchParams(),
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body)),
    credentials: { certificate: { commonName: 'test', organizations: ['system:masters'] } },
    signal: new AbortController().signal,
  })
  if (answer.kind !== 'whole' || answer.status >= 300)
    throw new Error(`${path} is answered with ${JSON.stringify(answer)}`)
}

const pod = (name: string, script: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    // Signed outside of the clock's time: a Pod that waits for its token starts whenever that is done.
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'busybox:1.36', command: ['sh', '-c', script] }],
  },
})

it('counts writes to objects, files and logs, and nothing of a cluster in which nothing happens', async () => {
  const clock = new VirtualClock({ start: Date.UTC(2026, 10, 21) })
  const cluster = await createCluster({
    clock,
    seed: 1,
    nodes: 2,
    host: '127.0.0.1',
    port: 6443,
    workloads: workloads({ images, addons: {}, preloaded: ['busybox:1.36'] }),
  })
  const stirrings = new Stirrings()
  stirrings.follow(cluster)
  const moves = async (ms: number) => {
    const { mark } = stirrings
    await clock.step(ms)
    return stirrings.mark !== mark
  }
  expect(await moves(2 * MINUTE)).toBe(true)
  // Every five minutes nodes say how they are
  expect(await moves(MINUTE)).toBe(false)

  const { mark } = stirrings
  await ask(cluster, 'POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'one' } })
  expect(stirrings.mark).not.toBe(mark)
  expect(await moves(MINUTE / 2)).toBe(false)

  await ask(cluster, 'POST', '/api/v1/namespaces/default/pods', pod('files', 'while sleep 70; do date > /file; done'))
  await clock.step(MINUTE)
  expect(await moves(5_000)).toBe(false)
  expect(await moves(10_000)).toBe(true)
  await ask(cluster, 'DELETE', '/api/v1/namespaces/default/pods/files')
  await clock.step(MINUTE)

  await ask(cluster, 'POST', '/api/v1/namespaces/default/pods', pod('logs', 'while sleep 70; do echo said; done'))
  await clock.step(MINUTE)
  expect(await moves(5_000)).toBe(false)
  expect(await moves(10_000)).toBe(true)
  cluster.stop()
})
