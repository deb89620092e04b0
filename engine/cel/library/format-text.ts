import { goQuote } from '../../objects/go-quote.ts'
import { formatDuration, formatTimestamp } from '../time.ts'
import {
  Duration,
  EvaluationError,
  isMap,
  List,
  type MapValue,
  Timestamp,
  TypeValue,
  typeName,
  Uint,
  type Value,
} from '../values.ts'
import { decodeUtf8, formatDouble } from './conversions.ts'

/** Digits after the point where a clause does not say. */
const DIGITS = 6

/** `"%s has %d".format([…])`: cel-go's string formatting (English). */
export function formatText(text: string, values: readonly Value[]): string {
  let next = 0
  const result = text.replace(/%(?:(%)|(?:\.([0-9]+))?([\s\S])|$)/g, (clause, percent, precision, letter) => {
    if (percent !== undefined) return '%'
    if (letter === undefined) throw new EvaluationError('unexpected end of string')
    const value = values[next]
    if (value === undefined) throw new EvaluationError(`index ${next} out of range`)
    next++
    return clauseText(letter, value, precision === undefined ? DIGITS : Number(precision), clause)
  })
  if (next < values.length) {
    throw new EvaluationError(`too many arguments supplied to string.format (expected ${next}, got ${values.length})`)
  }
  return result
}

function clauseText(letter: string, value: Value, precision: number, clause: string): string {
  switch (letter) {
    case 's':
      return plain(value)
    case 'd':
      if (typeof value === 'bigint') return String(value)
      if (value instanceof Uint) return String(value.value)
      throw wrong('decimal clause can only be used on integers', value)
    case 'f':
    case 'e': {
      const number = typeof value === 'number' ? value : exceptional(value)
      if (number === undefined) {
        const kind = letter === 'f' ? 'fixed-point' : 'scientific'
        throw wrong(`${kind} clause can only be used on doubles`, value)
      }
      if (!Number.isFinite(number)) return Number.isNaN(number) ? 'NaN' : number > 0 ? '∞' : '-∞'
      return letter === 'f' ? grouped(number.toFixed(precision)) : scientific(number, precision)
    }
    case 'b':
      if (typeof value === 'boolean') return value ? '1' : '0'
      if (typeof value === 'bigint') return value.toString(2)
      if (value instanceof Uint) return value.value.toString(2)
      throw wrong('only integers and bools can be formatted as binary', value)
    case 'x':
    case 'X': {
      const hex = hexText(value)
      return letter === 'x' ? hex : hex.toUpperCase()
    }
    case 'o':
      if (typeof value === 'bigint') return value.toString(8)
      if (value instanceof Uint) return value.value.toString(8)
      throw wrong('octal clause can only be used on integers', value)
    default:
      throw new EvaluationError(
        `could not parse formatting clause: unrecognized formatting clause ${goQuote(clause.slice(-1))}`,
      )
  }
}

function wrong(rule: string, value: Value): EvaluationError {
  return new EvaluationError(`error during formatting: ${rule}, was given ${typeName(value)}`)
}

function exceptional(value: Value): number | undefined {
  return value === 'NaN' || value === 'Infinity' || value === '-Infinity' ? Number(value) : undefined
}

function grouped(digits: string): string {
  const [whole = '', fraction] = digits.split('.')
  const parts = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
  return fraction === undefined ? parts : `${parts}.${fraction}`
}

const raised: ReadonlyMap<string, string> = new Map(
  [...'0123456789'].map((digit, at) => [digit, '⁰¹²³⁴⁵⁶⁷⁸⁹'[at] ?? '']),
)

function scientific(number: number, precision: number): string {
  const [digits = '', exponent = '0'] = number.toExponential(precision).split('e')
  const power = Number(exponent)
  const padded = String(Math.abs(power)).padStart(2, '0')
  const text = [...padded].map((digit) => raised.get(digit) ?? '').join('')
  return `${digits}×10${power < 0 ? '⁻' : ''}${text}`
}

const encoder = new TextEncoder()
function hexText(value: Value): string {
  if (typeof value === 'bigint') return value.toString(16)
  if (value instanceof Uint) return value.value.toString(16)
  const bytes = typeof value === 'string' ? encoder.encode(value) : value
  if (!(bytes instanceof Uint8Array)) {
    throw wrong('only integers, byte buffers, and strings can be formatted as hex', value)
  }
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** `%s`. */
function plain(value: Value): string {
  if (value === null) return 'null'
  if (typeof value === 'string') return value
  if (typeof value === 'number') return formatDouble(value)
  if (typeof value === 'bigint' || typeof value === 'boolean') return String(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return decodeUtf8(value)
  if (value instanceof Duration) return formatDuration(value)
  if (value instanceof Timestamp) return formatTimestamp(value)
  if (value instanceof TypeValue) return value.type
  if (value instanceof List) return listText(value)
  if (isMap(value)) return mapText(value)
  throw wrong(
    'string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps',
    value,
  )
}

/** Inside of lists and maps: as CEL would be written. */
function literal(value: Value): string {
  if (typeof value === 'string') return goQuote(value)
  if (typeof value === 'number') return Number.isFinite(value) ? value.toFixed(DIGITS) : goQuote(formatDouble(value))
  if (value instanceof Uint8Array) return `b${goQuote(decodeUtf8(value))}`
  if (value instanceof Timestamp) return `timestamp(${goQuote(plain(value))})`
  if (value instanceof Duration) return `duration(${goQuote(plain(value))})`
  if (value instanceof TypeValue) return `type(${value.type})`
  return plain(value)
}

function listText({ items }: List): string {
  return `[${items.map(literal).join(', ')}]`
}

function mapText(map: MapValue): string {
  const pairs = [...map.keys()].map((key) => [literal(key), literal(map.get(key) as Value)] as const)
  pairs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0))
  return `{${pairs.map(([key, value]) => `${key}:${value}`).join(', ')}}`
}
