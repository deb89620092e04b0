import { goJson } from '../apply/path-element.ts'
import { Regex } from '../cel/regex.ts'
import { deepEqual } from '../objects/equal.ts'
import {
  type FieldError,
  invalidType,
  invalidValue,
  notSupported,
  requiredValue,
  tooLongValue,
  tooManyItems,
} from '../objects/field-error.ts'
import type { Correlated } from './correlation.ts'
import { type Fields, isFields, itemsOf, type JsonSchema, propertyOf, valuesOf } from './json-schema.ts'
import { hasFormat, isKnownFormat } from './string-formats.ts'

/**
 * What is wrong with a value by its OpenAPI schema, in kube-openapi's words (1.34). With the value as it was before an update, what has not changed
 * is let pass (CRDValidationRatcheting).
 * @param prefix the field that the value is, before the paths in it
 */
export function valueErrors(value: unknown, schema: JsonSchema, prefix = '', correlated?: Correlated): FieldError[] {
  return validate(value, schema, '', correlated, true).map((fault) => toFieldError(fault, prefix))
}

/** One fault, as kube-openapi's validation errors: the path begins with a dot below the root. */
interface Fault {
  readonly path: string
  readonly error: (field: string) => FieldError
}

function toFieldError({ path, error }: Fault, prefix: string): FieldError {
  const trimmed = path.startsWith('.') ? path.slice(1) : path
  if (trimmed === '') return error(prefix === '' ? '<nil>' : prefix)
  return error(prefix === '' ? trimmed : `${prefix}.${trimmed}`)
}

const invalid =
  (value: unknown, sentence: string) =>
  (field: string): FieldError =>
    invalidValue(field, value ?? '', sentence)

function validate(
  value: unknown,
  schema: JsonSchema,
  path: string,
  correlated: Correlated | undefined,
  root = false,
): readonly Fault[] {
  const faults = [
    ...typeFaults(value, schema, path),
    ...(value === null ? [] : junctionFaults(value, schema, path, correlated, root)),
    ...(typeof value === 'string' ? stringFaults(value, schema, path) : []),
    ...(typeof value === 'number' ? numberFaults(value, schema, path) : []),
    ...(Array.isArray(value) ? listFaults(value, schema, path, correlated) : []),
    ...enumFaults(value, schema, path),
    ...(isFields(value) ? objectFaults(value, schema, path, correlated, root) : []),
  ]
  return faults.length > 0 && correlated?.unchanged === true ? [] : faults
}

function typesOf(schema: JsonSchema): readonly string[] {
  if (schema['x-kubernetes-int-or-string'] === true) return ['integer', 'string']
  return schema.type === undefined ? [] : [schema.type]
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

function typeFaults(value: unknown, schema: JsonSchema, path: string): readonly Fault[] {
  const types = typesOf(schema)
  const format = schema.format !== undefined && isKnownFormat(schema.format) ? schema.format : ''
  if (types.length === 0 && format === '') return []
  const actual = typeName(value)
  const wrong = (wanted: string): readonly Fault[] => {
    const sentence = `${subject(path)} must be of type ${wanted}: ${JSON.stringify(actual)}`
    return [{ path, error: (field) => invalidType(field, actual, sentence) }]
  }
  if (value === null) return types.length > 0 && schema.nullable !== true ? wrong(types.join(',')) : []
  const numeric = types.includes('number') || types.includes('integer')
  if (!numeric && format !== '' && (actual === 'string' || actual === 'array')) return []
  const fits = types.includes(actual) || (actual === 'integer' && types.includes('number'))
  if (fits) return []
  return wrong(format !== '' && actual !== 'string' && actual !== 'array' ? format : types.join(','))
}

const subject = (path: string): string => `${path} in body`

function stringFaults(value: string, schema: JsonSchema, path: string): readonly Fault[] {
  const { format } = schema
  const first = firstStringFault(value, schema, path)
  const faults: Fault[] = first === undefined ? [] : [{ path, error: first }]
  if (format !== undefined && !hasFormat(value, format)) {
    const sentence = `${subject(path)} must be of type ${format}: ${JSON.stringify(value)}`
    faults.push({ path, error: (field) => invalidType(field, value, sentence) })
  }
  return faults
}

/** Upstream tells the first of these only. */
function firstStringFault(
  value: string,
  { maxLength, minLength, pattern }: JsonSchema,
  path: string,
): Fault['error'] | undefined {
  const length = [...value].length
  if (maxLength !== undefined && length > maxLength) return (field) => tooLongValue(field, maxLength)
  if (minLength !== undefined && length < minLength) {
    return invalid(value, `${subject(path)} should be at least ${minLength} chars long`)
  }
  if (pattern === undefined || pattern === '' || new Regex(pattern).test(value)) return undefined
  return invalid(value, `${subject(path)} should match '${pattern}'`)
}

/** As Go prints a float64. */
function goFloat(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e21) return String(value)
  return String(value).replace(/e([+-])(\d)$/, 'e$10$2')
}

function numberFaults(value: number, schema: JsonSchema, path: string): readonly Fault[] {
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema
  const faults: Fault[] = []
  const fault = (sentence: string): void => {
    faults.push({ path, error: invalid(value, `${subject(path)} should be ${sentence}`) })
  }
  // Upstream compares whole numbers with the whole part of the factor.
  const factor = multipleOf !== undefined && Number.isInteger(value) ? Math.trunc(multipleOf) : multipleOf
  if (factor !== undefined && factor <= 0) {
    const sentence = `factor MultipleOf declared for ${path} must be positive: ${goFloat(factor)}`
    faults.push({ path, error: invalid(factor, sentence) })
  } else if (factor !== undefined && !isMultiple(value, factor)) fault(`a multiple of ${goFloat(factor)}`)
  if (maximum !== undefined && (exclusiveMaximum === true ? value >= maximum : value > maximum)) {
    fault(`less than ${exclusiveMaximum === true ? '' : 'or equal to '}${goFloat(maximum)}`)
  }
  if (minimum !== undefined && (exclusiveMinimum === true ? value <= minimum : value < minimum)) {
    fault(`greater than ${exclusiveMinimum === true ? '' : 'or equal to '}${goFloat(minimum)}`)
  }
  return faults
}

function isMultiple(value: number, of: number): boolean {
  const quotient = value / of
  return Math.abs(quotient - Math.round(quotient)) < 1e-9
}

function listFaults(
  value: readonly unknown[],
  schema: JsonSchema,
  path: string,
  correlated: Correlated | undefined,
): readonly Fault[] {
  const items = itemsOf(schema)
  const faults: Fault[] = []
  if (items !== undefined) {
    for (const [index, item] of value.entries()) {
      faults.push(...validate(item, items, `${path}[${index}]`, correlated?.index(index)))
    }
  }
  const { minItems, maxItems } = schema
  if (minItems !== undefined && value.length < minItems) {
    faults.push({ path, error: invalid(value.length, `${subject(path)} should have at least ${minItems} items`) })
  }
  if (maxItems !== undefined && value.length > maxItems) {
    faults.push({ path, error: (field) => tooManyItems(field, value.length, maxItems) })
  }
  return faults
}

function enumFaults(value: unknown, schema: JsonSchema, path: string): readonly Fault[] {
  if (schema.enum === undefined || schema.enum.length === 0) return []
  if (schema.enum.some((allowed) => deepEqual(allowed, value))) return []
  if (value === null && schema.nullable === true) return []
  const values = schema.enum.map((allowed) => (typeof allowed === 'string' ? allowed : goJson(allowed)))
  return [{ path, error: (field) => notSupported(field, value, values) }]
}

const metaFields = new Set(['kind', 'apiVersion'])

function objectFaults(
  value: Fields,
  schema: JsonSchema,
  path: string,
  correlated: Correlated | undefined,
  root: boolean,
): readonly Fault[] {
  const faults: Fault[] = []
  const count = Object.keys(value).length
  const { minProperties, maxProperties } = schema
  if (minProperties !== undefined && count < minProperties) {
    faults.push({ path, error: invalid(count, `${subject(path)} should have at least ${minProperties} properties`) })
  }
  if (maxProperties !== undefined && count > maxProperties) {
    faults.push({ path, error: (field) => tooManyItems(field, count, maxProperties) })
  }
  const values = valuesOf(schema)
  for (const [name, field] of Object.entries(value)) {
    const property = propertyOf(schema, name)
    // The type of an object is not seen to change: it is converted before.
    const inner = root && metaFields.has(name) ? undefined : correlated?.key(name)
    if (property !== undefined) faults.push(...validate(field, property, path === '' ? name : `${path}.${name}`, inner))
    else if (values !== undefined) faults.push(...validate(field, values, `${path}.${name}`, inner))
  }
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) faults.push({ path: `${path}.${name}`, error: (field) => requiredValue(field) })
  }
  return faults
}

/** allOf, anyOf, oneOf, not: nothing in them is compared with what was before. */
function junctionFaults(
  value: unknown,
  schema: JsonSchema,
  path: string,
  _correlated: Correlated | undefined,
  root: boolean,
): readonly Fault[] {
  const faults: Fault[] = []
  const run = (inner: JsonSchema): readonly Fault[] => validate(value, inner, path, undefined, root)
  const must = (rule: string): void => {
    // Upstream tells these of the value as a whole.
    faults.push({ path: '', error: invalid('', `${quotedPath(path)} must ${rule}`) })
  }
  const { anyOf = [], oneOf = [], allOf = [], not } = schema
  if (anyOf.length > 0) {
    const results = anyOf.map(run)
    if (results.every((result) => result.length > 0)) {
      must('validate at least one schema (anyOf)')
      faults.push(...closest(results))
    }
  }
  if (oneOf.length > 0) {
    const results = oneOf.map(run)
    const valid = results.filter((result) => result.length === 0).length
    if (valid !== 1) {
      const found = valid === 0 ? 'Found none valid' : `Found ${valid} valid alternatives`
      must(`validate one and only one schema (oneOf). ${found}`)
      if (valid === 0) faults.push(...closest(results))
    }
  }
  if (allOf.length > 0) {
    const results = allOf.map(run)
    const failed = results.filter((result) => result.length > 0)
    if (failed.length > 0) {
      faults.push(...failed.flat())
      must(`validate all the schemas (allOf)${failed.length === results.length ? '. None validated' : ''}`)
    }
  }
  if (not !== undefined && run(not).length === 0) must('not validate the schema (not)')
  return faults
}

const quotedPath = (path: string): string => JSON.stringify(path)

/** What the alternative with the fewest faults has against it. */
function closest(results: readonly (readonly Fault[])[]): readonly Fault[] {
  return results.reduce((best, result) => (result.length < best.length ? result : best), results[0] ?? [])
}
