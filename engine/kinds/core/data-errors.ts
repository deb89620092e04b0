import { deepEqual } from '../../objects/equal.ts'
import { type FieldError, forbiddenField } from '../../objects/field-error.ts'
import { compareText } from '../../objects/requirement.ts'
import type { ApiObject } from '../../objects/types.ts'

/** Bytes that the values of a ConfigMap or a Secret may have together. */
export const MOST_BYTES = 1024 * 1024

export type Data = Readonly<Record<string, string>>

export function entriesOf(data: Data | undefined): [string, string][] {
  return Object.entries(data ?? {}).sort(([left], [right]) => compareText(left, right))
}

/** Bytes that a value in padded base64 stands for. */
export function decodedLength(base64: string): number {
  const padding = base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0
  return (base64.length / 4) * 3 - padding
}

/** Objects that say of themselves that they never change. */
export function immutabilityErrors(object: ApiObject, old: ApiObject, fields: readonly string[]): FieldError[] {
  if (old.immutable !== true) return []
  const why = 'field is immutable when `immutable` is set'
  return [
    ...(object.immutable === true ? [] : [forbiddenField('immutable', why)]),
    ...fields
      .filter((field) => !deepEqual(object[field] ?? {}, old[field] ?? {}))
      .map((field) => forbiddenField(field, why)),
  ]
}
