import { goQuote } from '../objects/go-quote.ts'
import { Quantity, quantityFormatError } from '../objects/quantity.ts'
import { goTypeName, jsonTypeName } from '../patch/go-format.ts'
import { normalizeBase64 } from './base64.ts'
import { parseDuration } from './duration.ts'
import { timeFault } from './go-time.ts'
import type { GoType, StructType } from './go-types.ts'

/** Why a value cannot be converted into a type, as apimachinery's converter of unstructured objects (1.34) words it. */
export class ConversionFailure extends Error {
  override name = 'ConversionFailure'
}

/**
 * Looks at what a strategic merge has made: upstream puts it into its type by another way than a body, with errors of other words and of no place.
 * @returns unknown fields, sorted.
 * @throws ConversionFailure
 */
export function checkConversion(value: unknown, type: StructType): readonly string[] {
  const unknown: string[] = []
  check(value, type, '', unknown)
  return unknown.sort()
}

function check(value: unknown, type: GoType, path: string, unknown: string[]): void {
  if (value === null || value === undefined) return
  switch (type.kind) {
    case 'pointer':
      check(value, type.of, path, unknown)
      return
    case 'struct':
      struct(value, type, path, unknown)
      return
    case 'map': {
      if (!isObject(value)) throw new ConversionFailure(`cannot restore map from ${kindOf(value)}`)
      for (const [key, member] of Object.entries(value))
        check(member, type.of, path === '' ? key : `${path}.${key}`, unknown)
      return
    }
    case 'list': {
      if (!Array.isArray(value)) throw new ConversionFailure(`cannot restore slice from ${kindOf(value)}`)
      for (const [index, item] of value.entries()) check(item, type.of, `${path}[${index}]`, unknown)
      return
    }
    case 'bytes': {
      if (typeof value !== 'string') throw new ConversionFailure(`cannot restore slice from ${kindOf(value)}`)
      const normal = normalizeBase64(value)
      if (typeof normal === 'string') return
      throw new ConversionFailure(`error decoding from json: illegal base64 data at input byte ${normal}`)
    }
    case 'string':
      if (typeof value === 'string') return
      throw simple(value, type, 'string')
    case 'bool':
      if (typeof value === 'boolean') return
      throw simple(value, type, 'bool')
    case 'int32':
    case 'int64':
    case 'uint32':
      if (typeof value === 'number' && Number.isInteger(value)) return
      throw simple(value, type, type.kind)
    case 'float64':
      if (typeof value === 'number') return
      throw simple(value, type, type.kind)
    default:
      own(value, type.kind)
  }
}

function struct(value: unknown, type: StructType, path: string, unknown: string[]): void {
  if (!isObject(value)) throw new ConversionFailure(`cannot restore struct from: ${kindOf(value)}`)
  const at = (key: string): string => (path === '' ? key : `${path}.${key}`)
  for (const field of type.fields) {
    if (Object.hasOwn(value, field.name)) check(value[field.name], field.type, at(field.name), unknown)
  }
  for (const key of Object.keys(value)) if (!type.byName.has(key)) unknown.push(`unknown field "${at(key)}"`)
}

/** Go converts between numbers, and could convert a number to a string but must not here; all else it does not know. */
function simple(value: unknown, type: GoType, kind: string): ConversionFailure {
  const number = typeof value === 'number'
  const convertible =
    number && (kind.startsWith('int') || kind.startsWith('uint') || (kind === 'string' && Number.isInteger(value)))
  return new ConversionFailure(
    convertible ? `cannot convert ${goTypeName(value)} to ${type.name}` : `unrecognized type: ${kind}`,
  )
}

/** Types that read their JSON themselves. */
function own(value: unknown, kind: string): void {
  const into = (name: string): ConversionFailure => {
    const what =
      typeof value === 'number' && !Number.isInteger(value) && name === 'int32'
        ? `number ${value}`
        : jsonTypeName(value)
    return new ConversionFailure(`json: cannot unmarshal ${what} into Go value of type ${name}`)
  }
  switch (kind) {
    case 'quantity': {
      const text = typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
      const parsed = text === undefined ? quantityFormatError : Quantity.tryParse(text.trim())
      if (typeof parsed === 'string') throw new ConversionFailure(parsed)
      return
    }
    case 'time':
    case 'microTime': {
      if (typeof value !== 'string') throw into('string')
      const fault = timeFault(value, kind === 'microTime')
      if (fault !== undefined) throw new ConversionFailure(fault)
      return
    }
    case 'duration':
      if (typeof value !== 'string') throw into('string')
      if (parseDuration(value) === undefined) throw new ConversionFailure(`time: invalid duration ${goQuote(value)}`)
      return
    case 'intOrString':
      if (typeof value === 'string') return
      if (typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2147483648) return
      throw into('int32')
    case 'schemaOrBool':
      if (typeof value !== 'boolean' && !isObject(value)) throw new ConversionFailure('boolean or JSON schema expected')
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Go's `reflect.Kind` of a value decoded without a type. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'slice'
  if (isObject(value)) return 'map'
  return goTypeName(value)
}
