import { dynamicValue } from '../cel/json.ts'
import { parseDuration, parseTimestamp } from '../cel/time.ts'
import {
  bool,
  bytes,
  type CelType,
  double,
  duration,
  dyn,
  int,
  listOf,
  mapOf,
  string,
  timestamp,
} from '../cel/types.ts'
import { JsonMap, List, type ListIdentity, type Value } from '../cel/values.ts'
import { type Fields, isFields, itemsOf, type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'

/** What a resource's schema shows to expressions besides its own fields. */
export function withObjectMeta(schema: JsonSchema): JsonSchema {
  const text: JsonSchema = { type: 'string' }
  const metadata: JsonSchema = { type: 'object', properties: { name: text, generateName: text } }
  return { ...schema, properties: { ...schema.properties, kind: text, apiVersion: text, metadata } }
}

const keywords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
)

/** A property's name as expressions write it; undefined for names that cannot be. */
export function escapeName(name: string): string | undefined {
  if (keywords.has(name)) return `__${name}__`
  if (!/^[a-zA-Z_.\-/][a-zA-Z0-9_.\-/]*$/.test(name)) return undefined
  return name.replaceAll(/__|\.|-|\//g, (part) => escapes.get(part) ?? part)
}

const escapes: ReadonlyMap<string, string> = new Map([
  ['__', '__underscores__'],
  ['.', '__dot__'],
  ['-', '__dash__'],
  ['/', '__slash__'],
])

/** The type of a schema's values; undefined where expressions cannot see them: no type, or items of which nothing is said. */
export function celTypeOf(schema: JsonSchema, isResource: boolean, name = 'object'): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return dyn
  switch (schema.type) {
    case 'array': {
      const items = itemsOf(schema)
      const type = items === undefined ? undefined : celTypeOf(items, isEmbedded(items), `${name}.@idx`)
      return type === undefined ? undefined : listOf(type)
    }
    case 'object':
      return objectType(isResource ? withObjectMeta(schema) : schema, name)
    case 'string':
      return stringType(schema.format)
    case 'boolean':
      return bool
    case 'integer':
      return int
    case 'number':
      return double
    default:
      return undefined
  }
}

const isEmbedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true

function stringType(format: string | undefined): CelType {
  switch (format) {
    case 'byte':
      return bytes
    case 'duration':
      return duration
    case 'date':
    case 'date-time':
      return timestamp
    default:
      return string
  }
}

function objectType(schema: JsonSchema, name: string): CelType | undefined {
  const values = valuesOf(schema)
  if (values !== undefined) {
    const type = celTypeOf(values, isEmbedded(values), `${name}.@elem`)
    return type === undefined ? undefined : mapOf(string, type)
  }
  const fields = new Map<string, CelType>()
  for (const [property, inner] of Object.entries(schema.properties ?? {})) {
    const escaped = escapeName(property)
    const type = escaped === undefined ? undefined : celTypeOf(inner, isEmbedded(inner), `${name}.${property}`)
    if (escaped !== undefined && type !== undefined) fields.set(escaped, type)
  }
  return { kind: 'struct', name, field: (field) => fields.get(field) }
}

/** A value as its schema has expressions see it. */
export function celValueOf(value: unknown, schema: JsonSchema, isResource: boolean): Value {
  if (value === null || value === undefined) return null
  if (schema['x-kubernetes-int-or-string'] === true) return dynamicValue(value)
  if (schema.type === undefined) return dynamicValue(value)
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items === undefined) return dynamicValue(value)
    return new List(
      value.map((item) => celValueOf(item, items, isEmbedded(items))),
      identityOf(schema),
    )
  }
  if (isFields(value)) return objectValue(value, isResource ? withObjectMeta(schema) : schema)
  if (typeof value === 'string') return stringValue(value, schema.format)
  if (typeof value === 'number') return schema.type === 'number' ? value : BigInt(Math.trunc(value))
  return typeof value === 'boolean' ? value : null
}

function identityOf(schema: JsonSchema): ListIdentity | undefined {
  const keys = schema['x-kubernetes-list-map-keys']
  if (schema['x-kubernetes-list-type'] === 'set') return { kind: 'set' }
  if (schema['x-kubernetes-list-type'] === 'map' && keys !== undefined) return { kind: 'map', keys }
  return undefined
}

function stringValue(text: string, format: string | undefined): Value {
  switch (format) {
    case 'byte':
      return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    case 'duration':
      return parseDuration(text) ?? text
    case 'date':
      return parseTimestamp(`${text}T00:00:00Z`) ?? text
    case 'date-time':
      return parseTimestamp(text.toUpperCase()) ?? text
    default:
      return text
  }
}

function objectValue(value: Fields, schema: JsonSchema): Value {
  const values = valuesOf(schema)
  if (values !== undefined) return new JsonMap(value, (_, field) => celValueOf(field, values, isEmbedded(values)))
  const names = new Map<string, string>()
  for (const property of Object.keys(schema.properties ?? {})) {
    const escaped = escapeName(property)
    if (escaped !== undefined && Object.hasOwn(value, property)) names.set(escaped, property)
  }
  const convert = (property: string, field: unknown): Value => {
    const inner = propertyOf(schema, property) as JsonSchema
    return celValueOf(field, inner, isEmbedded(inner))
  }
  return new JsonMap(value, convert, [...names.keys()], (name) => names.get(name))
}
