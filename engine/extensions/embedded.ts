import { DecodeFailure } from '../decode/exact.ts'
import { metadataErrors, pathSegmentNameErrors } from '../kinds/metadata.ts'
import { type FieldError, invalidValue, requiredValue } from '../objects/field-error.ts'
import { dns1035LabelErrors } from '../objects/names.ts'
import { setField } from '../objects/paths.ts'
import type { NewObject, ObjectMeta } from '../objects/types.ts'
import {
  child,
  type Fields,
  indexed,
  isFields,
  itemsOf,
  type JsonSchema,
  keyed,
  propertyOf,
  schemaHas,
  valuesOf,
} from './json-schema.ts'
import type { MetadataReader } from './object-meta.ts'

const isEmbedded = (schema: JsonSchema): boolean => schema['x-kubernetes-embedded-resource'] === true

/** Objects that stand inside of custom resources (`x-kubernetes-embedded-resource`): apiextensions' `objectmeta` (1.34). */
export class EmbeddedObjects {
  readonly #schema: JsonSchema
  readonly #any: boolean

  constructor(schema: JsonSchema) {
    this.#schema = schema
    this.#any = schemaHas(schema, isEmbedded)
  }

  /**
   * The object with the metadata of those inside as Go would write them, and the paths of what was unknown in them, sorted.
   * @throws DecodeFailure where types are wrong.
   */
  coerce<T extends object>(
    object: T,
    reader: MetadataReader,
  ): { readonly object: T; readonly unknown: readonly string[] } {
    if (!this.#any) return { object, unknown: [] }
    const unknown: string[] = []
    const coerced = coerce(object, this.#schema, '', { reader, unknown })
    return { object: coerced as T, unknown: unknown.sort() }
  }

  /** What is wrong with the kinds and metadata of those inside. */
  errors(object: object): FieldError[] {
    return this.#any ? errorsIn(object, this.#schema, '') : []
  }
}

/** Fields of a value with the schemas and paths of each. */
function* inside(
  value: unknown,
  schema: JsonSchema,
  path: string,
): Iterable<readonly [string | number, unknown, JsonSchema, string]> {
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items === undefined) return
    for (const [index, item] of value.entries()) yield [index, item, items, indexed(path, index)]
  } else if (isFields(value)) {
    for (const [name, field] of Object.entries(value)) {
      const property = propertyOf(schema, name)
      const inner = property ?? valuesOf(schema)
      if (inner !== undefined)
        yield [name, field, inner, property === undefined ? keyed(path, name) : child(path, name)]
    }
  }
}

interface Coercion {
  readonly reader: MetadataReader
  readonly unknown: string[]
}

function coerce(value: unknown, schema: JsonSchema, path: string, run: Coercion): unknown {
  const typed = isEmbedded(schema) && isFields(value) ? coerceOne(value, path, run) : value
  const changes = [...inside(typed, schema, path)].flatMap(([name, field, inner, at]) => {
    const next = coerce(field, inner, at, run)
    return next === field ? [] : [[name, next] as const]
  })
  if (changes.length === 0) return typed
  const changed = Array.isArray(typed) ? [...typed] : { ...(typed as Fields) }
  for (const [name, next] of changes) {
    if (Array.isArray(changed)) changed[name as number] = next
    else setField(changed, String(name), next)
  }
  return changed
}

function coerceOne(value: Fields, path: string, { reader, unknown }: Coercion): Fields {
  for (const name of ['apiVersion', 'kind']) {
    const field = value[name]
    if (field !== undefined && typeof field !== 'string') throw failure(child(path, name), field, 'must be a string')
  }
  if (value.metadata === undefined) return value
  try {
    const { object, unknown: strange } = reader.coerce({ metadata: value.metadata } as NewObject)
    unknown.push(...strange.map((name) => child(path, name)))
    return { ...value, metadata: object.metadata }
  } catch (error) {
    if (!(error instanceof DecodeFailure)) throw error
    throw failure(child(path, 'metadata'), value.metadata, error.message)
  }
}

function failure(field: string, value: unknown, rule: string): DecodeFailure {
  return new DecodeFailure(`${field}: ${invalidValue(field, value, rule).body}`)
}

function errorsIn(value: unknown, schema: JsonSchema, path: string): FieldError[] {
  const errors = isEmbedded(schema) && isFields(value) ? ownErrors(value, path) : []
  for (const [, field, inner, at] of inside(value, schema, path)) errors.push(...errorsIn(field, inner, at))
  return errors
}

function ownErrors(value: Fields, path: string): FieldError[] {
  const errors: FieldError[] = []
  for (const name of ['apiVersion', 'kind']) {
    if (!Object.hasOwn(value, name)) errors.push(requiredValue(child(path, name)))
  }
  for (const [name, field] of Object.entries(value)) {
    const at = child(path, name)
    if (name === 'apiVersion') errors.push(...typeErrors(field, at, versionErrors))
    else if (name === 'kind') errors.push(...typeErrors(field, at, kindErrors))
    else if (name === 'metadata') errors.push(...ownMetadataErrors(field as Partial<ObjectMeta>, at))
  }
  return errors
}

function typeErrors(value: unknown, field: string, formErrors: (text: string) => readonly string[]): FieldError[] {
  if (typeof value !== 'string') return [invalidValue(field, value, 'must be a string')]
  if (value === '') return [invalidValue(field, value, 'must not be empty')]
  return formErrors(value).map((why) => invalidValue(field, value, why))
}

function versionErrors(text: string): readonly string[] {
  return text.split('/').length > 2 ? [`unexpected GroupVersion string: ${text}`] : []
}

function kindErrors(text: string): readonly string[] {
  const wrong = dns1035LabelErrors(text.toLowerCase())
  return wrong.length === 0 ? [] : [`may have mixed case, but should otherwise match: ${wrong.join(',')}`]
}

/** A name may be missing: it may come later. */
function ownMetadataErrors(metadata: Partial<ObjectMeta>, field: string): FieldError[] {
  const { name = '', namespace = '' } = metadata
  const named = name === '' ? { ...metadata, name: 'fakename' } : metadata
  return metadataErrors(named, { namespaced: namespace !== '', nameErrors: pathSegmentNameErrors, field })
}
