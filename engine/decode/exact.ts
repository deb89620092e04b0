import { goQuote } from '../objects/go-quote.ts'
import { setField } from '../objects/paths.ts'
import { Quantity, quantityFormatError } from '../objects/quantity.ts'
import { encodeBase64, normalizeBase64 } from './base64.ts'
import { parseDuration } from './duration.ts'
import { timeFault } from './go-time.ts'
import type { GoType, StructType } from './go-types.ts'
import { type JsonNode, plain } from './json-document.ts'

/** Why a text cannot be read into a type, in the words of Go's decoder. */
export class DecodeFailure extends Error {
  override name = 'DecodeFailure'
}

export interface Exact {
  /** What Go would hold, as plain JSON: types fit, unknown fields are gone, what came twice is merged. */
  readonly value: unknown
  /** In the order of the text. */
  readonly strictErrors: readonly string[]
}

/** Strict errors that are told of one text. */
const maxStrictErrors = 100

/**
 * Reads as sigs.k8s.io/json does (1.34): case-sensitive, with the first type error told at the end, errors of a type's own reading at once, and unknown and
 * duplicate fields told besides.
 * @throws DecodeFailure
 */
export function decodeExactly(node: JsonNode, type: GoType): Exact {
  const reading = new Reading()
  const value = reading.run(() => reading.value(node, type, undefined))
  return { value, strictErrors: [...reading.strictErrors] }
}

/** The same into no type, as for custom kinds: only duplicate fields can be told. */
export function duplicateFields(node: JsonNode): readonly string[] {
  const reading = new Reading()
  reading.untyped(node)
  return [...reading.strictErrors]
}

/** A type error. Without a place it is told for the place where the outermost reading stands. */
class TypeFailure extends Error {
  place: string | undefined
  readonly what: string
  readonly type: string

  constructor(what: string, type: string) {
    super()
    this.what = what
    this.type = type
  }
}

class Reading {
  readonly strictErrors = new Set<string>()
  /** The first fault that did not end the reading. */
  private saved: Error | undefined
  private within = ''
  private fields: readonly string[] = []
  private path = ''

  run(read: () => unknown): unknown {
    try {
      const value = read()
      this.finish()
      return value
    } catch (error) {
      if (error instanceof TypeFailure) throw new DecodeFailure(error.place ?? this.place(error))
      throw error
    }
  }

  finish(): void {
    if (this.saved !== undefined) throw this.saved
  }

  /** `before` is what an earlier field of the same name has left. */
  value(node: JsonNode, type: GoType, before: unknown): unknown {
    switch (type.kind) {
      case 'pointer':
        return node.type === 'null' ? null : this.value(node, type.of, before)
      case 'struct':
        return this.struct(node, type, before)
      case 'map':
        return this.map(node, type, before)
      case 'list':
        return this.list(node, type, before)
      case 'string':
        return this.expect(node, 'string', type, before)
      case 'bool':
        return this.expect(node, 'bool', type, before)
      case 'int32':
        return this.integer(node, type, before, -2147483648n, 2147483647n)
      case 'int64':
        return this.integer(node, type, before, -9223372036854775808n, 9223372036854775807n)
      case 'uint32':
        return this.integer(node, type, before, 0n, 4294967295n)
      case 'float64':
        return this.float(node, type, before)
      case 'bytes':
        return this.bytes(node, type, before)
      default:
        return ownReading(node, type.kind)
    }
  }

  private struct(node: JsonNode, type: StructType, before: unknown): unknown {
    if (node.type === 'null') return before ?? null
    if (node.type !== 'object') return this.mismatch(node, type, before)
    const object = (before ?? {}) as Record<string, unknown>
    const { within, fields, path } = this
    const seen = new Set<string>()
    for (const [key, member] of node.members) {
      const field = type.byName.get(key)
      if (field === undefined) {
        this.strict('unknown', path, key)
        continue
      }
      if (seen.has(key)) this.strict('duplicate', path, key)
      seen.add(key)
      this.within = type.short
      this.fields = [...fields, key]
      this.path = path === '' ? key : `${path}.${key}`
      object[key] = isSchemaUnion(field.type)
        ? schemaUnion(member, field.type, type)
        : this.value(member, field.type, object[key])
      this.within = within
      this.fields = fields
      this.path = path
    }
    return object
  }

  private map(node: JsonNode, type: Extract<GoType, { kind: 'map' }>, before: unknown): unknown {
    if (node.type === 'null') return null
    if (node.type !== 'object') return this.mismatch(node, type, before)
    const map = (before ?? {}) as Record<string, unknown>
    const { path } = this
    const seen = new Set<string>()
    for (const [key, member] of node.members) {
      if (seen.has(key)) this.strict('duplicate', path, key)
      seen.add(key)
      this.path = path === '' ? key : `${path}.${key}`
      setField(map, key, this.value(member, type.of, undefined))
      this.path = path
    }
    return map
  }

  private list(node: JsonNode, type: Extract<GoType, { kind: 'pointer' | 'list' }>, before: unknown): unknown {
    if (node.type === 'null') return null
    if (node.type !== 'array') return this.mismatch(node, type, before)
    const old = Array.isArray(before) ? before : []
    const { path } = this
    const list = node.items.map((item, index) => {
      this.path = `${path}[${index}]`
      return this.value(item, type.of, old[index])
    })
    this.path = path
    return list
  }

  private expect(node: JsonNode, expected: 'string' | 'bool', type: GoType, before: unknown): unknown {
    if (node.type === 'null') return before ?? null
    return node.type === expected ? (node as { value: unknown }).value : this.mismatch(node, type, before)
  }

  private integer(node: JsonNode, type: GoType, before: unknown, least: bigint, most: bigint): unknown {
    if (node.type === 'null') return before ?? null
    if (node.type !== 'number') return this.mismatch(node, type, before)
    const value = integerIn(node.text, least, most)
    return value ?? this.save(new TypeFailure(`number ${node.text}`, type.name), before)
  }

  private float(node: JsonNode, type: GoType, before: unknown): unknown {
    if (node.type === 'null') return before ?? null
    if (node.type !== 'number') return this.mismatch(node, type, before)
    const value = Number(node.text)
    if (Number.isFinite(value)) return value
    return this.save(new TypeFailure(`number ${node.text}`, type.name), before)
  }

  private bytes(node: JsonNode, type: GoType, before: unknown): unknown {
    if (node.type === 'null') return null
    if (node.type === 'array') return this.byteList(node)
    if (node.type !== 'string') return this.mismatch(node, type, before)
    const normal = normalizeBase64(node.value)
    if (typeof normal === 'string') return normal
    this.saved ??= new DecodeFailure(`illegal base64 data at input byte ${normal}`)
    return before
  }

  /** Go reads a list of numbers as bytes too. */
  private byteList(node: Extract<JsonNode, { type: 'array' }>): string {
    const byte: GoType = { kind: 'uint32', name: 'uint8' }
    const bytes = node.items.map((item) => this.integer(item, byte, 0, 0n, 255n) as number)
    return encodeBase64(Uint8Array.from(bytes))
  }

  private mismatch(node: JsonNode, type: GoType, before: unknown): unknown {
    return this.save(new TypeFailure(node.type, type.name), before)
  }

  private save(failure: TypeFailure, before: unknown): unknown {
    if (this.saved === undefined) {
      failure.place = this.place(failure)
      this.saved = failure
    }
    return before
  }

  private place({ what, type }: TypeFailure): string {
    const place = this.fields.length === 0 ? 'value' : `struct field ${this.within}.${this.fields.join('.')}`
    return `json: cannot unmarshal ${what} into Go ${place} of type ${type}`
  }

  private strict(kind: 'unknown' | 'duplicate', path: string, key: string): void {
    if (this.strictErrors.size >= maxStrictErrors) return
    this.strictErrors.add(`${kind} field ${goQuote(path === '' ? key : `${path}.${key}`)}`)
  }

  untyped(node: JsonNode): void {
    const { path } = this
    if (node.type === 'array') {
      for (const [index, item] of node.items.entries()) {
        this.path = `${path}[${index}]`
        this.untyped(item)
      }
    }
    if (node.type === 'object') {
      const seen = new Set<string>()
      for (const [key, member] of node.members) {
        if (seen.has(key)) this.strict('duplicate', path, key)
        seen.add(key)
        this.path = path === '' ? key : `${path}.${key}`
        this.untyped(member)
      }
    }
    this.path = path
  }
}

function integerIn(text: string, least: bigint, most: bigint): number | undefined {
  if (!/^-?\d+$/.test(text)) return undefined
  const value = BigInt(text)
  return value < least || value > most ? undefined : Number(value)
}

/** Types that read their JSON themselves; what they refuse ends the whole reading. */
function ownReading(node: JsonNode, kind: string): unknown {
  switch (kind) {
    case 'quantity': {
      if (node.type === 'null') return null
      const text = node.type === 'string' ? node.value : node.type === 'number' ? node.text : undefined
      if (text === undefined) throw new DecodeFailure(quantityFormatError)
      const parsed = Quantity.tryParse(text.trim())
      if (typeof parsed === 'string') throw new DecodeFailure(parsed)
      return text
    }
    case 'time':
    case 'microTime': {
      if (node.type === 'null') return null
      if (node.type !== 'string') throw new TypeFailure(node.type, 'string')
      const fault = timeFault(node.value, kind === 'microTime')
      if (fault !== undefined) throw new DecodeFailure(fault)
      // Go takes an hour of one digit.
      return node.value.replace(/T(\d:)/, 'T0$1')
    }
    case 'duration': {
      if (node.type === 'null') return null
      if (node.type !== 'string') throw new TypeFailure(node.type, 'string')
      if (parseDuration(node.value) === undefined) {
        throw new DecodeFailure(`time: invalid duration ${goQuote(node.value)}`)
      }
      return node.value
    }
    case 'intOrString': {
      if (node.type === 'string') return node.value
      if (node.type === 'null') return null
      const value = node.type === 'number' ? integerIn(node.text, -2147483648n, 2147483647n) : undefined
      if (value !== undefined) return value
      throw new TypeFailure(node.type === 'number' ? `number ${node.text}` : node.type, 'int32')
    }
    default:
      return plain(node)
  }
}

type SchemaUnion = Extract<GoType, { kind: 'schemaOrBool' | 'schemaOrArray' | 'schemaOrStringArray' }>

function isSchemaUnion(type: GoType): boolean {
  const of = type.kind === 'pointer' || type.kind === 'map' ? type.of : type
  return of.kind.startsWith('schemaOr')
}

/** A schema or something else, which Go reads by a decoder of its own: unknown fields within are not told of. */
function schemaUnion(node: JsonNode, type: GoType, schema: StructType): unknown {
  if (node.type === 'null') return null
  if (type.kind === 'map') {
    if (node.type !== 'object') throw new TypeFailure(node.type, type.name)
    const map: Record<string, unknown> = {}
    for (const [key, member] of node.members) setField(map, key, schemaUnion(member, type.of, schema))
    return map
  }
  const { kind } = (type.kind === 'pointer' ? type.of : type) as SchemaUnion
  const inner = new Reading()
  const read = (one: JsonNode, as: GoType): unknown => {
    try {
      const value = inner.value(one, as, undefined)
      inner.finish()
      return value
    } catch (error) {
      // Told with the place of the schema in the whole, not with the place within it.
      throw error instanceof TypeFailure ? new TypeFailure(error.what, error.type) : error
    }
  }
  if (node.type === 'object') return read(node, schema)
  if (kind === 'schemaOrBool') {
    if (node.type === 'bool') return node.value
    throw new DecodeFailure('boolean or JSON schema expected')
  }
  // What is neither is there and holds nothing.
  if (node.type !== 'array') return ''
  const item: GoType = kind === 'schemaOrArray' ? schema : { kind: 'string', name: 'string' }
  return read(node, { kind: 'list', name: `[]${item.name}`, of: item })
}
