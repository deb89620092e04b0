import { goQuote } from './go-quote.ts'
import { qualifiedNameErrors } from './names.ts'
import { compareText, type LabelOperator, type LabelRequirement, requirementError } from './requirement.ts'

/** `word` is a key or a value; `in` and `notin` are operators after a key and words elsewhere. */
interface Token {
  readonly kind: 'word' | 'symbol' | 'end'
  readonly text: string
}

const end: Token = { kind: 'end', text: '' }
const blanks = ' \t\r\n'
const symbolCharacters = '=!(),><'
const twoCharacterSymbols: ReadonlySet<string> = new Set(['==', '!='])
const operators: ReadonlyMap<string, LabelOperator> = new Map([
  ['in', 'in'],
  ['=', '='],
  ['==', '=='],
  ['>', 'gt'],
  ['<', 'lt'],
  ['notin', 'notin'],
  ['!=', '!='],
])
const operatorNames = 'in, notin, =, ==, !=, gt, lt'

/**
 * The string form of a label selector, by the grammar of apimachinery's `labels.Parse` (1.34).
 * @throws Error with upstream's sentence.
 */
export function parseRequirements(text: string): LabelRequirement[] {
  const parser = new Parser(scan(text))
  return parser.requirements()
}

function scan(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const character = text[at] ?? ''
    if (blanks.includes(character)) {
      at++
    } else if (symbolCharacters.includes(character)) {
      const two = text.slice(at, at + 2)
      const symbol = { kind: 'symbol', text: twoCharacterSymbols.has(two) ? two : character } as const
      tokens.push(symbol)
      at += symbol.text.length
    } else {
      const start = at
      while (at < text.length && !blanks.includes(text[at] ?? '') && !symbolCharacters.includes(text[at] ?? '')) at++
      tokens.push({ kind: 'word', text: text.slice(start, at) })
    }
  }
  return [...tokens, end]
}

class Parser {
  private readonly tokens: readonly Token[]
  private position = 0

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens
  }

  requirements(): LabelRequirement[] {
    const found: LabelRequirement[] = []
    for (;;) {
      const token = this.peek()
      if (token.kind === 'end') return found
      if (!startsRequirement(token))
        throw new Error(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      found.push(this.requirementOrReason())
      const after = this.take()
      if (after.kind === 'end') return found
      if (!isSymbol(after, ',')) throw new Error(`found '${after.text}', expected: ',' or 'end of string'`)
      if (!startsRequirement(this.peek()))
        throw new Error(`found '${this.peek().text}', expected: identifier after ','`)
    }
  }

  private requirementOrReason(): LabelRequirement {
    try {
      return this.requirement()
    } catch (error) {
      throw new Error(`unable to parse requirement: ${(error as Error).message}`)
    }
  }

  private requirement(): LabelRequirement {
    const negated = isSymbol(this.peek(), '!')
    if (negated) this.take()
    const key = this.key()
    // Upstream never looks for an operator after `!key`: what follows is refused by the caller.
    if (negated) return checked(key, '!', [])
    if (this.atEndOfRequirement()) return checked(key, 'exists', [])
    const operator = this.operator()
    const values = operator === 'in' || operator === 'notin' ? this.valueSet() : [this.exactValue()]
    return checked(key, operator, values)
  }

  private key(): string {
    const token = this.take()
    if (token.kind !== 'word') throw new Error(`found '${token.text}', expected: identifier`)
    const wrong = qualifiedNameErrors(token.text)
    // Upstream has no path to name here, and says so.
    if (wrong.length > 0) throw new Error(`<nil>: Invalid value: ${goQuote(token.text)}: ${wrong.join('; ')}`)
    return token.text
  }

  private operator(): LabelOperator {
    const token = this.take()
    const operator = operators.get(token.text)
    if (operator === undefined) throw new Error(`found '${token.text}', expected: ${operatorNames}`)
    return operator
  }

  private exactValue(): string {
    if (this.atEndOfRequirement()) return ''
    const token = this.take()
    if (token.kind !== 'word') throw new Error(`found '${token.text}', expected: identifier`)
    return token.text
  }

  private valueSet(): string[] {
    const open = this.take()
    if (!isSymbol(open, '(')) throw new Error(`found '${open.text}' expected: '('`)
    const first = this.peek()
    if (isSymbol(first, ')')) {
      this.take()
      return ['']
    }
    if (first.kind !== 'word' && !isSymbol(first, ',')) {
      throw new Error(`found '${first.text}', expected: ',', ')' or identifier`)
    }
    const values = this.valueList()
    this.take()
    return [...values].sort(compareText)
  }

  /** Up to the closing parenthesis; between two commas, and beside a lone one, stands the empty value. */
  private valueList(): Set<string> {
    const values = new Set<string>()
    for (;;) {
      const token = this.take()
      if (token.kind === 'word') {
        values.add(token.text)
        if (isSymbol(this.peek(), ')')) return values
        if (!isSymbol(this.peek(), ',')) throw new Error(`found '${this.peek().text}', expected: ',' or ')'`)
      } else if (isSymbol(token, ',')) {
        if (values.size === 0) values.add('')
        if (isSymbol(this.peek(), ')')) return values.add('')
        if (isSymbol(this.peek(), ',')) {
          this.take()
          values.add('')
        }
      } else {
        throw new Error(`found '${token.text}', expected: ',', or identifier`)
      }
    }
  }

  private atEndOfRequirement(): boolean {
    return this.peek().kind === 'end' || isSymbol(this.peek(), ',')
  }

  private peek(): Token {
    return this.tokens[this.position] ?? end
  }

  private take(): Token {
    const token = this.peek()
    this.position++
    return token
  }
}

function isSymbol(token: Token, text: string): boolean {
  return token.kind === 'symbol' && token.text === text
}

function startsRequirement(token: Token): boolean {
  return token.kind === 'word' || isSymbol(token, '!')
}

function checked(key: string, operator: LabelOperator, values: readonly string[]): LabelRequirement {
  const requirement = { key, operator, values }
  const wrong = requirementError(requirement)
  if (wrong !== undefined) throw new Error(wrong)
  return requirement
}
