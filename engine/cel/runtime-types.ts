import type { CelType } from './types.ts'
import { Duration, isMap, List, Opaque, Optional, Timestamp, TypeValue, Uint, type Value } from './values.ts'

/** Whether a value may be an argument of a type, as far as can be told without looking into lists and maps. */
export function fits(value: Value, type: CelType): boolean {
  switch (type.kind) {
    case 'list':
      return value instanceof List
    case 'map':
    case 'struct':
      return typeof value === 'object' && value !== null && isMap(value)
    case 'type':
      return value instanceof TypeValue
    case 'opaque':
      return type.name === 'optional_type'
        ? value instanceof Optional
        : value instanceof Opaque && value.typeName === type.name
    case 'param':
      return true
    case 'simple':
      break
  }
  switch (type.name) {
    case 'dyn':
    case 'error':
      return true
    case 'null':
      return value === null
    case 'bool':
      return typeof value === 'boolean'
    case 'int':
      return typeof value === 'bigint'
    case 'uint':
      return value instanceof Uint
    case 'double':
      return typeof value === 'number'
    case 'string':
      return typeof value === 'string'
    case 'bytes':
      return value instanceof Uint8Array
    case 'timestamp':
      return value instanceof Timestamp
    case 'duration':
      return value instanceof Duration
  }
}
