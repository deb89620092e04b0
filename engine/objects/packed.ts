/** JSON and bytes beside it, as one piece: what says of which form it is, the length of the JSON in four bytes, the JSON, the parts. */
import { decode, encode, join } from './bytes.ts'

const LENGTH = 4

export interface Packed<T> {
  readonly value: T
  readonly parts: readonly Uint8Array[]
}

/** `form` is what the bytes begin with. */
export function pack<T>(form: string, { value, parts }: Packed<T>): Uint8Array {
  const json = encode(JSON.stringify({ value, sizes: parts.map(({ length }) => length) }))
  const length = new Uint8Array(LENGTH)
  new DataView(length.buffer).setUint32(0, json.length)
  return join([encode(form), length, json, ...parts])
}

/** Undefined for what is of another form. Throws Error for what is cut off. */
export function unpack<T>(form: string, bytes: Uint8Array): Packed<T> | undefined {
  const mark = encode(form)
  if (!mark.every((byte, at) => bytes[at] === byte)) return undefined
  const start = mark.length + LENGTH
  const cutOff = new Error('The end of what was packed is missing.')
  if (bytes.length < start) throw cutOff
  let at = start + new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(mark.length)
  if (bytes.length < at) throw cutOff
  const { value, sizes } = JSON.parse(decode(bytes.subarray(start, at))) as { value: T; sizes: readonly number[] }
  const parts: Uint8Array[] = []
  for (const size of sizes) {
    // Each on its own, so that what is no longer needed is not held by what is
    parts.push(bytes.slice(at, at + size))
    at += size
  }
  if (at > bytes.length) throw cutOff
  return { value, parts }
}
