/** JSON and bytes beside it, as one piece: what says of which form it is, the length of the JSON in four bytes, the JSON, the parts. */
import { decode, encode, encodeInto } from './bytes.ts'

const LENGTH = 4

export interface Packed<T> {
  readonly value: T
  readonly parts: readonly Uint8Array[]
}

/** Bytes that are used again and again, where new ones each time would make the garbage collector work for nothing. */
export class Scratch {
  #bytes = new Uint8Array(0)

  get size(): number {
    return this.#bytes.length
  }

  /** At least so many, with whatever was in them before. */
  take(length: number): Uint8Array {
    if (this.#bytes.length < length) this.#bytes = new Uint8Array(Math.ceil(length * SPARE))
    return this.#bytes
  }
}

/** What grows a little each time does not need new bytes each time. */
const SPARE = 1.25
/** Of UTF-8, for a unit of UTF-16. */
const MOST_BYTES = 3

/**
 * `form` is what the bytes begin with.
 * @param scratch in which the bytes are made, to be read before the next are; without it they are the caller's
 */
export function pack<T>(form: string, { value, parts }: Packed<T>, scratch?: Scratch): Uint8Array {
  const mark = encode(form)
  const start = mark.length + LENGTH
  const json = JSON.stringify({ value, sizes: parts.map(({ length }) => length) })
  const rest = parts.reduce((sum, { length }) => sum + length, 0)
  let bytes: Uint8Array
  let at: number
  if (scratch === undefined) {
    const encoded = encode(json)
    at = start + encoded.length
    bytes = new Uint8Array(at + rest)
    bytes.set(encoded, start)
  } else {
    bytes = scratch.take(start + MOST_BYTES * json.length + rest)
    at = start + encodeInto(json, bytes.subarray(start))
  }
  bytes.set(mark)
  new DataView(bytes.buffer).setUint32(mark.length, at - start)
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes.subarray(0, at)
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
