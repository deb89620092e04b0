/** Times as people read and write them. Pure, but for the time zone of the machine. */

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export interface SpanWords {
  seconds(n: number): string
  minutes(n: number): string
  hours(h: number, m: number): string
  days(n: number): string
}

/** A span as one would say it: "40 s", "12 min", "1 h 5 min", "3 days". Never below zero. */
export function span(milliseconds: number, words: SpanWords): string {
  const ms = Math.max(0, milliseconds)
  if (ms < MINUTE) return words.seconds(Math.floor(ms / 1000))
  if (ms < HOUR) return words.minutes(Math.floor(ms / MINUTE))
  if (ms < 2 * DAY) return words.hours(Math.floor(ms / HOUR), Math.floor((ms % HOUR) / MINUTE))
  return words.days(Math.round(ms / DAY))
}

/** For an input of the type datetime-local: the time here, to the minute. */
export function toInput(time: number): string {
  const date = new Date(time)
  const two = (n: number) => String(n).padStart(2, '0')
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`
}

/** @returns undefined while the input holds no whole time */
export function fromInput(value: string): number | undefined {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(value) ? new Date(value).getTime() : Number.NaN
  return Number.isNaN(time) ? undefined : time
}

/** The next full quarter of an hour. */
export const nextQuarter = (now: number): number => Math.ceil(now / (15 * MINUTE)) * 15 * MINUTE

/** "9:30" on the same day, with the date on another. */
export function moment(time: number, now: number, language: string): string {
  const sameDay = new Date(time).toDateString() === new Date(now).toDateString()
  return new Intl.DateTimeFormat(language, {
    ...(sameDay ? {} : { weekday: 'short', day: 'numeric', month: 'short' }),
    hour: 'numeric',
    minute: '2-digit',
  }).format(time)
}
