import { compare, equal } from '../compare.ts'
import type { Declarations } from '../environment.ts'
import {
  asNumber,
  Duration,
  EvaluationError,
  isMap,
  List,
  type MapValue,
  noSuchOverload,
  Optional,
  Timestamp,
  Uint,
  type Value,
} from '../values.ts'

const OVERFLOW = {
  int: () => new EvaluationError('integer overflow'),
  uint: () => new EvaluationError('unsigned integer overflow'),
  duration: () => new EvaluationError('integer overflow'),
  timestamp: () => new EvaluationError('timestamp overflow'),
}

export function int64(value: bigint): bigint {
  if (BigInt.asIntN(64, value) !== value) throw OVERFLOW.int()
  return value
}

function uint64(value: bigint): Uint {
  if (value < 0n || value > 0xffffffffffffffffn) throw OVERFLOW.uint()
  return new Uint(value)
}

const nanos = (value: Value): bigint => (value as Duration | Timestamp).nanos
const number = (value: Value): number => value as number

export function makeDuration(value: bigint): Duration {
  if (BigInt.asIntN(64, value) !== value) throw OVERFLOW.duration()
  return new Duration(value)
}

const EARLIEST = -62135596800n * 1_000_000_000n
const LATEST = 253402300799n * 1_000_000_000n + 999_999_999n
export function makeTimestamp(value: bigint): Timestamp {
  if (value < EARLIEST || value > LATEST) throw OVERFLOW.timestamp()
  return new Timestamp(value)
}

type BigOperator = (left: bigint, right: bigint) => bigint

/** The same for ints and uints. */
function integers(sign: string, operate: BigOperator): Declarations {
  return {
    [`_${sign}_(int, int): int`]: ([left, right]) => int64(operate(left as bigint, right as bigint)),
    [`_${sign}_(uint, uint): uint`]: ([left, right]) => uint64(operate((left as Uint).value, (right as Uint).value)),
  }
}

const divisor = (value: bigint, message: string): bigint => {
  if (value === 0n) throw new EvaluationError(message)
  return value
}

const orders: readonly (readonly [string, (order: number) => boolean])[] = [
  ['<', (order) => order < 0],
  ['<=', (order) => order <= 0],
  ['>', (order) => order > 0],
  ['>=', (order) => order >= 0],
]
const numbers = ['int', 'uint', 'double']
const comparable = ['bool', ...numbers, 'string', 'bytes', 'timestamp', 'duration']

/** Numbers compare with numbers of other types too (CrossTypeNumericComparisons). */
function comparisons(): Declarations {
  const declarations: Record<string, Declarations[string]> = {}
  for (const [sign, holds] of orders) {
    const call: Declarations[string] = ([left, right]) => {
      if (Number.isNaN(left) || Number.isNaN(right)) return false
      return holds(compare(left as Value, right as Value))
    }
    for (const type of comparable) declarations[`_${sign}_(${type}, ${type}): bool`] = call
    for (const one of numbers) {
      for (const other of numbers) if (one !== other) declarations[`_${sign}_(${one}, ${other}): bool`] = call
    }
  }
  return declarations
}

function at(container: Value, index: Value): Value | undefined {
  if (isMapLike(container)) return container.get(index)
  if (!(container instanceof List)) throw noSuchOverload()
  const position = asNumber(index)
  if (position === undefined || (typeof position === 'number' && !Number.isInteger(position))) {
    throw new EvaluationError(`unsupported index value ${String(index)} in list`)
  }
  return container.items[Number(position)]
}

const isMapLike = (value: Value): value is MapValue => typeof value === 'object' && value !== null && isMap(value)

function element(container: Value, index: Value): Value {
  const found = at(container, index)
  if (found !== undefined) return found
  const text = typeof index === 'object' ? String(asNumber(index)) : String(index)
  throw new EvaluationError(container instanceof List ? `index out of bounds: ${text}` : `no such key: ${text}`)
}

function optionalElement([container, index]: readonly Value[]): Value {
  const inner = container instanceof Optional ? container.value : container
  if (inner === undefined) return Optional.none
  const found = at(inner, index as Value)
  return found === undefined ? Optional.none : new Optional(found)
}

function concatenate(one: List, other: List): List {
  const identity = one.identity ?? other.identity
  if (identity === undefined) return new List([...one.items, ...other.items])
  if (identity.kind === 'set') {
    const added = other.items.filter((item) => !one.items.some((known) => equal(known, item)))
    return new List([...one.items, ...added], identity)
  }
  const sameKeys = (left: Value, right: Value): boolean =>
    identity.keys.every((key) => {
      const [own, its] = [isMapLike(left) ? left.get(key) : undefined, isMapLike(right) ? right.get(key) : undefined]
      return own === undefined || its === undefined ? own === its : equal(own, its)
    })
  const merged = [...one.items]
  for (const item of other.items) {
    const known = merged.findIndex((candidate) => sameKeys(candidate, item))
    if (known === -1) merged.push(item)
    else merged[known] = item
  }
  return new List(merged, identity)
}

/** CEL's operators under cel-go's names, with their overloads in its order. */
export const operators: Declarations = {
  '_&&_(bool, bool): bool': () => false,
  '_||_(bool, bool): bool': () => false,
  '_?_:_(bool, A, A): A': () => null,
  '!_(bool): bool': ([value]) => !(value as boolean),
  '_==_(A, A): bool': ([left, right], work) => {
    work.spend(weight(left as Value))
    return equal(left as Value, right as Value)
  },
  '_!=_(A, A): bool': ([left, right], work) => {
    work.spend(weight(left as Value))
    return !equal(left as Value, right as Value)
  },
  '_+_(bytes, bytes): bytes': ([left, right]) => {
    const [one, other] = [left as Uint8Array, right as Uint8Array]
    const joined = new Uint8Array(one.length + other.length)
    joined.set(one)
    joined.set(other, one.length)
    return joined
  },
  '_+_(double, double): double': ([left, right]) => number(left as Value) + number(right as Value),
  '_+_(duration, duration): duration': ([left, right]) => makeDuration(nanos(left as Value) + nanos(right as Value)),
  '_+_(duration, timestamp): timestamp': ([left, right]) => makeTimestamp(nanos(left as Value) + nanos(right as Value)),
  '_+_(timestamp, duration): timestamp': ([left, right]) => makeTimestamp(nanos(left as Value) + nanos(right as Value)),
  '_+_(list(A), list(A)): list(A)': ([left, right], work) => {
    work.spend((left as List).items.length + (right as List).items.length)
    return concatenate(left as List, right as List)
  },
  '_+_(string, string): string': ([left, right], work) => {
    work.spend(Math.ceil(((left as string).length + (right as string).length) / 10))
    return (left as string) + (right as string)
  },
  ...integers('+', (left, right) => left + right),
  ...integers('-', (left, right) => left - right),
  ...integers('*', (left, right) => left * right),
  ...integers('/', (left, right) => left / divisor(right, 'division by zero')),
  ...integers('%', (left, right) => left % divisor(right, 'modulus by zero')),
  '_-_(double, double): double': ([left, right]) => number(left as Value) - number(right as Value),
  '_-_(duration, duration): duration': ([left, right]) => makeDuration(nanos(left as Value) - nanos(right as Value)),
  '_-_(timestamp, duration): timestamp': ([left, right]) => makeTimestamp(nanos(left as Value) - nanos(right as Value)),
  '_-_(timestamp, timestamp): duration': ([left, right]) => makeDuration(nanos(left as Value) - nanos(right as Value)),
  '_*_(double, double): double': ([left, right]) => number(left as Value) * number(right as Value),
  '_/_(double, double): double': ([left, right]) => number(left as Value) / number(right as Value),
  '-_(double): double': ([value]) => -(value as number),
  '-_(int): int': ([value]) => int64(-(value as bigint)),
  ...comparisons(),
  '_[_](list(A), int): A': ([list, index]) => element(list as Value, index as Value),
  '_[_](map(A, B), A): B': ([map, key]) => element(map as Value, key as Value),
  '_[_](optional(list(A)), int): optional(A)': optionalElement,
  '_[_](optional(map(A, B)), A): optional(B)': optionalElement,
  '_[?_](list(A), int): optional(A)': optionalElement,
  '_[?_](optional(list(A)), int): optional(A)': optionalElement,
  '_[?_](map(A, B), A): optional(B)': optionalElement,
  '_[?_](optional(map(A, B)), A): optional(B)': optionalElement,
  '@in(A, list(A)): bool': ([item, list], work) => {
    work.spend((list as List).items.length)
    return (list as List).items.some((candidate) => equal(item as Value, candidate))
  },
  '@in(A, map(A, B)): bool': ([key, map]) => (map as MapValue).get(key as Value) !== undefined,
}

/** Comparing costs what there is to compare. */
function weight(value: Value): number {
  if (typeof value === 'string') return Math.ceil(value.length / 10)
  if (value instanceof List) return value.items.reduce<number>((sum, item) => sum + weight(item), 1)
  return 1
}
