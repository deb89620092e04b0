/** Times as the API writes them: UTC, to the second (`Time`) or the microsecond (`MicroTime`). */

const zeroPad = (value: number, width: number): string => String(value).padStart(width, '0')

/** Milliseconds since 1970 to `2026-01-02T03:04:05Z`; parts of a second are cut off, as upstream does. */
export function formatTime(milliseconds: number): string {
  const second = Math.floor(milliseconds / 1000)
  if (second !== last.second) last = { second, text: [new Date(milliseconds).toISOString().slice(0, 19), 'Z'].join('') }
  return last.text
}

/** Most of what is written in a second says the same time: one string for all of it. */
let last = { second: 0, text: '1970-01-01T00:00:00Z' }

/** Milliseconds since 1970, with fractions down to the microsecond, to `2026-01-02T03:04:05.000000Z`. */
export function formatMicroTime(milliseconds: number): string {
  const whole = Math.floor(milliseconds)
  // A double holds today's milliseconds to a quarter of a microsecond: what came in as a whole microsecond is one again.
  const micros = Math.min(Math.round((milliseconds - whole) * 1000), 999)
  return `${new Date(whole).toISOString().slice(0, 23)}${zeroPad(micros, 3)}Z`
}

const rfc3339 = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|([+-])(\d{2}):(\d{2}))$/

/** RFC 3339 to milliseconds since 1970 (fractions kept to the microsecond), undefined for anything else. */
export function parseTime(text: string): number | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const part = (index: number): number => Number(match[index] ?? 0)
  const [year, month, day, hour, minute, second] = [part(1), part(2), part(3), part(4), part(5), part(6)]
  if (month < 1 || month > 12 || day < 1 || day > daysIn(year, month) || hour > 23 || minute > 59 || second > 59) {
    return undefined
  }
  if (part(10) > 23 || part(11) > 59) return undefined
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  const micros = Number((match[7] ?? '').slice(0, 6).padEnd(6, '0'))
  const offset = (part(10) * 60 + part(11)) * 60_000 * (match[9] === '-' ? -1 : 1)
  return date.getTime() + micros / 1000 - offset
}

function daysIn(year: number, month: number): number {
  if (month !== 2) return [4, 6, 9, 11].includes(month) ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}

/** What the API server stores for a time that came in any RFC 3339 form; undefined if it is none. */
export function normalizeTime(text: string): string | undefined {
  const milliseconds = parseTime(text)
  return milliseconds === undefined ? undefined : formatTime(milliseconds)
}

export function normalizeMicroTime(text: string): string | undefined {
  const milliseconds = parseTime(text)
  return milliseconds === undefined ? undefined : formatMicroTime(milliseconds)
}
