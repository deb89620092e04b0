import { setField } from '../objects/paths.ts'

/** JSON as it was written: members in order, twice where they came twice, numbers as text. */
export type JsonNode =
  | { readonly type: 'object'; readonly members: readonly (readonly [key: string, value: JsonNode])[] }
  | { readonly type: 'array'; readonly items: readonly JsonNode[] }
  | { readonly type: 'string'; readonly value: string }
  | { readonly type: 'number'; readonly text: string }
  | { readonly type: 'bool'; readonly value: boolean }
  | { readonly type: 'null' }

export class JsonSyntaxError extends Error {
  override name = 'JsonSyntaxError'
}

/** Levels of nesting that Go's decoder reads. */
const maxDepth = 10_000
const endOfInput = 'unexpected end of JSON input'

/** Reads a whole text. @throws JsonSyntaxError in the words of Go's `encoding/json`. */
export function parseJson(text: string): JsonNode {
  const parser = new Parser(text)
  return parser.document()
}

class Parser {
  private readonly text: string
  private at = 0

  constructor(text: string) {
    this.text = text
  }

  document(): JsonNode {
    const value = this.value(0)
    this.blanks()
    if (this.at < this.text.length) throw this.invalid('after top-level value')
    return value
  }

  private value(depth: number): JsonNode {
    this.blanks()
    const first = this.text[this.at]
    switch (first) {
      case undefined:
        throw new JsonSyntaxError(endOfInput)
      case '{':
        return this.object(depth + 1)
      case '[':
        return this.array(depth + 1)
      case '"':
        return { type: 'string', value: this.string() }
      case 't':
        this.literal('true')
        return { type: 'bool', value: true }
      case 'f':
        this.literal('false')
        return { type: 'bool', value: false }
      case 'n':
        this.literal('null')
        return { type: 'null' }
      default:
        if (first === '-' || isDigit(first)) return { type: 'number', text: this.number() }
        throw this.invalid('looking for beginning of value')
    }
  }

  private object(depth: number): JsonNode {
    if (depth > maxDepth) throw new JsonSyntaxError('exceeded max depth')
    this.at++
    const members: [string, JsonNode][] = []
    this.blanks()
    if (this.peek() === '}') {
      this.at++
      return { type: 'object', members }
    }
    for (;;) {
      this.blanks()
      if (this.peek() !== '"') throw this.invalid('looking for beginning of object key string')
      const key = this.string()
      this.blanks()
      if (this.peek() !== ':') throw this.invalid('after object key')
      this.at++
      members.push([key, this.value(depth)])
      this.blanks()
      const next = this.peek()
      if (next !== ',' && next !== '}') throw this.invalid('after object key:value pair')
      this.at++
      if (next === '}') return { type: 'object', members }
    }
  }

  private array(depth: number): JsonNode {
    if (depth > maxDepth) throw new JsonSyntaxError('exceeded max depth')
    this.at++
    const items: JsonNode[] = []
    this.blanks()
    if (this.peek() === ']') {
      this.at++
      return { type: 'array', items }
    }
    for (;;) {
      items.push(this.value(depth))
      this.blanks()
      const next = this.peek()
      if (next !== ',' && next !== ']') throw this.invalid('after array element')
      this.at++
      if (next === ']') return { type: 'array', items }
    }
  }

  /** From the opening quote on; halves of characters become U+FFFD, as in Go. */
  private string(): string {
    const start = this.at
    let escaped = false
    for (this.at++; ; this.at++) {
      const character = this.peek()
      if (character === '"') break
      if (character < ' ') throw this.invalid('in string literal')
      if (character !== '\\') continue
      escaped = true
      this.at++
      const escaping = this.peek()
      if (escaping === 'u') {
        for (let digit = 0; digit < 4; digit++) {
          this.at++
          if (!/[0-9a-fA-F]/.test(this.peek())) throw this.invalid('in \\u hexadecimal character escape')
        }
      } else if (!'bfnrt\\/"'.includes(escaping)) throw this.invalid('in string escape code')
    }
    this.at++
    const quoted = this.text.slice(start, this.at)
    return escaped ? wellFormed(JSON.parse(quoted) as string) : quoted.slice(1, -1)
  }

  private number(): string {
    const start = this.at
    if (this.text[this.at] === '-') {
      this.at++
      if (!isDigit(this.peek())) throw this.invalid('in numeric literal')
    }
    if (this.text[this.at] === '0') this.at++
    else this.digits()
    if (this.text[this.at] === '.') {
      this.at++
      if (!isDigit(this.peek())) throw this.invalid('after decimal point in numeric literal')
      this.digits()
    }
    if (this.text[this.at] === 'e' || this.text[this.at] === 'E') {
      this.at++
      if (this.peek() === '+' || this.peek() === '-') this.at++
      if (!isDigit(this.peek())) throw this.invalid('in exponent of numeric literal')
      this.digits()
    }
    return this.text.slice(start, this.at)
  }

  private digits(): void {
    while (isDigit(this.text[this.at])) this.at++
  }

  private literal(word: string): void {
    for (const expected of word) {
      if (this.peek() !== expected) throw this.invalid(`in literal ${word} (expecting '${expected}')`)
      this.at++
    }
  }

  private blanks(): void {
    for (;;) {
      const character = this.text[this.at]
      if (character !== ' ' && character !== '\n' && character !== '\r' && character !== '\t') return
      this.at++
    }
  }

  private peek(): string {
    const character = this.text[this.at]
    if (character === undefined) throw new JsonSyntaxError(endOfInput)
    return character
  }

  private invalid(where: string): JsonSyntaxError {
    return new JsonSyntaxError(`invalid character ${quoteByte(this.text, this.at)} ${where}`)
  }
}

const isDigit = (character: string | undefined): boolean =>
  character !== undefined && character >= '0' && character <= '9'

const wellFormed = (text: string): string => text.replace(/\p{Surrogate}/gu, '\ufffd')

/** Go looks at bytes: of a character beyond ASCII it shows the first of them, as Latin-1. */
function quoteByte(text: string, at: number): string {
  const code = text.codePointAt(at) ?? 0
  const byte =
    code < 0x80 ? code : code < 0x800 ? 0xc0 | (code >> 6) : code < 0x10000 ? 0xe0 | (code >> 12) : 0xf0 | (code >> 18)
  if (byte === 0x27) return "'\\''"
  if (byte === 0x22) return `'"'`
  if (byte === 0x5c) return `'\\\\'`
  const named: Readonly<Record<number, string>> = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r' }
  if (named[byte] !== undefined) return `'\\${named[byte]}'`
  if (byte < 0x20 || byte === 0x7f) return `'\\x${byte.toString(16).padStart(2, '0')}'`
  if (byte >= 0x80 && byte <= 0xa0) return `'\\u${byte.toString(16).padStart(4, '0')}'`
  return `'${String.fromCharCode(byte)}'`
}

/** Without what JSON cannot keep: later members take the place of earlier ones. */
export function plain(node: JsonNode): unknown {
  switch (node.type) {
    case 'object': {
      const object: Record<string, unknown> = {}
      for (const [key, value] of node.members) setField(object, key, plain(value))
      return object
    }
    case 'array':
      return node.items.map(plain)
    case 'string':
    case 'bool':
      return node.value
    case 'number':
      return Number(node.text)
    case 'null':
      return null
  }
}
