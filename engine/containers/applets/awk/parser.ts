import { AwkFault, type AwkFunction, type AwkProgram, type Expression, type Rule, type Statement } from './syntax.ts'
import { type Token, tokensOf } from './tokens.ts'

const BINARY: readonly (readonly string[])[] = [['||'], ['&&'], ['in'], ['~', '!~'], ['<', '<=', '!=', '==', '>', '>=']]
const BUILT_IN_WITHOUT_BRACKETS = 'length'

/** Throws AwkFault. */
export function parseAwk(text: string): AwkProgram {
  return new Parser(tokensOf(text)).program()
}

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0
  /** Within `print`'s list a `>` is a redirection; within `for (` an `in` is the loop's. */
  #noGreater = false
  #noIn = false

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  get #token(): Token {
    return this.#tokens[this.#at] as Token
  }

  #is(text: string): boolean {
    const { kind } = this.#token
    return this.#token.text === text && (kind === 'sign' || kind === 'word')
  }

  #take(text: string): boolean {
    if (!this.#is(text)) return false
    this.#at++
    return true
  }

  #need(text: string): void {
    if (!this.#take(text)) this.#wrong()
  }

  #wrong(): never {
    throw new AwkFault('Unexpected token')
  }

  #lines(): void {
    while (this.#token.kind === 'line') this.#at++
  }

  #ends(): void {
    while (this.#token.kind === 'line' || this.#is(';')) this.#at++
  }

  program(): AwkProgram {
    const rules: Rule[] = []
    const functions = new Map<string, AwkFunction>()
    for (this.#ends(); this.#token.kind !== 'end'; this.#ends()) {
      if (this.#take('function') || this.#take('func')) {
        const { text } = this.#token
        this.#at++
        this.#need('(')
        const parameters: string[] = []
        while (!this.#take(')')) {
          parameters.push(this.#token.text)
          this.#at++
          this.#take(',')
          this.#lines()
        }
        this.#lines()
        functions.set(text, { parameters, body: this.#block() })
      } else if (this.#is('BEGIN') || this.#is('END')) {
        const when = this.#token.text as 'BEGIN' | 'END'
        this.#at++
        rules.push({ when, body: this.#block() })
      } else if (this.#is('{')) rules.push({ when: 'always', body: this.#block() })
      else {
        const from = this.#expression()
        let to: Expression | undefined
        if (this.#take(',')) {
          this.#lines()
          to = this.#expression()
        }
        rules.push({ when: { from, to }, ...(this.#is('{') ? { body: this.#block() } : {}) })
      }
    }
    return { rules, functions }
  }

  #block(): Statement {
    this.#need('{')
    const list: Statement[] = []
    for (this.#ends(); !this.#take('}'); this.#ends()) list.push(this.#statement())
    return { do: 'block', list }
  }

  /** A simple statement's end, which a brace is too. */
  #close(): void {
    if (this.#take(';') || this.#is('}')) return
    if (this.#token.kind !== 'line') this.#wrong()
    this.#at++
  }

  #body(): Statement {
    this.#lines()
    if (this.#take(';')) return { do: 'block', list: [] }
    return this.#statement()
  }

  #condition(): Expression {
    this.#need('(')
    const test = this.#bracketed(() => this.#expression())
    this.#need(')')
    return test
  }

  #statement(): Statement {
    if (this.#is('{')) return this.#block()
    if (this.#take('if')) {
      const test = this.#condition()
      const yes = this.#body()
      const before = this.#at
      this.#ends()
      if (this.#take('else')) return { do: 'if', test, yes, no: this.#body() }
      this.#at = before
      return { do: 'if', test, yes }
    }
    if (this.#take('while')) return { do: 'while', test: this.#condition(), body: this.#body() }
    if (this.#take('do')) {
      const body = this.#body()
      this.#ends()
      this.#need('while')
      const test = this.#condition()
      this.#close()
      return { do: 'until', test, body }
    }
    if (this.#take('for')) return this.#for()
    const made = this.#simple()
    this.#close()
    return made
  }

  #for(): Statement {
    this.#need('(')
    const [key, word, of, end] = this.#tokens.slice(this.#at, this.#at + 4)
    if (key?.kind === 'name' && word?.text === 'in' && of?.kind === 'name' && end?.text === ')') {
      this.#at += 4
      return { do: 'each', key: key.text, of: of.text, body: this.#body() }
    }
    const first = this.#is(';') ? undefined : this.#simple()
    this.#need(';')
    this.#lines()
    const test = this.#is(';') ? undefined : this.#expression()
    this.#need(';')
    this.#lines()
    const next = this.#is(')') ? undefined : this.#simple()
    this.#need(')')
    return { do: 'for', first, test, next, body: this.#body() }
  }

  #simple(): Statement {
    for (const word of ['next', 'nextfile', 'break', 'continue'] as const) if (this.#take(word)) return { do: word }
    for (const word of ['exit', 'return'] as const)
      if (this.#take(word)) return { do: word, value: this.#over() ? undefined : this.#expression() }
    if (this.#take('delete')) {
      const name = this.#token.text
      this.#at++
      return { do: 'delete', name, keys: this.#take('[') ? this.#keys() : undefined }
    }
    if (this.#is('print') || this.#is('printf')) return this.#print()
    return { do: 'expression', value: this.#expression() }
  }

  #over = (): boolean =>
    this.#token.kind === 'line' ||
    this.#token.kind === 'end' ||
    [';', '}', '>', '>>', '|'].some((sign) => this.#is(sign))

  #print(): Statement {
    const format = this.#token.text === 'printf'
    this.#at++
    const args: Expression[] = []
    const outer = this.#noGreater
    this.#noGreater = true
    if (!this.#over()) {
      do {
        this.#lines()
        args.push(this.#expression())
      } while (this.#take(','))
    }
    const [only] = args
    const list = args.length === 1 && only?.is === 'group' ? only.list : args
    let into: Extract<Statement, { do: 'print' }>['into']
    for (const how of ['>>', '>', '|'] as const)
      if (into === undefined && this.#take(how))
        into = { how, target: how === '|' ? this.#concatenation() : this.#choice() }
    this.#noGreater = outer
    return { do: 'print', format, args: list, into }
  }

  #keys(): Expression[] {
    const list = this.#bracketed(() => this.#list(']'))
    this.#need(']')
    return list
  }

  #list(end: string): Expression[] {
    const list: Expression[] = []
    this.#lines()
    while (!this.#is(end)) {
      list.push(this.#expression())
      this.#lines()
      if (!this.#take(',')) break
      this.#lines()
    }
    return list
  }

  #bracketed<T>(parse: () => T): T {
    const held = [this.#noGreater, this.#noIn] as const
    this.#noGreater = false
    this.#noIn = false
    const made = parse()
    ;[this.#noGreater, this.#noIn] = held
    return made
  }

  #expression(): Expression {
    const left = this.#choice()
    const operator = this.#token.text
    if (this.#token.kind === 'sign' && /^[-+*/%^]?=$/.test(operator) && assignable(left)) {
      this.#at++
      this.#lines()
      return { is: 'assign', operator: operator.slice(0, -1), to: left, value: this.#expression() }
    }
    return left
  }

  #choice(): Expression {
    const test = this.#binary(0)
    if (!this.#take('?')) return test
    this.#lines()
    const yes = this.#expression()
    this.#lines()
    this.#need(':')
    this.#lines()
    return { is: 'choice', test, yes, no: this.#expression() }
  }

  #binary(level: number): Expression {
    const operators = BINARY[level]
    if (operators === undefined) return this.#piped()
    let left = this.#binary(level + 1)
    for (;;) {
      if (operators[0] === 'in') {
        if (this.#noIn || !this.#take('in')) return left
        left = { is: 'in', keys: left.is === 'group' ? left.list : [left], name: this.#token.text }
        this.#at++
        continue
      }
      let operator = this.#token.text
      let length = 1
      if (level === 3 && this.#is('!') && this.#tokens[this.#at + 1]?.text === '~') {
        operator = '!~'
        length = 2
      } else if (this.#token.kind !== 'sign' || !operators.includes(operator)) return left
      if (operator === '>' && this.#noGreater) return left
      this.#at += length
      if (level < 2) this.#lines()
      // `a = b` may stand on the right of `&&` as it is.
      const right = level < 2 ? this.#assigned(level + 1) : this.#binary(level + 1)
      left = { is: 'binary', operator, left, right }
    }
  }

  #assigned(level: number): Expression {
    const left = this.#binary(level)
    if (!assignable(left) || !this.#is('=')) return left
    this.#at++
    return { is: 'assign', operator: '', to: left, value: this.#expression() }
  }

  /** `command | getline`. */
  #piped(): Expression {
    let left = this.#concatenation()
    while (this.#is('|') && this.#tokens[this.#at + 1]?.text === 'getline') {
      this.#at += 2
      left = { is: 'getline', from: 'command', source: left, to: this.#target() }
    }
    return left
  }

  #concatenation(): Expression {
    let left = this.#sum()
    while (this.#beginsValue()) left = { is: 'binary', operator: ' ', left, right: this.#sum() }
    return left
  }

  #beginsValue(): boolean {
    const { kind, text } = this.#token
    if (kind === 'sign')
      return (
        ['(', '$', '!', '-', '+', '++', '--'].includes(text) &&
        !(text === '!' && this.#tokens[this.#at + 1]?.text === '~')
      )
    return kind === 'number' || kind === 'string' || kind === 'regex' || kind === 'name' || kind === 'call'
  }

  #sum(): Expression {
    let left = this.#product()
    while (this.#is('+') || this.#is('-')) {
      const operator = this.#token.text
      this.#at++
      left = { is: 'binary', operator, left, right: this.#product() }
    }
    return left
  }

  #product(): Expression {
    let left = this.#unary()
    while (this.#is('*') || this.#is('/') || this.#is('%')) {
      const operator = this.#token.text
      this.#at++
      left = { is: 'binary', operator, left, right: this.#unary() }
    }
    return left
  }

  #unary(): Expression {
    for (const operator of ['!', '-', '+'])
      if (this.#take(operator)) return { is: 'unary', operator, of: this.#unary() }
    return this.#power()
  }

  #power(): Expression {
    const left = this.#postfix()
    if (!this.#take('^')) return left
    const right = this.#is('-') || this.#is('+') || this.#is('!') ? this.#unary() : this.#power()
    return { is: 'binary', operator: '^', left, right }
  }

  #postfix(): Expression {
    const made = this.#primary()
    if (assignable(made)) {
      if (this.#take('++')) return { is: 'step', by: 1, before: false, to: made }
      if (this.#take('--')) return { is: 'step', by: -1, before: false, to: made }
    }
    return made
  }

  #target(): Expression | undefined {
    return this.#token.kind === 'name' || this.#is('$') ? this.#primary() : undefined
  }

  #primary(): Expression {
    const { kind, text } = this.#token
    this.#at++
    if (kind === 'number') return { is: 'number', value: Number(text) }
    if (kind === 'string') return { is: 'string', value: text }
    if (kind === 'regex') return { is: 'regex', source: text }
    if (kind === 'call') {
      this.#need('(')
      const args = this.#bracketed(() => this.#list(')'))
      this.#need(')')
      return { is: 'call', name: text, args }
    }
    if (kind === 'name') {
      if (this.#take('[')) return { is: 'element', name: text, keys: this.#keys() }
      return text === BUILT_IN_WITHOUT_BRACKETS ? { is: 'call', name: text, args: [] } : { is: 'name', name: text }
    }
    if (kind === 'word' && text === 'getline') {
      const to = this.#target()
      if (!this.#take('<')) return { is: 'getline', from: 'input', to }
      return { is: 'getline', from: 'file', source: this.#postfix(), to }
    }
    if (kind === 'sign') {
      if (text === '$')
        return {
          is: 'field',
          index: this.#is('++') || this.#is('--') || this.#is('-') ? this.#unary() : this.#primary(),
        }
      if (text === '++' || text === '--')
        return { is: 'step', by: text === '++' ? 1 : -1, before: true, to: this.#primary() }
      if (text === '-' || text === '+' || text === '!') return { is: 'unary', operator: text, of: this.#unary() }
      if (text === '(') {
        const list = this.#bracketed(() => this.#list(')'))
        this.#need(')')
        return { is: 'group', list }
      }
    }
    this.#at--
    return this.#wrong()
  }
}

const assignable = ({ is }: Expression): boolean => is === 'name' || is === 'field' || is === 'element'
