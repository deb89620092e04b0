import { describe, expect, it } from 'vitest'
import { VirtualClock } from '../../../../engine/clock/virtual-clock.ts'
import { createCluster } from '../../../../engine/cluster.ts'
import { Cap } from './cap.ts'

async function cluster(limits: { objects: number; bytes: number }) {
  const made = await createCluster({
    clock: new VirtualClock({ start: 0 }),
    seed: 1,
    nodes: 0,
    host: '127.0.0.1',
    port: 6443,
    admission: [new Cap(limits)],
  })
  const ask = async (method: string, name: string, text = 'x') => {
    const path = `/api/v1/namespaces/default/configmaps${method === 'POST' ? '' : `/${name}`}`
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: { text } }
    const answer = await made.api.handle({
      method,
      path,
      query: new URLSearchParams(),
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: new TextEncoder().encode(method === 'DELETE' ? '' : JSON.stringify(body)),
      credentials: { certificate: { commonName: 'admin', organizations: ['system:masters'] } },
      signal: new AbortController().signal,
    })
    if (answer.kind !== 'whole') throw new Error('expected a whole answer')
    return { status: answer.status, text: String(answer.body) }
  }
  const { store } = made.api.backend
  const count = () => store.collections.reduce((sum, { size }) => sum + size, 0)
  return { ask, count, store, stop: () => made.stop() }
}

const MiB = 1024 * 1024

describe('the cap on a cluster', () => {
  it('lets as many objects in as it says, and no more until one is deleted', async () => {
    const sized = await cluster({ objects: 100_000, bytes: 64 * MiB })
    const base = sized.count()
    sized.stop()
    const { ask, stop } = await cluster({ objects: base + 2, bytes: 64 * MiB })
    expect((await ask('POST', 'a')).status).toBe(201)
    expect((await ask('POST', 'b')).status).toBe(201)
    const refused = await ask('POST', 'c')
    expect(refused.status).toBe(403)
    expect(refused.text).toContain(
      `configmaps \\"c\\" is forbidden: this cluster is simulated and holds at most ${base + 2} objects: delete some first`,
    )
    expect((await ask('PUT', 'a', 'changed')).status).toBe(200)
    await ask('DELETE', 'b')
    expect((await ask('POST', 'c')).status).toBe(201)
    stop()
  })

  it('weighs what objects hold, through updates, deletions and restores', async () => {
    const { ask, store, stop } = await cluster({ objects: 10_000, bytes: 2 * MiB })
    const large = 'x'.repeat(900 * 1024)
    expect((await ask('POST', 'a', large)).status).toBe(201)
    const before = store.snapshot()
    expect((await ask('POST', 'b', large)).text).toContain('its objects may take 2 MiB in all')
    await ask('PUT', 'a', 'small')
    expect((await ask('POST', 'b', large)).status).toBe(201)
    store.restore(before)
    expect((await ask('POST', 'c', large)).status).toBe(403)
    await ask('DELETE', 'a')
    expect((await ask('POST', 'c', large)).status).toBe(201)
    stop()
  })
})
