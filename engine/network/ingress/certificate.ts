import type { TlsFacts } from '../contract.ts'

/** subjectAltName's object identifier, as DER writes it: 2.5.29.17. */
const ALTERNATIVE_NAMES = [0x06, 0x03, 0x55, 0x1d, 0x11]
const OCTETS = 0x04
const SEQUENCE = 0x30
const DNS_NAME = 0x82

/** What a client sees of the certificate in a Secret: its names, and the last of the chain, by which it is trusted. Undefined for what is none. */
export function tlsFacts(chain: string): TlsFacts | undefined {
  const blocks = [...chain.matchAll(/-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g)]
  const [first] = blocks
  const last = blocks.at(-1)
  if (first === undefined || last === undefined) return undefined
  try {
    const der = Uint8Array.from(atob((first[1] ?? '').replace(/\s/g, '')), (char) => char.charCodeAt(0))
    return { names: namesIn(der), authority: `${last[0]}\n` }
  } catch {
    return undefined
  }
}

/** Looks for the extension by its identifier: what comes before it does not matter here. */
function namesIn(der: Uint8Array): readonly string[] {
  const at = der.findIndex((_, index) => ALTERNATIVE_NAMES.every((byte, offset) => der[index + offset] === byte))
  if (at < 0) return []
  let octets = element(der, at + ALTERNATIVE_NAMES.length)
  // Between them may stand whether it is critical
  if (octets.tag !== OCTETS) octets = element(der, octets.end)
  const list = element(der, octets.start)
  if (octets.tag !== OCTETS || list.tag !== SEQUENCE) return []
  const names: string[] = []
  for (let next = list.start; next < list.end; ) {
    const { tag, start, end } = element(der, next)
    if (tag === DNS_NAME) names.push(String.fromCharCode(...der.subarray(start, end)))
    next = end
  }
  return names
}

function element(der: Uint8Array, at: number): { readonly tag: number; readonly start: number; readonly end: number } {
  const tag = der[at] ?? 0
  const first = der[at + 1] ?? 0
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first }
  const bytes = der.subarray(at + 2, at + 2 + (first & 0x7f))
  const length = bytes.reduce((sum, byte) => sum * 256 + byte, 0)
  return { tag, start: at + 2 + bytes.length, end: at + 2 + bytes.length + length }
}
