import { describe, expect, it } from 'vitest'
import { age, humanDuration, timeUntil } from './printers.ts'

const seconds = (hours: number, minutes = 0, rest = 0): number => hours * 3600 + minutes * 60 + rest
const day = 24

describe('ages', () => {
  it.each([
    [-5, '<invalid>'],
    [-1, '0s'],
    [0, '0s'],
    [119, '119s'],
    [120, '2m'],
    [125, '2m5s'],
    [seconds(0, 10, 30), '10m'],
    [seconds(2, 59), '179m'],
    [seconds(3), '3h'],
    [seconds(7, 59), '7h59m'],
    [seconds(8, 59), '8h'],
    [seconds(47), '47h'],
    [seconds(48), '2d'],
    [seconds(49), '2d1h'],
    [seconds(8 * day), '8d'],
    [seconds(2 * 365 * day), '2y'],
    [seconds(2 * 365 * day + 3 * day), '2y3d'],
    [seconds(9 * 365 * day + 3 * day), '9y'],
  ])('of %d seconds read %s', (length, text) => {
    expect(humanDuration(length * 1000)).toBe(text)
  })

  it('are counted from times and to them', () => {
    const now = Date.UTC(2026, 0, 1, 0, 1, 30)
    expect(age('2026-01-01T00:00:00Z', now)).toBe('90s')
    expect(timeUntil('2026-01-01T00:02:00Z', now)).toBe('30s')
    expect(age(undefined, now)).toBe('<unknown>')
    expect(timeUntil(null, now)).toBe('<unknown>')
  })
})
