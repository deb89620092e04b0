import { goJson } from '../apply/path-element.ts'
import { duplicateValue, type FieldError, invalidValue } from '../objects/field-error.ts'
import { child, indexed, isFields, itemsOf, type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'

/** Items that are there twice, in lists of which x-kubernetes-list-type says that they must not be. */
export function listTypeErrors(value: unknown, schema: JsonSchema, path = ''): FieldError[] {
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    return [
      ...ownErrors(value, schema, path),
      ...(items === undefined ? [] : value.flatMap((item, index) => listTypeErrors(item, items, indexed(path, index)))),
    ]
  }
  if (!isFields(value)) return []
  return Object.entries(value).flatMap(([name, field]) => {
    const property = propertyOf(schema, name)
    if (property !== undefined) return listTypeErrors(field, property, child(path, name))
    const values = valuesOf(schema)
    return values === undefined ? [] : listTypeErrors(field, values, `${path}[${name}]`)
  })
}

function ownErrors(list: readonly unknown[], schema: JsonSchema, path: string): FieldError[] {
  switch (schema['x-kubernetes-list-type']) {
    case 'set':
      return twice(list).map((index) => duplicateValue(indexed(path, index), list[index]))
    case 'map': {
      const wrong = list.findIndex((item) => item !== null && !isFields(item))
      if (wrong !== -1) {
        const message = 'must be an object for an array of list-type map'
        return [invalidValue(indexed(path, wrong), list[wrong], message)]
      }
      const names = schema['x-kubernetes-list-map-keys'] ?? []
      const keys = list.map((item) => {
        const given = names.filter((name) => isFields(item) && Object.hasOwn(item, name))
        return Object.fromEntries(given.toSorted().map((name) => [name, (item as Record<string, unknown>)[name]]))
      })
      return twice(keys).map((index) => duplicateValue(indexed(path, index), keys[index]))
    }
    default:
      return []
  }
}

/** The second places of what stands more than once. */
function twice(list: readonly unknown[]): number[] {
  const times = new Map<string, number>()
  const found: number[] = []
  for (const [index, item] of list.entries()) {
    const text = goJson(sorted(item))
    const seen = times.get(text) ?? 0
    times.set(text, seen + 1)
    if (seen === 1) found.push(index)
  }
  return found
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (!isFields(value)) return value
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  )
}
