import type { Schedule } from '../../kinds/batch/cron.ts'
import { nextTime } from './schedule.ts'

/** What a CronJob's start times hang on; milliseconds since 1970. */
export interface Starts {
  readonly schedule: Schedule
  readonly timeZone?: string | undefined
  readonly created: number
  readonly lastScheduled?: number | undefined
  /** Milliseconds. */
  readonly startingDeadline?: number | undefined
}

/** Milliseconds that upstream adds to the wait for the next start, for clocks that differ. */
const DELTA = 100
/** Missed starts of which upstream warns. */
const MANY = 100

interface Recent {
  readonly earliest: number
  /** The last start that should have been. */
  readonly start: number | undefined
  readonly missed: number
}

/** Thrown for a schedule that names no day that there is. */
export class NoSuchTime extends Error {}

/** The newest start that is due at `now`: upstream's `mostRecentScheduleTime` (1.34). */
function mostRecent({ schedule, timeZone, ...starts }: Starts, now: number, withDeadline: boolean): Recent {
  let earliest = starts.lastScheduled ?? starts.created
  if (withDeadline && starts.startingDeadline !== undefined) {
    earliest = Math.max(earliest, now - starts.startingDeadline)
  }
  const first = nextTime(schedule, earliest, timeZone)
  const second = first === undefined ? undefined : nextTime(schedule, first, timeZone)
  if (first === undefined || second === undefined) {
    throw new NoSuchTime('time difference between two schedules is less than 1 second')
  }
  if (now < first) return { earliest, start: undefined, missed: 0 }
  if (now < second) return { earliest, start: first, missed: 0 }
  const between = Math.round((second - first) / 1000)
  const missed = Math.floor(Math.floor((now - first) / 1000) / between) + 1
  let start: number | undefined
  // Far enough back that an uneven schedule does not jump over the last one
  let next = nextTime(schedule, first + (missed - 2) * between * 1000, timeZone)
  while (next !== undefined && next <= now) {
    start = next
    next = nextTime(schedule, next, timeZone)
  }
  return { earliest, start, missed }
}

/** Milliseconds until the next start. */
export function untilNext(starts: Starts, now: number): number {
  let from: number
  try {
    const { earliest, start, missed } = mostRecent(starts, now, false)
    from = start ?? (missed === 0 ? earliest : now)
  } catch (error) {
    if (!(error instanceof NoSuchTime)) throw error
    from = now
  }
  const next = nextTime(starts.schedule, from, starts.timeZone)
  return next === undefined ? Number.POSITIVE_INFINITY : next + DELTA - now
}

/** The start that is due and was not made, if there is one, and whether there were more than upstream cares to count. Throws NoSuchTime. */
export function dueStart(
  starts: Starts,
  now: number,
): { readonly start: number; readonly tooMany: boolean } | undefined {
  const { start, missed } = mostRecent(starts, now, true)
  return start === undefined || start > now ? undefined : { start, tooMany: missed > MANY }
}
