import { beforeEach, describe, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { ENDS_AFTER, Helping } from './helping.ts'
import type { Seat, Workshop } from './workshop.ts'

const ada = { id: 'ada', name: 'Ada' }
const room = { id: 'room' } as Workshop
const ann: Seat = { id: 'ann', workshop: 'room', reader: 'r', name: 'Ann', joinedAt: 0, handAt: null }
const bob: Seat = { ...ann, id: 'bob' }

describe('helping', () => {
  let clock: ManualClock
  let helping: Helping
  let lines: string[]
  /** What the participant was told, each time. */
  let told: string[]

  beforeEach(() => {
    clock = new ManualClock()
    lines = []
    told = []
    helping = new Helping({
      clock,
      audit: (host, _, action, detail, seat) => lines.push([host.name, action, seat?.id, detail].join(' ').trim()),
      news: { ofSeat: (seat) => told.push(`${seat.id} ${helping.of(seat)?.typing}`) },
    })
  })

  const refused = (act: () => void) => {
    try {
      act()
    } catch (error) {
      return (error as { code: string }).code
    }
    return undefined
  }

  it('tells the participant when it begins and when it is over, and what they have allowed is over with it', async () => {
    const leave = helping.look(ada, room, ann, 1)
    expect(helping.watchedBy(ann)).toBe('Ada')
    helping.ask(ada, room, ann)
    helping.answer(ann, true)
    expect(helping.mayType(ann)).toBe(true)
    leave()
    leave()
    await clock.advance(ENDS_AFTER - 1)
    expect(helping.of(ann)).toEqual({ typing: 'allowed' })
    await clock.advance(1)
    expect([helping.of(ann), helping.watchedBy(ann), helping.mayType(ann)]).toEqual([null, null, false])
    expect(told).toEqual(['ann no', 'ann asked', 'ann allowed', 'ann undefined'])
    helping.look(ada, room, ann, 1)
    expect(helping.of(ann)).toEqual({ typing: 'no' })
    expect(lines.map((line) => line.split(' ')[1])).toEqual([
      ...['look', 'typing-asked', 'typing-allowed', 'look-end', 'look'],
    ])
  })

  it('goes on from one terminal to the next, and over a connection that broke', async () => {
    const first = helping.look(ada, room, ann, 1)
    helping.ask(ada, room, ann)
    first()
    await clock.advance(ENDS_AFTER - 1)
    const second = helping.look(ada, room, ann, 2)
    const third = helping.look(ada, room, ann, 3)
    second()
    await clock.advance(ENDS_AFTER * 2)
    expect(helping.of(ann)).toEqual({ typing: 'asked' })
    third()
    await clock.advance(ENDS_AFTER)
    expect([helping.of(ann), clock.pending]).toEqual([null, 0])
  })

  it('lets nobody type whom the participant has not been asked for', () => {
    expect(refused(() => helping.answer(ann, true))).toBe('not-asked')
    expect(refused(() => helping.ask(ada, room, ann))).toBe('not-looking')
    helping.look(ada, room, ann, 1)
    expect(refused(() => helping.answer(ann, true))).toBe('not-asked')
    helping.ask(ada, room, ann)
    helping.stop(ada, room, ann)
    // Their click comes a moment too late.
    expect(refused(() => helping.answer(ann, true))).toBe('not-asked')
    expect(helping.mayType(ann)).toBe(false)
  })

  it('is of one seat: what one participant allows is not allowed at another’s', () => {
    for (const seat of [ann, bob]) {
      helping.look(ada, room, seat, 1)
      helping.ask(ada, room, seat)
    }
    helping.answer(ann, true)
    expect([ann, bob].map((seat) => helping.mayType(seat))).toEqual([true, false])
  })

  it('writes and tells nothing that changes nothing', () => {
    helping.answer(ann, false)
    helping.stop(ada, room, ann)
    helping.look(ada, room, ann, 1)
    helping.answer(ann, false)
    helping.stop(ada, room, ann)
    helping.ask(ada, room, ann)
    helping.ask(ada, room, ann)
    helping.answer(ann, true)
    helping.answer(ann, true)
    helping.ask(ada, room, ann)
    expect(told).toEqual(['ann no', 'ann asked', 'ann allowed'])
    expect(lines).toEqual([
      'Ada look ann terminal 1',
      'Ada typing-asked ann',
      'Ada typing-allowed ann by the participant',
    ])
  })

  it('writes nothing once the server stops', async () => {
    const leave = helping.look(ada, room, ann, 1)
    helping.look(ada, room, bob, 1)()
    lines.length = 0
    helping.close()
    leave()
    await clock.advance(ENDS_AFTER)
    expect([lines, clock.pending]).toEqual([[], 0])
  })
})
