import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { StepView } from '../../protocol/session.ts'
import type { WorkshopDraft } from '../../protocol/workshop.ts'
import { type Clock, ManualClock } from '../clock.ts'
import type { Host } from '../host/sign-ins.ts'
import { randomIds } from '../ids.ts'
import type { LabEntry } from '../labs/catalogue.ts'
import { fakeLab } from '../labs/lab.fake.ts'
import { createFakeProvider, FakeWorld } from '../providers/provider.fake.ts'
import { createSessionManager, type SessionManager } from '../sessions/manager.ts'
import { MAX_WARM_AGE_MS } from '../sessions/pool.ts'
import { openStore, type Store } from '../sessions/store.ts'
import { Rooms } from './rooms.ts'
import { createWorkshopStore, type WorkshopStore } from './store.ts'
import type { Seat } from './workshop.ts'

const MINUTE = 60_000
const START = 1_000_000_000

const labOf = (id: string): LabEntry => ({
  lab: fakeLab(['one', 'two'], { id, workers: 3 }),
  setup: [],
  files: [],
})

const ada: Host = { id: 'ada', name: 'Ada' }
const bob: Host = { id: 'bob', name: 'Bob' }

/** One run of the server's process. */
interface Process {
  manager: SessionManager
  rooms: Rooms
  store: WorkshopStore
  /** Makes this step pass in every session. */
  pass(step: string): void
  kill(): void
}

describe('workshops', () => {
  let folder: string
  let world: FakeWorld
  let clock: ManualClock
  let running: { store: Store; kill: () => void } | undefined
  /** Milliseconds by which the wall clock has been moved on without anybody noticing. */
  let skew: number

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quayside-'))
    world = new FakeWorld()
    clock = new ManualClock(START)
    skew = 0
    running = undefined
  })
  afterEach(() => {
    running?.kill()
    rmSync(folder, { recursive: true })
  })

  async function boot({ most = 9, pool = 0, idleMs = 20 * MINUTE, address = 2 } = {}): Promise<Process> {
    let alive = true
    const store = openStore(folder, randomIds)
    const own: Clock = {
      now: () => clock.now() + skew,
      after: (ms, call) => clock.after(ms, () => alive && call()),
    }
    const passes: ((step: string) => void)[] = []
    const catalogue = new Map(['first', 'second', 'other'].map((id) => [id, labOf(id)]))
    const log = pino({ level: 'silent' })
    const manager = createSessionManager({
      places: [{ provider: createFakeProvider(world, own), most, pool, atOnce: 4, refillDelay: 1_000 }],
      store,
      catalogue,
      clock: own,
      ids: randomIds,
      log,
      limits: {
        maxPerReader: 1,
        maxPerAddress: address,
        sessionMs: 60 * MINUTE,
        idleMs,
        extensions: 1,
        extendMs: 30 * MINUTE,
        maxShells: 2,
      },
      observer: { ready() {}, ended() {}, stepPassed() {}, terminalBytes() {} },
      runChecks: ({ lab, progress: before, upTo = null, onChange }) => {
        const progress = { ...before }
        let open_ = upTo ?? lab.steps.length
        const runner = {
          progress,
          get steps(): StepView[] {
            const open = lab.steps.find(({ id }, at) => !progress[id] && at < open_)
            return lab.steps.map((step) => ({
              id: step.id,
              status: progress[step.id] ?? (step === open ? 'open' : 'locked'),
              checks: [],
              tried: false,
            }))
          },
          skip() {},
          openUpTo(steps: number | null) {
            open_ = steps ?? lab.steps.length
            onChange(runner)
          },
          close() {},
        }
        passes.push((step) => {
          progress[step] = 'passed'
          onChange(runner)
        })
        return runner
      },
      createTerminal: () => ({ connect: () => {}, exited: false, close: () => {} }),
      prepareLab: async () => {},
      resetLab: async () => {},
      solveStep: async () => {},
    })
    const workshops = createWorkshopStore(store.database)
    const rooms = new Rooms({
      store: workshops,
      sessions: manager,
      catalogue,
      clock: own,
      ids: randomIds,
      log,
      key: Buffer.alloc(32, 7),
    })
    const kill = () => {
      if (alive) store.close()
      alive = false
    }
    running = { store, kill }
    const opening = manager.open()
    rooms.open()
    await clock.advance(1)
    void opening
    return { manager, rooms, store: workshops, kill, pass: (step) => passes.forEach((pass) => void pass(step)) }
  }

  const stored = () => {
    if (!running) throw new Error('nothing runs')
    return running.store
  }
  const now = () => clock.now() + skew
  const draft = (change: Partial<WorkshopDraft> = {}): WorkshopDraft => ({
    title: 'First steps',
    labs: ['first', 'second'],
    startsAt: now() + 60 * MINUTE,
    endsAt: now() + 120 * MINUTE,
    seats: 3,
    codes: 'one',
    provider: 'fake',
    warmUpMinutes: 10,
    ...change,
  })
  const live = (change: Partial<WorkshopDraft> = {}) =>
    draft({ startsAt: now(), endsAt: now() + 60 * MINUTE, ...change })
  const join_ = (rooms: Rooms, code: string | undefined, name = 'Ann', reader?: string, address = '10.0.0.1') =>
    rooms.join({ code: code ?? '', name }, { address, reader })
  const refusal = (act: () => unknown) => {
    try {
      act()
      return 'nothing'
    } catch (error) {
      return `${(error as { code?: string }).code}: ${(error as Error).message}`
    }
  }
  const start = (rooms: Rooms, seat: Seat, lab = 'first') =>
    rooms.start({ reader: seat.reader, lab, address: '10.0.0.1', provider: 'another' })

  describe('are made by their host', () => {
    it('who sees them, and nobody else', async () => {
      const { rooms } = await boot()
      const view = rooms.create(ada, draft())
      expect(view).toMatchObject({ title: 'First steps', state: 'planned', taken: 0, warm: 0, pace: null })
      expect(view.code).toMatch(/^\w{4}-\w{4}$/)
      expect([rooms.of(ada).map(({ id }) => id), rooms.of(bob)]).toEqual([[view.id], []])
      expect(rooms.get(ada, view.id).title).toBe('First steps')
      const [others, nobodys] = [refusal(() => rooms.get(bob, view.id)), refusal(() => rooms.get(bob, 'none'))]
      expect(others).toBe('not-yours: This is not a workshop of yours.')
      expect(nobodys).toBe(others)
    })

    it.each([
      [{ labs: ['nothing'] }, 'There is no lab “nothing”.'],
      [{ labs: ['first', 'first'] }, 'Each lab can be in a workshop once.'],
      [{ provider: 'kind' }, 'This server has no clusters of the kind “kind”.'],
      [{ startsAt: START - 2, endsAt: START - 1 }, 'The end of a workshop must be still to come.'],
    ])('who is told what is wrong with %j', async (change, sentence) => {
      const { rooms } = await boot()
      expect(refusal(() => rooms.create(ada, draft(change)))).toBe(`invalid-request: ${sentence}`)
    })

    it('who may change them until they start: codes are then as many as there are free seats', async () => {
      const { rooms } = await boot()
      const { id, code } = rooms.create(ada, draft())
      expect(rooms.change(rooms.get(ada, id), draft({ title: 'Second steps' })).code).toBe(code)
      const changed = rooms.change(rooms.get(ada, id), draft({ codes: 'one-time' }))
      expect([changed.code, changed.unusedCodes?.length]).toEqual([undefined, 3])
      await clock.advance(50 * MINUTE)
      join_(rooms, changed.unusedCodes?.[1])
      const times = { startsAt: START + 60 * MINUTE, endsAt: START + 120 * MINUTE }
      const more = rooms.change(rooms.get(ada, id), draft({ codes: 'one-time', seats: 5, ...times }))
      expect([more.taken, more.unusedCodes?.length]).toEqual([1, 4])
      const fewer = rooms.change(rooms.get(ada, id), draft({ codes: 'one-time', seats: 2, ...times }))
      expect(fewer.unusedCodes).toEqual(changed.unusedCodes?.slice(0, 1))
      const none = draft({ codes: 'one-time', seats: 0 as 1, ...times })
      expect(refusal(() => rooms.change(rooms.get(ada, id), none))).toMatch('too-few-seats: 1 seats are taken already')
      expect(refusal(() => join_(rooms, code))).toMatch('wrong-code')
      await clock.advance(10 * MINUTE)
      expect(refusal(() => rooms.change(rooms.get(ada, id), draft()))).toBe(
        'already-started: A workshop can be changed until it starts.',
      )
      expect(refusal(() => rooms.remove(rooms.get(ada, id)))).toMatch('still-running')
    })

    it('and are gone with everybody in them when they are removed', async () => {
      const { rooms, store } = await boot()
      const { id, code } = rooms.create(ada, draft({ startsAt: now() + MINUTE }))
      const seat = join_(rooms, code)
      let told = 0
      rooms.watchSeat(seat, () => told++)
      rooms.remove(rooms.get(ada, id))
      expect([rooms.of(ada), rooms.seatOf(seat.reader), store.codes(id)]).toEqual([[], undefined, []])
      expect([told, rooms.seatView(seat)]).toEqual([1, undefined])
      expect(clock.pending).toBeGreaterThan(0)
      rooms.close()
    })
  })

  describe('are joined', () => {
    it('with the code and a name, by everyone once, from fifteen minutes before the start', async () => {
      const { rooms } = await boot()
      const { code } = rooms.create(ada, draft({ seats: 2 }))
      expect(refusal(() => join_(rooms, code))).toMatch('not-yet: You can join “First steps” from fifteen minutes')
      await clock.advance(45 * MINUTE)
      const ann = join_(rooms, code?.toLowerCase().replace('-', ' '))
      const other = join_(rooms, code, 'ann')
      expect([ann.name, other.name]).toEqual(['Ann', 'ann 2'])
      expect(refusal(() => join_(rooms, code, 'Eve'))).toMatch('workshop-full: All 2 seats')
      expect(join_(rooms, code, 'Somebody else', ann.reader)).toEqual(ann)
      expect(rooms.seatOf(ann.reader)).toEqual(ann)
      expect(rooms.seatView(ann)).toMatchObject({
        name: 'Ann',
        workshop: { title: 'First steps', labs: ['first', 'second'], state: 'open' },
        hand: false,
      })
      await clock.advance(75 * MINUTE)
      expect(refusal(() => join_(rooms, code, 'Eve'))).toBe('workshop-over: “First steps” is over.')
      expect(rooms.seatView(ann)?.workshop.state).toBe('over')
    })

    it('from another browser by the personal link, to the same seat', async () => {
      const { rooms } = await boot()
      const seat = join_(rooms, rooms.create(ada, live()).code)
      const [page, token = ''] = rooms.linkOf(seat).split('#seat=')
      expect(page).toBe('/join/')
      expect(rooms.seatView(seat)?.link).toBe(rooms.linkOf(seat))
      expect(rooms.byLink(token, { address: '10.0.0.9' })).toEqual(seat)
      expect(refusal(() => rooms.byLink(`${token}x`, { address: '10.0.0.9' }))).toBe(
        'wrong-link: This link leads to no seat: ask your host for a new one.',
      )
    })

    it('S-14: with a one-time code once, and of those who use it at once exactly one gets in', async () => {
      const { rooms } = await boot()
      const view = rooms.create(ada, live({ codes: 'one-time' }))
      const [code] = view.unusedCodes ?? []
      const told = await Promise.all(
        Array.from({ length: 20 }, async (_, n) => refusal(() => join_(rooms, code, `P${n}`))),
      )
      expect(told.filter((one) => one === 'nothing')).toHaveLength(1)
      expect(told.filter((one) => one.startsWith('code-used: This code has been used'))).toHaveLength(19)
      expect(rooms.of(ada)).toMatchObject([{ taken: 1, unusedCodes: view.unusedCodes?.slice(1) }])
    })

    it('S-14: not after too many wrong codes, of one address or for one room, and nobody learns which are right', async () => {
      const { rooms } = await boot()
      const { code = '' } = rooms.create(ada, live())
      const second = rooms.create(ada, live())
      const wrong = (prefix: string, address: string) =>
        refusal(() => join_(rooms, `${prefix}X-XXXX`, 'Eve', undefined, address))
      for (let n = 0; n < 20; n++) expect(wrong('CCC', '10.0.0.2')).toMatch('wrong-code: There is no workshop')
      const locked = 'too-many-attempts: Too many wrong codes were tried: try again in 60 s.'
      expect(wrong('CCC', '10.0.0.2')).toBe(locked)
      expect(refusal(() => join_(rooms, code, 'Eve', undefined, '10.0.0.2'))).toBe(locked)
      expect(refusal(() => rooms.byLink('x.y', { address: '10.0.0.2' }))).toBe(locked)

      // From many addresses at one room, and at one that does not exist.
      const [prefix, none] = [code.slice(0, 3), code.startsWith('CDF') ? 'DFG' : 'CDF']
      for (const guessed of [prefix, none]) {
        for (let n = 0; n < 60; n++) expect(wrong(guessed, `10.0.1.${n}`)).toMatch('wrong-code')
        expect(wrong(guessed, '10.0.2.1')).toBe(locked)
      }
      expect(refusal(() => join_(rooms, code, 'Ann', undefined, '10.0.2.2'))).toBe(locked)
      expect(refusal(() => join_(rooms, second.code, 'Ann', undefined, '10.0.2.2'))).toBe('nothing')
      await clock.advance(MINUTE)
      expect(refusal(() => join_(rooms, code, 'Ann', undefined, '10.0.0.2'))).toBe('nothing')
    })

    it('S-9: and no code or link is in what is stored', async () => {
      const { rooms } = await boot()
      const views = [rooms.create(ada, live()), rooms.create(ada, live({ codes: 'one-time' }))]
      const seat = join_(rooms, views[0]?.code)
      const { database } = stored()
      const tables = ['workshops', 'seats', 'codes', 'milestones', 'audit']
        .map((table) => JSON.stringify(database.prepare(`SELECT * FROM ${table}`).all()))
        .join('')
      const hidden = [...views.flatMap(({ code, unusedCodes = [] }) => [code ?? '', ...unusedCodes]).filter(Boolean)]
      expect(hidden).toHaveLength(4)
      for (const code of [
        ...hidden,
        ...hidden.map((code) => code.replaceAll('-', '')),
        rooms.linkOf(seat).split('.')[1],
      ])
        expect(tables).not.toContain(code)
    })
  })

  describe('run', () => {
    it('with sessions of the room: its provider, no limits of readers, no idle end, until its end and not longer', async () => {
      const { rooms, manager } = await boot({ most: 9, address: 1 })
      const { id, code } = rooms.create(ada, live({ seats: 5, endsAt: now() + 3 * 60 * MINUTE }))
      const seats = ['Ann', 'Bob', 'Eve'].map((name) => join_(rooms, code, name))
      const sessions = seats.flatMap((seat) => [start(rooms, seat), start(rooms, seat, 'second')])
      await clock.advance(10_000)
      expect(sessions.map((session) => session?.view().status.state)).toEqual(Array(6).fill('ready'))
      expect(sessions[0]).toBe(start(rooms, seats[0] as Seat))
      expect(sessions[0]?.view()).toMatchObject({ provider: 'fake', expiresAt: now() - 10_001 + 1 + 3 * 60 * MINUTE })
      expect(refusal(() => sessions[0]?.extend())).toMatch('no-extension-left')
      // Everything that is not the workshop's is as ever, from the same address too.
      expect(start(rooms, seats[0] as Seat, 'other')).toBeUndefined()
      manager.start({ reader: 'reader', lab: 'other', address: '10.0.0.1' })
      await clock.advance(170 * MINUTE)
      expect(sessions.map((session) => session?.view().status.state)).toEqual(Array(6).fill('ready'))
      await clock.advance(10 * MINUTE)
      expect(sessions[0]?.view().status).toEqual({
        state: 'ended',
        reason: 'expired',
        message: 'The workshop is over.',
      })
      expect([world.clusters.size, rooms.get(ada, id).endsAt]).toEqual([0, START + 1 + 3 * 60 * MINUTE])
      expect(start(rooms, seats[0] as Seat)).toBeUndefined()
    })

    it('from their start on, and pages are told of it', async () => {
      const { rooms } = await boot()
      const seat = join_(rooms, rooms.create(ada, draft({ startsAt: now() + MINUTE })).code)
      const states: unknown[] = []
      rooms.watchSeat(seat, () => states.push(rooms.seatView(seat)?.workshop.state))
      expect(refusal(() => start(rooms, seat))).toBe('not-yet: “First steps” has not started: its labs begin with it.')
      await clock.advance(2 * MINUTE)
      expect(start(rooms, seat)).toBeDefined()
      await clock.advance(120 * MINUTE)
      expect(states).toEqual(['running', 'over'])
    })

    it('longer when their host extends them, and end for all when the host says so, with a line for each', async () => {
      const { rooms, store } = await boot()
      const { id, code } = rooms.create(ada, live())
      const session = start(rooms, join_(rooms, code))
      await clock.advance(59 * MINUTE)
      rooms.extend(ada, rooms.get(ada, id), 30)
      await clock.advance(20 * MINUTE)
      expect(session?.view()).toMatchObject({ status: { state: 'ready' }, expiresAt: START + 1 + 90 * MINUTE })
      expect(refusal(() => rooms.extend(ada, rooms.get(ada, id), 24 * 60))).toMatch('too-long')
      expect(rooms.end(ada, rooms.get(ada, id)).state).toBe('over')
      expect(session?.view().status).toMatchObject({ state: 'ended', message: 'The workshop is over.' })
      expect(refusal(() => rooms.extend(ada, rooms.get(ada, id), 5))).toMatch('not-running')
      expect(store.audit(id)).toMatchObject([
        { host: 'Ada', action: 'extend', seat: null, detail: '30 min' },
        { host: 'Ada', action: 'end' },
      ])
    })

    it('with places that others cannot take from them, and a seat’s earlier lab makes room for its next', async () => {
      const { rooms, manager } = await boot({ most: 3, address: 9 })
      const { code } = rooms.create(ada, live({ seats: 2 }))
      const outside = (reader: string) =>
        refusal(() => manager.start({ reader, lab: 'other', address: '10.0.0.8', provider: 'fake' }))
      expect([outside('r1'), outside('r2')]).toEqual([
        'nothing',
        'too-many-sessions: The places that are free here are kept for a workshop: try again when it is over.',
      ])
      expect(manager.offers()[0]?.room).toBe(false)
      const [ann, eve] = [join_(rooms, code), join_(rooms, code, 'Eve')]
      const first = start(rooms, ann)
      start(rooms, eve)
      await clock.advance(5_000)
      const second = start(rooms, ann, 'second')
      await clock.advance(5_000)
      expect(first?.view().status).toMatchObject({
        state: 'ended',
        message: 'This lab made room for the next one of the workshop.',
      })
      expect(second?.view().status.state).toBe('ready')
    })

    it('while it is written down when each step is opened and done', async () => {
      const { rooms, store, pass } = await boot()
      const { id, code } = rooms.create(ada, live())
      const seat = join_(rooms, code)
      start(rooms, seat)
      await clock.advance(5_000)
      await clock.advance(5 * MINUTE)
      pass('one')
      expect(store.milestones(id)).toMatchObject([
        { seat: seat.id, lab: 'first', step: 'one', how: 'passed', doneAt: now() },
        { lab: 'first', step: 'two', how: null, openedAt: now(), doneAt: null },
      ])
    })

    it('without those whose seat the host takes away, whose place is then free', async () => {
      const { rooms } = await boot()
      const { id, code, unusedCodes } = rooms.create(ada, live({ codes: 'one-time', seats: 1 }))
      expect(code).toBeUndefined()
      const seat = join_(rooms, unusedCodes?.[0])
      const session = start(rooms, seat)
      rooms.removeSeat(ada, rooms.get(ada, id), rooms.seatIn(rooms.get(ada, id), seat.id))
      expect(session?.view().status).toMatchObject({ message: 'Your host has taken your seat away.' })
      expect([rooms.seatOf(seat.reader), rooms.seatView(seat)]).toEqual([undefined, undefined])
      const [fresh] = rooms.of(ada)[0]?.unusedCodes ?? []
      expect(fresh).not.toBe(unusedCodes?.[0])
      expect(refusal(() => join_(rooms, unusedCodes?.[0]))).toMatch('code-used')
      expect(join_(rooms, fresh).name).toBe('Ann')
      expect(refusal(() => rooms.seatIn(rooms.get(ada, id), seat.id))).toMatch('unknown-seat')
    })

    it('on after a restart: everyone at their seat, with codes, links, sessions and what was done', async () => {
      const first = await boot()
      const view = first.rooms.create(ada, live({ codes: 'one-time' }))
      const seat = join_(first.rooms, view.unusedCodes?.[0])
      const link = first.rooms.linkOf(seat)
      const session = start(first.rooms, seat)
      await clock.advance(5_000)
      first.pass('one')
      const before = first.rooms.of(ada)
      first.kill()
      await clock.advance(MINUTE)

      const { rooms, manager, store, pass } = await boot()
      expect(rooms.of(ada)).toEqual(before)
      expect(rooms.seatOf(seat.reader)).toEqual(seat)
      expect(rooms.linkOf(seat)).toBe(link)
      await clock.advance(5_000)
      expect(manager.get(seat.reader, session?.id ?? '').view().status).toEqual({ state: 'ready' })
      pass('two')
      expect(store.milestones(view.id).map(({ step, how }) => [step, how])).toEqual([
        ['one', 'passed'],
        ['two', 'passed'],
      ])
      await clock.advance(60 * MINUTE)
      expect(manager.ofRooms()).toEqual([])
    })

    it('at the pace that their host has set, over a restart too, with hands and messages', async () => {
      const first = await boot()
      const { id, code } = first.rooms.create(ada, live())
      const seat = join_(first.rooms, code)
      const session = start(first.rooms, seat)
      await clock.advance(5_000)
      const statuses = (sessions: Pick<SessionManager, 'get'>) =>
        sessions
          .get(seat.reader, session?.id ?? '')
          .view()
          .steps.map(({ status }) => status)
      first.rooms.leading.setPace(ada, first.rooms.get(ada, id), { lab: 'first', step: 1 })
      first.pass('one')
      expect(statuses(first.manager)).toEqual(['passed', 'locked'])
      expect(refusal(() => start(first.rooms, seat, 'second'))).toBe('not-yet: Your host has not opened this lab yet.')
      first.rooms.leading.raiseHand(seat, true)
      first.rooms.leading.broadcast(ada, first.rooms.get(ada, id), 'Coffee')
      const before = first.rooms.seatView(seat)
      expect(before).toMatchObject({ hand: true, messages: [{ text: 'Coffee' }], pace: { step: 1 } })
      first.kill()

      const { rooms, manager } = await boot()
      await clock.advance(5_000)
      expect(rooms.seatView(seat)).toEqual({ ...before, now: now() })
      expect(statuses(manager)).toEqual(['passed', 'locked'])
      rooms.leading.setPace(ada, rooms.get(ada, id), null)
      expect(statuses(manager)).toEqual(['passed', 'open'])
      expect(start(rooms, seat, 'second')).toBeDefined()
    })

    it('to their end, even when the server was away at that moment', async () => {
      const first = await boot()
      const seat = join_(first.rooms, first.rooms.create(ada, live()).code)
      const session = start(first.rooms, seat)
      await clock.advance(5_000)
      first.kill()
      await clock.advance(90 * MINUTE)
      const { manager } = await boot()
      await clock.advance(5_000)
      expect(manager.get(seat.reader, session?.id ?? '').view().status).toMatchObject({
        state: 'ended',
        message: 'The workshop is over.',
      })
      expect(world.clusters.size).toBe(0)
    })
  })

  it('L-4: a seat is never given a cluster that is on its way out, nor loses one before the end, in 1000 races', {
    timeout: 120_000,
  }, async () => {
    world.stageMs = 100
    const { rooms, manager } = await boot({ most: 4, pool: 1, idleMs: 10_000 })
    for (let round = 0; round < 1_000; round++) {
      // What is warm is too old from now on: the next look takes it away, up to half a minute from here.
      skew += MAX_WARM_AGE_MS + MINUTE
      const { id, code } = rooms.create(ada, live({ seats: 1, endsAt: now() + 90_000 }))
      const seat = join_(rooms, code, 'Ann', undefined, `${round}`)
      await clock.advance((round * 997) % 31_000)
      for (let turn = 0; turn < round % 7; turn++) await Promise.resolve()
      const session = start(rooms, seat)
      const own = () => stored().session(session?.id ?? '')?.cluster ?? ''
      const has = () => session?.view().status.state === 'ready' && world.clusters.has(own())
      await clock.advance(1_000)
      expect(has(), `round ${round}: began`).toBe(true)
      const left = rooms.get(ada, id).endsAt - now()
      await clock.advance(left - 1)
      expect(has(), `round ${round}: idle, and still there`).toBe(true)

      // An extension at the very end counts, or is refused; never half.
      await clock.advance(round % 3)
      const extended = refusal(() => rooms.extend(ada, rooms.get(ada, id), 1)) === 'nothing'
      await clock.advance(20_000)
      expect(has(), `round ${round}: extended ${extended}`).toBe(extended)
      await clock.advance(60_000)
      expect(session?.view().status.state).toBe('ended')
      expect(manager.ofRooms()).toEqual([])
      expect(world.clusters.size, `round ${round}: nothing is left but the pool`).toBeLessThanOrEqual(1)
      rooms.remove(rooms.get(ada, id))
    }
  })
})
