import type { TypeSchema } from '../objects/types.ts'
import { keyElement, type PathElement, valueElement } from './path-element.ts'

export type Fields = Readonly<Record<string, unknown>>
export type List = readonly unknown[]

/** What structured merge takes a value for: its schema says so, or, where any value may stand, the value itself. */
export type Shape = 'scalar' | 'list' | 'map'

/** Any value: maps merge by key, lists are whole. */
export const anyType: TypeSchema = { type: 'any', field: () => anyType }

export function isMap(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function shapeOf(schema: TypeSchema, value: unknown): Shape {
  switch (schema.type) {
    case 'object':
      return 'map'
    case 'array':
      return 'list'
    case 'any':
      if (Array.isArray(value)) return 'list'
      return typeof value === 'object' || value === undefined ? 'map' : 'scalar'
    default:
      return 'scalar'
  }
}

/** Whole or not at all: such maps and lists have one owner. Lists are, unless their schema says how items are told apart. */
export function isAtomic(schema: TypeSchema, shape: Shape): boolean {
  if (shape === 'map') return schema.mapType === 'atomic'
  return listKind(schema) === 'atomic'
}

function listKind(schema: TypeSchema): 'atomic' | 'set' | 'map' {
  if (schema.listType !== undefined) return schema.listType
  if (schema.patchStrategy?.includes('merge') !== true) return 'atomic'
  return schema.patchMergeKey === undefined ? 'set' : 'map'
}

/** The schema of a field; undefined where the type does not know it. */
export function declaredField(schema: TypeSchema, name: string): TypeSchema | undefined {
  const field = schema.field(name)
  if (field !== undefined) return field
  return schema.type === 'any' || schema.preserveUnknown === true ? anyType : undefined
}

export function fieldSchema(schema: TypeSchema, name: string): TypeSchema {
  return declaredField(schema, name) ?? anyType
}

/** Whether a field is one of a struct's own, rather than an entry of a map. */
export function isNamed(schema: TypeSchema, name: string): boolean {
  if (schema.type !== 'object') return false
  return schema.properties?.has(name) ?? schema.field(name) !== undefined
}

export function itemSchema(schema: TypeSchema): TypeSchema {
  return schema.items ?? anyType
}

/** How an item of a set or keyed list is known. @throws Error with upstream's sentence where it cannot be. */
export function itemElement(schema: TypeSchema, item: unknown): PathElement {
  if (listKind(schema) === 'set') return setElement(item)
  if (item === null) throw new Error('associative list with keys may not have a null element')
  if (!isMap(item)) throw new Error('associative list with keys may not have non-map elements')
  const keys = schema.listMapKeys ?? (schema.patchMergeKey === undefined ? [] : [schema.patchMergeKey])
  const found = new Map<string, unknown>()
  for (const key of keys) {
    const value = Object.hasOwn(item, key) ? item[key] : itemSchema(schema).field(key)?.default
    if (value !== undefined) found.set(key, value)
  }
  if (found.size === 0 && keys.length > 0) {
    const quoted = keys.map((key) => JSON.stringify(key)).join(' ')
    throw new Error(
      `associative list with keys has an element that omits all key fields [${quoted}] (and doesn't have default values for any key fields)`,
    )
  }
  return keyElement(found)
}

function setElement(item: unknown): PathElement {
  if (isMap(item)) throw new Error("associative list without keys has an element that's a map type")
  if (Array.isArray(item)) throw new Error('not supported: associative list with lists as elements')
  if (item === null) throw new Error("associative list without keys has an element that's an explicit null")
  return valueElement(item)
}

/** Whether there is nothing to go into: absent, null, of another type or empty. */
export function hasNoFields(value: unknown): boolean {
  return !isMap(value) || Object.keys(value).length === 0
}

export function hasNoItems(value: unknown): boolean {
  return !Array.isArray(value) || value.length === 0
}

/**
 * What an object of a type holds before anything is set: structs that are never absent, and what upstream's types always write. Fields that a create
 * finds in it are changed by it, not added.
 */
export function emptyOf(schema: TypeSchema): Record<string, unknown> {
  const empty: Record<string, unknown> = {}
  for (const [name, field] of schema.properties ?? []) {
    if (field.type === 'object' && isMap(field.default)) empty[name] = emptyOf(field)
    else if (schema.required?.includes(name) && field.type === 'array') empty[name] = null
  }
  return empty
}
