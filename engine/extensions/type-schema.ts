import type { Json, TypeSchema } from '../objects/types.ts'
import { itemsOf, type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'

const any: TypeSchema = { type: 'any', field: () => undefined }
const text: TypeSchema = { type: 'string', field: () => undefined }

/** A definition's schema as patch and apply ask it; `objectMeta` is that of built-in objects. */
export function typeSchemaOf(schema: JsonSchema | undefined, objectMeta: TypeSchema): TypeSchema {
  return new CustomType(schema ?? { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, objectMeta, true)
}

class CustomType implements TypeSchema {
  readonly type: TypeSchema['type']
  readonly format?: string
  readonly default?: Json
  readonly listType?: 'atomic' | 'set' | 'map'
  readonly listMapKeys?: readonly string[]
  readonly mapType?: 'atomic' | 'granular'
  readonly preserveUnknown?: boolean
  declare readonly items?: TypeSchema
  readonly #schema: JsonSchema
  readonly #objectMeta: TypeSchema
  readonly #isResource: boolean
  #properties: ReadonlyMap<string, TypeSchema> | undefined
  #rest: TypeSchema | undefined

  constructor(schema: JsonSchema, objectMeta: TypeSchema, isResource: boolean) {
    this.#schema = schema
    this.#objectMeta = objectMeta
    this.#isResource = isResource
    const intOrString = schema['x-kubernetes-int-or-string'] === true
    this.type = intOrString ? 'string' : typeName(schema, isResource)
    const format = intOrString ? 'int-or-string' : schema.format
    if (format !== undefined) this.format = format
    if (schema.default !== undefined) this.default = schema.default
    const listType = schema['x-kubernetes-list-type']
    if (listType === 'atomic' || listType === 'set' || listType === 'map') this.listType = listType
    const keys = schema['x-kubernetes-list-map-keys']
    if (keys !== undefined) this.listMapKeys = keys
    const mapType = schema['x-kubernetes-map-type']
    if (mapType === 'atomic' || mapType === 'granular') this.mapType = mapType
    if (schema['x-kubernetes-preserve-unknown-fields'] === true) this.preserveUnknown = true
    const items = itemsOf(schema)
    if (items !== undefined) this.items = typeOf(items, objectMeta)
  }

  get properties(): ReadonlyMap<string, TypeSchema> {
    this.#properties ??= new Map([
      ...Object.entries(this.#schema.properties ?? {}).map(
        ([name, inner]) => [name, typeOf(inner, this.#objectMeta)] as const,
      ),
      ...(this.#isResource ? resourceFields(this.#objectMeta) : []),
    ])
    return this.#properties
  }

  field(name: string): TypeSchema | undefined {
    const property = this.properties.get(name)
    if (property !== undefined) return property
    const { additionalProperties } = this.#schema
    if (additionalProperties === true) return any
    const values = valuesOf(this.#schema)
    if (values === undefined) return undefined
    this.#rest ??= typeOf(values, this.#objectMeta)
    return propertyOf(this.#schema, name) === undefined ? this.#rest : undefined
  }
}

function typeOf(schema: JsonSchema, objectMeta: TypeSchema): TypeSchema {
  return new CustomType(schema, objectMeta, schema['x-kubernetes-embedded-resource'] === true)
}

function resourceFields(objectMeta: TypeSchema): readonly (readonly [string, TypeSchema])[] {
  return [
    ['apiVersion', text],
    ['kind', text],
    ['metadata', objectMeta],
  ]
}

function typeName({ type }: JsonSchema, isResource: boolean): TypeSchema['type'] {
  switch (type) {
    case 'object':
    case 'array':
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
      return type
    default:
      return isResource ? 'object' : 'any'
  }
}
