/** One element of DER (X.690): its tag and where its content is. */
export interface Element {
  readonly tag: number
  readonly content: Uint8Array
  /** All of it, tag and length included. */
  readonly whole: Uint8Array
  readonly rest: Uint8Array
}

export const SEQUENCE = 0x30
export const BIT_STRING = 0x03

/** The first element, undefined if the bytes are cut off or not DER. */
export function readElement(bytes: Uint8Array): Element | undefined {
  const [tag, first] = bytes
  if (tag === undefined || first === undefined) return undefined
  const extra = first < 0x80 ? 0 : first & 0x7f
  // Lengths of 2^32 bytes and more, and those that only the end tells, are not for certificates.
  if (first === 0x80 || extra > 4 || bytes.length < 2 + extra) return undefined
  let length = first < 0x80 ? first : 0
  for (let index = 0; index < extra; index++) length = length * 256 + (bytes[2 + index] ?? 0)
  const start = 2 + extra
  if (bytes.length < start + length) return undefined
  return {
    tag,
    content: bytes.subarray(start, start + length),
    whole: bytes.subarray(0, start + length),
    rest: bytes.subarray(start + length),
  }
}

/** The elements in a content, undefined if one of them is none. */
export function readElements(content: Uint8Array): Element[] | undefined {
  const found: Element[] = []
  for (let rest = content; rest.length > 0; ) {
    const element = readElement(rest)
    if (element === undefined) return undefined
    found.push(element)
    rest = element.rest
  }
  return found
}
