import { setField } from '../objects/paths.ts'
import { type Fields, isFields, itemsOf, type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'

const metaFields = new Set(['apiVersion', 'kind', 'metadata'])

/** What is left when what the schema does not name is dropped, with the paths of what was, sorted: apiextensions' pruning (1.34). */
export function prune(
  value: Fields,
  schema: JsonSchema,
  isResource: boolean,
): { readonly value: Fields; readonly unknown: readonly string[] } {
  const unknown: string[] = []
  const root = isResource ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema
  const pruned = pruneValue(value, root, '', unknown)
  return { value: pruned as Fields, unknown: unknown.sort() }
}

function pruneValue(value: unknown, schema: JsonSchema | undefined, path: string, unknown: string[]): unknown {
  if (Array.isArray(value)) {
    const keeps = schema?.['x-kubernetes-preserve-unknown-fields'] === true
    const items = schema === undefined ? undefined : itemsOf(schema)
    // Where unknown fields are kept and nothing is said of the items, they are kept too.
    const inner = keeps ? (items === undefined ? undefined : keeping(items)) : items
    if (keeps && inner === undefined) return value
    return changed(value, (item, index) => pruneValue(item, inner, `${path}[${index}]`, unknown))
  }
  if (!isFields(value)) return value
  const result: Record<string, unknown> = {}
  let same = true
  for (const [name, field] of Object.entries(value)) {
    const next = pruneField(name, field, schema, path, unknown)
    if (next === undefined) same = false
    else {
      if (next !== field) same = false
      setField(result, name, next)
    }
  }
  return same ? value : result
}

/** Items of a list that keeps what it does not know keep it as well, as upstream's walk through them does. */
function keeping(schema: JsonSchema): JsonSchema {
  return { ...schema, 'x-kubernetes-preserve-unknown-fields': true }
}

/** Undefined where the field is dropped. */
function pruneField(
  name: string,
  field: unknown,
  schema: JsonSchema | undefined,
  path: string,
  unknown: string[],
): unknown {
  const at = path === '' ? name : `${path}.${name}`
  if (schema !== undefined) {
    if (schema['x-kubernetes-embedded-resource'] === true && metaFields.has(name)) return field
    const property = propertyOf(schema, name)
    if (property !== undefined) return pruneValue(field, property, at, unknown)
    if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
      return pruneValue(field, valuesOf(schema), at, unknown)
    }
    if (schema['x-kubernetes-preserve-unknown-fields'] === true) return field
  }
  if (!metaFields.has(name) || path !== '') unknown.push(at)
  return undefined
}

function changed(list: readonly unknown[], change: (item: unknown, index: number) => unknown): readonly unknown[] {
  const next = list.map(change)
  return next.every((item, index) => item === list[index]) ? list : next
}
