import { deepEqual } from '../objects/equal.ts'
import { isFields, itemsOf, type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'

/**
 * A value with the value that stood in its place before an update, followed down the schema as apiserver's `CorrelatedObject` (1.34): items of
 * lists only where the list is a map by keys.
 */
export class Correlated {
  readonly value: unknown
  readonly old: unknown
  readonly #schema: JsonSchema | undefined
  #equal: boolean | undefined

  constructor(value: unknown, old: unknown, schema: JsonSchema | undefined) {
    this.value = value
    this.old = old
    this.#schema = schema
  }

  get unchanged(): boolean {
    this.#equal ??= deepEqual(this.value, this.old)
    return this.#equal
  }

  key(name: string): Correlated | undefined {
    const schema = this.#schema
    if (schema === undefined || !isFields(this.value) || !isFields(this.old)) return undefined
    if (!Object.hasOwn(this.value, name) || !Object.hasOwn(this.old, name)) return undefined
    const inner = propertyOf(schema, name) ?? valuesOf(schema)
    return inner === undefined ? undefined : new Correlated(this.value[name], this.old[name], inner)
  }

  index(index: number): Correlated | undefined {
    const items = this.#schema === undefined ? undefined : itemsOf(this.#schema)
    if (items === undefined || !Array.isArray(this.value) || !Array.isArray(this.old)) return undefined
    const item: unknown = this.value[index]
    const old = oldItem(this.old, item, this.#schema as JsonSchema)
    return old === undefined ? undefined : new Correlated(item, old, items)
  }
}

/** The item with the same keys in the list as it was. */
export function oldItem(old: readonly unknown[], item: unknown, schema: JsonSchema): unknown {
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  if (schema['x-kubernetes-list-type'] !== 'map' || !isFields(item)) return undefined
  return old.find(
    (before) => isFields(before) && keys.every((key) => deepEqual(before[key] ?? null, item[key] ?? null)),
  )
}
