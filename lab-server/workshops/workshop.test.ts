import { describe, expect, it } from 'vitest'
import { admit, balance, freeName, nextChange, stateAt, type Workshop } from './workshop.ts'

const MINUTE = 60_000
const workshop: Workshop = {
  id: 'w',
  host: 'h',
  title: 'First steps',
  labs: ['scaling'],
  startsAt: 60 * MINUTE,
  endsAt: 120 * MINUTE,
  seats: 2,
  codes: 'one',
  provider: 'fake',
  warmUpMinutes: 10,
  prefix: 'CDF',
  seed: 's',
  createdAt: 0,
  pace: null,
}

describe('a workshop', () => {
  it('opens fifteen minutes before its start and is over at its end', () => {
    const at = (minutes: number) => stateAt(workshop, minutes * MINUTE)
    expect([44.9, 45, 59.9, 60, 119.9, 120].map(at)).toEqual(['planned', 'open', 'open', 'running', 'running', 'over'])
    const next = (minutes: number) => nextChange(workshop, minutes * MINUTE)
    expect([0, 45, 60, 120].map(next)).toEqual([45 * MINUTE, 60 * MINUTE, 120 * MINUTE, undefined])
  })

  it('of which nothing is left to come says so, even when it was ended before it was open for long', () => {
    expect(nextChange({ startsAt: 60 * MINUTE, endsAt: 60 * MINUTE }, 61 * MINUTE)).toBeUndefined()
  })

  it.each([
    [44, 0, 'You can join “First steps” from fifteen minutes before it starts.'],
    [45, 1, 'nothing'],
    [60, 1, 'nothing'],
    [60, 2, 'All 2 seats of “First steps” are taken: ask your host for another.'],
    [120, 1, '“First steps” is over.'],
  ])('says at minute %s with %s seats taken: %s', (minute, taken, sentence) => {
    let said = 'nothing'
    try {
      admit(workshop, taken, minute * MINUTE)
    } catch (error) {
      said = (error as Error).message
    }
    expect(said).toBe(sentence)
  })

  it('says too early in how many seconds it is time', () => {
    expect(() => admit(workshop, 0, 44 * MINUTE - 1)).toThrow(
      expect.objectContaining({ code: 'not-yet', retryAfter: 61 }),
    )
  })
})

describe('a name that is taken', () => {
  it('gets the first free number, also where it only looks the same', () => {
    expect(freeName('Ann', [])).toBe('Ann')
    expect(freeName('Ann', ['Ann'])).toBe('Ann 2')
    expect(freeName('ann', ['Ann', 'Ann 2'])).toBe('ann 3')
    expect(freeName('Ａｎｎ', ['Ann'])).toBe('Ａｎｎ 2')
  })

  it('stays as short as names may be, and no character is cut in two', () => {
    const long = '🦀'.repeat(60)
    expect([...freeName(long, [long])]).toHaveLength(60)
    expect(freeName(long, [long])).toBe(`${'🦀'.repeat(58)} 2`)
  })
})

describe('one-time codes', () => {
  it('are as many as there are free seats', () => {
    expect(balance([], 3, 1)).toEqual({ drop: [], add: [1, 2, 3] })
    expect(balance([2, 3], 2, 4)).toEqual({ drop: [], add: [] })
    expect(balance([2, 3], 3, 4)).toEqual({ drop: [], add: [4] })
    expect(balance([2, 3], 1, 4)).toEqual({ drop: [3], add: [] })
  })
})
