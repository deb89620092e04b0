import { type FieldError, invalidValue, tooLongValue } from '../objects/field-error.ts'

/** Bytes that a manager's name may have. */
export const maxManagerBytes = 128
/** Bytes that a subresource's name may have. */
const maxSubresourceBytes = 256
/** Nearly all names: they are in order, and each write looks at those of all managers. */
const plain = /^[ -~]{0,128}$/
const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u

/** What is wrong with a manager's name, as a parameter or in `managedFields` (meta/v1's validation, 1.34). */
export function managerErrors(name: string, field: string): FieldError[] {
  if (plain.test(name)) return []
  const wrong = bytesOf(name) > maxManagerBytes ? [tooLongValue(field, maxManagerBytes)] : []
  let position = 0
  for (const character of name) {
    if (!isPrintable(character)) {
      const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')
      wrong.push(invalidValue(field, name, `invalid character U+${code} (at position ${position})`))
    }
    position += bytesOf(character)
  }
  return wrong
}

/** What is wrong with `managedFields` that a client sent. */
export function managedFieldsErrors(entries: unknown, field = 'metadata.managedFields'): FieldError[] {
  if (!Array.isArray(entries)) return []
  return entries.flatMap((entry: Readonly<Record<string, unknown>> | null, index) => {
    const { operation = '', fieldsType = '', manager = '', subresource = '' } = entry ?? {}
    const at = `${field}[${index}]`
    return [
      ...(operation === 'Apply' || operation === 'Update'
        ? []
        : [invalidValue(`${at}.operation`, operation, 'must be `Apply` or `Update`')]),
      ...(fieldsType === '' || fieldsType === 'FieldsV1'
        ? []
        : [invalidValue(`${at}.fieldsType`, fieldsType, 'must be `FieldsV1`')]),
      ...managerErrors(String(manager), `${at}.manager`),
      ...(!plain.test(String(subresource)) && bytesOf(String(subresource)) > maxSubresourceBytes
        ? [tooLongValue(`${at}.subresource`, maxSubresourceBytes)]
        : []),
    ]
  })
}

/** A manager's name where the request gives none: what stands before the first slash of its user agent. */
export function managerName(fieldManager: string | undefined, userAgent: string): string {
  if (fieldManager !== undefined && fieldManager !== '') return fieldManager
  let name = ''
  for (const character of userAgent.split('/')[0] ?? '') {
    if (!isPrintable(character)) continue
    if (bytesOf(name) + bytesOf(character) > maxManagerBytes) break
    name += character
  }
  return name
}

function isPrintable(character: string): boolean {
  return printable.test(character)
}

const encoder = new TextEncoder()

function bytesOf(text: string): number {
  return text === '' ? 0 : encoder.encode(text).length
}
