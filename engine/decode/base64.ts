const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const values = new Int8Array(128).fill(-1)
for (let value = 0; value < alphabet.length; value++) values[alphabet.charCodeAt(value)] = value

const valueAt = (text: string, at: number): number => values[text.charCodeAt(at)] ?? -1

/**
 * Base64 as Go writes it again once read, or the byte at which Go's `encoding/base64` (standard, padded) refuses it. Line breaks within are no fault, nor
 * are bits beyond the last byte.
 */
export function normalizeBase64(text: string): string | number {
  if (text.includes('\n') || text.includes('\r')) return withoutBreaks(text)
  const fault = faultOf(text)
  return fault === undefined ? withCleanEnd(text) : placeOf(fault, text, (at) => at)
}

/** Go counts the breaks too when it says where the fault is. */
function withoutBreaks(text: string): string | number {
  const positions: number[] = []
  let joined = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\n' || text[at] === '\r') continue
    positions.push(at)
    joined += text[at]
  }
  const fault = faultOf(joined)
  return fault === undefined ? withCleanEnd(joined) : placeOf(fault, text, (at) => positions[at] ?? text.length)
}

/** Where it is, what stands before it, or how many digits there are of a group that ends too early. */
type Fault = { readonly at: number } | { readonly before: number } | { readonly digits: number }

function placeOf(fault: Fault, text: string, original: (at: number) => number): number {
  if ('digits' in fault) return text.length - fault.digits
  return 'at' in fault ? original(fault.at) : original(fault.before) - 1
}

function faultOf(text: string): Fault | undefined {
  for (let start = 0; start < text.length; start += 4) {
    for (let digit = 0; digit < 4; digit++) {
      const at = start + digit
      if (at >= text.length) return { digits: digit }
      if (text[at] !== '=') {
        if (valueAt(text, at) < 0) return { at }
        continue
      }
      if (digit < 2) return { at }
      if (digit === 2) {
        if (at + 1 >= text.length) return { at: text.length }
        if (text[at + 1] !== '=') return { before: at + 1 }
      }
      const end = start + 4
      return end === text.length ? undefined : { at: end }
    }
  }
  return undefined
}

function withCleanEnd(text: string): string {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  if (padding === 0) return text
  const last = text.length - padding - 1
  const value = valueAt(text, last)
  const clean = padding === 2 ? value & 0b110000 : value & 0b111100
  return clean === value ? text : `${text.slice(0, last)}${alphabet[clean]}${'='.repeat(padding)}`
}

export function encodeBase64(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 3) {
    const [first = 0, second, third] = [bytes[at], bytes[at + 1], bytes[at + 2]]
    const group = (first << 16) | ((second ?? 0) << 8) | (third ?? 0)
    text += alphabet[group >> 18]
    text += alphabet[(group >> 12) & 63]
    text += second === undefined ? '=' : alphabet[(group >> 6) & 63]
    text += third === undefined ? '=' : alphabet[group & 63]
  }
  return text
}
