import { afterEach, describe, expect, it } from 'vitest'
import { Random } from '../../clock/random.ts'
import { World } from '../../controllers/world.testing.ts'
import { defaultPod } from '../../kinds/pod/defaults.ts'
import type { Pod } from '../../kinds/pod/status.ts'
import type { PodSpec } from '../../kinds/pod/types.ts'
import type { NewObject } from '../../objects/types.ts'
import { createKubelets } from '../kubelets.ts'
import { PODS } from '../objects.ts'
import { FAST } from './fast.ts'
import { matches, type Profile } from './profile.ts'

let world: World
afterEach(() => {
  expect(world.errors).toEqual([])
  world.close()
})

async function make(profile: Profile = FAST, nodes = 1): Promise<void> {
  world = await World.make(
    (cluster, report) => createKubelets({ cluster, random: new Random(1), profile, report }).controllers,
    { nodes },
  )
}

function create(name: string, spec: Partial<PodSpec> = {}, metadata: NewObject['metadata'] = {}): void {
  const web = { name: 'web', image: 'nginx', resources: {} }
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', ...metadata } }
  world.create(PODS, defaultPod({ ...pod, spec: { nodeName: 'control-plane', containers: [web], ...spec } }))
}

const statusOf = (name: string) =>
  world.get(PODS, name)?.status as
    | { phase: string; podIP?: string; containerStatuses?: { ready: boolean; restartCount: number }[] }
    | undefined

describe('where nothing runs in containers', () => {
  it('Pods are Running and ready at once, each with its address, and no timer is left', async () => {
    await make(FAST, 10)
    const pending = world.clock.pending
    for (let index = 0; index < 200; index++) {
      const node = index % 10
      create(`pod-${index}`, { nodeName: node === 0 ? 'control-plane' : node === 1 ? 'worker' : `worker${node}` })
    }
    world.step()
    const statuses = Array.from({ length: 200 }, (_, index) => statusOf(`pod-${index}`))
    expect(statuses.every((status) => status?.phase === 'Running' && status.containerStatuses?.[0]?.ready)).toBe(true)
    expect(new Set(statuses.map((status) => status?.podIP)).size).toBe(200)
    // One for all Events
    expect(world.clock.pending).toBeLessThanOrEqual(pending + 1)
  })

  it('they are gone as soon as they are deleted', async () => {
    await make()
    for (let round = 0; round < 10; round++) {
      create('web')
      world.step()
      expect(statusOf('web')?.phase).toBe('Running')
      world.cluster.backend.registry(PODS)?.delete('default', 'web', {})
      world.step()
      expect(world.get(PODS, 'web')).toBeUndefined()
    }
  })

  it('probes succeed as soon as they may', async () => {
    await make()
    const readinessProbe = { tcpSocket: { port: 80 }, initialDelaySeconds: 20 }
    create('web', { containers: [{ name: 'web', image: 'nginx', resources: {}, readinessProbe }] })
    world.step(19_000)
    expect(statusOf('web')?.containerStatuses?.[0]?.ready).toBe(false)
    world.step(2_000)
    expect(statusOf('web')?.containerStatuses?.[0]?.ready).toBe(true)
  })

  it('what they are made from is waited for', async () => {
    await make()
    create('web', { volumes: [{ name: 'config', configMap: { name: 'settings' } }] })
    world.step(1_000)
    expect(statusOf('web')?.phase).toBe('Pending')
    const metadata = { name: 'settings', namespace: 'default' }
    world.create({ group: '', resource: 'configmaps' }, { apiVersion: 'v1', kind: 'ConfigMap', metadata })
    world.step(5_000)
    expect(statusOf('web')?.phase).toBe('Running')
  })

  it('containers live as the profile says', async () => {
    const lives = [
      { labels: { app: 'crash' }, after: 500, exitCode: 2 },
      { labels: { app: 'job' }, after: 1000, exitCode: 0 },
    ]
    await make({ ...FAST, lives })
    create('crash', {}, { labels: { app: 'crash' } })
    create('job', { restartPolicy: 'Never' }, { labels: { app: 'job' } })
    create('web')
    world.step(5_000)
    expect(statusOf('job')?.phase).toBe('Succeeded')
    expect(statusOf('crash')?.containerStatuses?.[0]?.restartCount).toBe(1)
    expect(statusOf('web')?.containerStatuses?.[0]?.restartCount).toBe(0)
    world.step(120_000)
    expect(statusOf('crash')?.containerStatuses?.[0]?.restartCount).toBeGreaterThanOrEqual(3)
  })
})

it('a life or fault is about what all it says is true of', () => {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'job', uid: 'u', controller: true }
  const metadata = { name: 'web', namespace: 'default', labels: { app: 'web' }, ownerReferences: [owner] }
  const subject = { pod: { metadata } as unknown as Pod, node: 'worker', container: 'web', image: 'ghcr.io/a/web:1.2' }
  expect(matches({}, subject)).toBe(true)
  expect(matches({ owner: 'Job', image: 'ghcr.io/*:1.*', labels: { app: 'web' }, node: 'worker' }, subject)).toBe(true)
  for (const other of [
    { owner: 'ReplicaSet' },
    { image: 'ghcr.io/*:2' },
    { node: 'worker2' },
    { labels: { app: 'x' } },
  ]) {
    expect(matches(other, subject)).toBe(false)
  }
})
