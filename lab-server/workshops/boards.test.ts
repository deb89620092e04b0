import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { beforeEach, describe, expect, it } from 'vitest'
import type { StepView } from '../../protocol/session.ts'
import type { BoardEvent, BoardRow, WorkshopView } from '../../protocol/workshop.ts'
import { ManualClock } from '../clock.ts'
import { type FakeSession, FakeSessions } from '../http/sessions.fake.ts'
import { randomIds } from '../ids.ts'
import { fakeLab } from '../labs/lab.fake.ts'
import { LOOK_EVERY, TOGETHER } from './boards.ts'
import { AWAY_AFTER } from './presence.ts'
import { Rooms } from './rooms.ts'
import { createWorkshopStore, type WorkshopStore } from './store.ts'
import { WORKSHOP_TABLES } from './tables.ts'
import type { Seat } from './workshop.ts'

const MINUTE = 60_000
const ada = { id: 'ada', name: 'Ada' }
/** What the issue asks for, in milliseconds. */
const MOST_LAG = 2_000

const lab = fakeLab(['one', 'two', 'three', 'four'], { id: 'first' })

/** Steps before are passed. */
const stepsAt = (open: number, found = ''): StepView[] =>
  lab.steps.map(({ id }, at) => ({
    id,
    status: at < open ? 'passed' : at === open ? 'open' : 'locked',
    checks: [{ title: 'Three run', passed: at < open, ...(found ? { found } : {}) }],
    tried: false,
  }))

describe('a board', () => {
  let clock: ManualClock
  let rooms: Rooms
  let sessions: FakeSessions
  /** Reads of a seat's milestones: one for each row that is worked out. */
  let rows: number
  let workshop: WorkshopView

  beforeEach(() => {
    clock = new ManualClock(1_000_000_000)
    sessions = new FakeSessions({ labs: ['first'], clock, ids: randomIds })
    const database = new DatabaseSync(':memory:')
    database.exec(WORKSHOP_TABLES)
    const store = createWorkshopStore(database)
    const counting: WorkshopStore = {
      ...store,
      milestonesOf(seat) {
        rows++
        return store.milestonesOf(seat)
      },
    }
    rooms = new Rooms({
      store: counting,
      sessions,
      catalogue: new Map([['first', { lab, setup: [], files: [] }]]),
      clock,
      ids: randomIds,
      log: pino({ level: 'silent' }),
      key: Buffer.alloc(32, 7),
    })
    rooms.open()
    workshop = rooms.create(ada, {
      ...{ title: 'Room', labs: ['first'], seats: 300, codes: 'one', provider: 'fake', warmUpMinutes: 0 },
      ...{ startsAt: clock.now(), endsAt: clock.now() + 120 * MINUTE },
    })
    rows = 0
  })

  const join = (name: string) => rooms.join({ code: workshop.code ?? '', name }, { address: name, reader: undefined })
  const begin = (seat: Seat) => rooms.start({ reader: seat.reader, lab: 'first', address: 'a' }) as FakeSession
  /** Moves to this step, as the session tells it. */
  const move = (session: FakeSession, open: number, found?: string) =>
    session.change({ steps: stepsAt(open, found), now: clock.now() })
  const mine = () => rooms.get(ada, workshop.id)

  /** A host's page: what it was sent, and when. */
  function look(options: { slow?: boolean } = {}) {
    const heard: { at: number; event: BoardEvent }[] = []
    const state = { slow: options.slow ?? false, gone: false, rows: new Map<string, BoardRow>() }
    const take = () => {
      for (;;) {
        const next = state.slow ? undefined : feed.take()
        if (!next) return
        if (next.event === 'gone') {
          state.gone = true
          return
        }
        const event = next.data as BoardEvent
        heard.push({ at: clock.now(), event })
        if (event.kind === 'whole') state.rows.clear()
        else for (const seat of event.gone) state.rows.delete(seat)
        for (const row of event.rows) state.rows.set(row.seat, row)
      }
    }
    const feed = rooms.boards.feed(workshop.id)(() => take())
    take()
    return {
      heard,
      state,
      take,
      close: () => feed.close(),
      rowOf: ({ id }: Seat) => state.rows.get(id),
      get last() {
        return heard.at(-1)?.event
      },
    }
  }

  it('begins with the whole room and goes on with what changes', async () => {
    const [ann, bob] = [join('Ann'), join('Bob')]
    const board = look()
    expect(board.last).toMatchObject({
      kind: 'whole',
      workshop: { id: workshop.id, taken: 2, state: 'running' },
      rows: [
        { name: 'Ann', state: 'absent' },
        { name: 'Bob', state: 'absent' },
      ],
    })
    expect(board.last?.heat).toHaveLength(4)
    const session = begin(ann)
    move(session, 0, '1 of 3')
    await clock.advance(TOGETHER)
    expect(board.last).toMatchObject({
      kind: 'change',
      rows: [{ name: 'Ann', state: 'working', step: 1, steps: 4, failing: { title: 'Three run', found: '1 of 3' } }],
      heat: [{ step: 'one', open: 1 }, {}, {}, {}],
    })
    await clock.advance(MINUTE)
    move(session, 1)
    await clock.advance(TOGETHER)
    expect(board.last).toMatchObject({
      heat: [{ passed: 1, open: 0, medianMs: MINUTE + TOGETHER }, { open: 1 }, {}, {}],
    })

    rooms.leading.raiseHand(bob, true)
    rooms.leading.setPace(ada, mine(), { lab: 'first', step: 2 })
    await clock.advance(TOGETHER)
    expect(board.rowOf(bob)).toMatchObject({ hand: true, handAt: clock.now() - TOGETHER })
    expect(board.last).toMatchObject({ workshop: { pace: { lab: 'first', step: 2 } } })
    const eve = join('Eve')
    rooms.removeSeat(ada, mine(), bob)
    await clock.advance(TOGETHER)
    expect(board.last).toMatchObject({ gone: [bob.id], rows: [{ seat: eve.id }] })
    // As many as before are taken.
    expect(board.last?.workshop).toBeUndefined()
    expect([...board.state.rows.keys()]).toEqual([ann.id, eve.id])
    board.close()
  })

  it('shows who is there, and who is looked at', async () => {
    const ann = join('Ann')
    const board = look()
    const pages = [rooms.watchSeat(ann, () => {}), rooms.watchSeat(ann, () => {})]
    await clock.advance(TOGETHER)
    expect(board.rowOf(ann)).toMatchObject({ here: true, state: 'waiting' })
    for (const leave of pages) leave()
    await clock.advance(AWAY_AFTER - 1)
    const back = rooms.watchSeat(ann, () => {})
    await clock.advance(AWAY_AFTER)
    expect(board.rowOf(ann)?.here).toBe(true)
    back()
    await clock.advance(AWAY_AFTER + TOGETHER)
    expect(board.rowOf(ann)?.here).toBe(false)
    const leave = rooms.helping.look(ada, mine(), ann, 1)
    rooms.helping.ask(ada, mine(), ann)
    await clock.advance(TOGETHER)
    expect(board.rowOf(ann)).toMatchObject({ watchedBy: 'Ada', typing: 'asked' })
    leave()
    await clock.advance(MOST_LAG + TOGETHER)
    expect(board.rowOf(ann)).toMatchObject({ watchedBy: null, typing: null })
    board.close()
  })

  it('counts the clusters that are warm', async () => {
    const board = look()
    sessions.warm = 400
    await clock.advance(LOOK_EVERY)
    expect(board.last).toMatchObject({ rows: [], workshop: { warm: 300 } })
    await clock.advance(MINUTE)
    expect(board.heard).toHaveLength(2)
    board.close()
  })

  it('finds who is stuck as time goes by, and says nothing while nothing changes', async () => {
    const [ann, zoe] = [join('Ann'), join('Zoe')]
    const quick = [ann, join('Bob'), join('Eve')].map(begin)
    for (const session of [...quick, begin(zoe)]) move(session, 0)
    await clock.advance(2 * MINUTE)
    for (const session of quick) move(session, 1)
    const board = look()
    expect(board.rowOf(zoe)?.pace).toBe(1)
    await clock.advance(3 * MINUTE)
    expect(board.rowOf(zoe)?.pace).toBe(2.5)
    expect(board.rowOf(ann)?.pace).toBeNull()
    // A tenth of the median is 12 seconds.
    expect(board.heard).toHaveLength(1 + 15)
    expect(board.heard.slice(1).every(({ event }) => event.rows.length === 1 && !event.heat)).toBe(true)
    board.close()
  })

  describe('of 200', () => {
    let seats: Seat[]
    let labs: FakeSession[]
    beforeEach(() => {
      seats = Array.from({ length: 200 }, (_, n) => join(`P${n}`))
      labs = seats.map(begin)
      for (const session of labs) move(session, 0)
      rows = 0
    })

    it('lags by less than two seconds, whatever goes on, and tells together what comes together', async () => {
      const board = look()
      expect(rows).toBe(200)
      rows = 0
      const began = clock.now()
      const due = new Map<string, number>()
      // Everybody changes something every second, each at a time of their own, for half a minute.
      for (let ms = 0; ms < 30_000; ms += 5) {
        const n = (ms / 5) % 200
        const [session, seat] = [labs[n], seats[n]]
        if (!session || !seat) throw new Error('no such seat')
        move(session, Math.floor(ms / 10_000), `found at ${clock.now()}`)
        due.set(seat.id, clock.now())
        await clock.advance(5)
        for (const [id, at] of due) {
          const shown = Number(board.state.rows.get(id)?.failing?.found?.split(' ').at(-1) ?? 0)
          if (shown >= at) due.delete(id)
          else expect(clock.now() - at).toBeLessThan(MOST_LAG)
        }
      }
      await clock.advance(TOGETHER)
      const seconds = (clock.now() - began) / 1_000
      expect(board.heard.length - 1).toBeLessThanOrEqual(seconds * (1_000 / TOGETHER + 1_000 / LOOK_EVERY))
      // Each of the 6000 changes has worked out its row at most once.
      expect(rows).toBeLessThanOrEqual(6_000)
      board.close()
    }, 60_000)

    it('works out a row only when there is news of it, once for all who look, and nothing while nobody does', async () => {
      const [one, other] = [look(), look()]
      expect(rows).toBe(200)
      rows = 0
      await clock.advance(MINUTE)
      expect([rows, one.heard.length, other.heard.length]).toEqual([0, 1, 1])
      for (let n = 0; n < 50; n++) move(labs[7] as FakeSession, 0, `${n} of 3`)
      await clock.advance(TOGETHER)
      expect(rows).toBe(1)
      expect(one.last).toMatchObject({ rows: [{ name: 'P7', failing: { found: '49 of 3' } }] })
      expect(other.last).toEqual(one.last)
      one.close()
      other.close()
      expect(rooms.boards.size).toBe(0)
      for (const session of labs) move(session, 1)
      await clock.advance(MINUTE)
      expect(rows).toBe(1)
      const again = look()
      expect(again.last?.heat?.[0]).toMatchObject({ passed: 200, open: 0 })
      again.close()
    })

    it('costs a page that reads slowly no more than one row for each seat', async () => {
      const board = look()
      board.state.slow = true
      for (let n = 0; n < 20; n++) {
        for (const session of labs) move(session, 0, `${n} of 3`)
        await clock.advance(TOGETHER)
      }
      rooms.removeSeat(ada, mine(), seats[0] as Seat)
      await clock.advance(TOGETHER)
      board.state.slow = false
      board.take()
      expect(board.heard).toHaveLength(2)
      expect(board.last).toMatchObject({ kind: 'change', gone: [seats[0]?.id] })
      expect(board.last?.rows.map(({ failing }) => failing?.found)).toEqual(Array(199).fill('19 of 3'))
      board.close()
    })

    it('is over when the workshop is, and gone when that is removed', async () => {
      const board = look()
      rooms.end(ada, mine())
      await clock.advance(TOGETHER)
      expect(board.last).toMatchObject({ workshop: { state: 'over' } })
      expect([...board.state.rows.values()].every(({ state }) => state === 'ended')).toBe(true)
      const leave = rooms.helping.look(ada, mine(), seats[0] as Seat, 1)
      rooms.remove(mine())
      leave()
      await clock.advance(TOGETHER)
      expect(board.state.gone).toBe(true)
      board.close()
      const after = look()
      expect([after.state.gone, after.heard]).toEqual([true, []])
      after.close()
      expect(rooms.boards.size).toBe(0)
    })
  })
})
