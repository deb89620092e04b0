import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { randomIds } from '../ids.ts'
import { createFakeProvider, FakeWorld } from '../providers/provider.fake.ts'
import type { Cluster } from '../providers/provider.ts'
import { ClusterPool, MAX_WARM_AGE_MS } from './pool.ts'
import { openStore, type Store } from './store.ts'

describe('the pool', () => {
  let folder: string
  let store: Store
  let world: FakeWorld
  let clock: ManualClock
  let pool: ClusterPool

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quayside-'))
    store = openStore(folder, randomIds)
    world = new FakeWorld()
    clock = new ManualClock(1_000_000)
    pool = new ClusterPool({
      provider: createFakeProvider(world, clock),
      store,
      clock,
      ids: randomIds,
      log: pino({ level: 'silent' }),
      targets: [{ shape: { workers: 3, ingress: false }, warm: 1 }],
      most: 4,
      atOnce: 2,
      refillDelay: 10_000,
    })
    pool.start()
  })
  afterEach(() => {
    store.close()
    rmSync(folder, { recursive: true })
  })

  const ask = (onCluster: (cluster: Cluster) => void = () => {}) =>
    pool.request({
      session: 's',
      shape: { workers: 3, ingress: false },
      onQueued() {},
      onStage() {},
      onCluster,
      onFailure: fail,
    })
  const fail = (error: unknown) => {
    throw error
  }

  it('L-4 never hands over a cluster that is being replaced, nor replaces one that was handed over, in 1000 races', {
    timeout: 30_000,
  }, async () => {
    for (let round = 0; round < 1_000; round++) {
      await clock.advance(MAX_WARM_AGE_MS + 20_000)
      expect(pool.warm).toBe(1)
      let given: Cluster | undefined
      const request = () => ask((cluster) => (given = cluster))
      // The renewal comes just before, just after, or a few turns of the event loop away from the request.
      if (round % 2 === 0) pool.refresh()
      for (let turn = 0; turn < round % 7; turn++) await Promise.resolve()
      request()
      for (let turn = 0; turn < round % 5; turn++) await Promise.resolve()
      if (round % 2 === 1) pool.refresh()
      await clock.advance(20_000)
      expect(given && world.clusters.has(given.id), `round ${round}`).toBe(true)
      expect(given && pool.knows(given.id)).toBe(true)
      await Promise.all([pool.dispose((given as Cluster).id, () => (given as Cluster).dispose()), clock.advance(100)])
    }
    await clock.advance(20_000)
    expect(world.clusters.size).toBe(1)
  })

  it('gives the cluster of a request that was taken back to the pool', async () => {
    const cancel = ask(() => fail(new Error('handed over all the same')))
    await clock.advance(500)
    cancel()
    await clock.advance(10_000)
    expect(pool.warm).toBe(1)
    expect(world.clusters.size).toBe(1)
  })

  it('tells those who wait how far their cluster is, and the others their place', async () => {
    world.stageMs = 10_000
    const told: string[][] = [[], [], []]
    for (const mine of told) {
      pool.request({
        session: 's',
        shape: { workers: 3, ingress: false },
        onQueued: (position) => void mine.push(`place ${position}`),
        onStage: (stage) => void mine.push(stage),
        onCluster: () => void mine.push('cluster'),
        onFailure: fail,
      })
    }
    await clock.advance(15_000)
    // The first gets the cluster that was begun for the pool, which is one stage ahead.
    expect(told.map((mine) => mine.at(-1))).toEqual(['shell', 'addons', 'place 1'])
  })

  it('keeps more warm for a while, made a few at a time and within what there may be, and gives them up again', async () => {
    world.stageMs = 1_000
    await clock.advance(10_000)
    const shape = { workers: 1, ingress: false }
    pool.keepWarm([{ shape, warm: 9 }])
    await clock.advance(1)
    // Its own is on its way out
    expect(pool.count).toBe(1 + 2)
    await clock.advance(20_000)
    expect([pool.warmOf(shape), pool.warm, pool.count]).toEqual([4, 4, 4])
    pool.keepWarm([{ shape, warm: 9 }])
    await clock.advance(20_000)
    expect(pool.count).toBe(4)
    pool.keepWarm([])
    await clock.advance(20_000)
    expect([pool.warmOf(shape), pool.warm, world.clusters.size]).toEqual([0, 1, 1])
  })

  it('keeps its own beside them as far as there is room', async () => {
    await clock.advance(10_000)
    const shape = { workers: 1, ingress: false }
    pool.keepWarm([{ shape, warm: 3 }])
    await clock.advance(60_000)
    expect([pool.warmOf(shape), pool.warm]).toEqual([3, 4])
    pool.keepWarm([{ shape, warm: 4 }])
    await clock.advance(60_000)
    expect([pool.warmOf(shape), pool.warm]).toEqual([4, 4])
    pool.keepWarm([{ shape, warm: 1 }])
    await clock.advance(60_000)
    expect([pool.warmOf(shape), pool.warm]).toEqual([1, 2])
    // Two workshops that want the same
    pool.keepWarm([
      { shape, warm: 1 },
      { shape, warm: 1 },
    ])
    await clock.advance(60_000)
    expect([pool.warmOf(shape), pool.warm]).toEqual([2, 3])
  })

  it('stores what it sets out to make before it makes it', async () => {
    expect(store.clusters()).toMatchObject([{ workers: 3, session: null, whole: false }])
    await clock.advance(10_000)
    expect(store.clusters()).toMatchObject([{ workers: 3, session: null, whole: true }])
  })
})
