import { type FieldError, forbiddenField, invalidValue, requiredValue, tooLongValue } from './field-error.ts'
import type { LabelSelectorObject } from './label-selector.ts'
import { labelValueErrors, qualifiedNameErrors } from './names.ts'
import { compareText, type Labels } from './requirement.ts'

/** Bytes that an object's annotations may have together. */
export const maxAnnotationsBytes = 256 * 1024

/** What is wrong with labels, annotations and selectors as fields of an object (meta/v1's validation, 1.34). Keys go in order. */
export function labelErrors(labels: Labels | undefined, field: string): FieldError[] {
  return sortedEntries(labels).flatMap(([key, value]) => [
    ...labelKeyErrors(key, field),
    ...labelValueErrors(value).map((sentence) => invalidValue(field, value, sentence)),
  ])
}

export function annotationErrors(annotations: Labels | undefined, field: string): FieldError[] {
  const wrong = sortedEntries(annotations).flatMap(([key]) =>
    qualifiedNameErrors(key.toLowerCase()).map((sentence) => invalidValue(field, key, sentence)),
  )
  return annotationsBytes(annotations) > maxAnnotationsBytes
    ? [...wrong, tooLongValue(field, maxAnnotationsBytes)]
    : wrong
}

export function annotationsBytes(annotations: Labels | undefined): number {
  const encoder = new TextEncoder()
  let bytes = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    bytes += encoder.encode(key).length + encoder.encode(value).length
  }
  return bytes
}

export function labelSelectorErrors(selector: LabelSelectorObject | undefined | null, field: string): FieldError[] {
  const expressions = selector?.matchExpressions ?? []
  return [
    ...labelErrors(selector?.matchLabels, `${field}.matchLabels`),
    ...expressions.flatMap(({ key, operator, values = [] }, index) => {
      const at = `${field}.matchExpressions[${index}]`
      return [
        ...operatorErrors(operator, values, at),
        ...labelKeyErrors(key, `${at}.key`),
        ...values.flatMap((value, place) =>
          labelValueErrors(value).map((sentence) => invalidValue(`${at}.values[${place}]`, value, sentence)),
        ),
      ]
    }),
  ]
}

function labelKeyErrors(key: string, field: string): FieldError[] {
  return qualifiedNameErrors(key).map((sentence) => invalidValue(field, key, sentence))
}

function operatorErrors(operator: string, values: readonly string[], at: string): FieldError[] {
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return []
      return [requiredValue(`${at}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return []
      return [forbiddenField(`${at}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")]
    default:
      return [invalidValue(`${at}.operator`, operator, 'not a valid selector operator')]
  }
}

function sortedEntries(labels: Labels | undefined): [string, string][] {
  return Object.entries(labels ?? {}).sort(([left], [right]) => compareText(left, right))
}
