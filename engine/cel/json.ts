import { JsonMap, List, type Value } from './values.ts'

/** JSON of which no schema is known: whole numbers are ints, others doubles. */
export function dynamicValue(json: unknown): Value {
  switch (typeof json) {
    case 'string':
    case 'boolean':
      return json
    case 'number':
      return Number.isSafeInteger(json) ? BigInt(json) : json
    case 'object':
      if (json === null) return null
      if (Array.isArray(json)) return new List(json.map(dynamicValue))
      return new JsonMap(json as Readonly<Record<string, unknown>>, (_, value) => dynamicValue(value))
    default:
      return null
  }
}
