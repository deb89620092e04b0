/** Previews through a real API server, kubelet and container runtime. */
import { once } from 'node:events'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { type Rim, startRim } from '../http/server.fake.ts'
import type { KubeObject } from '../kube/connection.ts'
import { testProvider } from '../providers/kind/provider.fixture.ts'
import type { Cluster } from '../providers/provider.ts'

const PODINFO = 'ghcr.io/stefanprodan/podinfo:6.9.1'
const provider = testProvider(`preview-${process.pid}`, [PODINFO])
let cluster: Cluster
let rim: Rim

beforeAll(async () => {
  const signal = AbortSignal.timeout(9 * 60_000)
  await provider.prepare(signal)
  cluster = await provider.create({ id: 'prev1', workers: 1 }, () => {}, signal)
  for (const object of objects) await cluster.admin.apply(object, signal)
  rim = await startRim()
})

afterAll(async () => {
  await rim?.close()
  await cluster?.dispose()
  await provider.close()
})

const metadata = { name: 'web', namespace: 'default', labels: { app: 'web' } }
const objects: KubeObject[] = [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata,
    spec: {
      containers: [
        { name: 'web', image: PODINFO, readinessProbe: { httpGet: { path: '/readyz', port: 9898 }, periodSeconds: 1 } },
      ],
    },
  },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata,
    spec: {
      selector: { app: 'web' },
      ports: [
        { name: 'http', port: 80, targetPort: 9898 },
        { name: 'shut', port: 81, targetPort: 81 },
      ],
    },
  },
]

it('shows a Service over HTTP and WebSocket, says what is shut, and has no more rights than its reader', async () => {
  const reader = await rim.reader()
  reader.session.cluster = cluster
  const open = async (port: number) => {
    const target = { namespace: 'default', service: 'web', port }
    const made = await reader.ask('POST', `${reader.path}/previews`, { body: target })
    const url = new URL(made.json.url as string)
    const entered = await rim.ask('GET', url.pathname + url.search, { headers: { host: url.host } })
    const headers = { host: url.host, cookie: entered.headers['set-cookie']?.[0]?.split(';')[0] }
    return { headers, get: (path: string) => rim.ask('GET', path, { headers }) }
  }
  const web = await open(80)
  const ready = async () => JSON.stringify((await reader.ask('GET', `${reader.path}/services`)).json.services)
  await expect.poll(ready, { timeout: 120_000, interval: 500 }).toContain('"ready":1')

  expect((await web.get('/')).text).toContain('greetings from podinfo')
  const posted = await rim.ask('POST', '/echo', { raw: 'x'.repeat(300_000), headers: web.headers })
  expect(posted.text).toHaveLength(300_000)

  const { host, cookie = '' } = web.headers
  const socket = new WebSocket(`ws://127.0.0.1:${rim.port}/ws/echo`, {
    headers: { host, cookie, origin: `http://${host}` },
  })
  await once(socket, 'open')
  socket.send('hello')
  expect(String((await once(socket, 'message'))[0])).toContain('hello')
  socket.terminate()

  const shut = await open(81)
  expect((await shut.get('/')).text).toContain('answered HTTP on port 81')
  const [system] = await cluster.admin.list({ apiVersion: 'v1', kind: 'Pod', namespace: 'kube-system' })
  const target = { namespace: 'kube-system', pod: system?.metadata.name ?? '', port: 80 }
  await expect(cluster.forward(target, AbortSignal.timeout(10_000))).rejects.toThrow(/forbidden/)
})
