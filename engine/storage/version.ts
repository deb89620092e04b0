import { goQuote } from '../objects/go-quote.ts'

/** Versions are uint64 upstream. */
const LARGEST = 2n ** 64n - 1n

/** A client's `resourceVersion` to a number, 0 for none; what is wrong with it as Go's strconv says it otherwise. */
export function parseVersion(text: string | undefined): number | { readonly wrong: string } {
  if (text === undefined || text === '' || text === '0') return 0
  if (!/^[0-9]+$/.test(text)) return { wrong: `strconv.ParseUint: parsing ${goQuote(text)}: invalid syntax` }
  if (BigInt(text) > LARGEST) return { wrong: `strconv.ParseUint: parsing ${goQuote(text)}: value out of range` }
  return Number(text)
}

/** The sentence about what is no version. */
export function wrongVersion(text: string | undefined, why: string): string {
  return `resourceVersion: Invalid value: ${goQuote(text ?? '')}: ${why}`
}
