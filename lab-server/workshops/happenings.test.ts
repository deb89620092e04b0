import { DatabaseSync } from 'node:sqlite'
import { pino } from 'pino'
import { describe, expect, it } from 'vitest'
import { Lab } from '../../protocol/lab/schema.ts'
import { ManualClock } from '../clock.ts'
import { createHostStore, HOST_TABLES } from '../host/store.ts'
import { countWorkshops } from './counts.ts'
import { type Happening, observe } from './happenings.ts'
import { DAY, forgetInTime } from './retention.ts'
import { createWorkshopStore } from './store.ts'
import { WORKSHOP_TABLES } from './tables.ts'
import type { Seat, Workshop } from './workshop.ts'

const MINUTE = 60_000
const START = 1_000 * DAY

const labOf = (id: string) =>
  Lab.parse({
    id,
    title: id,
    summary: 'A lab.',
    minutes: 10,
    steps: ['one', 'two', 'ingress'].map((step) => ({
      id: step,
      title: step,
      checks: [{ title: 'It is', resource: { apiVersion: 'v1', kind: 'Pod' }, expect: 'true' }],
      solution: 'true',
      ...(step === 'ingress' ? { needs: 'ingress-controller' } : {}),
    })),
  })
const catalogue = new Map([['first', { lab: labOf('first'), setup: [], files: [] }]])

function setUp() {
  const clock = new ManualClock(START)
  const database = new DatabaseSync(':memory:')
  database.exec(HOST_TABLES + WORKSHOP_TABLES)
  const told: string[] = []
  const tell = (happening: Happening) => {
    const who = 'seat' in happening ? happening.seat.name : happening.workshop.id
    told.push(`${happening.kind} ${who}${'milestone' in happening ? ` ${happening.milestone.step}` : ''}`)
  }
  const plain = createWorkshopStore(database)
  const happenings = observe({ store: plain, catalogue, clock, tell })
  const { store } = happenings
  return { clock, database, told, plain, store, happenings }
}

const workshop = (change: Partial<Workshop> = {}): Workshop => ({
  id: 'w',
  host: 'ada',
  title: 'Pods',
  labs: ['first'],
  startsAt: START + 10 * MINUTE,
  endsAt: START + 70 * MINUTE,
  seats: 3,
  codes: 'one',
  provider: 'kind',
  warmUpMinutes: 0,
  prefix: 'ABCD',
  seed: 'seed',
  createdAt: START,
  pace: null,
  ...change,
})
const seat = (change: Partial<Seat> = {}): Seat => ({
  id: 'ann',
  workshop: 'w',
  reader: 'reader-ann',
  name: 'Ann Meyer',
  joinedAt: START,
  handAt: null,
  ...change,
})
const milestone = (step: string, how: 'passed' | 'skipped' | null) => ({
  seat: 'ann',
  lab: 'first',
  step,
  openedAt: START,
  how,
  doneAt: how && START,
})

describe('what happens in a workshop', () => {
  it('is told once: that it starts and ends', async () => {
    const { clock, told, store, happenings } = setUp()
    happenings.open()
    store.putWorkshop(workshop())
    expect(told).toEqual([])
    await clock.advance(20 * MINUTE)
    expect(told).toEqual(['workshop-started w'])
    store.putWorkshop(workshop({ endsAt: START + 90 * MINUTE }))
    await clock.advance(60 * MINUTE)
    expect(told).toHaveLength(1)
    store.putWorkshop(workshop({ endsAt: clock.now() }))
    await clock.advance(60 * MINUTE)
    expect(told).toEqual(['workshop-started w', 'workshop-ended w'])
    happenings.close()
    expect(clock.pending).toBe(0)
  })

  it('is not told again after a restart, and of one that is made while it runs at once', async () => {
    const { clock, told, plain, store, happenings } = setUp()
    plain.putWorkshop(workshop({ startsAt: START }))
    happenings.open()
    store.putWorkshop(workshop({ id: 'v', prefix: 'V', startsAt: START }))
    await clock.advance(5 * MINUTE)
    expect(told).toEqual(['workshop-started v'])
    await clock.advance(DAY)
    expect(told.slice(1).sort()).toEqual(['workshop-ended v', 'workshop-ended w'])
  })

  it('is told of participants: that they join, do steps, raise their hand, are through', () => {
    const { told, store } = setUp()
    store.putWorkshop(workshop())
    store.putSeat(seat())
    store.putSeat(seat({ handAt: 5 }))
    store.putSeat(seat({ handAt: 6 }))
    store.putSeat(seat())
    store.putMilestone(milestone('one', null))
    store.putMilestone(milestone('one', 'skipped'))
    store.putMilestone(milestone('one', 'passed'))
    expect(told).toEqual(['joined Ann Meyer', 'hand-raised Ann Meyer', 'step-done Ann Meyer one'])
    store.putMilestone(milestone('two', 'passed'))
    store.putMilestone(milestone('ingress', 'passed'))
    expect(told.slice(3)).toEqual(['step-done Ann Meyer two', 'finished Ann Meyer', 'step-done Ann Meyer ingress'])
  })

  it('is told when all of a change is written, and not if it comes to nothing', () => {
    const { told, store } = setUp()
    store.putWorkshop(workshop())
    const failing = () =>
      store.together(() => {
        store.putSeat(seat())
        throw new Error('no')
      })
    expect(failing).toThrow('no')
    expect([told, store.taken('w')]).toEqual([[], 0])
    store.together(() => {
      store.putSeat(seat())
      expect(told).toEqual([])
    })
    expect(told).toEqual(['joined Ann Meyer'])
  })

  it('is counted', () => {
    const { store } = setUp()
    store.putWorkshop(workshop({ startsAt: START }))
    store.putWorkshop(workshop({ id: 'later', prefix: 'L', startsAt: START + DAY, endsAt: START + DAY + MINUTE }))
    store.putSeat(seat({ handAt: 4 }))
    expect(countWorkshops({ store, sessions: { ofRooms: () => [] }, now: START })).toEqual({
      workshops: { planned: 1, open: 0, running: 1, over: 0 },
      seats: { taken: 1, free: 2 },
      hands: 1,
      labs: 0,
    })
  })
})

describe('what is kept of people', () => {
  it('goes with the workshop so many days after its end: names, times, messages, audit, and sign-ins that are over', async () => {
    const { clock, database, store } = setUp()
    const hosts = createHostStore(database)
    store.putWorkshop(workshop())
    store.putWorkshop(workshop({ id: 'newer', prefix: 'N', endsAt: START + 2 * DAY }))
    store.putSeat(seat())
    store.addCode({ hash: 'hash', workshop: 'w', number: 1, used: true })
    store.putMilestone(milestone('one', 'passed'))
    store.addAudit('w', { at: START, host: 'Ada Lovelace', action: 'remove', seat: null, detail: 'Bob Brown' })
    store.addMessage('w', { text: 'Ask Ann', at: START })
    hosts.put({ id: 'hash', host: 'ada', name: 'Ada Lovelace', expiresAt: START + DAY })
    const removed: string[] = []
    const end = forgetInTime({
      rooms: {
        remove({ id }) {
          removed.push(id)
          store.removeWorkshop(id)
        },
      },
      store,
      hosts,
      clock,
      log: pino({ level: 'silent' }),
      keepMs: 30 * DAY,
    })
    const kept = () =>
      JSON.stringify(
        ['workshops', 'seats', 'codes', 'milestones', 'audit', 'messages', 'host_sign_ins'].map((table) =>
          database.prepare(`SELECT * FROM ${table}`).all(),
        ),
      )
    await clock.advance(30 * DAY + 60 * MINUTE)
    expect(removed).toEqual([])
    for (const text of ['Ann Meyer', 'Bob Brown', 'Ask Ann']) expect(kept()).toContain(text)
    await clock.advance(2 * 60 * MINUTE)
    expect(removed).toEqual(['w'])
    for (const text of ['Ann', 'Bob', 'Ada', 'hash']) expect(kept()).not.toContain(text)
    expect(store.workshops().map(({ id }) => id)).toEqual(['newer'])
    await clock.advance(3 * DAY)
    expect(kept()).toBe('[[],[],[],[],[],[],[]]')
    end()
    expect(clock.pending).toBe(0)
  })

  it('goes also if one workshop cannot be forgotten', async () => {
    const { clock, database, store } = setUp()
    for (const id of ['a', 'b']) store.putWorkshop(workshop({ id, prefix: id }))
    await clock.advance(2 * DAY)
    const remove = ({ id }: Workshop) => {
      if (id === 'a') throw new Error('no')
      store.removeWorkshop(id)
    }
    const log = pino({ level: 'silent' })
    const hosts = createHostStore(database)
    forgetInTime({ rooms: { remove }, store, hosts, clock, log, keepMs: DAY })()
    expect(store.workshops().map(({ id }) => id)).toEqual(['a'])
  })
})
