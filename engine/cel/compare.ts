import {
  asNumber,
  Duration,
  EvaluationError,
  isMap,
  List,
  type MapValue,
  noSuchOverload,
  Opaque,
  Optional,
  Timestamp,
  TypeValue,
  type Value,
} from './values.ts'

/** CEL's equality: over all types; numbers by value, lists and maps by content. */
export function equal(one: Value, other: Value): boolean {
  if (one === other) return true
  const [left, right] = [asNumber(one), asNumber(other)]
  // biome-ignore lint/suspicious/noDoubleEquals: bigint and number compare by value only with ==
  if (left !== undefined && right !== undefined) return left == right
  if (one === null || other === null || typeof one !== 'object' || typeof other !== 'object') return false
  if (one instanceof List) return other instanceof List && equalLists(one, other)
  if (isMap(one)) return isMap(other) && equalMaps(one, other)
  if (one instanceof Duration) return other instanceof Duration && one.nanos === other.nanos
  if (one instanceof Timestamp) return other instanceof Timestamp && one.nanos === other.nanos
  if (one instanceof TypeValue) return other instanceof TypeValue && one.type === other.type
  if (one instanceof Uint8Array) return other instanceof Uint8Array && compareBytes(one, other) === 0
  if (one instanceof Optional) return other instanceof Optional && equalOptionals(one, other)
  if (one instanceof Opaque) return other instanceof Opaque && one.typeName === other.typeName && one.equals(other)
  return false
}

function equalOptionals({ value: one }: Optional, { value: other }: Optional): boolean {
  if (one === undefined || other === undefined) return one === other
  return equal(one, other)
}

function equalLists(one: List, other: List): boolean {
  if (one.items.length !== other.items.length) return false
  const identity = one.identity ?? other.identity
  if (identity === undefined) return one.items.every((item, at) => equal(item, other.items[at] as Value))
  const same = (item: Value): boolean => other.items.some((candidate) => equal(item, candidate))
  return one.items.every(same)
}

function equalMaps(one: MapValue, other: MapValue): boolean {
  if (one.size !== other.size) return false
  for (const key of one.keys()) {
    const value = other.get(key)
    if (value === undefined || !equal(one.get(key) as Value, value)) return false
  }
  return true
}

function compareBytes(one: Uint8Array, other: Uint8Array): number {
  for (let at = 0; at < Math.min(one.length, other.length); at++) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0)
    if (difference !== 0) return difference
  }
  return one.length - other.length
}

const encoder = new TextEncoder()

/** Less than 0, 0 or more; throws for what has no order. */
export function compare(one: Value, other: Value): number {
  const [left, right] = [asNumber(one), asNumber(other)]
  if (left !== undefined && right !== undefined) {
    if (Number.isNaN(left) || Number.isNaN(right)) throw new EvaluationError('NaN values cannot be ordered')
    return left < right ? -1 : left > right ? 1 : 0
  }
  if (typeof one === 'string' && typeof other === 'string') {
    if (one === other) return 0
    return Math.sign(compareBytes(encoder.encode(one), encoder.encode(other)))
  }
  if (typeof one === 'boolean' && typeof other === 'boolean') return Number(one) - Number(other)
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Math.sign(compareBytes(one, other))
  if (
    (one instanceof Duration && other instanceof Duration) ||
    (one instanceof Timestamp && other instanceof Timestamp)
  ) {
    return one.nanos < other.nanos ? -1 : one.nanos > other.nanos ? 1 : 0
  }
  throw noSuchOverload()
}
