import { Regex, RegexError } from '../cel/regex.ts'
import { deepEqual } from '../objects/equal.ts'
import { type FieldError, forbiddenField, invalidValue, requiredValue } from '../objects/field-error.ts'
import { child, indexed, itemsOf, type JsonSchema, keyed, propertyOf, valuesOf } from './json-schema.ts'

type Level = 'root' | 'item' | 'field'

/** What keeps a schema from being structural, sorted by sentence: apiextensions' `ValidateStructural` (1.34). */
export function structuralErrors(schema: JsonSchema, path: string): FieldError[] {
  const errors = [...invariants(schema, 'root', path), ...completeness(schema, schema, path, path)]
  const text = ({ field, body }: FieldError): string => `${field}: ${body}`
  return errors.toSorted((one, other) => (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : 0))
}

function invariants(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = []
  const items = itemsOf(schema)
  if (schema.type === 'array' && items === undefined)
    errors.push(requiredValue(child(path, 'items'), 'must be specified'))
  if (items !== undefined) errors.push(...invariants(items, 'item', child(path, 'items')))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...invariants(property, 'field', keyed(child(path, 'properties'), name)))
  }
  const { additionalProperties } = schema
  if (additionalProperties !== undefined) {
    const at = child(path, 'additionalProperties')
    if (level === 'root') errors.push(forbiddenField(at, 'must not be used at the root'))
    const values = valuesOf(schema)
    if (values !== undefined) errors.push(...invariants(values, 'field', at))
  }
  errors.push(...extensionErrors(schema, path))
  errors.push(...junctions(schema, isEither(schema.anyOf), isEither(schema.allOf?.[0]?.anyOf), path))
  errors.push(...typeErrors(schema, level, path), ...metadataErrors(schema, level, path))
  return errors
}

/** The two ways to write int-or-string that may name types below. */
function isEither(anyOf: readonly JsonSchema[] | undefined): boolean {
  return deepEqual(anyOf, [{ type: 'integer' }, { type: 'string' }])
}

function extensionErrors(schema: JsonSchema, path: string): FieldError[] {
  if (schema['x-kubernetes-int-or-string'] !== true) return []
  const names = ['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const
  return names.flatMap((name) =>
    schema[name] === true
      ? [invalidValue(child(path, name), true, 'must be false if x-kubernetes-int-or-string is true')]
      : [],
  )
}

function typeErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = []
  const at = child(path, 'type')
  const type = schema.type ?? ''
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const keeps = schema['x-kubernetes-preserve-unknown-fields'] === true
  if (embedded && type !== 'object') {
    const rule = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(type === '' ? requiredValue(at, rule) : invalidValue(at, type, rule))
  } else if (type === '' && schema['x-kubernetes-int-or-string'] !== true && !keeps) {
    errors.push(requiredValue(at, emptyTypes[level]))
  }
  if (embedded && schema.additionalProperties !== undefined) {
    const rule = 'must not be used if x-kubernetes-embedded-resource is set'
    errors.push(forbiddenField(child(path, 'additionalProperties'), rule))
  }
  if (level === 'root' && type !== '' && type !== 'object') {
    errors.push(invalidValue(at, type, 'must be object at the root'))
  }
  if (embedded && !keeps && Object.keys(schema.properties ?? {}).length === 0) {
    const rule =
      'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'
    errors.push(requiredValue(child(path, 'properties'), rule))
  }
  return errors
}

const emptyTypes: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root',
  item: 'must not be empty for specified array items',
  field: 'must not be empty for specified object fields',
}

function metadataErrors(schema: JsonSchema, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = []
  const checks = level === 'root' || schema['x-kubernetes-embedded-resource'] === true
  const properties = child(path, 'properties')
  for (const name of ['kind', 'apiVersion']) {
    const property = propertyOf(schema, name)
    if (!checks || property === undefined || property.type === 'string') continue
    errors.push(invalidValue(child(keyed(properties, name), 'type'), property.type ?? '', 'must be string'))
  }
  const metadata = propertyOf(schema, 'metadata')
  if (metadata === undefined) return errors
  const at = keyed(properties, 'metadata')
  if (checks && metadata.type !== 'object') {
    errors.push(invalidValue(child(at, 'type'), metadata.type ?? '', 'must be object'))
  }
  if (level !== 'root') return errors
  const { type: _, default: __, properties: named = {}, ...rest } = metadata
  const names = Object.keys(named)
  const onlyNames = names.length > 0 && names.every((name) => name === 'name' || name === 'generateName')
  if (Object.keys(rest).length > 0 || (names.length > 0 && !onlyNames)) {
    const rule = 'must not specify anything other than name and generateName, but metadata is implicitly specified'
    errors.push(forbiddenField(at, rule))
  }
  return errors
}

function junctions(schema: JsonSchema, skipAnyOf: boolean, skipFirst: boolean, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!skipAnyOf) {
    for (const [index, inner] of (schema.anyOf ?? []).entries()) {
      errors.push(...nested(inner, false, indexed(child(path, 'anyOf'), index)))
    }
  }
  for (const [index, inner] of (schema.allOf ?? []).entries()) {
    errors.push(...nested(inner, skipFirst && index === 0, indexed(child(path, 'allOf'), index)))
  }
  for (const [index, inner] of (schema.oneOf ?? []).entries()) {
    errors.push(...nested(inner, false, indexed(child(path, 'oneOf'), index)))
  }
  if (schema.not !== undefined) errors.push(...nested(schema.not, false, child(path, 'not')))
  const { pattern } = schema
  const wrong = pattern === undefined || pattern === '' ? undefined : regexFault(pattern)
  if (wrong !== undefined) {
    errors.push(
      invalidValue(child(path, 'pattern'), pattern, `must be a valid regular expression, but isn't: ${wrong}`),
    )
  }
  return errors
}

function regexFault(pattern: string): string | undefined {
  try {
    return new Regex(pattern).source === pattern ? undefined : ''
  } catch (error) {
    if (error instanceof RegexError) return error.message
    throw error
  }
}

const mustBe: readonly (readonly [keyof JsonSchema, string])[] = [
  ['type', 'must be empty to be structural'],
  ['additionalProperties', 'must be undefined to be structural'],
  ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'],
  ['description', 'must be empty to be structural'],
  ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'],
  ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'],
  ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'],
  ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

/** Below allOf, anyOf, oneOf and not, only values may be restricted. */
function nested(schema: JsonSchema, skipAnyOf: boolean, path: string): FieldError[] {
  const errors = junctions(schema, skipAnyOf, false, path)
  const items = itemsOf(schema)
  if (items !== undefined) errors.push(...nested(items, false, child(path, 'items')))
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    errors.push(...nested(property, false, keyed(child(path, 'properties'), name)))
  }
  for (const [name, rule] of mustBe) {
    const value = schema[name]
    const given =
      value !== undefined && value !== '' && value !== false && !(Array.isArray(value) && value.length === 0)
    if (given) errors.push(forbiddenField(child(path, name), rule))
  }
  if (propertyOf(schema, 'metadata') !== undefined) {
    errors.push(
      forbiddenField(keyed(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context'),
    )
  }
  return errors
}

/** What junctions speak of must be said outside of them too. */
function completeness(
  values: JsonSchema,
  schema: JsonSchema | undefined,
  schemaPath: string,
  path: string,
): FieldError[] {
  if (schema === undefined) return [requiredValue(schemaPath, `because it is defined in ${path}`)]
  const errors: FieldError[] = []
  const look = (inner: JsonSchema, at: string): void => {
    errors.push(...nestedCompleteness(inner, schema, schemaPath, at))
  }
  if (values.not !== undefined) look(values.not, child(path, 'not'))
  for (const kind of ['allOf', 'anyOf', 'oneOf'] as const) {
    for (const [index, inner] of (values[kind] ?? []).entries()) look(inner, indexed(child(path, kind), index))
  }
  return errors
}

function nestedCompleteness(
  values: JsonSchema,
  schema: JsonSchema | undefined,
  schemaPath: string,
  path: string,
): FieldError[] {
  if (schema === undefined) return [requiredValue(schemaPath, `because it is defined in ${path}`)]
  const errors = completeness(values, schema, schemaPath, path)
  const items = itemsOf(values)
  if (items !== undefined) {
    errors.push(...nestedCompleteness(items, itemsOf(schema), child(schemaPath, 'items'), child(path, 'items')))
  }
  for (const [name, property] of Object.entries(values.properties ?? {})) {
    const at = keyed(child(schemaPath, 'properties'), name)
    const from = keyed(child(path, 'properties'), name)
    errors.push(...nestedCompleteness(property, propertyOf(schema, name), at, from))
  }
  return errors
}
