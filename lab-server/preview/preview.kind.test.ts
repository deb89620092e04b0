import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { KubeObject } from '../kube/connection.ts'
import { testProvider } from '../providers/kind/provider.fixture.ts'
import type { Cluster } from '../providers/provider.ts'

const instance = `preview-${process.pid}`
const provider = testProvider(instance, ['nginx:1.26'])
let cluster: Cluster

beforeAll(async () => {
  const signal = AbortSignal.timeout(600_000)
  await provider.prepare(signal)
  cluster = await provider.create({ id: 'prev1', workers: 1 }, () => {}, signal)
  const meta = { name: 'web', namespace: 'default', labels: { app: 'web' } }
  const pod: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: meta,
    spec: { containers: [{ name: 'web', image: 'nginx:1.26' }] },
  }
  await cluster.admin.apply(pod)
  for (;;) {
    const found = await cluster.admin.get({ apiVersion: 'v1', kind: 'Pod', name: 'web', namespace: 'default' })
    const { conditions = [] } = (found?.status ?? {}) as { conditions?: { type: string; status: string }[] }
    if (conditions.some(({ type, status }) => type === 'Ready' && status === 'True')) break
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}, 900_000)
afterAll(async () => {
  await cluster?.dispose()
  await provider.close()
}, 120_000)

describe('a connection to a Pod of a real cluster', () => {
  it('carries bytes both ways', async () => {
    const signal = new AbortController().signal
    const t = performance.now()
    const stream = await cluster.forward({ namespace: 'default', pod: 'web', port: 80 }, signal)
    console.log('open', performance.now() - t)
    stream.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    let text = ''
    for await (const part of stream) text += part
    console.log('done', performance.now() - t)
    expect(text).toContain('Welcome to nginx')
  })
  it('tells what went wrong', async () => {
    const signal = new AbortController().signal
    const stream = await cluster.forward({ namespace: 'default', pod: 'web', port: 81 }, signal)
    console.log(String(await Promise.race([once(stream, 'error').catch((e) => e), once(stream, 'close')])))
    await expect(cluster.forward({ namespace: 'default', pod: 'nope', port: 81 }, signal)).rejects.toThrow('not found')
    const { items } = { items: await cluster.admin.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system' }) }
    await expect(
      cluster.forward({ namespace: 'kube-system', pod: items[0]?.metadata.name ?? '', port: 8080 }, signal),
    ).rejects.toThrow('forbidden')
  })
})
