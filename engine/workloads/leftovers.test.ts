import { setImmediate } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { type Client, clientOf } from '../api/testing.ts'
import { VirtualClock } from '../clock/virtual-clock.ts'
import { createCluster } from '../cluster.ts'
import { images } from '../images/all.ts'
import { workloads } from './workloads.ts'

const TOKEN = 'administrator'
const ADMINISTRATOR = { username: 'kubernetes-admin', groups: ['system:masters', 'system:authenticated'] }

async function started() {
  const clock = new VirtualClock({ start: Date.UTC(2026, 0, 1), settle: () => setImmediate() })
  const wrong: unknown[] = []
  const cluster = await createCluster({
    clock,
    seed: 'leftovers',
    nodes: 3,
    host: '127.0.0.1',
    port: 6443,
    authority: 'authority',
    tokens: new Map([[TOKEN, ADMINISTRATOR]]),
    workloads: workloads({ images, addons: {} }),
    report: (error) => wrong.push(error),
  })
  return { clock, cluster, client: clientOf(cluster.api), wrong }
}

function deployment(client: Client, name: string, container: object, replicas = 1) {
  const labels = { app: name }
  const template = { metadata: { labels }, spec: { containers: [{ name, ...container }] } }
  const body = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template },
  }
  return client.ask('POST', '/apis/apps/v1/namespaces/default/deployments', { token: TOKEN, body })
}

it.each([0, 150, 700, 1900, 4300, 20_000])(
  'leaves no timer of a cluster that is stopped %i ms after its start',
  async (ms) => {
    const { clock, cluster, wrong } = await started()
    await clock.step(ms)
    cluster.stop()
    await clock.step(1)
    expect(clock.pending).toBe(0)
    expect(wrong).toEqual([])
  },
)

it.each([200, 900, 2500, 8000])(
  'leaves no timer of a cluster in the middle of its work, %i ms after it has got it',
  async (ms) => {
    const { clock, cluster, client, wrong } = await started()
    await clock.step(10_000)
    await deployment(client, 'web', { image: 'ghcr.io/stefanprodan/podinfo:6.9.1' }, 5)
    await deployment(client, 'busy', { image: 'busybox:1.36', command: ['sh', '-c', 'while true; do :; done'] })
    await deployment(client, 'broken', { image: 'busybox:1.36', command: ['false'] })
    await deployment(client, 'absent', { image: 'nowhere.example/absent:1' })
    await deployment(client, 'data', {
      image: 'postgres:17',
      env: [{ name: 'POSTGRES_PASSWORD', value: 'secret' }],
    })
    await clock.step(ms)
    cluster.stop()
    // Nobody waits for what a program's own promises still have to say
    for (let turn = 0; turn < 20; turn++) await setImmediate()
    expect(clock.pending).toBe(0)
    expect(wrong).toEqual([])
  },
)
