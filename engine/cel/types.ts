/** Types of expressions, as cel-go's checker has them. */
export type CelType =
  | { readonly kind: 'simple'; readonly name: SimpleName }
  | { readonly kind: 'list'; readonly params: readonly [CelType] }
  | { readonly kind: 'map'; readonly params: readonly [CelType, CelType] }
  | { readonly kind: 'type'; readonly params: readonly CelType[] }
  /** `optional_type(int)`, `kubernetes.URL`. */
  | { readonly kind: 'opaque'; readonly name: string; readonly params: readonly CelType[] }
  | StructType
  /** A type that is not known yet. */
  | { readonly kind: 'param'; readonly name: string }

type SimpleName =
  | 'dyn'
  | 'error'
  | 'null'
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'timestamp'
  | 'duration'

export interface StructType {
  readonly kind: 'struct'
  readonly name: string
  /** By escaped name. */
  field(name: string): CelType | undefined
}

const simple = (name: SimpleName): CelType => ({ kind: 'simple', name })
export const dyn = simple('dyn')
export const error = simple('error')
export const nullType = simple('null')
export const bool = simple('bool')
export const int = simple('int')
export const uint = simple('uint')
export const double = simple('double')
export const string = simple('string')
export const bytes = simple('bytes')
export const timestamp = simple('timestamp')
export const duration = simple('duration')

export const listOf = (item: CelType): CelType => ({ kind: 'list', params: [item] })
export const mapOf = (key: CelType, value: CelType): CelType => ({ kind: 'map', params: [key, value] })
export const opaque = (name: string, ...params: CelType[]): CelType => ({ kind: 'opaque', name, params })
export const optionalOf = (value: CelType): CelType => opaque('optional_type', value)
export const typeOf = (...params: CelType[]): CelType => ({ kind: 'type', params })
export const param = (name: string): CelType => ({ kind: 'param', name })

/** A struct whose fields are known at once. */
export function structOf(name: string, fields: Readonly<Record<string, CelType>>): StructType {
  return { kind: 'struct', name, field: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined) }
}

const named: Readonly<Record<string, CelType>> = {
  dyn,
  null: nullType,
  bool,
  int,
  uint,
  double,
  string,
  bytes,
  timestamp: timestamp,
  duration: duration,
  type: typeOf(),
}

/** A type as it is written in declarations: `list(A)`, `optional(string)`, `kubernetes.URL`; single capitals are parameters. */
export function readType(text: string): CelType {
  const known = named[text]
  if (known !== undefined) return known
  const open = text.indexOf('(')
  if (open === -1) return /^[A-Z]$/.test(text) ? param(text) : opaque(text)
  const inner = splitArguments(text.slice(open + 1, -1)).map(readType)
  const [first = dyn, second = dyn] = inner
  switch (text.slice(0, open)) {
    case 'list':
      return listOf(first)
    case 'map':
      return mapOf(first, second)
    case 'type':
      return typeOf(first)
    case 'optional':
      return optionalOf(first)
    default:
      return opaque(text.slice(0, open), ...inner)
  }
}

/** Splits at commas outside of brackets. */
export function splitArguments(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    const sign = text[at]
    if (sign === '(') depth++
    else if (sign === ')') depth--
    else if ((sign === ',' && depth === 0) || sign === undefined) {
      const part = text.slice(from, at).trim()
      if (part !== '') parts.push(part)
      from = at + 1
    }
  }
  return parts
}

/** As cel-go prints types in its errors. */
export function formatType(type: CelType): string {
  switch (type.kind) {
    case 'simple':
      return type.name === 'error' ? '!error!' : type.name
    case 'list':
      return `list(${formatType(type.params[0])})`
    case 'map':
      return `map(${formatType(type.params[0])}, ${formatType(type.params[1])})`
    case 'type':
      return type.params[0] === undefined ? 'type' : `type(${formatType(type.params[0])})`
    case 'opaque':
      return type.params.length === 0 ? type.name : `${type.name}(${type.params.map(formatType).join(', ')})`
    case 'struct':
    case 'param':
      return type.name
  }
}

export function sameType(one: CelType, other: CelType): boolean {
  if (one === other) return true
  switch (one.kind) {
    case 'simple':
    case 'struct':
    case 'param':
      return one.kind === other.kind && one.name === other.name
    default: {
      if (one.kind !== other.kind) return false
      if (one.kind === 'opaque' && other.kind === 'opaque' && one.name !== other.name) return false
      const params: readonly CelType[] = other.params
      return one.params.length === params.length && one.params.every((type, at) => sameType(type, params[at] ?? dyn))
    }
  }
}

export const isDyn = (type: CelType): boolean => type.kind === 'simple' && type.name === 'dyn'
export const isError = (type: CelType): boolean => type.kind === 'simple' && type.name === 'error'
export const isOpen = (type: CelType): boolean => isDyn(type) || isError(type)

/** What an optional holds, and whether the type is one. */
export function unwrapOptional(type: CelType): { readonly type: CelType; readonly optional: boolean } {
  if (type.kind !== 'opaque' || type.name !== 'optional_type') return { type, optional: false }
  return { type: type.params[0] ?? dyn, optional: true }
}
