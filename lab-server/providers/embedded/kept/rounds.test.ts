import { expect, it } from 'vitest'
import { Rounds } from './rounds.ts'

const SECOND = 1_000
const made = (...ids: string[]) => {
  const rounds = new Rounds({ every: 3 * SECOND, retry: 30 * SECOND })
  for (const id of ids) rounds.add(id, 'a', 0)
  return rounds
}

it('writes nothing of what does not change', () => {
  const rounds = made('one')
  for (let now = 0; now < 60 * SECOND; now += SECOND) {
    rounds.see('one', 'a', now)
    expect(rounds.next(now)).toBeUndefined()
  }
  expect(rounds.changed).toEqual([])
})

it('writes what goes on changing once in a while, and the last of it', () => {
  const rounds = made('one')
  const writings: number[] = []
  for (let now = 0; now < 20 * SECOND; now += SECOND) {
    rounds.see('one', `${Math.min(now, 10 * SECOND)}`, now)
    const id = rounds.next(now)
    if (id === undefined) continue
    rounds.written(id, `${Math.min(now, 10 * SECOND)}`, now)
    writings.push(now / SECOND)
  }
  expect(writings).toEqual([3, 6, 9, 12])
  expect(rounds.changed).toEqual([])
})

it('takes first what has waited longest', () => {
  const rounds = made('one', 'two', 'three')
  rounds.see('two', 'b', 4 * SECOND)
  rounds.see('three', 'b', 5 * SECOND)
  rounds.see('one', 'b', 6 * SECOND)
  expect([1, 2, 3, 4].map(() => rounds.next(7 * SECOND))).toEqual(['two', 'three', 'one', undefined])
})

it('writes again what has changed while it was written', () => {
  const rounds = made('one')
  rounds.see('one', 'b', 4 * SECOND)
  expect(rounds.next(4 * SECOND)).toBe('one')
  rounds.see('one', 'c', 5 * SECOND)
  rounds.written('one', 'b', 5 * SECOND)
  expect(rounds.changed).toEqual(['one'])
  expect(rounds.next(8 * SECOND)).toBe('one')
})

it('does not write again what the writing had already in it', () => {
  const rounds = made('one')
  rounds.see('one', 'b', 4 * SECOND)
  rounds.next(4 * SECOND)
  rounds.written('one', 'c', 4 * SECOND)
  rounds.see('one', 'c', 5 * SECOND)
  expect(rounds.changed).toEqual([])
})

it('tries again later what could not be written', () => {
  const rounds = made('one')
  rounds.see('one', 'b', 4 * SECOND)
  rounds.next(4 * SECOND)
  rounds.failed('one', 5 * SECOND)
  expect(rounds.next(34 * SECOND)).toBeUndefined()
  expect(rounds.changed).toEqual(['one'])
  expect(rounds.next(35 * SECOND)).toBe('one')
})

it('writes at once what is urged', () => {
  const rounds = made('one')
  rounds.see('one', 'b', SECOND)
  expect(rounds.next(SECOND)).toBeUndefined()
  rounds.urge('one')
  expect(rounds.next(SECOND)).toBe('one')
})

it('knows nothing of what was removed', () => {
  const rounds = made('one')
  rounds.see('one', 'b', 4 * SECOND)
  rounds.next(4 * SECOND)
  rounds.remove('one')
  rounds.written('one', 'b', 5 * SECOND)
  expect(rounds.changed).toEqual([])
  expect(rounds.next(60 * SECOND)).toBeUndefined()
})
