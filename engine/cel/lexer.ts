import { CompileError, type Issue } from './source.ts'

export interface Token {
  readonly kind: 'ident' | 'quoted' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'sign' | 'end'
  readonly at: number
  /** As it was written. */
  readonly text: string
  readonly value?: string | Uint8Array
}

const blank = /(?:[ \t\r\n\f]+|\/\/[^\n]*)*/y
const number =
  /(?:0x[0-9a-fA-F]+[uU]?|(?:[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?)|[0-9]+[uU]?)/y
const ident = /[a-zA-Z_][a-zA-Z0-9_]*/y
const quoted = /`[a-zA-Z0-9_.\-/ ]+`/y
const sign = /==|!=|<=|>=|&&|\|\||[<>()[\]{}.,\-!?:+*/%]/y
const text =
  /([rRbB]{0,2})(?:"""((?:\\[\s\S]|[^\\])*?)"""|'''((?:\\[\s\S]|[^\\])*?)'''|"((?:\\[\s\S]|[^\\"\n\r])*)"|'((?:\\[\s\S]|[^\\'\n\r])*)')/y
const rawText = /([rRbB]{1,2})(?:"""([\s\S]*?)"""|'''([\s\S]*?)'''|"([^"\n\r]*)"|'([^'\n\r]*)')/y

/** As far as ANTLR had read when it gave up: to the end of what opened a text, one letter after half an operator. */
const unreadable = /^(?:[rRbB]{0,2}["'][^\n]*|[=&|][\s\S]?|[\s\S])/u

/** What is no token is passed over, and told in ANTLR's words. */
export function tokenize(source: string, issues: Issue[]): Token[] {
  const tokens: Token[] = []
  let at = 0
  const match = (form: RegExp): RegExpExecArray | null => {
    form.lastIndex = at
    return form.exec(source)
  }
  for (;;) {
    at += match(blank)?.[0].length ?? 0
    if (at >= source.length) {
      tokens.push({ kind: 'end', at, text: '<EOF>' })
      return tokens
    }
    const found = readText(match) ?? readPlain(match)
    if (found === undefined) {
      const wrong = unreadable.exec(source.slice(at))?.[0] ?? ''
      issues.push({ at, message: `Syntax error: token recognition error at: '${wrong}'` })
      at += wrong.length
      continue
    }
    tokens.push({ ...found(source, at), at })
    at += tokens.at(-1)?.text.length ?? 1
  }
}

type Made = (source: string, at: number) => Omit<Token, 'at'>

function readPlain(match: (form: RegExp) => RegExpExecArray | null): Made | undefined {
  const digits = match(number)?.[0]
  if (digits !== undefined) {
    const kind = /[uU]$/.test(digits) ? 'uint' : /^0x/.test(digits) || /^[0-9]+$/.test(digits) ? 'int' : 'double'
    return () => ({ kind, text: digits })
  }
  const word = match(ident)?.[0]
  if (word !== undefined) return () => ({ kind: 'ident', text: word })
  const escaped = match(quoted)?.[0]
  if (escaped !== undefined) return () => ({ kind: 'quoted', text: escaped, value: escaped.slice(1, -1) })
  const operator = match(sign)?.[0]
  return operator === undefined ? undefined : () => ({ kind: 'sign', text: operator })
}

function readText(match: (form: RegExp) => RegExpExecArray | null): Made | undefined {
  let found = match(rawText)
  if (found === null || !/[rR]/.test(found[1] ?? '')) found = match(text)
  if (found === null) return undefined
  const [whole, prefix = '', ...bodies] = found
  const body = bodies.find((part) => part !== undefined) ?? ''
  const raw = /[rR]/.test(prefix)
  const bytes = /[bB]/.test(prefix)
  return (source, at) => {
    const value = raw ? (bytes ? new TextEncoder().encode(body) : body) : readEscapes(source, at, body, bytes)
    return { kind: bytes ? 'bytes' : 'string', text: whole, value }
  }
}

const simple: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['`', '`'],
  ['?', '?'],
])
const sequence =
  /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([\s\S]))/g

function readEscapes(source: string, at: number, body: string, bytes: boolean): string | Uint8Array {
  const wrong = (): never => {
    throw new CompileError(source, [{ at, message: `Syntax error: token recognition error at: '${body}'` }])
  }
  if (!bytes) {
    return body.replace(sequence, (_, x, X, u, U, octal, letter) => {
      if (letter !== undefined) return simple.get(letter) ?? wrong()
      const code = octal === undefined ? Number.parseInt(x ?? X ?? u ?? U, 16) : Number.parseInt(octal, 8)
      return code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? wrong() : String.fromCodePoint(code)
    })
  }
  const out: number[] = []
  const encoder = new TextEncoder()
  let from = 0
  for (const found of body.matchAll(sequence)) {
    out.push(...encoder.encode(body.slice(from, found.index)))
    const [whole, x, X, u, U, octal, letter] = found
    if (u !== undefined || U !== undefined) wrong()
    if (letter !== undefined) out.push(...encoder.encode(simple.get(letter) ?? wrong()))
    else out.push(octal === undefined ? Number.parseInt((x ?? X) as string, 16) : Number.parseInt(octal, 8))
    from = found.index + whole.length
  }
  out.push(...encoder.encode(body.slice(from)))
  return Uint8Array.from(out)
}
