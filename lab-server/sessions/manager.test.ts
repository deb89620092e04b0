import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Lab } from '../../protocol/lab/schema.ts'
import type { MapEvent } from '../../protocol/map.ts'
import type { SessionView, StepView } from '../../protocol/session.ts'
import type { CheckRunner } from '../checks/runner.ts'
import { type Clock, ManualClock } from '../clock.ts'
import { randomIds } from '../ids.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { fakeLab } from '../labs/lab.fake.ts'
import { createFakeProvider, FakeWorld } from '../providers/provider.fake.ts'
import type { Terminal } from '../terminal/terminal.ts'
import { createSessionManager, type ManagerLimits, type SessionManager } from './manager.ts'
import { openStore, type Store } from './store.ts'

const MINUTE = 60_000

const lab = fakeLab(['three'], { workers: 3 })

const limits: ManagerLimits = {
  maxPerReader: 2,
  maxPerAddress: 2,
  sessionMs: 60 * MINUTE,
  idleMs: 20 * MINUTE,
  extensions: 1,
  extendMs: 30 * MINUTE,
  maxShells: 2,
}

/** One run of the server's process, as far as sessions go. */
interface Process {
  manager: SessionManager
  /** What it offers; tests put other labs in. */
  catalogue: Map<string, LabEntry>
  /** As kill -9 does: nothing is told, nothing closed, and what it still has under way has no effect. */
  kill(): void
  /** Makes the lab's one step pass in every session. */
  passStep(): void
}

describe('sessions', () => {
  let folder: string
  let world: FakeWorld
  let clock: ManualClock
  let open: { store: Store; kill: () => void } | undefined

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quayside-'))
    world = new FakeWorld()
    clock = new ManualClock(1_000_000)
    open = undefined
  })
  afterEach(() => {
    open?.kill()
    rmSync(folder, { recursive: true })
  })

  async function boot(
    { pool = 0, maxSessions = 3, ...change }: Partial<ManagerLimits> & { pool?: number; maxSessions?: number } = {},
    wait = true,
  ): Promise<Process> {
    let alive = true
    const store = openStore(folder, randomIds)
    /** Once the process is killed, nothing that waits in it goes on. */
    const processClock: Clock = {
      now: () => clock.now(),
      after: (ms, call) =>
        clock.after(ms, () => {
          if (alive) call()
        }),
    }
    const runners: (() => void)[] = []
    const catalogue = new Map<string, LabEntry>([['scaling', { lab, setup: [], files: [] }]])
    const manager = createSessionManager({
      places: [
        { provider: createFakeProvider(world, processClock), most: maxSessions, pool, atOnce: 2, refillDelay: 10_000 },
      ],
      store,
      catalogue,
      clock: processClock,
      ids: randomIds,
      log: pino({ level: 'silent' }),
      limits: { ...limits, ...change },
      observer: { ready() {}, ended() {}, stepPassed() {}, terminalBytes() {} },
      runChecks: ({ lab, progress, onChange }) => {
        const runner = fakeRunner(lab, progress)
        runners.push(() => {
          runner.pass()
          onChange(runner)
        })
        return runner
      },
      createTerminal: () => fakeTerminal(),
      prepareLab: async () => {},
      resetLab: async () => {},
      solveStep: async () => {},
    })
    const kill = () => {
      if (alive) store.close()
      alive = false
    }
    open = { store, kill }
    const opening = manager.open()
    if (wait) await clock.advance(1)
    void opening
    return {
      manager,
      catalogue,
      kill,
      passStep: () =>
        runners.forEach((pass) => {
          pass()
        }),
    }
  }

  const start = (manager: SessionManager, reader = 'ann', address = '127.0.0.1') =>
    manager.start({ reader, lab: 'scaling', address })

  it('goes from queued over the stages of its cluster to ready', async () => {
    const { manager } = await boot()
    const session = start(manager)
    const stageOf = ({ status }: SessionView) => (status.state === 'preparing' ? status.stage : status.state)
    const seen: string[] = [stageOf(session.view())]
    session.subscribe((view) => void seen.push(stageOf(view)))
    await clock.advance(5_000)
    expect(seen).toEqual(['cluster', 'addons', 'shell', 'objects', 'ready'])
    expect(session.view().shells).toEqual([{ id: 1, state: 'running' }])
  })

  it('tells a page that shows the map of the cluster as soon as there is one, and watches nothing after the end', async () => {
    const { manager } = await boot()
    world.kube.put({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'worker', uid: 'n' },
      status: { conditions: [{ type: 'Ready', status: 'True' }] },
    })
    const session = start(manager)
    const told: MapEvent[] = []
    session.watchMap((event) => void told.push(event))
    expect(told).toEqual([{ whole: true, put: [], gone: [] }])
    await clock.advance(5_000)
    expect(told.at(-1)?.put).toMatchObject([{ kind: 'Node', name: 'worker', ready: true }])
    expect(world.kube.watching).not.toEqual([])
    session.end('reader')
    expect(world.kube.watching).toEqual([])
  })

  it('gives a reader who starts the same lab again the running session', async () => {
    const { manager } = await boot()
    expect(start(manager)).toBe(start(manager))
  })

  it('go on with what their lab says now when it is read again', async () => {
    const { manager, catalogue, passStep } = await boot()
    const session = start(manager)
    await clock.advance(5_000)
    passStep()
    const [step] = lab.steps
    const longer = { ...lab, steps: [...lab.steps, { ...step, id: 'four' }] } as Lab
    catalogue.set('scaling', { lab: longer, setup: [], files: [] })
    manager.relearn()
    expect(session.view().steps).toMatchObject([
      { id: 'three', status: 'passed' },
      { id: 'four', status: 'open' },
    ])
    catalogue.set('scaling', { lab: { ...lab, steps: longer.steps.slice(1) }, setup: [], files: [] })
    manager.relearn()
    expect(session.view().steps).toMatchObject([{ id: 'four', status: 'open' }])
  })

  it('takes a warm cluster at once and refills the pool later', async () => {
    const { manager } = await boot({ pool: 1 })
    await clock.advance(5_000)
    expect(manager.counts.pooled).toBe(1)
    const session = start(manager)
    await clock.advance(1)
    expect(session.view().status.state).toBe('ready')
    expect(world.clusters.size).toBe(1)
    await clock.advance(20_000)
    expect(manager.counts.pooled).toBe(1)
  })

  it('does not hand over a warm cluster that no longer answers', async () => {
    const { manager } = await boot({ pool: 1 })
    await clock.advance(5_000)
    for (const cluster of world.clusters.values()) cluster.healthy = false
    const session = start(manager)
    await clock.advance(1)
    expect(session.view().status.state).not.toBe('ready')
    await clock.advance(5_000)
    expect(session.view().status.state).toBe('ready')
  })

  it('counts the idle time from the hand-over, however long the cluster was in the pool', async () => {
    const { manager } = await boot({ pool: 1 })
    await clock.advance(5 * 60 * MINUTE)
    const session = start(manager)
    await clock.advance(19 * MINUTE)
    expect(session.view().status.state).toBe('ready')
    await clock.advance(2 * MINUTE)
    expect(session.view().status).toMatchObject({ state: 'ended', reason: 'idle' })
  })

  it('ends a session when its time is used up, and lets it be extended once', async () => {
    const { manager } = await boot({ idleMs: 1_000 * MINUTE })
    const session = start(manager)
    await clock.advance(59 * MINUTE)
    session.extend()
    expect(() => session.extend()).toThrow(expect.objectContaining({ code: 'no-extension-left' }))
    await clock.advance(25 * MINUTE)
    expect(session.view().status.state).toBe('ready')
    await clock.advance(10 * MINUTE)
    expect(session.view().status).toMatchObject({ state: 'ended', reason: 'expired' })
    expect(world.clusters.size).toBe(0)
  })

  it('says why a session failed and leaves nothing of its cluster', async () => {
    const { manager } = await boot()
    world.failCreations = 1
    const session = start(manager)
    await clock.advance(5_000)
    expect(session.view().status).toMatchObject({ state: 'ended', reason: 'failed' })
    expect(world.clusters.size).toBe(0)
  })

  it('does not try again at once when a cluster for the pool fails', async () => {
    world.failCreations = 3
    const { manager } = await boot({ pool: 1 })
    await clock.advance(20_000)
    expect(world.failCreations).toBe(2)
    await clock.advance(10 * MINUTE)
    expect(manager.counts.pooled).toBe(1)
  })

  it('removes a cluster in the end when removing it fails five times', async () => {
    const { manager } = await boot()
    const session = start(manager)
    await clock.advance(5_000)
    world.failDisposals = 5
    session.end('reader')
    await clock.advance(5 * MINUTE)
    expect(world.clusters.size).toBe(0)
  })

  it('answers for an ended session, but only to its reader', async () => {
    const { manager } = await boot()
    const session = start(manager)
    session.end('reader')
    expect(manager.get('ann', session.id).view().status).toMatchObject({ state: 'ended', reason: 'reader' })
    expect(() => manager.get('bob', session.id)).toThrow(
      expect.objectContaining({ code: 'unknown-session', status: 404 }),
    )
  })

  it('refuses what goes beyond the limits, with a time to come back', async () => {
    const { manager } = await boot({ maxPerAddress: 9 })
    start(manager, 'ann')
    start(manager, 'bob')
    start(manager, 'eve')
    expect(() => start(manager, 'dan')).toThrow(expect.objectContaining({ code: 'too-many-sessions', status: 429 }))
    const other = await catchError(() => start(manager, 'dan'))
    expect(other.retryAfter).toBeGreaterThanOrEqual(30)
  })

  it('limits the sessions of one address', async () => {
    const { manager } = await boot()
    start(manager, 'ann', '10.0.0.1')
    start(manager, 'bob', '10.0.0.1')
    expect((await catchError(() => start(manager, 'eve', '10.0.0.1'))).message).toMatch(
      '2 labs are already running from your network address',
    )
  })

  it('says what a person can do while the provider cannot run', async () => {
    world.available = { available: false, reason: 'Docker is not running: start it.' }
    const { manager } = await boot()
    expect((await catchError(() => start(manager))).message).toBe('Docker is not running: start it.')
    world.available = { available: true }
    await clock.advance(15_000)
    expect(start(manager).view().status.state).toBe('queued')
  })

  it('ends a session whose cluster is gone', async () => {
    const { manager } = await boot()
    const session = start(manager)
    await clock.advance(5_000)
    world.clusters.clear()
    await clock.advance(2 * MINUTE)
    expect(session.view().status).toMatchObject({ state: 'ended', reason: 'vanished' })
  })

  it('removes what nobody owns, and nothing while it cannot know what there is', async () => {
    const { manager } = await boot()
    start(manager)
    await clock.advance(5_000)
    world.clusters.set('stray', { workers: 1, whole: false, healthy: false, createdAt: 0, shells: 0 })
    world.listFails = true
    await clock.advance(2 * MINUTE)
    expect([...world.clusters.keys()]).toContain('stray')
    world.listFails = false
    await clock.advance(MINUTE)
    expect([...world.clusters.keys()]).not.toContain('stray')
    expect(world.clusters.size).toBe(1)
  })

  it('makes one cluster for a session that is started before it is known what an earlier process left', async () => {
    world.listFails = true
    const { manager } = await boot()
    const session = start(manager)
    await clock.advance(5_000)
    expect(session.view().status.state).toBe('queued')
    world.listFails = false
    await clock.advance(MINUTE)
    expect(session.view().status.state).toBe('ready')
    expect(world.clusters.size).toBe(1)
  })

  it('takes sessions up again after a restart, with their progress and shells', async () => {
    const first = await boot()
    const session = start(first.manager)
    await clock.advance(5_000)
    await session.openShell({ cols: 80, rows: 24 })
    first.passStep()
    first.kill()
    const { manager } = await boot()
    const view = manager.get('ann', session.id).view()
    expect(view.status).toEqual({ state: 'ready' })
    expect(view.steps[0]).toMatchObject({ id: 'three', status: 'passed' })
    expect(view.shells.map(({ id }) => id)).toEqual([1, 2])
  })

  it('gives one cluster to a session that is started while the server still looks what there is', async () => {
    world.listMs = 2_000
    const { manager } = await boot({}, false)
    await clock.advance(100)
    const session = manager.start({ reader: 'r', lab: 'scaling', address: 'a' })
    await clock.advance(60_000)
    expect(session.view().status).toEqual({ state: 'ready' })
    expect(world.clusters.size).toBe(1)
  })

  it('makes a new cluster for a session whose cluster was half-made when the server was killed', async () => {
    const first = await boot()
    const session = start(first.manager)
    await clock.advance(1_500)
    first.kill()
    const half = [...world.clusters.keys()]
    const { manager } = await boot()
    await clock.advance(10_000)
    expect(manager.get('ann', session.id).view().status).toEqual({ state: 'ready' })
    expect([...world.clusters.keys()]).not.toContain(half[0])
    expect(world.clusters.size).toBe(1)
  })

  it('leaves exactly the live sessions after being killed at 100 random moments', { timeout: 30_000 }, async () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let round = 0; round < 100; round++) {
      const { manager, kill } = await boot(
        { pool: random(2), maxSessions: 4, maxPerAddress: 9, maxPerReader: 9 },
        false,
      )
      await clock.advance(random(3_000))
      for (const reader of ['ann', 'bob', 'eve'].slice(random(3))) {
        try {
          start(manager, reader)
        } catch {
          // Full, or still starting: as good a state to be killed in as any.
        }
      }
      await clock.advance(random(4_000))
      for (const session of manager.of('ann')) if (random(2) === 0) session.end('reader')
      await clock.advance(random(50))
      kill()
    }
    const { manager } = await boot({ pool: 0, maxSessions: 9 })
    await clock.advance(MINUTE)
    const live = ['ann', 'bob', 'eve'].flatMap((reader) => manager.of(reader))
    expect(live.every((session) => session.view().status.state === 'ready')).toBe(true)
    expect(world.clusters.size).toBe(live.length)
    expect(manager.counts.pooled).toBe(0)
  })

  it('leaves no timer behind when it closes', async () => {
    const { manager } = await boot({ pool: 1 })
    start(manager)
    await clock.advance(5_000)
    await Promise.all([manager.close(), clock.advance(100)])
    expect(clock.pending).toBe(0)
  })

  it('keeps two installations in one data folder apart', () => {
    const first = openStore(folder, randomIds)
    const second = openStore(folder, randomIds)
    expect(second.folder).not.toBe(first.folder)
    expect(second.instance).not.toBe(first.instance)
    first.close()
    const third = openStore(folder, randomIds)
    expect(third.instance).toBe(first.instance)
    second.close()
    third.close()
  })
})

async function catchError(act: () => unknown): Promise<{ message: string; retryAfter?: number }> {
  try {
    await act()
  } catch (error) {
    return error as { message: string; retryAfter?: number }
  }
  throw new Error('expected an error')
}

function fakeRunner(lab: Lab, before: Record<string, 'passed' | 'skipped'>): CheckRunner & { pass(): void } {
  const progress = { ...before }
  return {
    progress,
    get steps(): StepView[] {
      return lab.steps.map(({ id }) => ({ id, status: progress[id] ?? 'open', checks: [], tried: false }))
    },
    skip(step) {
      progress[step] = 'skipped'
    },
    pass() {
      progress.three = 'passed'
    },
    openUpTo: () => {},
    close: () => {},
  }
}

const fakeTerminal = (): Terminal => ({ connect: () => {}, exited: false, close: () => {} })
