import { setField } from '../objects/paths.ts'
import { Quantity } from '../objects/quantity.ts'
import { normalizeMicroTime, normalizeTime } from '../objects/time.ts'
import { normalizeBase64 } from './base64.ts'
import { formatDuration, parseDuration } from './duration.ts'
import type { GoType, StructType } from './go-types.ts'

/** A value that Go would not read into its type. */
export class Mismatch extends Error {
  override name = 'Mismatch'
}

/** Members of objects that were read. Where it falls short of what the text holds, some are unknown or come twice. */
export interface Tally {
  members: number
  /** A number was so large that JavaScript may hold another one than was written. */
  inexact?: boolean
}

type Canon = (value: unknown, tally: Tally) => unknown

/** Lists whose defaults upstream sets only where they are absent: an empty one that is sent stays, and is refused by the kind's rules. */
const emptyIsSaid: ReadonlySet<string> = new Set(['v2.HPAScalingRules policies'])
const zeroTime = '0001-01-01T00:00:00Z'
const plainTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\dZ$/
/** Quantities kept so that each text is read once; objects repeat a few. */
const maxQuantities = 2000

/**
 * JSON as parsed → the JSON that Go writes once it has read it into a type: fields in Go's order, unknown ones gone, what is empty left out or there as
 * its type's tags have it, quantities, times and bytes in their one form. Lists and maps that are never left out are null when they are empty, as
 * after a stay in etcd. Raw parts are shared with what came in, frozen zero values with other results.
 */
export class Canonicalizer {
  private readonly made = new Map<GoType, Canon>()
  private readonly quantities = new Map<string, string>()

  /** @throws Mismatch */
  canonical(value: unknown, type: StructType, tally: Tally = { members: 0 }): Record<string, unknown> {
    return this.of(type)(value, tally) as Record<string, unknown>
  }

  private of(type: GoType): Canon {
    const known = this.made.get(type)
    if (known !== undefined) return known
    const made = this.make(type)
    this.made.set(type, made)
    return made
  }

  private make(type: GoType): Canon {
    switch (type.kind) {
      case 'string':
        return text
      case 'bool':
        return bool
      case 'int32':
        return integer(-2147483648, 2147483647)
      case 'uint32':
        return integer(0, 4294967295)
      case 'int64':
        return int64
      case 'float64':
        return float
      case 'bytes':
        return bytes
      case 'time':
        return time
      case 'microTime':
        return microTime
      case 'duration':
        return duration
      case 'quantity':
        return (value, tally) => this.quantity(value, tally)
      case 'intOrString':
        return (value, tally) => (typeof value === 'string' ? value : port(value, tally))
      case 'raw':
        return raw
      case 'schemaOrBool':
      case 'schemaOrArray':
      case 'schemaOrStringArray':
        throw new Error('Made where its schema is known.')
      case 'pointer': {
        const { of } = type
        return (value, tally) => (value === null ? null : this.of(of)(value, tally))
      }
      case 'list':
        return this.list(this.lazy(type.of), isMessage(type) ? [] : null)
      case 'map':
        // Protobuf, which objects are stored in, has no absent bytes in maps.
        return this.map(type.of.kind === 'bytes' ? (value, tally) => bytes(value, tally) ?? '' : this.lazy(type.of))
      case 'struct':
        return this.struct(type)
    }
  }

  private lazy(type: GoType): Canon {
    let canon: Canon | undefined
    return (value, tally) => {
      canon ??= this.of(type)
      return canon(value, tally)
    }
  }

  private quantity(value: unknown, tally: Tally): string {
    if (typeof value === 'number' && !Number.isSafeInteger(value)) tally.inexact = true
    const key =
      value === null ? '0' : typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
    if (key === undefined) throw new Mismatch()
    const known = this.quantities.get(key)
    if (known !== undefined) return known
    const parsed = Quantity.tryParse(key.trim())
    if (typeof parsed === 'string') throw new Mismatch()
    if (this.quantities.size >= maxQuantities) this.quantities.clear()
    const canonical = parsed.toString()
    this.quantities.set(key, canonical)
    return canonical
  }

  private list(of: Canon, empty: readonly [] | null = null): Canon {
    return (value, tally) => {
      if (value !== null && !Array.isArray(value)) throw new Mismatch()
      if (value === null || value.length === 0) return empty === null ? null : []
      const { length } = value
      const list = new Array(length)
      for (let index = 0; index < length; index++) list[index] = of(value[index], tally)
      return list
    }
  }

  private map(of: Canon): Canon {
    return (value, tally) => {
      if (value === null) return null
      if (!isObject(value)) throw new Mismatch()
      const keys = Object.keys(value)
      if (keys.length === 0) return null
      tally.members += keys.length
      const map: Record<string, unknown> = {}
      for (const key of keys) setField(map, key, of(value[key], tally))
      return map
    }
  }

  private struct(type: StructType): Canon {
    let steps: readonly Step[] | undefined
    let zero: unknown
    const read = (value: Readonly<Record<string, unknown>>, tally: Tally): Record<string, unknown> => {
      steps ??= type.fields.map((field) => this.step(field, type))
      const object: Record<string, unknown> = {}
      for (const { name, canon, leaveOut } of steps) {
        const given = value[name]
        // A name such as `constructor` is no field of any type: what is inherited never shows.
        if (given !== undefined) tally.members++
        else if (leaveOut !== never) continue
        const canonical = canon(given ?? null, tally)
        if (!leaveOut(canonical)) object[name] = canonical
      }
      return object
    }
    return (value, tally) => {
      if (value === null) {
        zero ??= freeze(read({}, { members: 0 }))
        return zero
      }
      if (!isObject(value)) throw new Mismatch()
      return read(value, tally)
    }
  }

  private step(field: StructType['fields'][number], within: StructType): Step {
    const { name, type } = field
    if (type.kind === 'list' && emptyIsSaid.has(`${within.name} ${name}`)) {
      const list = this.list(this.lazy(type.of), [])
      return { name, canon: (value, tally) => (value === null ? null : list(value, tally)), leaveOut: isNull }
    }
    const leaveOut = field.empty === 'kept' ? never : field.empty === 'omitzero' ? isNull : emptiness(type)
    // Only schemas hold these, and they hold schemas: those of the struct itself.
    const union = schemaUnions.get(type.kind === 'pointer' || type.kind === 'map' ? type.of.kind : type.kind)
    if (union === undefined) return { name, canon: this.lazy(type), leaveOut }
    const canon = this.alternatives(within, union)
    if (type.kind === 'map') return { name, canon: this.map(canon), leaveOut }
    // A union that is there and holds nothing is written as null.
    const present: Canon = (value, tally) => (value === null ? undefined : canon(value, tally))
    return { name, canon: present, leaveOut: (canonical) => canonical === undefined }
  }

  /** A schema or something else. Unknown fields within are never told of: all members count as read. */
  private alternatives(schema: StructType, other: SchemaUnion): Canon {
    const one = this.lazy(schema)
    const many = this.list(other === 'schemas' ? one : text)
    return (value, tally) => {
      tally.members += membersOf(value)
      const unread = { members: 0 }
      if (other === 'boolean') {
        if (value === null || typeof value === 'boolean') return value
        if (!isObject(value)) throw new Mismatch()
        return one(value, unread)
      }
      if (Array.isArray(value)) return many(value, unread)
      return isObject(value) ? one(value, unread) : null
    }
  }
}

type SchemaUnion = 'boolean' | 'schemas' | 'strings'
const schemaUnions: ReadonlyMap<GoType['kind'], SchemaUnion> = new Map([
  ['schemaOrBool', 'boolean'],
  ['schemaOrArray', 'schemas'],
  ['schemaOrStringArray', 'strings'],
])

interface Step {
  readonly name: string
  readonly canon: Canon
  leaveOut(canonical: unknown): boolean
}

const never = (): boolean => false
const isNull = (canonical: unknown): boolean => canonical === null
const isZero = (canonical: unknown): boolean => canonical === '' || canonical === 0 || canonical === false

/** When Go's omitempty leaves a type out: never if it is a struct. */
function emptiness(type: GoType): (canonical: unknown) => boolean {
  switch (type.kind) {
    case 'pointer':
    case 'list':
    case 'map':
      return isNull
    case 'string':
    case 'bool':
    case 'int32':
    case 'int64':
    case 'uint32':
    case 'float64':
      return isZero
    case 'bytes':
      return (canonical) => canonical === null || canonical === ''
    default:
      return never
  }
}

/** A list of strings with a name of its own is a message in protobuf, which can be empty without being absent. */
export function isMessage(type: Extract<GoType, { kind: 'pointer' | 'list' }>): boolean {
  return !type.name.startsWith('[]') && type.of.kind === 'string'
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Zero values are shared. */
function freeze(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  for (const inner of Object.values(value)) freeze(inner)
  return Object.freeze(value)
}

const text: Canon = (value) => {
  if (typeof value === 'string') return value
  if (value === null) return ''
  throw new Mismatch()
}

const bool: Canon = (value) => {
  if (typeof value === 'boolean') return value
  if (value === null) return false
  throw new Mismatch()
}

const integer =
  (least: number, most: number): Canon =>
  (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    if (value === null) return 0
    throw new Mismatch()
  }
const port = integer(-2147483648, 2147483647)

const int64: Canon = (value, tally) => {
  if (value === null) return 0
  if (typeof value !== 'number' || !Number.isInteger(value)) throw new Mismatch()
  if (!Number.isSafeInteger(value)) tally.inexact = true
  return value
}

const float: Canon = (value) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  if (value === null) return 0
  throw new Mismatch()
}

const bytes: Canon = (value) => {
  if (value === null) return null
  const normal = typeof value === 'string' ? normalizeBase64(value) : undefined
  if (typeof normal !== 'string') throw new Mismatch()
  return normal
}

const time: Canon = (value) => {
  if (value === null) return null
  if (typeof value !== 'string') throw new Mismatch()
  const normal = plainTime.test(value) ? value : normalizeTime(value)
  if (normal === undefined) throw new Mismatch()
  return normal === zeroTime ? null : normal
}

/** Six digits and no other number of them: Go reads it by a layout that has them. */
const microDigits = /^[^.]{19}\.\d{6}(?!\d)/

const microTime: Canon = (value) => {
  if (value === null) return null
  const normal = typeof value === 'string' && microDigits.test(value) ? normalizeMicroTime(value) : undefined
  if (normal === undefined) throw new Mismatch()
  return normal === '0001-01-01T00:00:00.000000Z' ? null : normal
}

const duration: Canon = (value) => {
  if (value === null) return '0s'
  const nanoseconds = typeof value === 'string' ? parseDuration(value) : undefined
  if (nanoseconds === undefined) throw new Mismatch()
  return formatDuration(nanoseconds)
}

const raw: Canon = (value, tally) => {
  tally.members += membersOf(value)
  return value
}

/** Members of all objects in a JSON value. */
export function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce<number>((sum, item) => sum + membersOf(item), 0)
  const keys = Object.keys(value)
  return keys.reduce((sum, key) => sum + membersOf((value as Record<string, unknown>)[key]), keys.length)
}
