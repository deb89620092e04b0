/** Compares a value with a schema: JSON Schema and OpenAPI, as far as Compose, Kubernetes and CRDs make use of them. */

import { nameOf, type Path } from '../../protocol/lab/positions.ts'
import { nearest } from '../../protocol/lab/problems.ts'

export interface Schema {
  readonly $ref?: string
  /** The short form of `allOf` with one reference, as recorded schemas write it. */
  readonly ref?: string
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly patternProperties?: Readonly<Record<string, Schema>>
  readonly additionalProperties?: Schema | boolean
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly oneOf?: readonly Schema[]
  readonly anyOf?: readonly Schema[]
  readonly allOf?: readonly Schema[]
  readonly enum?: readonly unknown[]
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean
  readonly 'x-kubernetes-int-or-string'?: boolean
  readonly [rest: string]: unknown
}

export interface Complaint {
  path: Path
  found: string
  expected: string
}

export interface Rules {
  resolve(reference: string): Schema | undefined
  /** Whether a schema that lists fields and says nothing of others takes no others, as Kubernetes has it. */
  closed: boolean
  /** Whether fields that are required must be there; not in a piece of an object. */
  whole: boolean
}

export function compare(value: unknown, schema: Schema, rules: Rules, path: Path = []): Complaint[] {
  const whole = flattened(schema, rules.resolve)
  const branches = whole.oneOf ?? whole.anyOf
  return [
    ...ofType(value, whole, rules, path),
    ...(branches === undefined ? [] : ofBranches(value, branches, rules, path)),
  ]
}

/** The schema that a reference means, with all that it is made of (`allOf`) in one. */
export function flattened(schema: Schema, resolve: Rules['resolve']): Schema {
  const reference = schema.$ref ?? schema.ref
  if (reference !== undefined) {
    const target = resolve(reference)
    if (target === undefined) throw new Error(`The schemas do not hold ${reference}.`)
    return flattened(target, resolve)
  }
  if (schema.allOf === undefined) return schema
  const { allOf, ...own } = schema
  const parts = [...allOf.map((one) => flattened(one, resolve)), own]
  return {
    ...Object.assign({}, ...parts),
    properties: Object.assign({}, ...parts.map(({ properties }) => properties)),
    patternProperties: Object.assign({}, ...parts.map(({ patternProperties }) => patternProperties)),
    required: parts.flatMap(({ required }) => required ?? []),
    // Of JSON Schema: no fields beyond those of all parts together.
    ...(own.unevaluatedProperties === false ? { additionalProperties: false } : {}),
  }
}

/** Nothing, if a branch takes it; else what the branch says that comes nearest: the one of the value's own type. */
function ofBranches(value: unknown, branches: readonly Schema[], rules: Rules, path: Path): Complaint[] {
  const tries = branches.map((branch) => compare(value, branch, rules, path))
  if (tries.some((complaints) => complaints.length === 0)) return []
  const deeper = tries.find((complaints) => complaints.every((one) => one.path.length > path.length))
  if (deeper !== undefined) return deeper
  const expected = [
    ...new Set(
      tries
        .flat()
        .filter((one) => one.path.length === path.length)
        .map((one) => one.expected),
    ),
  ]
  return [{ path, found: shown(value), expected: expected.join(', or ') }]
}

function ofType(value: unknown, schema: Schema, rules: Rules, path: Path): Complaint[] {
  if (schema['x-kubernetes-int-or-string'] === true)
    return typeof value === 'string' || Number.isInteger(value) ? [] : wrong(value, path, 'a whole number or a text')
  const types = schema.type === undefined ? [] : [schema.type].flat()
  if (types.length > 0 && !types.some((type) => hasType(value, type)))
    return wrong(value, path, types.map((type) => words[type] ?? type).join(' or '))
  if (schema.enum !== undefined && !schema.enum.includes(value as never))
    return wrong(value, path, `one of ${schema.enum.map((one) => JSON.stringify(one)).join(', ')}`)
  if (typeof value === 'string' && schema.pattern !== undefined && !new RegExp(schema.pattern).test(value))
    return wrong(value, path, `a text like ${schema.pattern}`)
  if (typeof value === 'number' && value < (schema.minimum ?? Number.NEGATIVE_INFINITY))
    return wrong(value, path, `at least ${schema.minimum}`)
  if (typeof value === 'number' && value > (schema.maximum ?? Number.POSITIVE_INFINITY))
    return wrong(value, path, `at most ${schema.maximum}`)
  if (Array.isArray(value)) {
    const { items } = schema
    return items === undefined ? [] : value.flatMap((one, at) => compare(one, items, rules, [...path, at]))
  }
  return isRecord(value) ? ofFields(value, schema, rules, path) : []
}

function ofFields(value: Record<string, unknown>, schema: Schema, rules: Rules, path: Path): Complaint[] {
  const known = schema.properties ?? {}
  const open =
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    (schema.additionalProperties === undefined && (!rules.closed || schema.properties === undefined)) ||
    schema.additionalProperties === true
  const missing = rules.whole ? (schema.required ?? []).filter((name) => value[name] === undefined) : []
  return [
    ...missing.map((name) => ({
      path,
      found: `no field "${name}"`,
      expected: `one in ${nameOf(path) || 'the object'}`,
    })),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const here = [...path, name]
      const field = fieldOf(schema, name)
      if (field !== undefined) return compare(inner, field, rules, here)
      return open
        ? []
        : [{ path: here, found: `the unknown field "${name}"`, expected: meant(name, Object.keys(known)) }]
    }),
  ]
}

/** The schema of a field, whether it is named, matches a pattern or is one of any others. */
export function fieldOf(schema: Schema, name: string): Schema | undefined {
  const named = Object.hasOwn(schema.properties ?? {}, name) ? schema.properties?.[name] : undefined
  const matching = Object.entries(schema.patternProperties ?? {}).find(([pattern]) => new RegExp(pattern).test(name))
  const { additionalProperties: others } = schema
  return named ?? matching?.[1] ?? (typeof others === 'object' ? others : undefined)
}

const words: Record<string, string> = {
  string: 'a text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  object: 'fields (name: value)',
  array: 'a list (lines that begin with "- ")',
  null: 'nothing',
}

function hasType(value: unknown, type: string): boolean {
  switch (type) {
    case 'object':
      return isRecord(value)
    case 'array':
      return Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    case 'null':
      return value === null
    default:
      // The names that are left are those of typeof.
      return typeof value === type
  }
}

const wrong = (value: unknown, path: Path, expected: string): Complaint[] => [{ path, found: shown(value), expected }]

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A value as it is quoted in a message: short, and never over several lines. */
function shown(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (isRecord(value)) return 'fields'
  const text = JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 59)}…"` : text
}

/** The known name that was probably meant, or what is known; long lists are cut. */
function meant(name: string, known: readonly string[]): string {
  const near = nearest(name, known)
  if (near !== undefined) return `a known field; did you mean "${near}"?`
  if (known.length === 0) return 'no fields here'
  const rest = known.length > 12 ? ` and ${known.length - 12} more` : ''
  return `one of ${known.slice(0, 12).join(', ')}${rest}`
}
