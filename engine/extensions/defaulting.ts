import { setField } from '../objects/paths.ts'
import { isFields, itemsOf, type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'

/** Whether a null stands where the schema allows none. */
const isWrongNull = (value: unknown, schema: JsonSchema | undefined): boolean =>
  value === null && schema !== undefined && schema.nullable !== true

/**
 * The value with the schema's defaults where something is missing, or null without being allowed to. Nulls that are neither allowed nor have a
 * default are dropped first. As apiextensions' defaulting (1.34); the same value if nothing changes.
 */
export function applyDefaults<T>(value: T, schema: JsonSchema): T {
  return fill(dropNulls(value, schema), schema) as T
}

function dropNulls(value: unknown, schema: JsonSchema | undefined): unknown {
  if (Array.isArray(value)) {
    const items = schema === undefined ? undefined : itemsOf(schema)
    const next = value.map((item) => dropNulls(item, items))
    return next.every((item, index) => item === value[index]) ? value : next
  }
  if (!isFields(value)) return value
  const result: Record<string, unknown> = {}
  let same = true
  for (const [name, field] of Object.entries(value)) {
    const inner = schema === undefined ? undefined : (propertyOf(schema, name) ?? valuesOf(schema))
    if (isWrongNull(field, inner) && (inner?.default === undefined || inner.default === null)) {
      same = false
      continue
    }
    const next = dropNulls(field, inner)
    if (next !== field) same = false
    setField(result, name, next)
  }
  return same ? value : result
}

function fill(value: unknown, schema: JsonSchema | undefined): unknown {
  if (schema === undefined) return value
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    const next = value.map((item) => fill(isWrongNull(item, items) ? (items?.default ?? null) : item, items))
    return next.every((item, index) => item === value[index]) ? value : next
  }
  if (!isFields(value)) return value
  let result: Record<string, unknown> | undefined
  const set = (name: string, field: unknown): void => {
    result ??= { ...value }
    setField(result, name, field)
  }
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (property.default === undefined || property.default === null) continue
    if (!Object.hasOwn(value, name) || isWrongNull(value[name], property)) set(name, property.default)
  }
  for (const [name, field] of Object.entries(result ?? value)) {
    const property = propertyOf(schema, name)
    const inner = property ?? valuesOf(schema)
    const start = property === undefined && isWrongNull(field, inner) ? (inner?.default ?? null) : field
    const next = fill(start, inner)
    if (next !== field) set(name, next)
  }
  return result ?? value
}
