import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import type { SessionState, StepView } from '../../protocol/session.ts'
import { openOf, type Progress } from '../checks/runner.ts'
import { ManualClock } from '../clock.ts'
import { ReaderError } from '../errors.ts'
import { randomIds } from '../ids.ts'
import type { KubeObject } from '../kube/connection.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { type FakeCluster, fakeCluster } from '../labs/cluster.fake.ts'
import { fakeShell } from '../providers/provider.fake.ts'
import type { Snapshot } from '../providers/provider.ts'
import { LiveSession } from './live-session.ts'
import { openStore, type Store } from './store.ts'

const MINUTE = 60_000

const step = (id: string) => ({
  id,
  title: id.toUpperCase(),
  checks: [{ title: 'Pods run', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'size(objects) == 1' }],
  solution: `solve ${id}`,
})
const lab = Lab.parse({
  id: 'scaling',
  title: 'Scaling',
  summary: 'Scale.',
  minutes: 10,
  steps: ['one', 'two', 'three', 'four'].map(step),
})
const entry: LabEntry = { lab, folder: '', setup: [], files: [] } as unknown as LabEntry

/** A cluster that is a list of what was done in it; its snapshots are that list. */
interface Journal extends FakeCluster {
  done: string[]
  /** Milliseconds that a snapshot takes. */
  snapshotMs: number
  snapshotsFail: boolean
}

describe('journeys of a session', () => {
  let folder: string
  let store: Store
  let clock: ManualClock
  let cluster: Journal
  let session: LiveSession
  let pass: (id: string) => void
  let told: SessionState[]
  let ended: boolean
  /** Steps whose solution fails, with why. */
  let failing: Map<string, string>
  /** Resolves the solving of a step; without one it takes a second. */
  let solved: string[]

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quayside-'))
    store = openStore(folder, randomIds)
    clock = new ManualClock(1_000_000)
    failing = new Map()
    solved = []
    told = []
    ended = false
  })
  afterEach(() => {
    session.end('reader')
    store.close()
    rmSync(folder, { recursive: true })
  })

  const encoded = (done: readonly string[]): Uint8Array => new TextEncoder().encode(JSON.stringify(done))
  const decoded = ({ cluster }: Snapshot): string[] => JSON.parse(new TextDecoder().decode(cluster)) as string[]
  const wait = (ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      clock.after(ms, resolve)
      signal?.addEventListener('abort', () => reject(signal.reason))
    })

  async function begin({ snapshots = true, setup = [] as KubeObject[] } = {}): Promise<void> {
    const journal: Journal = Object.assign(fakeCluster(), {
      done: [] as string[],
      snapshotMs: 10,
      snapshotsFail: false,
      shells: [fakeShell(1)],
    })
    if (snapshots) {
      journal.snapshot = async () => {
        const done = [...journal.done]
        await wait(journal.snapshotMs)
        if (journal.snapshotsFail) throw new Error('no room')
        return { cluster: encoded(done), home: new Uint8Array() }
      }
      journal.restore = async (snapshot) => {
        if (journal.snapshotsFail) throw new Error('no snapshot')
        journal.done = decoded(snapshot)
      }
    }
    for (const object of setup) journal.admin.put(object)
    cluster = journal
    session = new LiveSession({
      store,
      clock,
      ids: randomIds,
      log: pino({ level: 'silent' }),
      observer: { ready() {}, ended() {}, stepPassed() {}, terminalBytes() {} },
      runChecks: ({ lab, progress: before, upTo: first, onChange }) => {
        const progress: Progress = { ...before }
        let upTo = first ?? lab.steps.length
        const steps = (): StepView[] =>
          lab.steps.map((one, at) => ({
            id: one.id,
            status: progress[one.id] ?? (openOf(lab, progress) === one && at < upTo ? 'open' : 'locked'),
            checks: [],
            tried: false,
          }))
        let closed = false
        const runner = {
          get steps() {
            return steps()
          },
          get progress() {
            return { ...progress }
          },
          skip(id: string) {
            progress[id] = 'skipped'
            onChange(runner)
          },
          openUpTo(steps: number | null) {
            upTo = steps ?? lab.steps.length
            onChange(runner)
          },
          close() {
            closed = true
          },
        }
        pass = (id) => {
          if (closed) throw new Error('Nobody looks at the steps.')
          progress[id] = 'passed'
          onChange(runner)
        }
        return runner
      },
      createTerminal: () => ({ connect: () => {}, exited: false, close: () => {} }),
      prepareLab: async () => void journal.done.push('laid out'),
      resetLab: async (_, __, signal) => {
        await wait(30_000, signal)
        journal.done = ['laid out again']
      },
      solveStep: async ({ id }, { signal }) => {
        await wait(1_000, signal)
        const why = failing.get(id)
        journal.done.push(why === undefined ? `solved ${id}` : `half of ${id}`)
        if (why !== undefined) throw new ReaderError('solution-failed', why)
        solved.push(id)
      },
      limits: { sessionMs: 60 * MINUTE, idleMs: 20 * MINUTE, extensions: 1, extendMs: 30 * MINUTE, maxShells: 2 },
      record: {
        id: 'session',
        reader: 'ann',
        address: '127.0.0.1',
        lab: 'scaling',
        provider: 'fake',
        cluster: null,
        state: 'waiting',
        reason: null,
        message: null,
        createdAt: clock.now(),
        readyAt: null,
        endedAt: null,
        expiresAt: clock.now() + 60 * MINUTE,
        lastInputAt: clock.now(),
        extensionsLeft: 1,
        progress: {},
        room: null,
      },
      entry: { ...entry, setup },
      onEnded: () => {
        ended = true
      },
    })
    session.subscribe(({ status }) => void told.push(status))
    void session.begin(journal)
    await clock.advance(1_000)
  }

  /** The reader does a step. */
  async function doStep(id: string): Promise<void> {
    session.touch()
    cluster.done.push(`did ${id}`)
    pass(id)
    await clock.advance(1_000)
  }

  const statuses = () => session.view().steps.map(({ status }) => status)
  const laidOut = ['laid out']

  it('go back to the start of a step by what was kept when it opened', async () => {
    await begin()
    await doStep('one')
    await doStep('two')
    cluster.done.push('mess')
    session.restart('two')
    expect(session.view().status).toEqual({
      state: 'preparing',
      stage: 'objects',
      journey: { kind: 'restart', to: 'two' },
    })
    await clock.advance(100)
    expect(session.view().status).toEqual({ state: 'ready' })
    expect(cluster.done).toEqual([...laidOut, 'did one'])
    expect(statuses()).toEqual(['passed', 'open', 'locked', 'locked'])
    // The start of the step after it was another's
    await doStep('two')
    cluster.done.push('mess')
    session.restart('three')
    await clock.advance(100)
    expect(cluster.done).toEqual([...laidOut, 'did one', 'did two'])
    expect(solved).toEqual([])
  })

  it('end where the host’s pace does', async () => {
    await begin()
    session.openUpTo(2)
    await doStep('one')
    for (const go of [() => session.catchUp('three'), () => session.restart('three')])
      expect(go).toThrow(expect.objectContaining({ code: 'step-ahead', status: 409 }))
    await doStep('two')
    expect(statuses()).toEqual(['passed', 'passed', 'locked', 'locked'])
    session.restart('two')
    await clock.advance(100)
    expect(statuses()).toEqual(['passed', 'open', 'locked', 'locked'])
    session.openUpTo(3)
    session.catchUp('three')
    await clock.advance(2_000)
    expect(statuses()).toEqual(['passed', 'skipped', 'open', 'locked'])
    expect(() => session.catchUp('four')).toThrow(expect.objectContaining({ code: 'step-ahead' }))
    session.openUpTo(1)
    expect(statuses()).toEqual(['passed', 'skipped', 'locked', 'locked'])
    session.openUpTo(null)
    expect(statuses()).toEqual(['passed', 'skipped', 'open', 'locked'])
  })

  it('do what lies before where nothing was kept, and passed steps stay passed', async () => {
    await begin({ snapshots: false })
    await doStep('one')
    await doStep('two')
    session.restart('three')
    await clock.advance(31_500)
    expect(session.view().status).toMatchObject({ journey: { kind: 'restart', to: 'three', step: 'two' } })
    await clock.advance(1_000)
    expect(cluster.done).toEqual(['laid out again', 'solved one', 'solved two'])
    expect(statuses()).toEqual(['passed', 'passed', 'open', 'locked'])
  })

  it('do the steps of which the reader passed over one from its own start on', async () => {
    await begin()
    await doStep('one')
    session.skip('two')
    await clock.advance(100)
    session.restart('three')
    await clock.advance(2_000)
    expect(cluster.done).toEqual([...laidOut, 'did one', 'solved two'])
    expect(statuses()).toEqual(['passed', 'skipped', 'open', 'locked'])
  })

  it('catch up to a later step, whose way is skipped and not done', async () => {
    await begin()
    await doStep('one')
    session.catchUp('four')
    const journeys = new Set(told.map((status) => ('journey' in status ? status.journey?.step : undefined)))
    await clock.advance(3_000)
    for (const status of told) if ('journey' in status) journeys.add(status.journey?.step)
    expect([...journeys]).toEqual([undefined, 'two', 'three'])
    expect(session.view().status).toEqual({ state: 'ready' })
    expect(statuses()).toEqual(['passed', 'skipped', 'skipped', 'open'])
    expect(store.session('session')?.progress).toEqual({ one: 'passed', two: 'skipped', three: 'skipped' })
    // On the way the starts were kept
    session.restart('three')
    await clock.advance(100)
    expect(cluster.done).toEqual([...laidOut, 'did one', 'solved two'])
  })

  it('say what a solution could not do, and leave nothing of it where that can be undone', async () => {
    await begin()
    failing.set('two', 'its solution ended with code 1: no such file')
    session.catchUp('four')
    await clock.advance(4_000)
    expect(session.view().status).toEqual({
      state: 'ready',
      trouble:
        'Step 2, “TWO”, could not be done for you: its solution ended with code 1: no such file. You are at its start.',
    })
    expect(cluster.done).toEqual([...laidOut, 'solved one'])
    expect(statuses()).toEqual(['skipped', 'open', 'locked', 'locked'])
    await doStep('two')
    expect(statuses()).toEqual(['skipped', 'passed', 'open', 'locked'])
  })

  it('say so where half of it has stayed', async () => {
    await begin({ snapshots: false })
    await doStep('one')
    await doStep('two')
    failing.set('one', 'its solution takes too long')
    session.restart('three')
    await clock.advance(40_000)
    expect(session.view().status).toEqual({
      state: 'ready',
      trouble:
        'Step 1, “ONE”, could not be done for you: its solution takes too long. What its solution has done so far is still there: start the step again, or do it yourself.',
    })
    expect(statuses()).toEqual(['open', 'locked', 'locked', 'locked'])
  })

  it('find another way when what was kept is lost', async () => {
    await begin()
    await doStep('one')
    cluster.snapshotsFail = true
    session.restart('two')
    await clock.advance(40_000)
    expect(session.view().status).toEqual({ state: 'ready' })
    expect(cluster.done).toEqual(['laid out again', 'solved one'])
  })

  it('are one at a time, and end with the session', async () => {
    await begin({ snapshots: false })
    await doStep('one')
    session.restart('one')
    for (const another of [() => session.restart('one'), () => session.catchUp('four'), () => void session.reset()]) {
      expect(another).toThrow('The lab is not running at this moment.')
    }
    await clock.advance(1_000)
    session.end('reader')
    await clock.advance(60_000)
    expect(cluster.done).toEqual([...laidOut, 'did one'])
    expect(session.view().status).toMatchObject({ state: 'ended' })
    expect(ended).toBe(true)
  })

  it('tell of a step that opens when its start is kept, and not before', async () => {
    await begin()
    cluster.snapshotMs = 500
    told = []
    pass('one')
    await clock.advance(499)
    expect(told).toEqual([])
    cluster.done.push('typed at once')
    await clock.advance(1)
    expect(told).toEqual([{ state: 'ready' }])
    session.restart('two')
    await clock.advance(600)
    expect(cluster.done).toEqual(laidOut)
  })

  it('tell of it all the same when keeping it takes too long', async () => {
    await begin()
    cluster.snapshotsFail = true
    told = []
    pass('one')
    await clock.advance(3_000)
    expect(told).toEqual([{ state: 'ready' }])
  })

  const web = (readyReplicas: number) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', namespace: 'default', uid: 'web' },
    status: { readyReplicas },
  })

  it('keep the start of the lab anew once its Pods are ready, if nobody has touched it', async () => {
    await begin({ setup: [web(0)] })
    await clock.advance(5_000)
    cluster.done.push('Pods are ready')
    cluster.admin.put(web(1))
    await clock.advance(1_000)
    cluster.done.push('mess')
    session.restart('one')
    await clock.advance(1_000)
    expect(cluster.done).toEqual([...laidOut, 'Pods are ready'])
  })

  it('keep to the start as it was laid out once somebody has', async () => {
    await begin({ setup: [web(0)] })
    await clock.advance(5_000)
    session.touch()
    cluster.done.push('typed')
    cluster.admin.put(web(1))
    await clock.advance(1_000)
    session.restart('one')
    await clock.advance(1_000)
    expect(cluster.done).toEqual(laidOut)
  })

  it('put the lab back by what was kept of its start', async () => {
    await begin()
    await doStep('one')
    const done = session.reset()
    await clock.advance(100)
    await done
    expect(cluster.done).toEqual(laidOut)
    expect(statuses()).toEqual(['open', 'locked', 'locked', 'locked'])
  })

  it('forget what was kept when the lab is read anew', async () => {
    await begin()
    await doStep('one')
    session.relearn({ ...entry, lab: { ...lab, title: 'Another' } })
    session.restart('two')
    await clock.advance(40_000)
    expect(cluster.done).toEqual(['laid out again', 'solved one'])
  })
})
