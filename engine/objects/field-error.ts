import { goQuote } from './go-quote.ts'

/** What is wrong with one field, as apimachinery's `util/validation/field` (1.34) words it. */
export interface FieldError {
  readonly type: FieldErrorType
  /** `spec.containers[0].image` */
  readonly field: string
  /** Without the field's name: `Invalid value: "x": must be …`. */
  readonly body: string
}

export type FieldErrorType =
  | 'FieldValueNotFound'
  | 'FieldValueRequired'
  | 'FieldValueDuplicate'
  | 'FieldValueInvalid'
  | 'FieldValueTypeInvalid'
  | 'FieldValueNotSupported'
  | 'FieldValueForbidden'
  | 'FieldValueTooLong'
  | 'FieldValueTooMany'
  | 'InternalError'

const titles: Readonly<Record<FieldErrorType, string>> = {
  FieldValueNotFound: 'Not found',
  FieldValueRequired: 'Required value',
  FieldValueDuplicate: 'Duplicate value',
  FieldValueInvalid: 'Invalid value',
  FieldValueTypeInvalid: 'Invalid value',
  FieldValueNotSupported: 'Unsupported value',
  FieldValueForbidden: 'Forbidden',
  FieldValueTooLong: 'Too long',
  FieldValueTooMany: 'Too many',
  InternalError: 'Internal error',
}

export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return withValue('FieldValueInvalid', field, value, detail)
}

export function invalidType(field: string, value: unknown, detail: string): FieldError {
  return withValue('FieldValueTypeInvalid', field, value, detail)
}

export function valueNotFound(field: string, value: unknown): FieldError {
  return withValue('FieldValueNotFound', field, value, '')
}

export function duplicateValue(field: string, value: unknown): FieldError {
  return withValue('FieldValueDuplicate', field, value, '')
}

export function notSupported(field: string, value: unknown, supported: readonly string[]): FieldError {
  const detail = supported.length > 0 ? `supported values: ${supported.map(goQuote).join(', ')}` : ''
  return withValue('FieldValueNotSupported', field, value, detail)
}

export function requiredValue(field: string, detail = ''): FieldError {
  return withoutValue('FieldValueRequired', field, detail)
}

export function forbiddenField(field: string, detail: string): FieldError {
  return withoutValue('FieldValueForbidden', field, detail)
}

/** A negative limit is left out of the sentence. */
export function tooLongValue(field: string, bytes: number): FieldError {
  const detail = bytes < 0 ? 'value is too long' : `may not be more than ${bytes} ${bytes === 1 ? 'byte' : 'bytes'}`
  return withoutValue('FieldValueTooLong', field, detail)
}

/** Negative numbers are left out of the sentence. */
export function tooManyItems(field: string, actual: number, most: number): FieldError {
  const detail = most < 0 ? 'has too many items' : `must have at most ${most} ${most === 1 ? 'item' : 'items'}`
  return actual < 0
    ? withoutValue('FieldValueTooMany', field, detail)
    : withValue('FieldValueTooMany', field, actual, detail)
}

export function internalFieldError(field: string, detail: string): FieldError {
  return withoutValue('InternalError', field, detail)
}

/** Each sentence once: alone as it is, several in brackets, as apimachinery's aggregate prints them. */
export function aggregate(errors: readonly FieldError[]): string {
  const sentences = [...new Set(errors.map((error) => `${error.field}: ${error.body}`))]
  return sentences.length === 1 ? (sentences[0] ?? '') : `[${sentences.join(', ')}]`
}

function withValue(type: FieldErrorType, field: string, value: unknown, detail: string): FieldError {
  return { type, field, body: body(`${titles[type]}: ${printValue(value)}`, detail) }
}

function withoutValue(type: FieldErrorType, field: string, detail: string): FieldError {
  return { type, field, body: body(titles[type], detail) }
}

const body = (start: string, detail: string): string => (detail === '' ? start : `${start}: ${detail}`)

/** Strings as `%q`, the rest as Go's encoding/json, which escapes what HTML would take for a tag. */
function printValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value)
  const json = JSON.stringify(value) ?? 'null'
  return json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`)
}
