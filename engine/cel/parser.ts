import type { Expr, ListLiteral, MapLiteral } from './ast.ts'
import { type Token, tokenize } from './lexer.ts'
import { expandMacro } from './macros.ts'
import { CompileError, type Issue } from './source.ts'

/** cel-go's: words that cannot be names. */
const reserved = new Set(
  'as break const continue else false for function if import in let loop namespace null package return true var void while'.split(
    ' ',
  ),
)
/** cel-go refuses to go deeper. */
const DEEPEST = 250
const STARTS =
  "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"

const relations: ReadonlyMap<string, string> = new Map([
  ['==', '_==_'],
  ['!=', '_!=_'],
  ['<', '_<_'],
  ['<=', '_<=_'],
  ['>', '_>_'],
  ['>=', '_>=_'],
  ['in', '@in'],
])

/** The grammar of CEL with optional values, as cel-go 0.26 has it. @throws CompileError */
export function parse(source: string): Expr {
  return new Parser(source).whole()
}

class Parser {
  readonly #source: string
  readonly #tokens: readonly Token[]
  readonly #issues: Issue[] = []
  #next = 0
  #depth = 0

  constructor(source: string) {
    this.#source = source
    this.#tokens = tokenize(source, this.#issues)
  }

  whole(): Expr {
    const expr = this.#expr()
    const rest = this.#peek()
    if (rest.kind !== 'end') {
      const last = this.#tokens[this.#next + 1]?.kind === 'end'
      this.#fail(rest, `${last ? 'extraneous' : 'mismatched'} input '${rest.text}' expecting <EOF>`)
    }
    if (this.#issues.length > 0) throw new CompileError(this.#source, this.#issues)
    return expr
  }

  #expr(): Expr {
    if (++this.#depth > DEEPEST) {
      throw new CompileError(this.#source, [{ at: 0, message: `expression recursion limit exceeded: ${DEEPEST}` }])
    }
    const condition = this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#relation()))
    const question = this.#take('?')
    if (question === undefined) {
      this.#depth--
      return condition
    }
    const yes = this.#chain('||', '_||_', () => this.#chain('&&', '_&&_', () => this.#relation()))
    this.#expect(':')
    const no = this.#expr()
    this.#depth--
    return call(question.at, '_?_:_', condition, yes, no)
  }

  /** Long chains are balanced, so that they nest less deeply: as cel-go does. */
  #chain(sign: string, name: string, operand: () => Expr): Expr {
    const terms = [operand()]
    const places: number[] = []
    for (let token = this.#take(sign); token !== undefined; token = this.#take(sign)) {
      places.push(token.at)
      terms.push(operand())
    }
    const balance = (low: number, high: number): Expr => {
      if (low === high) return terms[low] as Expr
      const middle = Math.floor((low + high + 1) / 2)
      return call(places[middle - 1] ?? 0, name, balance(low, middle - 1), balance(middle, high))
    }
    return balance(0, terms.length - 1)
  }

  #relation(): Expr {
    let left = this.#calc(['+', '-'])
    for (;;) {
      const token = this.#peek()
      const name = token.kind === 'sign' || token.text === 'in' ? relations.get(token.text) : undefined
      if (name === undefined) return left
      this.#next++
      left = call(token.at, name, left, this.#calc(['+', '-']))
    }
  }

  #calc(signs: readonly string[]): Expr {
    const operand = (): Expr => (signs.includes('+') ? this.#calc(['*', '/', '%']) : this.#unary())
    let left = operand()
    for (;;) {
      const token = this.#peek()
      if (token.kind !== 'sign' || !signs.includes(token.text)) return left
      this.#next++
      left = call(token.at, `_${token.text}_`, left, operand())
    }
  }

  #unary(): Expr {
    const first = this.#peek()
    if (first.kind !== 'sign' || (first.text !== '!' && first.text !== '-')) return this.#member(this.#primary())
    const after = this.#tokens[this.#next + 1]
    if (first.text === '-' && (after?.kind === 'int' || after?.kind === 'double')) {
      this.#next += 2
      return this.#member(this.#numeral(after, first.at, '-'))
    }
    let count = 0
    while (this.#take(first.text) !== undefined) count++
    const operand = this.#member(this.#primary())
    return count % 2 === 0 ? operand : call(first.at, first.text === '!' ? '!_' : '-_', operand)
  }

  #member(start: Expr): Expr {
    let expr = start
    const depth = this.#depth
    for (;;) {
      const dot = this.#take('.')
      if (dot !== undefined) {
        expr = this.#afterDot(expr, dot)
        continue
      }
      const open = this.#take('[')
      if (open === undefined) break
      const optional = this.#take('?') !== undefined
      const index = this.#expr()
      this.#expect(']')
      expr = call(open.at, optional ? '_[?_]' : '_[_]', expr, index)
      if (++this.#depth > DEEPEST) this.#fail(open, 'expression recursion limit exceeded')
    }
    this.#depth = depth
    return expr
  }

  #afterDot(operand: Expr, dot: Token): Expr {
    const optional = this.#take('?') !== undefined
    const name = this.#peek()
    if (name.kind === 'quoted') {
      this.#next++
      return { op: 'select', at: dot.at, operand, field: String(name.value), mode: optional ? 'optional' : 'value' }
    }
    if (name.kind !== 'ident' || ['true', 'false', 'null', 'in'].includes(name.text)) {
      const end = name.kind === 'end'
      this.#fail(
        name,
        end ? "no viable alternative at input '.'" : `mismatched input '${name.text}' expecting IDENTIFIER`,
      )
    }
    this.#next++
    const open = optional ? undefined : this.#take('(')
    if (open === undefined) {
      return { op: 'select', at: dot.at, operand, field: name.text, mode: optional ? 'optional' : 'value' }
    }
    return this.#called(open.at, name.text, operand)
  }

  #called(at: number, name: string, target: Expr | undefined): Expr {
    const args = this.#until(')', () => this.#expr())
    const expanded = expandMacro(at, name, target, args)
    if (expanded === undefined) return { op: 'call', at, name, target, args }
    if ('message' in expanded) {
      this.#issues.push(expanded)
      return { op: 'literal', at, type: 'null', value: null }
    }
    return expanded
  }

  #primary(): Expr {
    const token = this.#peek()
    switch (token.kind) {
      case 'int':
      case 'uint':
      case 'double':
        this.#next++
        return this.#numeral(token, token.at, '')
      case 'string':
        this.#next++
        return { op: 'literal', at: token.at, type: 'string', value: token.value as string }
      case 'bytes':
        this.#next++
        return { op: 'literal', at: token.at, type: 'bytes', value: token.value as Uint8Array }
      case 'ident':
        return this.#name(token)
      case 'sign':
        break
      default:
        return this.#fail(token, `mismatched input '${token.text}' expecting ${STARTS}`)
    }
    if (this.#take('(')) {
      const inner = this.#expr()
      this.#expect(')')
      return inner
    }
    if (this.#take('[')) return this.#list(token.at)
    if (this.#take('{')) return this.#map(token.at)
    if (token.text === '.' && this.#tokens[this.#next + 1]?.kind === 'ident') {
      this.#next++
      return this.#name(this.#peek())
    }
    return this.#fail(token, `${this.#extra(token)} input '${token.text}' expecting ${STARTS}`)
  }

  /** ANTLR drops one token that does not belong where the next one does. */
  #extra(token: Token): string {
    const after = this.#tokens[this.#next + 1]
    const fits = after !== undefined && (after.kind !== 'sign' ? after.kind !== 'end' : '[{(.-!'.includes(after.text))
    return fits && token.kind === 'sign' ? 'extraneous' : 'mismatched'
  }

  #name(token: Token): Expr {
    this.#next++
    switch (token.text) {
      case 'true':
      case 'false':
        return { op: 'literal', at: token.at, type: 'bool', value: token.text === 'true' }
      case 'null':
        return { op: 'literal', at: token.at, type: 'null', value: null }
      case 'in':
        return this.#fail(token, `mismatched input 'in' expecting ${STARTS}`)
    }
    if (reserved.has(token.text)) this.#issues.push({ at: token.at, message: `reserved identifier: ${token.text}` })
    const open = this.#take('(')
    if (open !== undefined) return this.#called(open.at, token.text, undefined)
    const struct = this.#structName(token.text)
    if (struct !== undefined) return struct
    return { op: 'ident', at: token.at, name: token.text }
  }

  /** `Name{…}` or `pkg.Name{…}`: Kubernetes declares no messages, so that only the name matters. */
  #structName(first: string): Expr | undefined {
    let ahead = this.#next
    let name = first
    while (this.#tokens[ahead]?.text === '.' && this.#tokens[ahead + 1]?.kind === 'ident') {
      name += `.${this.#tokens[ahead + 1]?.text}`
      ahead += 2
    }
    const brace = this.#tokens[ahead]
    if (brace?.kind !== 'sign' || brace.text !== '{') return undefined
    this.#next = ahead + 1
    this.#until('}', () => {
      this.#take('?')
      this.#next++
      this.#expect(':')
      return this.#expr()
    })
    return { op: 'struct', at: brace.at, name }
  }

  #list(at: number): ListLiteral {
    const items = this.#until(']', () => {
      const optional = this.#take('?') !== undefined
      return { value: this.#expr(), optional }
    })
    return { op: 'list', at, items }
  }

  #map(at: number): MapLiteral {
    const entries = this.#until('}', () => {
      const optional = this.#take('?') !== undefined
      const key = this.#expr()
      this.#expect(':')
      return { key, value: this.#expr(), optional }
    })
    return { op: 'map', at, entries }
  }

  #until<T>(close: string, element: () => T): T[] {
    const elements: T[] = []
    while (this.#take(close) === undefined) {
      if (elements.length > 0) {
        if (this.#peek().text !== ',') this.#expect(close)
        this.#next++
        // Only lists and maps may end in a comma.
        if (close !== ')' && this.#take(close) !== undefined) break
      }
      elements.push(element())
    }
    return elements
  }

  #numeral(token: Token, at: number, minus: '' | '-'): Expr {
    const digits = token.kind === 'uint' ? token.text.slice(0, -1) : token.text
    if (token.kind === 'double') {
      const value = Number(minus + digits)
      if (!Number.isFinite(value)) this.#issues.push({ at, message: 'invalid double literal' })
      return { op: 'literal', at, type: 'double', value }
    }
    const magnitude = BigInt(digits)
    const value = minus === '-' ? -magnitude : magnitude
    const fits = token.kind === 'uint' ? value <= 0xffffffffffffffffn : BigInt.asIntN(64, value) === value
    if (!fits) this.#issues.push({ at, message: `invalid ${token.kind} literal` })
    return { op: 'literal', at, type: token.kind === 'uint' ? 'uint' : 'int', value }
  }

  #peek(): Token {
    return this.#tokens[this.#next] as Token
  }

  #take(sign: string): Token | undefined {
    const token = this.#peek()
    if (token.kind !== 'sign' || token.text !== sign) return undefined
    this.#next++
    return token
  }

  /** The sentence is ANTLR's, which takes one wrong token to be missing where the end has come. */
  #expect(sign: string): void {
    const token = this.#peek()
    if (this.#take(sign) !== undefined) return
    if (sign === ']' || sign === '}') this.#fail(token, `mismatched input '${token.text}' expecting {'${sign}', ','}`)
    if (sign === ')' && token.kind !== 'end') {
      this.#fail(token, `mismatched input '${token.text}' expecting ')'`)
    }
    this.#fail(token, `missing '${sign}' at '${token.text}'`)
  }

  #fail(token: Token, message: string): never {
    throw new CompileError(this.#source, [...this.#issues, { at: token.at, message: `Syntax error: ${message}` }])
  }
}

function call(at: number, name: string, ...args: Expr[]): Expr {
  return { op: 'call', at, name, target: undefined, args }
}
