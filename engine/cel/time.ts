import { Duration, EvaluationError, Timestamp } from './values.ts'

const SECOND = 1_000_000_000n

const units: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', SECOND],
  ['m', 60n * SECOND],
  ['h', 3_600n * SECOND],
])

/** Go's `time.ParseDuration`; undefined for what is none. */
export function parseDuration(text: string): Duration | undefined {
  const sign = /^[+-]/.exec(text)?.[0] ?? ''
  const rest = text.slice(sign.length)
  if (rest === '0') return new Duration(0n)
  if (!/^(?:(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(
    /([0-9]*)(?:\.([0-9]*))?(ns|us|µs|μs|ms|s|m|h)/g,
  )) {
    const size = units.get(unit) ?? 0n
    nanos += BigInt(whole === '' ? '0' : whole) * size
    if (fraction !== '') nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  const value = sign === '-' ? -nanos : nanos
  return BigInt.asIntN(64, value) === value ? new Duration(value) : undefined
}

/** Seconds with as many digits as there are, as CEL writes it: `3600s`, `1.5s`. */
export function formatDuration({ nanos }: Duration): string {
  return `${decimal(nanos)}s`
}

function decimal(nanos: bigint): string {
  const absolute = nanos < 0n ? -nanos : nanos
  const fraction = String(absolute % SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '')
  const text = fraction === '' ? String(absolute / SECOND) : `${absolute / SECOND}.${fraction}`
  return nanos < 0n ? `-${text}` : text
}

const rfc3339 = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})(?:[.,](\d+))?(Z|[+-]\d{2}:\d{2})$/

/** RFC 3339; undefined for what is none. */
export function parseTimestamp(text: string): Timestamp | undefined {
  const match = rfc3339.exec(text)
  if (match === null) return undefined
  const [, date = '', hour = '', minute = '', second = '', fraction = '', zone = ''] = match
  const milliseconds = Date.parse(`${date}T${hour}:${minute}:${second}Z`)
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString().slice(0, 10) !== date || hour === '24') {
    return undefined
  }
  const offset = zone === 'Z' ? 0 : (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4))) * (zone[0] === '-' ? -1 : 1)
  const nanos = BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return new Timestamp(BigInt(milliseconds - offset * 60_000) * 1_000_000n + nanos)
}

export function formatTimestamp({ nanos }: Timestamp): string {
  const rest = ((nanos % SECOND) + SECOND) % SECOND
  const whole = new Date(Number((nanos - rest) / 1_000_000n)).toISOString().slice(0, 19)
  const fraction = rest === 0n ? '' : `.${String(rest).padStart(9, '0').replace(/0+$/, '')}`
  return `${whole}${fraction}Z`
}

/** Months and days of the week begin at 0, days of the month too where CEL says so. */
export function partOf(name: string, { nanos }: Timestamp, zone: string): bigint {
  const local = new Date(Number(nanos / 1_000_000n) + offsetOf(zone, Number(nanos / 1_000_000n)))
  switch (name) {
    case 'getFullYear':
      return BigInt(local.getUTCFullYear())
    case 'getMonth':
      return BigInt(local.getUTCMonth())
    case 'getDayOfYear':
      return BigInt(
        Math.floor(
          (Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()) -
            Date.UTC(local.getUTCFullYear(), 0, 1)) /
            86_400_000,
        ),
      )
    case 'getDate':
      return BigInt(local.getUTCDate())
    case 'getDayOfMonth':
      return BigInt(local.getUTCDate() - 1)
    case 'getDayOfWeek':
      return BigInt(local.getUTCDay())
    case 'getHours':
      return BigInt(local.getUTCHours())
    case 'getMinutes':
      return BigInt(local.getUTCMinutes())
    case 'getSeconds':
      return BigInt(local.getUTCSeconds())
    default:
      return BigInt(local.getUTCMilliseconds())
  }
}

/** Milliseconds that a zone, by name or as `+02:00`, is ahead of UTC at a time. */
function offsetOf(zone: string, at: number): number {
  if (zone === 'UTC' || zone === '') return 0
  const fixed = /^([+-]?)(\d{2}):(\d{2})$/.exec(zone)
  if (fixed !== null) return (Number(fixed[2]) * 60 + Number(fixed[3])) * 60_000 * (fixed[1] === '-' ? -1 : 1)
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
    const name = format.formatToParts(at).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
    const found = /GMT([+-])(\d{2}):(\d{2})/.exec(name)
    if (found === null) return 0
    return (Number(found[2]) * 60 + Number(found[3])) * 60_000 * (found[1] === '-' ? -1 : 1)
  } catch {
    throw new EvaluationError(`unknown time zone ${zone}`)
  }
}
