import { unsupportedMediaType } from '../objects/status-error.ts'

export type BodyFormat = 'json' | 'yaml' | 'protobuf'

const formats: Readonly<Record<string, BodyFormat>> = {
  'application/json': 'json',
  'application/yaml': 'yaml',
  'application/vnd.kubernetes.protobuf': 'protobuf',
}

/** @throws StatusError 415 */
export function formatOf(contentType: string): BodyFormat {
  const type = (contentType.split(';', 1)[0] ?? '').trim().toLowerCase()
  const format = contentType === '' ? 'json' : Object.hasOwn(formats, type) ? formats[type] : undefined
  if (format !== undefined) return format
  const accepted = Object.keys(formats).join(', ')
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  )
}

/** The beginning of a body that was not understood: 30 bytes, in hexadecimal unless it looks like JSON. */
export function summary(body: Uint8Array): string {
  if (body.length === 0) return '<empty>'
  const start = body.subarray(0, 30)
  const shown =
    body[0] === 0x7b ? decodeText(start) : [...start].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  return body.length > 30 ? `${shown} ...` : shown
}

/** Bytes that are no UTF-8 become U+FFFD, as in Go; a byte order mark is kept, since JSON must not have one. */
export function decodeText(body: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(body)
}
