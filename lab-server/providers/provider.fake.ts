/**
 * A provider for tests whose clusters live in a world of their own, so that they outlast the process that made them, as
 * containers do. Every step can be made to fail, and to wait for the clock.
 */
import { FakeKube } from '../checks/kube.fake.ts'
import type { Clock } from '../clock.ts'
import { sleep } from '../clock.ts'
import { homeFiles } from './home-files.ts'
import type { Availability, Cluster, ClusterSpec, OwnedCluster, Provider, ProviderStage, Shell } from './provider.ts'

/** What exists outside any process. */
export class FakeWorld {
  readonly clusters = new Map<
    string,
    { workers: number; whole: boolean; healthy: boolean; createdAt: number; shells: number }
  >()
  /** What is in all clusters of this world. */
  readonly kube = new FakeKube()
  available: Availability = { available: true }
  listFails = false
  /** Milliseconds that a look at what there is takes. */
  listMs = 0
  /** How many of the next creations fail, half-way. */
  failCreations = 0
  /** How many of the next disposals fail. */
  failDisposals = 0
  /** Milliseconds that each of the stages takes. */
  stageMs = 1_000
}

const stages: ProviderStage[] = ['cluster', 'addons', 'shell']

export function createFakeProvider(world: FakeWorld, clock: Clock, name = 'fake'): Provider {
  const dispose = async (id: string) => {
    await sleep(clock, 10)
    if (world.failDisposals > 0) {
      world.failDisposals--
      throw new Error('the engine did not answer')
    }
    world.clusters.delete(id)
  }
  return {
    name,
    title: 'Fake',
    startsWithin: 3,
    simulated: false,
    about: 'Exists only in tests.',
    probe: async () => world.available,
    prepare: async () => {},
    async create(spec: ClusterSpec, progress, signal): Promise<Cluster> {
      for (const stage of stages) {
        progress(stage)
        const record = {
          workers: spec.workers,
          whole: stage === 'shell',
          healthy: true,
          createdAt: clock.now(),
          shells: 1,
        }
        world.clusters.set(spec.id, record)
        await sleep(clock, world.stageMs, signal)
        if (world.failCreations > 0) {
          world.failCreations--
          throw new Error('kubeadm init failed')
        }
      }
      return fakeCluster(world, spec.id, () => dispose(spec.id))
    },
    async list(): Promise<OwnedCluster[]> {
      if (world.listMs > 0) await sleep(clock, world.listMs)
      if (world.listFails) throw new Error('the engine did not answer')
      return [...world.clusters].map(([id, cluster]) => ({
        id,
        createdAt: cluster.createdAt,
        adopt: async () => (cluster.whole ? fakeCluster(world, id, () => dispose(id)) : undefined),
        dispose: () => dispose(id),
      }))
    },
    close: async () => {},
  }
}

function fakeCluster(world: FakeWorld, id: string, dispose: () => Promise<void>): Cluster {
  const record = world.clusters.get(id)
  const shells = Array.from({ length: record?.shells ?? 0 }, (_, index) => fakeShell(index + 1))
  return {
    id,
    admin: world.kube,
    forward: () => Promise.reject(new Error('nothing listens here')),
    shells,
    async openShell() {
      const shell = fakeShell(shells.length + 1)
      shells.push(shell)
      if (record) record.shells++
      return shell
    },
    writeFile: async () => {},
    home: homeFiles(() => Promise.reject(new Error('there is no home'))),
    run: async () => ({ code: 0, output: '' }),
    healthy: async () => world.clusters.get(id)?.healthy ?? false,
    dispose,
  }
}

/** A shell that says nothing and takes everything. */
export const fakeShell = (id: number): Shell => ({
  id,
  attach: async () => {},
  write: () => true,
  drained: async () => {},
  pause: () => {},
  resume: () => {},
  resize: async () => {},
  close: async () => {},
})
