import { describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import type { RoomSession, WarmWish } from '../sessions/sessions.ts'
import { clustersToKeep, LATE_MS, warmUp } from './warm-up.ts'
import type { Workshop } from './workshop.ts'

const MINUTE = 60_000
const START = 100 * MINUTE

const workshop = (change: Partial<Workshop> = {}) =>
  ({
    id: 'a',
    labs: ['first', 'second'],
    provider: 'kind',
    startsAt: START,
    endsAt: START + 120 * MINUTE,
    seats: 12,
    warmUpMinutes: 20,
    ...change,
  }) as Workshop

describe('warming up', () => {
  it('begins when the host says, and ends some time after the start', () => {
    const at = (minutes: number, begun = 0, change = {}) =>
      clustersToKeep(workshop(change), begun, START + minutes * MINUTE)
    expect([at(-21), at(-20), at(0), at(29), at(30)]).toEqual([0, 12, 12, 12, 0])
    expect(at(10, 0, { endsAt: START + 10 * MINUTE })).toBe(0)
    expect(at(-1, 0, { warmUpMinutes: 0 })).toBe(0)
  })

  it('leaves out those who have begun, also when their lab has ended', () => {
    expect(clustersToKeep(workshop(), 5, START)).toBe(7)
    expect(clustersToKeep(workshop(), 13, START)).toBe(0)
  })

  it('asks the pools for clusters of the first lab, on the workshop’s kind of them', async () => {
    const clock = new ManualClock(START - 21 * MINUTE)
    const asked: (readonly WarmWish[])[] = []
    let live: { room: string; reader: string }[] = []
    const workshops = [workshop(), workshop({ id: 'b', startsAt: 1, endsAt: 2 })]
    const end = warmUp({
      store: { workshops: () => workshops },
      sessions: { ofRooms: () => live as RoomSession[], keepWarm: (wishes) => asked.push(wishes) },
      clock,
    })
    expect(asked).toEqual([[]])
    await clock.advance(MINUTE)
    expect(asked.at(-1)).toEqual([{ lab: 'first', provider: 'kind', clusters: 12 }])
    live = ['ann', 'bob', 'ann'].map((reader) => ({ room: 'a', reader }))
    await clock.advance(MINUTE)
    live = []
    await clock.advance(MINUTE)
    expect(asked.at(-1)).toEqual([{ lab: 'first', provider: 'kind', clusters: 10 }])
    await clock.advance(18 * MINUTE + LATE_MS)
    expect(asked.at(-1)).toEqual([])
    end()
    expect(clock.pending).toBe(0)
  })
})
