import type { Json } from '../objects/types.ts'

/** apiextensions v1 `JSONSchemaProps`, in canonical JSON: `items` and `additionalProperties` in any of their forms. */
export interface JsonSchema {
  readonly id?: string
  readonly $schema?: string
  readonly $ref?: string
  readonly description?: string
  readonly type?: string
  readonly format?: string
  readonly title?: string
  readonly default?: Json
  readonly maximum?: number
  readonly exclusiveMaximum?: boolean
  readonly minimum?: number
  readonly exclusiveMinimum?: boolean
  readonly maxLength?: number
  readonly minLength?: number
  readonly pattern?: string
  readonly maxItems?: number
  readonly minItems?: number
  readonly uniqueItems?: boolean
  readonly multipleOf?: number
  readonly enum?: readonly Json[]
  readonly maxProperties?: number
  readonly minProperties?: number
  readonly required?: readonly string[]
  readonly items?: JsonSchema | readonly JsonSchema[]
  readonly allOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly anyOf?: readonly JsonSchema[]
  readonly not?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema | boolean
  readonly patternProperties?: Readonly<Record<string, JsonSchema>>
  readonly dependencies?: Readonly<Record<string, JsonSchema | readonly string[]>>
  readonly additionalItems?: JsonSchema | boolean
  readonly definitions?: Readonly<Record<string, JsonSchema>>
  readonly externalDocs?: Json
  readonly example?: Json
  readonly nullable?: boolean
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-embedded-resource'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly 'x-kubernetes-list-map-keys'?: readonly string[]
  readonly 'x-kubernetes-list-type'?: string
  readonly 'x-kubernetes-map-type'?: string
  readonly 'x-kubernetes-validations'?: readonly ValidationRule[]
}

export interface ValidationRule {
  readonly rule: string
  readonly message?: string
  readonly messageExpression?: string
  readonly reason?: string
  readonly fieldPath?: string
  readonly optionalOldSelf?: boolean
}

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The one schema of a list's items; undefined where there is none, or one for each place. */
export function itemsOf({ items }: JsonSchema): JsonSchema | undefined {
  return items === undefined || Array.isArray(items) ? undefined : (items as JsonSchema)
}

/** The schema of a map's values. */
export function valuesOf({ additionalProperties }: JsonSchema): JsonSchema | undefined {
  return typeof additionalProperties === 'object' ? additionalProperties : undefined
}

/** What is said of a property by its own name; a schema's `properties` may hold any name. */
export function propertyOf({ properties }: JsonSchema, name: string): JsonSchema | undefined {
  return properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined
}

/** The schema and all that are in it, until `asks` says true of one. */
export function schemaHas(schema: JsonSchema, asks: (schema: JsonSchema) => boolean): boolean {
  if (asks(schema)) return true
  const { items, allOf = [], anyOf = [], oneOf = [], not } = schema
  const inner: (JsonSchema | undefined)[] = [...allOf, ...anyOf, ...oneOf, not, valuesOf(schema)]
  if (Array.isArray(items)) inner.push(...items)
  else inner.push(itemsOf(schema))
  for (const map of [schema.properties, schema.patternProperties, schema.definitions]) {
    if (map !== undefined) inner.push(...Object.values(map))
  }
  return inner.some((one) => one !== undefined && schemaHas(one, asks))
}

/** `spec.a` below `spec`; from the root just the name. */
export const child = (path: string, name: string): string => (path === '' ? name : `${path}.${name}`)
export const keyed = (path: string, key: string): string => `${path}[${key}]`
export const indexed = (path: string, index: number): string => `${path}[${index}]`
