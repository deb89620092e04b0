import { encodeBase64 } from '../decode/base64.ts'
import { isMessage } from '../decode/canonical.ts'
import { formatDuration } from '../decode/duration.ts'
import type { GoType, StructType } from '../decode/go-types.ts'
import { scanJson } from '../decode/scan-json.ts'
import { setField } from '../objects/paths.ts'
import { Quantity } from '../objects/quantity.ts'
import { formatMicroTime, formatTime } from '../objects/time.ts'
import { BYTES, FIXED64, ProtobufError, VARINT, WireReader } from './wire.ts'

type Fields = Record<string, unknown>

/** Levels of messages within messages. */
const maxDepth = 1_000
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true })
/** Seconds since 1970 of the last moment that JSON can write, in the year 9999. */
const lastSecond = 253402300799n
const firstSecond = -62135596800n

/**
 * A message → JSON that its type can be read from; what is empty may be there or not.
 * @throws ProtobufError
 */
export function decodeMessage(bytes: Uint8Array, type: StructType): Fields {
  const fields: Fields = {}
  readInto(fields, bytes, type, 0)
  return fields
}

function readInto(fields: Fields, bytes: Uint8Array, type: StructType, depth: number): void {
  if (depth > maxDepth) throw new ProtobufError('proto: exceeded max depth')
  const reader = new WireReader(bytes)
  while (!reader.done) {
    const { number, wireType } = reader.tag(type.short)
    const field = type.byNumber.get(number)
    if (field === undefined) reader.skip(wireType)
    else if ('kind' in field) {
      // An embedded struct: a message of its own, whose JSON is part of this one's.
      expect(wireType, BYTES, field.short)
      readInto(fields, reader.length(), field, depth + 1)
    } else fields[field.name] = value(reader, wireType, field.type, field.name, fields[field.name], depth, type)
  }
}

function value(
  reader: WireReader,
  wireType: number,
  type: GoType,
  name: string,
  before: unknown,
  depth: number,
  within: StructType,
): unknown {
  switch (type.kind) {
    case 'pointer':
      return value(reader, wireType, type.of, name, before, depth, within)
    case 'bool':
      expect(wireType, VARINT, name)
      return reader.varint() !== 0n
    case 'int32':
      expect(wireType, VARINT, name)
      return Number(BigInt.asIntN(32, reader.varint()))
    case 'uint32':
      expect(wireType, VARINT, name)
      return Number(BigInt.asUintN(32, reader.varint()))
    case 'int64':
      expect(wireType, VARINT, name)
      return Number(BigInt.asIntN(64, reader.varint()))
    case 'float64':
      expect(wireType, FIXED64, name)
      return reader.double()
    case 'list':
      return list(reader, wireType, type, name, before, depth, within)
    default:
      expect(wireType, BYTES, name)
      return ofBytes(reader.length(), type, before, depth, within)
  }
}

function list(
  reader: WireReader,
  wireType: number,
  type: Extract<GoType, { kind: 'pointer' | 'list' }>,
  name: string,
  before: unknown,
  depth: number,
  within: StructType,
): unknown {
  // A list of strings with a name of its own (ExtraValue) is a message that holds it.
  if (isMessage(type)) {
    expect(wireType, BYTES, name)
    return namedList(reader.length(), type, depth, within)
  }
  const items = (before ?? []) as unknown[]
  const scalar = type.of.kind === 'int32' || type.of.kind === 'int64' || type.of.kind === 'bool'
  if (scalar && wireType === BYTES) {
    const packed = new WireReader(reader.length())
    while (!packed.done) items.push(value(packed, VARINT, type.of, name, undefined, depth, within))
  } else items.push(value(reader, wireType, type.of, name, undefined, depth, within))
  return items
}

function namedList(
  bytes: Uint8Array,
  type: Extract<GoType, { kind: 'pointer' | 'list' }>,
  depth: number,
  within: StructType,
): unknown[] {
  const reader = new WireReader(bytes)
  const items: unknown[] = []
  while (!reader.done) {
    const { number, wireType } = reader.tag(type.name)
    if (number === 1) items.push(value(reader, wireType, type.of, 'Items', undefined, depth, within))
    else reader.skip(wireType)
  }
  return items
}

function ofBytes(bytes: Uint8Array, type: GoType, before: unknown, depth: number, within: StructType): unknown {
  switch (type.kind) {
    case 'string':
      return utf8.decode(bytes)
    case 'bytes':
      return encodeBase64(bytes)
    case 'struct': {
      const fields = (before ?? {}) as Fields
      readInto(fields, bytes, type, depth + 1)
      return fields
    }
    case 'map':
      return mapEntry(bytes, type, before, depth, within)
    case 'time': {
      const { numbers } = parts(bytes, 'Time')
      const seconds = BigInt.asIntN(64, numbers.get(1) ?? 0n)
      return seconds === 0n && (numbers.get(2) ?? 0n) === 0n ? null : formatTime(milliseconds(seconds))
    }
    case 'microTime': {
      const { numbers } = parts(bytes, 'MicroTime')
      const seconds = BigInt.asIntN(64, numbers.get(1) ?? 0n)
      const micros = Number(BigInt.asIntN(32, numbers.get(2) ?? 0n) / 1000n)
      if (seconds === 0n && (numbers.get(2) ?? 0n) === 0n) return null
      if (micros < 0 || micros > 999_999) throw new ProtobufError('proto: nanoseconds out of range')
      return formatMicroTime(milliseconds(seconds) + micros / 1000)
    }
    case 'duration':
      return formatDuration(BigInt.asIntN(64, parts(bytes, 'Duration').numbers.get(1) ?? 0n))
    case 'quantity': {
      const text = parts(bytes, 'Quantity').chunks.get(1)?.at(-1)
      if (text === undefined) return '0'
      const parsed = Quantity.tryParse(utf8.decode(text))
      if (typeof parsed === 'string') throw new ProtobufError(parsed)
      return parsed.toString()
    }
    case 'intOrString': {
      const { numbers, chunks } = parts(bytes, 'IntOrString')
      const text = chunks.get(3)?.at(-1)
      return numbers.get(1) === 1n
        ? utf8.decode(text ?? new Uint8Array())
        : Number(BigInt.asIntN(32, numbers.get(2) ?? 0n))
    }
    case 'raw':
      return rawJson(parts(bytes, type.name).chunks.get(1)?.at(-1))
    case 'schemaOrBool': {
      const { numbers, chunks } = parts(bytes, type.name)
      return schemas(chunks.get(2), within, depth).at(-1) ?? (numbers.get(1) ?? 0n) !== 0n
    }
    case 'schemaOrArray': {
      const { chunks } = parts(bytes, type.name)
      const many = schemas(chunks.get(2), within, depth)
      return many.length > 0 ? many : (schemas(chunks.get(1), within, depth).at(-1) ?? '')
    }
    case 'schemaOrStringArray': {
      const { chunks } = parts(bytes, type.name)
      const names = chunks.get(2) ?? []
      return names.length > 0
        ? names.map((name) => utf8.decode(name))
        : (schemas(chunks.get(1), within, depth).at(-1) ?? '')
    }
    default:
      throw new ProtobufError(`proto: ${type.name} is no message`)
  }
}

const schemas = (chunks: readonly Uint8Array[] | undefined, schema: StructType, depth: number): Fields[] =>
  (chunks ?? []).map((chunk) => {
    const fields: Fields = {}
    readInto(fields, chunk, schema, depth + 1)
    return fields
  })

function mapEntry(
  bytes: Uint8Array,
  type: Extract<GoType, { kind: 'map' }>,
  before: unknown,
  depth: number,
  within: StructType,
): Fields {
  const reader = new WireReader(bytes)
  let key = ''
  let held: unknown = null
  while (!reader.done) {
    const { number, wireType } = reader.tag('entry')
    if (number === 1) {
      expect(wireType, BYTES, 'mapkey')
      key = utf8.decode(reader.length())
    } else if (number === 2) held = value(reader, wireType, type.of, 'mapvalue', undefined, depth, within)
    else reader.skip(wireType)
  }
  const map = (before ?? {}) as Fields
  setField(map, key, held)
  return map
}

/** A small message whose fields are read by number. */
function parts(bytes: Uint8Array, name: string) {
  const reader = new WireReader(bytes)
  const numbers = new Map<number, bigint>()
  const chunks = new Map<number, Uint8Array[]>()
  while (!reader.done) {
    const { number, wireType } = reader.tag(name)
    if (wireType === VARINT) numbers.set(number, reader.varint())
    else if (wireType === BYTES) chunks.set(number, [...(chunks.get(number) ?? []), reader.length()])
    else reader.skip(wireType)
  }
  return { numbers, chunks }
}

function rawJson(bytes: Uint8Array | undefined): unknown {
  if (bytes === undefined || bytes.length === 0) return null
  if (scanJson(bytes).depth > maxDepth) throw new ProtobufError('exceeded max depth')
  try {
    return JSON.parse(utf8.decode(bytes))
  } catch {
    throw new ProtobufError('json: error calling MarshalJSON: the raw value is no JSON')
  }
}

function milliseconds(seconds: bigint): number {
  if (seconds > lastSecond || seconds < firstSecond) {
    throw new ProtobufError('json: error calling MarshalJSON: year outside of range [0,9999]')
  }
  return Number(seconds) * 1000
}

function expect(wireType: number, expected: number, field: string): void {
  if (wireType === expected) return
  const name = field.charAt(0).toUpperCase() + field.slice(1)
  throw new ProtobufError(`proto: wrong wireType = ${wireType} for field ${name}`)
}
