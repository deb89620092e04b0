import { parseTime } from '../objects/time.ts'
import type { Column, Printer } from './resource.ts'

/** A column; a format of `name` stands on names only, as upstream. `wide` ones are shown with `-o wide`. */
export function column(name: string, type: Column['type'], description: string, wide: 'wide' | '' = ''): Column {
  return { name, type, format: '', description, priority: wide === 'wide' ? 1 : 0 }
}

export const nameColumn: Column = {
  name: 'Name',
  type: 'string',
  format: 'name',
  description: 'What the object is called; unique among its kind in its namespace.',
  priority: 0,
}

export const ageColumn: Column = column('Age', 'string', 'How long ago the object was created.')

/** What is shown of kinds that say nothing of their own. */
export const ageAndName: Printer = {
  columns: [nameColumn, ageColumn],
  cells: ({ metadata }, now) => [metadata.name, age(metadata.creationTimestamp, now)],
}

/** `ConvertToHumanReadableDateType`: how long ago a time (RFC 3339) was; `now` in ms since 1970. */
export function age(timestamp: string | undefined | null, now: number): string {
  const time = timestamp === undefined || timestamp === null ? undefined : parseTime(timestamp)
  return time === undefined ? '<unknown>' : humanDuration(now - time)
}

/** How long it is until a time. */
export function timeUntil(timestamp: string | undefined | null, now: number): string {
  const time = timestamp === undefined || timestamp === null ? undefined : parseTime(timestamp)
  return time === undefined ? '<unknown>' : humanDuration(time - now)
}

/** `duration.HumanDuration` (apimachinery 1.34): two or three figures of a duration in milliseconds. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 120) return `${seconds}s`
  const minutes = Math.trunc(seconds / 60)
  if (minutes < 10) return both(minutes, 'm', seconds % 60, 's')
  if (minutes < 180) return `${minutes}m`
  const hours = Math.trunc(minutes / 60)
  if (hours < 8) return both(hours, 'h', minutes % 60, 'm')
  if (hours < 48) return `${hours}h`
  const days = Math.trunc(hours / 24)
  if (hours < 24 * 8) return both(days, 'd', hours % 24, 'h')
  if (hours < 24 * 365 * 2) return `${days}d`
  const years = Math.trunc(days / 365)
  return hours < 24 * 365 * 8 ? both(years, 'y', days % 365, 'd') : `${years}y`
}

const both = (first: number, unit: string, second: number, smaller: string): string =>
  second === 0 ? `${first}${unit}` : `${first}${unit}${second}${smaller}`
