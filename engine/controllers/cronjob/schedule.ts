import type { Schedule } from '../../kinds/batch/cron.ts'

const MINUTE = 60_000
const DAY = 86_400_000
/** Years after which robfig/cron gives a schedule up that fits no day. */
const YEARS = 5

/** When a schedule comes round next after `after`, milliseconds since 1970; undefined if never. `timeZone` is the CronJob's: its cluster's, UTC, if none. */
export function nextTime(schedule: Schedule, after: number, timeZone?: string): number | undefined {
  if ('every' in schedule) return Math.floor(after / 1000) * 1000 + schedule.every
  const zone = schedule.timeZone ?? timeZone
  const offset = zone === undefined || zone === '' || zone === 'UTC' || zone === 'Local' ? () => 0 : offsetsOf(zone)
  const start = after + offset(after)
  for (let wall = nextWall(schedule, start); wall !== undefined; wall = nextWall(schedule, wall)) {
    const at = absolute(wall, offset)
    // Undefined for times of day that are left out when clocks go forward
    if (at !== undefined && at > after) return at
  }
  return undefined
}

/** The next minute after `wall` that fits, both as if the zone were UTC. */
function nextWall(schedule: Exclude<Schedule, { readonly every: number }>, wall: number): number | undefined {
  let time = Math.floor(wall / MINUTE) * MINUTE + MINUTE
  const last = new Date(wall).getUTCFullYear() + YEARS
  for (;;) {
    const date = new Date(time)
    if (date.getUTCFullYear() > last) return undefined
    if (!schedule.months.has(date.getUTCMonth() + 1)) {
      time = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1)
    } else if (!fitsDay(schedule, date)) {
      time = Math.floor(time / DAY) * DAY + DAY
    } else if (!schedule.hours.has(date.getUTCHours())) {
      time = Math.floor(time / (60 * MINUTE)) * 60 * MINUTE + 60 * MINUTE
    } else if (!schedule.minutes.has(date.getUTCMinutes())) {
      time += MINUTE
    } else return time
  }
}

function fitsDay(schedule: Exclude<Schedule, { readonly every: number }>, date: Date): boolean {
  const ofMonth = schedule.daysOfMonth.has(date.getUTCDate())
  const ofWeek = schedule.daysOfWeek.has(date.getUTCDay())
  return schedule.anyDayOfMonth || schedule.anyDayOfWeek ? ofMonth && ofWeek : ofMonth || ofWeek
}

/** Milliseconds that a zone's clocks are ahead of UTC at a moment. */
function offsetsOf(timeZone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]))
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? 0
    const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'))
    return wall - Math.floor(at / 1000) * 1000
  }
}

/** The first moment at which clocks show `wall`. */
function absolute(wall: number, offset: (at: number) => number): number | undefined {
  // An offset lies between -12 and +14 hours, and changes at most once within that
  const candidates = [offset(wall - DAY), offset(wall + DAY)].map((ahead) => wall - ahead).sort((a, b) => a - b)
  return candidates.find((at) => at + offset(at) === wall)
}
