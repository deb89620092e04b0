import { beforeEach, describe, expect, it } from 'vitest'
import type { StepView } from '../../protocol/session.ts'
import { ManualClock } from '../clock.ts'
import { FakeSession } from '../http/sessions.fake.ts'
import { randomIds } from '../ids.ts'
import { Following } from './following.ts'
import type { Milestone } from './milestones.ts'
import type { Seat } from './workshop.ts'

const ann: Seat = { id: 'ann', workshop: 'room', reader: 'r', name: 'Ann', joinedAt: 0, handAt: null }

describe('following a seat', () => {
  let clock: ManualClock
  let following: Following
  let milestones: Milestone[]
  let news: number

  beforeEach(() => {
    clock = new ManualClock(1_000)
    milestones = []
    news = 0
    following = new Following({
      store: {
        seat: () => ann,
        seatOfReader: () => ann,
        milestonesOf: () => [...milestones],
        putMilestone: (milestone) => void milestones.push(milestone),
      },
      news: { onBoard: () => void news++ },
    })
  })

  const begin = (id: string) => {
    const session = new FakeSession({ id, reader: 'r', lab: id, room: 'room', clock, ids: randomIds })
    following.follow(session)
    return session
  }
  const step = (status: StepView['status']) => [{ id: 'one', status, checks: [], tried: false }]

  it('knows the lab that was last typed into, and the one that ended last when none runs', () => {
    expect(following.of('ann')).toBeUndefined()
    const [first, second] = [begin('first'), begin('second')]
    const at = () => following.of('ann')?.session.id
    expect(at()).toBe('second')
    first.lastInputAt = 5
    expect(at()).toBe('first')
    first.end('reader')
    expect(at()).toBe('second')
    second.end('reader')
    expect([at(), following.of('ann')?.view.status.state]).toEqual(['second', 'ended'])
    begin('third')
    expect(at()).toBe('third')
    following.forget('ann')
    expect(at()).toBeUndefined()
  })

  it('knows since when the open step is open this time', async () => {
    const session = begin('first')
    const since = () => following.of('ann')?.openedAt
    for (const status of ['open', 'passed', 'open'] as const) {
      await clock.advance(500)
      session.change({ steps: step(status), now: clock.now() })
      await clock.advance(500)
      session.change({ now: clock.now() })
    }
    expect(since()).toBe(clock.now() - 500)
    expect(milestones.map(({ how }) => how)).toEqual([null, 'passed'])
  })

  it('has news of each change, once, also of a session that it was told of twice', () => {
    const session = begin('first')
    following.follow(session)
    news = 0
    session.change({ steps: step('open') })
    expect([news, session.listeners]).toEqual([1, 1])
  })
})
