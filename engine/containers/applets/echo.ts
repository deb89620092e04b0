import { encode, join } from '../../objects/bytes.ts'

const ESCAPES: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  '\\': '\\',
}

/** `echo`'s text: -n, -e and -E as busybox takes them. */
export function echoText(args: readonly string[]): string {
  let [newline, escapes] = [true, false]
  let at = 0
  for (; /^-[neE]+$/.test(args[at] ?? ''); at++) {
    for (const letter of (args[at] as string).slice(1)) {
      if (letter === 'n') newline = false
      else escapes = letter === 'e'
    }
  }
  const text = args.slice(at).join(' ')
  if (!escapes) return newline ? `${text}\n` : text
  const { text: plain, stopped } = unescapeText(text)
  return newline && !stopped ? `${plain}\n` : plain
}

/** Backslash escapes of `echo -e` and printf's %b; `\c` stops all. `zero`: octal numbers begin with \0. */
export function unescapeText(text: string, zero = true): { readonly text: string; readonly stopped: boolean } {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    if (text[at] !== '\\') {
      out += text[at]
      continue
    }
    const rest = text.slice(at + 1)
    const number =
      /^x[0-9a-fA-F]{1,2}/.exec(rest)?.[0] ??
      (zero ? /^0[0-7]{0,3}/ : /^[0-7]{1,3}/).exec(rest)?.[0] ??
      /^[1-7][0-7]{0,2}/.exec(rest)?.[0]
    if (number !== undefined) {
      const code = number.startsWith('x') ? Number.parseInt(number.slice(1), 16) : Number.parseInt(number, 8)
      out += byteLetter(code & 255)
      at += number.length
      continue
    }
    const next = rest[0] ?? ''
    if (next === 'c') return { text: out, stopped: true }
    out += ESCAPES[next] ?? `\\${next}`
    at++
  }
  return { text: out, stopped: false }
}

/** A byte in a text that is made of letters: as itself where it is ASCII, else as a letter that stands for the byte. */
const byteLetter = (byte: number): string => String.fromCharCode(byte < 128 ? byte : 0xdc00 + byte)

/** A text with such letters as bytes. */
export function rawBytes(text: string): string | Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return text
  const parts: Uint8Array[] = []
  for (const [piece] of text.matchAll(/[\udc80-\udcff]|(?:(?![\udc80-\udcff])[\s\S])+/g)) {
    const code = piece.charCodeAt(0)
    parts.push(piece.length === 1 && code >= 0xdc80 && code <= 0xdcff ? Uint8Array.of(code - 0xdc00) : encode(piece))
  }
  return join(parts)
}
