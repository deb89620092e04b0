/** PostgreSQL's protocol, version 3: messages from and to bytes. */
import type { ByteReader } from '../../network/http/byte-reader.ts'
import { join, toBytes } from '../../objects/bytes.ts'

export interface Message {
  /** Its letter. */
  readonly type: string
  readonly body: Uint8Array
}

/** Bytes: of a message that a client may send. */
const LONGEST = 32 * 1024 * 1024

export const PROTOCOL_3 = 196_608
export const SSL_REQUEST = 80_877_103
export const GSS_REQUEST = 80_877_104
export const CANCEL_REQUEST = 80_877_102

export class WireFault extends Error {}

/** What a client says first. */
export async function readStartup(reader: ByteReader): Promise<{ code: number; body: Uint8Array }> {
  const head = view(await reader.exactly(8))
  const length = head.getInt32(0)
  if (length < 8 || length > 10_000) throw new WireFault('invalid length of startup packet')
  const code = head.getInt32(4)
  return { code, body: await reader.exactly(length - 8) }
}

/** The next message, or null when the other side has gone. */
export async function readMessage(reader: ByteReader): Promise<Message | null> {
  const first = await reader.some(1)
  if (first === null) return null
  const type = String.fromCharCode(first[0] as number)
  const length = view(await reader.exactly(4)).getInt32(0)
  if (length < 4 || length > LONGEST) throw new WireFault('invalid message length')
  return { type, body: await reader.exactly(length - 4) }
}

export function message(type: string, ...parts: readonly (Uint8Array | string | number)[]): Uint8Array {
  const bytes = parts.map((part) =>
    typeof part === 'number' ? int32(part) : typeof part === 'string' ? terminated(part) : part,
  )
  const length = bytes.reduce((sum, part) => sum + part.length, 4)
  return join([...(type === '' ? [] : [toBytes(type)]), int32(length), ...bytes])
}

/** All messages of an answer. */
export function* messagesOf(bytes: Uint8Array): Generator<Message> {
  for (let at = 0; at + 5 <= bytes.length; ) {
    const length = view(bytes).getInt32(at + 1)
    yield { type: String.fromCharCode(bytes[at] as number), body: bytes.subarray(at + 5, at + 1 + length) }
    at += 1 + length
  }
}

export const view = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

export function int32(value: number): Uint8Array {
  const bytes = new Uint8Array(4)
  view(bytes).setInt32(0, value)
  return bytes
}

const terminated = (text: string): Uint8Array => toBytes(`${text}\0`)

/** Texts that end with a zero, until there is an empty one. */
export function textsOf(body: Uint8Array): string[] {
  const texts = new TextDecoder().decode(body).split('\0')
  const end = texts.indexOf('')
  return end < 0 ? texts : texts.slice(0, end)
}

/** Fields of an error or a notice by their letters. */
export type Fields = ReadonlyMap<string, string>

export function fieldsOf(body: Uint8Array): Fields {
  const fields = new Map<string, string>()
  for (const text of textsOf(body)) fields.set(text.charAt(0), text.slice(1))
  return fields
}

export function errorMessage(severity: 'ERROR' | 'FATAL', code: string, text: string): Uint8Array {
  return message('E', `S${severity}`, `V${severity}`, `C${code}`, `M${text}`, Uint8Array.of(0))
}

/** Columns that a RowDescription names. */
export interface Column {
  readonly name: string
  readonly type: number
}

export function columnsOf(body: Uint8Array): Column[] {
  const data = view(body)
  const columns: Column[] = []
  let at = 2
  for (let left = data.getInt16(0); left > 0; left--) {
    const end = body.indexOf(0, at)
    columns.push({ name: new TextDecoder().decode(body.subarray(at, end)), type: data.getInt32(end + 7) })
    at = end + 19
  }
  return columns
}

export function valuesOf(body: Uint8Array): (string | null)[] {
  const data = view(body)
  const values: (string | null)[] = []
  let at = 2
  for (let left = data.getInt16(0); left > 0; left--) {
    const length = data.getInt32(at)
    at += 4
    values.push(length < 0 ? null : new TextDecoder().decode(body.subarray(at, at + length)))
    at += Math.max(0, length)
  }
  return values
}
