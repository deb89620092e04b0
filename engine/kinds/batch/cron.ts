/** Schedules of CronJobs as robfig/cron's standard parser (v3.0.1) reads them: five fields, or a word after an at sign. */
export type Schedule =
  | { readonly every: number }
  | {
      readonly minutes: ReadonlySet<number>
      readonly hours: ReadonlySet<number>
      readonly daysOfMonth: ReadonlySet<number>
      readonly months: ReadonlySet<number>
      readonly daysOfWeek: ReadonlySet<number>
      /** A day must fit both fields of days if either has a star, else one of them. */
      readonly anyDayOfMonth: boolean
      readonly anyDayOfWeek: boolean
      /** Only in schedules that came before CronJobs had a time zone of their own. */
      readonly timeZone?: string
    }

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
const fieldBounds: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  { min: 0, max: 6, names: days },
]
const words: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** @throws Error with the parser's sentence. */
export function parseSchedule(text: string): Schedule {
  if (text === '') throw new Error('empty spec string')
  let spec = text
  let timeZone: string | undefined
  const zoned = /^(?:CRON_)?TZ=([^ ]*)( [\s\S]*)?$/.exec(text)
  if (zoned !== null) {
    timeZone = zoned[1] ?? ''
    if (!isTimeZone(timeZone)) throw new Error(`provided bad location ${timeZone}: unknown time zone ${timeZone}`)
    spec = (zoned[2] ?? '').trim()
  }
  if (spec.startsWith('@every ')) return { every: parseEvery(spec) }
  if (spec.startsWith('@')) {
    const meant = words[spec]
    if (meant === undefined) throw new Error(`unrecognized descriptor: ${spec}`)
    spec = meant
  }
  return { ...parseFields(spec), ...(timeZone === undefined ? {} : { timeZone }) }
}

function parseFields(spec: string): Exclude<Schedule, { readonly every: number }> {
  const fields = spec.split(/\s+/u).filter((field) => field !== '')
  if (fields.length !== fieldBounds.length) {
    throw new Error(`expected exactly ${fieldBounds.length} fields, found ${fields.length}: [${fields.join(' ')}]`)
  }
  const [minute, hour, day, month, weekday] = fields.map((field, index) =>
    parseField(field, fieldBounds[index] as Bounds),
  ) as [Field, Field, Field, Field, Field]
  return {
    minutes: minute.values,
    hours: hour.values,
    daysOfMonth: day.values,
    months: month.values,
    daysOfWeek: weekday.values,
    anyDayOfMonth: day.star,
    anyDayOfWeek: weekday.star,
  }
}

interface Field {
  readonly values: ReadonlySet<number>
  readonly star: boolean
}

function parseField(field: string, bounds: Bounds): Field {
  const values = new Set<number>()
  let star = false
  for (const part of field.split(',').filter((one) => one !== '')) {
    const { start, end, step, isStar } = parseRange(part, bounds)
    for (let value = start; value <= end; value += step) values.add(value)
    star ||= isStar
  }
  return { values, star }
}

function parseRange(text: string, { min, max, names }: Bounds) {
  const [range = '', stepText, ...tooMany] = text.split('/')
  const [low = '', high, ...hyphens] = range.split('-')
  const isAll = low === '*' || low === '?'
  const start = isAll ? min : numberOrName(low, names)
  if (!isAll && hyphens.length > 0) throw new Error(`too many hyphens: ${text}`)
  let end = isAll ? max : high === undefined ? start : numberOrName(high, names)
  if (tooMany.length > 0) throw new Error(`too many slashes: ${text}`)
  const step = stepText === undefined ? 1 : wholeNumber(stepText)
  if (stepText !== undefined && high === undefined) end = max
  if (start < min) throw new Error(`beginning of range (${start}) below minimum (${min}): ${text}`)
  if (end > max) throw new Error(`end of range (${end}) above maximum (${max}): ${text}`)
  if (start > end) throw new Error(`beginning of range (${start}) beyond end of range (${end}): ${text}`)
  if (step === 0) throw new Error(`step of range should be a positive number: ${text}`)
  return { start, end, step, isStar: isAll && step === 1 }
}

function numberOrName(text: string, names: readonly string[] | undefined): number {
  const index = names?.indexOf(text.toLowerCase()) ?? -1
  if (index < 0) return wholeNumber(text)
  return names === months ? index + 1 : index
}

function wholeNumber(text: string): number {
  const quoted = JSON.stringify(text)
  if (!/^[-+]?[0-9]+$/.test(text)) {
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: invalid syntax`)
  }
  const value = Number(text)
  if (value > Number.MAX_SAFE_INTEGER || value < Number.MIN_SAFE_INTEGER) {
    throw new Error(`failed to parse int from ${text}: strconv.Atoi: parsing ${quoted}: value out of range`)
  }
  if (value < 0) throw new Error(`negative number (${value}) not allowed: ${text}`)
  return value
}

/** Milliseconds of Go's units of time. */
const units: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Milliseconds, whole seconds of them and at least one. */
function parseEvery(spec: string): number {
  const text = spec.slice('@every '.length)
  const fail = (why: string): never => {
    throw new Error(`failed to parse duration ${spec}: time: ${why}`)
  }
  const quoted = JSON.stringify(text)
  const negative = text.startsWith('-')
  let rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 1000
  if (rest === '') fail(`invalid duration ${quoted}`)
  let total = 0
  while (rest !== '') {
    const number = /^([0-9]+\.?[0-9]*|\.[0-9]+)/.exec(rest)?.[0]
    if (number === undefined) return fail(`invalid duration ${quoted}`)
    rest = rest.slice(number.length)
    const unit = /^[^0-9.]*/u.exec(rest)?.[0] ?? ''
    if (unit === '') fail(`missing unit in duration ${quoted}`)
    const size = units[unit]
    if (size === undefined) return fail(`unknown unit ${JSON.stringify(unit)} in duration ${quoted}`)
    total += Number(number) * size
    rest = rest.slice(unit.length)
  }
  return Math.max(Math.floor((negative ? -total : total) / 1000), 1) * 1000
}

/** Whether the IANA database knows the name, spelled exactly so. */
export function isTimeZone(name: string): boolean {
  if (name === '' || name === 'UTC' || name === 'Local') return true
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
  } catch {
    return false
  }
  const folded = name.toLowerCase()
  const known = Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase() === folded)
  // Names that are links to others are not listed; all of them have a capital.
  return known === undefined ? /[A-Z]/.test(name) : known === name
}
