import { describe, expect, it } from 'vitest'
import { clock, timeLeft } from './time.ts'

describe('a time left', () => {
  it.each([
    [-5, '0:00'],
    [1, '0:01'],
    [9_000, '0:09'],
    [65_000, '1:05'],
    [3_599_001, '1:00:00'],
    [3_723_000, '1:02:03'],
  ])('of %d ms is shown as %s', (milliseconds, text) => {
    expect(clock(milliseconds)).toBe(text)
  })

  it('is quiet while there is plenty', () => {
    expect(timeLeft({ expiresAt: 3_600_000, idleAt: 900_000 }, 0)).toEqual({
      total: 3_600_000,
      idle: undefined,
      soon: false,
    })
  })

  it('warns when nothing was typed for long', () => {
    expect(timeLeft({ expiresAt: 3_600_000, idleAt: 100_000 }, 0)).toMatchObject({ idle: 100_000, soon: true })
  })

  it('does not speak of idling when the total time ends first', () => {
    expect(timeLeft({ expiresAt: 60_000, idleAt: 100_000 }, 0)).toEqual({ total: 60_000, idle: undefined, soon: true })
  })
})
