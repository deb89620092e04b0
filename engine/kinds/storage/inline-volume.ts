import type { FieldError } from '../../objects/field-error.ts'

export function inlineVolumeErrors(_spec: object, _field: string): readonly FieldError[] {
  return []
}
