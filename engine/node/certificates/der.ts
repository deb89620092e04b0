/** ASN.1 in its distinguished encoding (X.690), as far as certificates need it. */
export type Der = Uint8Array

const utf8 = new TextEncoder()

function tagged(tag: number, ...parts: readonly Der[]): Der {
  const content = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content.length), content])
}

/** Lengths below 128 are one byte; longer ones say first how many bytes they take. */
function lengthOf(length: number): Der {
  if (length < 0x80) return Uint8Array.of(length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff)
  return Uint8Array.of(0x80 | bytes.length, ...bytes)
}

export const sequence = (...parts: readonly Der[]): Der => tagged(0x30, ...parts)
export const set = (...parts: readonly Der[]): Der => tagged(0x31, ...parts)
export const boolean = (value: boolean): Der => tagged(0x01, Uint8Array.of(value ? 0xff : 0))
export const octets = (bytes: Der): Der => tagged(0x04, bytes)
export const utf8String = (text: string): Der => tagged(0x0c, utf8.encode(text))
/** Around its content, as `[number] EXPLICIT`. */
export const explicit = (number: number, content: Der): Der => tagged(0xa0 | number, content)
/** In place of a primitive type's own tag, as `[number] IMPLICIT`. */
export const implicit = (number: number, content: Der): Der => tagged(0x80 | number, content)

/** A non-negative integer, from its bytes, the highest first. */
export function integer(bytes: Der): Der {
  let from = 0
  while (from < bytes.length - 1 && bytes[from] === 0) from++
  const trimmed = bytes.subarray(from)
  return ((trimmed[0] ?? 0) & 0x80) === 0 ? tagged(0x02, trimmed) : tagged(0x02, Uint8Array.of(0), trimmed)
}

/** `unused`: bits at the end that do not count. */
export const bits = (bytes: Der, unused = 0): Der => tagged(0x03, Uint8Array.of(unused), bytes)

/** From `2.5.29.17`. */
export function objectIdentifier(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

function base128(number: number): number[] {
  const bytes = [number & 0x7f]
  for (let rest = Math.floor(number / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest & 0x7f) | 0x80)
  return bytes
}

/** `milliseconds` since 1970. Years to 2049 are written with two digits, as RFC 5280 wants it. */
export function time(milliseconds: number): Der {
  const text = `${new Date(milliseconds).toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  const year = Number(text.slice(0, 4))
  return year < 2050 ? tagged(0x17, utf8.encode(text.slice(2))) : tagged(0x18, utf8.encode(text))
}
