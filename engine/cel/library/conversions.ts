import type { Declarations, Implementation } from '../environment.ts'
import { formatDuration, formatTimestamp, parseDuration, parseTimestamp, partOf } from '../time.ts'
import {
  Duration,
  EvaluationError,
  isMap,
  List,
  Optional,
  Timestamp,
  TypeValue,
  typeName,
  Uint,
  type Value,
} from '../values.ts'
import { int64, makeDuration, makeTimestamp } from './operators.ts'

const encoder = new TextEncoder()

function conversion(from: string, to: string): EvaluationError {
  return new EvaluationError(`type conversion error from '${from}' to '${to}'`)
}

const overflow = () => new EvaluationError('integer overflow')
const unsignedOverflow = () => new EvaluationError('unsigned integer overflow')

function uint(value: bigint): Uint {
  if (value < 0n || value > 0xffffffffffffffffn) throw unsignedOverflow()
  return new Uint(value)
}

function truncated(value: number, fail: () => Error): bigint {
  if (!Number.isFinite(value)) throw fail()
  return BigInt(Math.trunc(value))
}

/** As strconv.ParseBool. */
function parseBool(text: string): boolean {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text)) return false
  throw conversion('string', 'bool')
}

/** As Go's `strconv.FormatFloat(…, 'g', -1, 64)`. */
export function formatDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  if (Object.is(value, -0)) return '-0'
  const [digits = '', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 21) return plain(value)
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function plain(value: number): string {
  const text = String(value)
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
}

export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new EvaluationError('invalid UTF-8 in bytes, cannot convert to string')
  }
}

function parsed<T>(value: T | undefined, to: string): T {
  if (value === undefined) throw conversion('string', to)
  return value
}

const integerText = /^[+-]?[0-9]+$/

function size(value: Value): bigint {
  if (typeof value === 'string') return BigInt([...value].length)
  if (value instanceof Uint8Array) return BigInt(value.length)
  if (value instanceof List) return BigInt(value.items.length)
  if (typeof value === 'object' && value !== null && isMap(value)) return BigInt(value.size)
  throw new EvaluationError('no such overload')
}

const sizeOf: Implementation = ([value]) => size(value as Value)

const parts: Declarations = Object.fromEntries(
  ['getFullYear', 'getMonth', 'getDayOfYear', 'getDate', 'getDayOfMonth', 'getDayOfWeek'].flatMap((name) => [
    [`timestamp => ${name}(): int`, (([time]) => partOf(name, time as Timestamp, 'UTC')) satisfies Implementation],
    [
      `timestamp => ${name}(string): int`,
      (([time, zone]) => partOf(name, time as Timestamp, zone as string)) satisfies Implementation,
    ],
  ]),
)

const NANOS = {
  getHours: 3_600_000_000_000n,
  getMinutes: 60_000_000_000n,
  getSeconds: 1_000_000_000n,
  getMilliseconds: 1_000_000n,
}

const clockParts: Declarations = Object.fromEntries(
  Object.entries(NANOS).flatMap(([name, unit]) => [
    [`timestamp => ${name}(): int`, (([time]) => partOf(name, time as Timestamp, 'UTC')) satisfies Implementation],
    [
      `timestamp => ${name}(string): int`,
      (([time, zone]) => partOf(name, time as Timestamp, zone as string)) satisfies Implementation,
    ],
    [
      `duration => ${name}(): int`,
      (([length]) => {
        const { nanos } = length as Duration
        return name === 'getMilliseconds' ? (nanos % 1_000_000_000n) / unit : nanos / unit
      }) satisfies Implementation,
    ],
  ]),
)

/** Conversions between types, sizes, parts of times. */
export const conversions: Declarations = {
  'bool(bool): bool': ([value]) => value as boolean,
  'bool(string): bool': ([value]) => parseBool(value as string),
  'bytes(bytes): bytes': ([value]) => value as Uint8Array,
  'bytes(string): bytes': ([value]) => encoder.encode(value as string),
  'double(double): double': ([value]) => value as number,
  'double(int): double': ([value]) => Number(value),
  'double(string): double': ([value]) => {
    const text = value as string
    const number = /^[+-]?inf(inity)?$/i.test(text) ? (text.startsWith('-') ? -Infinity : Infinity) : Number(text)
    if (text.trim() !== text || text === '' || (Number.isNaN(number) && text !== 'NaN'))
      throw conversion('string', 'double')
    return number
  },
  'double(uint): double': ([value]) => Number((value as Uint).value),
  'int(int): int': ([value]) => value as bigint,
  'int(double): int': ([value]) => int64(truncated(value as number, overflow)),
  'int(duration): int': ([value]) => (value as Duration).nanos,
  'int(string): int': ([value]) => {
    const text = value as string
    if (!integerText.test(text) || BigInt.asIntN(64, BigInt(text.replace('+', ''))) !== BigInt(text.replace('+', ''))) {
      throw conversion('string', 'int')
    }
    return BigInt(text.replace('+', ''))
  },
  'int(timestamp): int': ([value]) => floorDivide((value as Timestamp).nanos, 1_000_000_000n),
  'int(uint): int': ([value]) => int64((value as Uint).value),
  'uint(uint): uint': ([value]) => value as Uint,
  'uint(double): uint': ([value]) => uint(truncated(value as number, unsignedOverflow)),
  'uint(int): uint': ([value]) => uint(value as bigint),
  'uint(string): uint': ([value]) => {
    const text = value as string
    if (!/^[0-9]+$/.test(text) || BigInt(text) > 0xffffffffffffffffn) throw conversion('string', 'uint')
    return new Uint(BigInt(text))
  },
  'string(string): string': ([value]) => value as string,
  'string(bool): string': ([value]) => String(value),
  'string(bytes): string': ([value]) => decodeUtf8(value as Uint8Array),
  'string(double): string': ([value]) => formatDouble(value as number),
  'string(duration): string': ([value]) => formatDuration(value as Duration),
  'string(int): string': ([value]) => String(value),
  'string(timestamp): string': ([value]) => formatTimestamp(value as Timestamp),
  'string(uint): string': ([value]) => String((value as Uint).value),
  'timestamp(timestamp): timestamp': ([value]) => value as Timestamp,
  'timestamp(string): timestamp': ([value]) => parsed(parseTimestamp(value as string), 'google.protobuf.Timestamp'),
  'timestamp(int): timestamp': ([value]) => makeTimestamp((value as bigint) * 1_000_000_000n),
  'duration(duration): duration': ([value]) => value as Duration,
  'duration(string): duration': ([value]) => parsed(parseDuration(value as string), 'google.protobuf.Duration'),
  'duration(int): duration': ([value]) => makeDuration(value as bigint),
  'dyn(A): dyn': ([value]) => value as Value,
  'type(A): type(A)': ([value]) => new TypeValue(typeName(value as Value)),
  'size(bytes): int': sizeOf,
  'size(list(A)): int': sizeOf,
  'size(map(A, B)): int': sizeOf,
  'size(string): int': sizeOf,
  'bytes => size(): int': sizeOf,
  'list(A) => size(): int': sizeOf,
  'map(A, B) => size(): int': sizeOf,
  'string => size(): int': sizeOf,
  ...parts,
  ...clockParts,
  'optional.of(A): optional(A)': ([value]) => new Optional(value as Value),
  'optional.ofNonZeroValue(A): optional(A)': ([value]) =>
    isZero(value as Value) ? Optional.none : new Optional(value as Value),
  'optional.none(): optional(A)': () => Optional.none,
  'optional(A) => value(): A': ([optional]) => {
    const { value } = optional as Optional
    if (value === undefined) throw new EvaluationError('optional.none() dereference')
    return value
  },
  'optional(A) => hasValue(): bool': ([optional]) => (optional as Optional).value !== undefined,
  'optional(A) => or(optional(A)): optional(A)': ([one, other]) =>
    (one as Optional).value === undefined ? (other as Value) : (one as Value),
  'optional(A) => orValue(A): A': ([optional, other]) => (optional as Optional).value ?? (other as Value),
}

function floorDivide(value: bigint, by: bigint): bigint {
  const quotient = value / by
  return value % by < 0n ? quotient - 1n : quotient
}

function isZero(value: Value): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true
  if (value instanceof Uint) return value.value === 0n
  if (value instanceof Duration) return value.nanos === 0n
  if (value instanceof Timestamp || value instanceof Optional)
    return value instanceof Optional && value.value === undefined
  if (value instanceof Uint8Array) return value.length === 0
  if (value instanceof List) return value.items.length === 0
  return typeof value === 'object' && isMap(value) && value.size === 0
}
