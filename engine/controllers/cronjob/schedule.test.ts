import { describe, expect, it } from 'vitest'
import { parseSchedule } from '../../kinds/batch/cron.ts'
import { dueStart, untilNext } from './missed.ts'
import { nextTime } from './schedule.ts'

const at = (text: string): number => Date.parse(text)

describe('the next time of a schedule', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:00Z', undefined, '2026-01-01T00:01:00Z'],
    ['*/15 * * * *', '2026-01-01T00:01:30Z', undefined, '2026-01-01T00:15:00Z'],
    ['30 6-16/4 * * 1-5', '2026-01-02T14:30:00Z', undefined, '2026-01-05T06:30:00Z'],
    ['0 0 29 2 *', '2026-03-01T00:00:00Z', undefined, '2028-02-29T00:00:00Z'],
    ['0 0 13 * 5', '2026-01-01T00:00:00Z', undefined, '2026-01-02T00:00:00Z'],
    ['@hourly', '2026-12-31T23:59:59Z', undefined, '2027-01-01T00:00:00Z'],
    ['@every 90s', '2026-01-01T00:00:10Z', undefined, '2026-01-01T00:01:40Z'],
    ['0 9 * * *', '2026-01-01T00:00:00Z', 'Europe/Berlin', '2026-01-01T08:00:00Z'],
    ['0 9 * * *', '2026-07-01T12:00:00Z', 'America/New_York', '2026-07-01T13:00:00Z'],
    // Clocks go from 02:00 to 03:00: half past two is left out that day
    ['30 2 * * *', '2026-03-28T12:00:00Z', 'Europe/Berlin', '2026-03-30T00:30:00Z'],
    // Clocks go back from 03:00 to 02:00: half past two comes once
    ['30 2 * * *', '2026-10-24T12:00:00Z', 'Europe/Berlin', '2026-10-25T00:30:00Z'],
  ])('of %s after %s in %s is %s', (schedule, after, zone, next) => {
    expect(nextTime(parseSchedule(schedule), at(after), zone)).toBe(at(next))
  })

  it('is none for a day that there is not', () => {
    expect(nextTime(parseSchedule('0 0 31 2 *'), at('2026-01-01T00:00:00Z'))).toBeUndefined()
  })
})

describe('a start that is due', () => {
  const hourly = { schedule: parseSchedule('0 * * * *'), created: at('2026-01-01T00:10:00Z') }

  it('is none before the first time', () => {
    expect(dueStart(hourly, at('2026-01-01T00:59:00Z'))).toBeUndefined()
    expect(untilNext(hourly, at('2026-01-01T00:59:00Z'))).toBe(60_100)
  })

  it('is the last of those that were missed', () => {
    expect(dueStart(hourly, at('2026-01-01T05:30:00Z'))).toEqual({ start: at('2026-01-01T05:00:00Z'), tooMany: false })
  })

  it('tells of more than a hundred that were missed', () => {
    expect(dueStart(hourly, at('2026-01-08T00:30:00Z'))?.tooMany).toBe(true)
  })

  it('is not looked for before the deadline', () => {
    const strict = { ...hourly, startingDeadline: 60_000 }
    expect(dueStart(strict, at('2026-01-01T05:30:00Z'))).toBeUndefined()
    expect(dueStart(strict, at('2026-01-01T05:00:30Z'))?.start).toBe(at('2026-01-01T05:00:00Z'))
  })
})
