import { expect, it } from 'vitest'
import { fromInput, moment, nextQuarter, span, toInput } from './times.ts'

const words = {
  seconds: (n: number) => `${n} s`,
  minutes: (n: number) => `${n} min`,
  hours: (h: number, m: number) => `${h} h ${m} min`,
  days: (n: number) => `${n} days`,
}

it('says a span as one would, never below zero', () => {
  const said = [-5, 40_999, 60_000, 3_599_000, 3_600_000, 40 * 3_600_000, 3 * 86_400_000].map((ms) => span(ms, words))
  expect(said).toEqual(['0 s', '40 s', '1 min', '59 min', '1 h 0 min', '40 h 0 min', '3 days'])
})

it('writes a time into an input and reads it back', () => {
  const time = new Date(2026, 10, 21, 9, 5).getTime()
  expect(toInput(time)).toBe('2026-11-21T09:05')
  expect(fromInput(toInput(time))).toBe(time)
  expect(fromInput('')).toBeUndefined()
  expect(fromInput('2026-11-21')).toBeUndefined()
})

it('begins with the next quarter of an hour', () => {
  const at = (minute: number) => Date.UTC(2026, 10, 21, 9, minute)
  expect(nextQuarter(at(1))).toBe(at(15))
  expect(nextQuarter(at(15))).toBe(at(15))
})

it('names the day only where it is another', () => {
  const now = new Date(2026, 10, 21, 9, 0).getTime()
  expect(moment(now + 30 * 60_000, now, 'de')).toBe('9:30')
  expect(moment(now + 86_400_000, now, 'de')).toMatch(/22\. Nov/)
})
