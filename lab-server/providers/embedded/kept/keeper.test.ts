import pino from 'pino'
import { expect, it } from 'vitest'
import { ManualClock, sleep } from '../../../clock.ts'
import { secondsLost } from './going-on.ts'
import { type Keepable, Keeper } from './keeper.ts'
import type { Note } from './shelf.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** Clusters in memory, and what was written of them. */
function bench(costs: { cluster?: number; home?: number } = {}) {
  const clock = new ManualClock(MINUTE)
  const state = new Map<string, { cluster: number; home: number; shells: number }>()
  const writings: { id: string; part: string; at: number; mark: string }[] = []
  const cleared: string[] = []
  let note: Note | undefined
  let busy = 0
  let most = 0
  let failing = false
  const keeper = new Keeper({
    clock,
    log: pino({ level: 'silent' }),
    shelf: {
      note: async (given) => {
        note = given
      },
      clear: async (id) => {
        cleared.push(id)
      },
    },
    marks: async () => new Map([...state].map(([id, { cluster }]) => [id, String(cluster)])),
  })
  const add = (id: string) => {
    const mine = { cluster: 0, home: 0, shells: 0 }
    state.set(id, mine)
    const cluster: Keepable = {
      id,
      marks: () => ({ home: String(mine.home), shells: String(mine.shells) }),
      async write(part) {
        if (failing) throw new Error('the disk is full')
        const mark = String(mine[part])
        busy++
        most = Math.max(most, busy)
        await sleep(clock, part === 'shells' ? 1 : (costs[part] ?? 5))
        busy--
        writings.push({ id, part, at: clock.now(), mark })
        return mark
      },
    }
    keeper.add(cluster)
    return mine
  }
  return {
    clock,
    keeper,
    writings,
    cleared,
    add,
    note: () => note,
    most: () => most,
    fail: (on: boolean) => {
      failing = on
    },
    of: (id: string, part: string) => writings.filter((each) => each.id === id && each.part === part),
  }
}

it('writes a cluster soon after it was made, and then nothing while it is idle', async () => {
  const { clock, keeper, add, of, writings } = bench()
  add('one')
  await clock.advance(5 * SECOND)
  expect(of('one', 'cluster')).toHaveLength(1)
  const before = writings.filter(({ part }) => part !== 'home').length
  await clock.advance(10 * MINUTE)
  expect(writings.filter(({ part }) => part !== 'home')).toHaveLength(before)
  await keeper.close(SECOND)
  expect(clock.pending).toBe(0)
})

it('has each change on disk within 5 s', async () => {
  const { clock, keeper, add, of } = bench()
  const one = add('one')
  for (let change = 1; change <= 20; change++) {
    one.cluster = change
    one.home = change
    one.shells = change
    const at = clock.now()
    await clock.advance(5 * SECOND + change * 37)
    for (const part of ['cluster', 'home', 'shells']) {
      const found = of('one', part).find(({ mark }) => mark === String(change))
      expect(found, `${part} ${change}`).toBeDefined()
      expect((found?.at ?? 0) - at).toBeLessThanOrEqual(5 * SECOND)
    }
  }
  await keeper.close(SECOND)
})

it('spreads 200 clusters that change all the time, each at most 5 s old, two at a time', async () => {
  const { clock, keeper, add, of, most } = bench({ cluster: 17, home: 19 })
  const all = Array.from({ length: 200 }, (_, number) => [`c${number}`, add(`c${number}`)] as const)
  const begun = clock.now()
  for (let tick = 1; tick <= 300; tick++) {
    for (const [, state] of all) {
      state.cluster = tick
      state.home = tick
    }
    await clock.advance(100)
  }
  for (const part of ['cluster', 'home']) {
    for (const [id] of all) {
      const times = [begun, ...of(id, part).map(({ at }) => at), clock.now()]
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0))
      expect(Math.max(...gaps), `${part} of ${id}`).toBeLessThanOrEqual(5 * SECOND)
    }
  }
  // With the shells
  expect(most()).toBeLessThanOrEqual(5)
  const closing = keeper.close(MINUTE)
  await clock.advance(MINUTE)
  await closing
})

it('looks at homes in which nothing seems to happen too, never at those of a whole room at once', async () => {
  const { clock, keeper, add, writings } = bench({ home: 19 })
  for (let number = 0; number < 200; number++) add(`c${number}`)
  await clock.advance(MINUTE)
  const before = clock.now()
  writings.length = 0
  await clock.advance(MINUTE)
  const homes = writings.filter(({ part }) => part === 'home')
  for (let number = 0; number < 200; number++) {
    expect(homes.filter(({ id }) => id === `c${number}`).length, `c${number}`).toBeGreaterThan(0)
  }
  const inSecond = Array.from(
    { length: 60 },
    (_, second) => homes.filter(({ at }) => Math.floor((at - before) / SECOND) === second).length,
  )
  expect(Math.max(...inSecond)).toBeLessThan(25)
  const closing = keeper.close(SECOND)
  await clock.advance(MINUTE)
  await closing
})

it('takes no more than its share of the time, however long a writing takes', async () => {
  const { clock, keeper, add, writings } = bench({ home: 400 })
  const all = Array.from({ length: 50 }, (_, number) => add(`c${number}`))
  const begun = clock.now()
  for (let tick = 1; tick <= 60; tick++) {
    for (const state of all) state.home = tick
    await clock.advance(SECOND)
  }
  const spent = writings.filter(({ part }) => part === 'home').length * 400
  expect(spent / (clock.now() - begun)).toBeLessThanOrEqual(2 * 0.67)
  const closing = keeper.close(SECOND)
  await clock.advance(MINUTE)
  await closing
})

it('writes all once more when it closes, says that it stopped, and nothing after that', async () => {
  const { clock, keeper, add, of, note, writings } = bench()
  const one = add('one')
  await clock.advance(5 * SECOND)
  one.cluster = 7
  const closing = keeper.close(10 * SECOND)
  await clock.advance(SECOND)
  await closing
  expect(of('one', 'cluster').at(-1)?.mark).toBe('7')
  expect(note()).toEqual({ at: expect.any(Number), stopped: true, changed: [] })
  const before = writings.length
  await clock.advance(MINUTE)
  expect(writings).toHaveLength(before)
  expect(clock.pending).toBe(0)
})

it('gives up the last writing when its time is over, and says of what it is not the last', async () => {
  const { clock, keeper, add, note } = bench({ cluster: MINUTE })
  add('slow')
  const closing = keeper.close(10 * SECOND)
  await clock.advance(11 * SECOND)
  await closing
  expect(note()).toMatchObject({ stopped: true, changed: ['slow'] })
})

it('writes nothing of a cluster that is removed, and clears what was there once no writing is under way', async () => {
  const { clock, keeper, add, cleared, of } = bench({ cluster: 2 * SECOND })
  const one = add('one')
  one.cluster = 1
  await clock.advance(3_500)
  const removed = keeper.remove('one')
  await clock.advance(100)
  expect(cleared).toEqual([])
  await clock.advance(2 * SECOND)
  await removed
  expect(cleared).toEqual(['one'])
  const before = of('one', 'cluster').length
  await clock.advance(MINUTE)
  expect(of('one', 'cluster')).toHaveLength(before)
  expect(clock.pending).toBe(0)
})

it('goes on when a writing fails, and tries again', async () => {
  const { clock, keeper, add, of, note, fail } = bench()
  fail(true)
  add('one')
  await clock.advance(10 * SECOND)
  expect(note()?.changed).toEqual(['one'])
  fail(false)
  await clock.advance(30 * SECOND)
  expect(of('one', 'cluster')).toHaveLength(1)
  expect(note()?.changed).toEqual([])
  await keeper.close(SECOND)
})

it('knows how much may be lost', () => {
  const note = { at: 10_000, stopped: false, changed: ['one'] }
  expect(secondsLost('one', 7_500, note)).toBe(4)
  expect(secondsLost('two', 7_500, note)).toBe(1)
  expect(secondsLost('two', 7_500, { ...note, stopped: true })).toBe(0)
  expect(secondsLost('two', 7_500, undefined)).toBe(0)
})
