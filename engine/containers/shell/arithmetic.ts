/** Where an expression gets and puts its variables. */
export interface Variables {
  get(name: string): string | undefined
  set(name: string, value: string): void
}

export class ArithmeticFault extends Error {}

const TOKEN =
  /\s*(0[xX][0-9a-fA-F]+|\d+#[0-9a-zA-Z]+|\d+|[A-Za-z_][A-Za-z0-9_]*|<<=|>>=|\*\*|\+\+|--|&&|\|\||[<>=!]=|<<|>>|[-+*/%&^|]=|[-+*/%&^|~!<>?:=(),])/y

const LEVELS: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
]

const ASSIGNS = new Set(['=', '+=', '-=', '*=', '/=', '%=', '&=', '^=', '|=', '<<=', '>>='])

/** How deep expressions and variables that are expressions may nest. */
const DEEPEST = 200

/** The value of `$((…))`: C's operators on 64-bit numbers. Throws ArithmeticFault in ash's words. */
export function evaluate(expression: string, variables: Variables, depth = 0): bigint {
  return new Evaluation(expression, variables, depth).value()
}

class Evaluation {
  readonly #tokens: string[]
  readonly #variables: Variables
  #at = 0
  #depth: number

  constructor(expression: string, variables: Variables, depth: number) {
    this.#tokens = tokensOf(expression)
    this.#variables = variables
    this.#depth = depth
  }

  value(): bigint {
    if (this.#tokens.length === 0) return 0n
    const value = this.#comma(true)
    if (this.#at < this.#tokens.length) throw new ArithmeticFault('arithmetic syntax error')
    return value
  }

  get #token(): string | undefined {
    return this.#tokens[this.#at]
  }

  #take(token: string): boolean {
    if (this.#token !== token) return false
    this.#at++
    return true
  }

  #comma(live: boolean): bigint {
    let value = this.#assignment(live)
    while (this.#take(',')) value = this.#assignment(live)
    return value
  }

  #assignment(live: boolean): bigint {
    this.#depth++
    if (this.#depth > DEEPEST) throw new ArithmeticFault('expression recursion loop detected')
    const name = this.#token ?? ''
    const operator = this.#tokens[this.#at + 1]
    if (isName(name) && operator !== undefined && ASSIGNS.has(operator)) {
      this.#at += 2
      const right = this.#assignment(live)
      const value = operator === '=' ? right : live ? apply(operator.slice(0, -1), this.#read(name), right) : 0n
      if (live) this.#variables.set(name, String(value))
      this.#depth--
      return value
    }
    const value = this.#ternary(live)
    this.#depth--
    return value
  }

  #ternary(live: boolean): bigint {
    const condition = this.#binary(0, live)
    if (!this.#take('?')) return condition
    const yes = this.#comma(live && condition !== 0n)
    if (!this.#take(':')) throw new ArithmeticFault('malformed ?: operator')
    const no = this.#assignment(live && condition === 0n)
    return condition === 0n ? no : yes
  }

  #binary(level: number, live: boolean): bigint {
    const operators = LEVELS[level]
    if (operators === undefined) return this.#power(live)
    let left = this.#binary(level + 1, live)
    for (let operator = this.#token; operator !== undefined && operators.includes(operator); operator = this.#token) {
      this.#at++
      if (operator === '||') left = flag(this.#binary(level + 1, live && left === 0n) !== 0n || left !== 0n)
      else if (operator === '&&') left = flag(this.#binary(level + 1, live && left !== 0n) !== 0n && left !== 0n)
      else {
        const right = this.#binary(level + 1, live)
        left = live ? apply(operator, left, right) : 0n
      }
    }
    return left
  }

  #power(live: boolean): bigint {
    const base = this.#unary(live)
    return this.#take('**') ? apply('**', base, this.#power(live)) : base
  }

  #unary(live: boolean): bigint {
    const token = this.#token
    if (token === '+' || token === '-' || token === '!' || token === '~') {
      this.#at++
      this.#depth++
      if (this.#depth > DEEPEST) throw new ArithmeticFault('expression recursion loop detected')
      const value = this.#unary(live)
      this.#depth--
      return token === '-' ? wrap(-value) : token === '!' ? flag(value === 0n) : token === '~' ? ~value : value
    }
    if (token === '++' || token === '--') {
      this.#at++
      const name = this.#token ?? ''
      if (!isName(name)) throw new ArithmeticFault('arithmetic syntax error')
      this.#at++
      return this.#step(name, token, live)
    }
    return this.#primary(live)
  }

  #step(name: string, operator: string, live: boolean): bigint {
    const value = wrap(this.#read(name) + (operator === '++' ? 1n : -1n))
    if (live) this.#variables.set(name, String(value))
    return value
  }

  #primary(live: boolean): bigint {
    const token = this.#token
    if (token === undefined) throw new ArithmeticFault('arithmetic syntax error')
    this.#at++
    if (token === '(') {
      const value = this.#comma(live)
      if (!this.#take(')')) throw new ArithmeticFault('arithmetic syntax error')
      return value
    }
    if (/^\d/.test(token)) return numberOf(token)
    if (!isName(token)) throw new ArithmeticFault('arithmetic syntax error')
    const after = this.#token
    if (after === '++' || after === '--') {
      this.#at++
      const before = this.#read(token)
      this.#step(token, after, live)
      return before
    }
    return live ? this.#read(token) : 0n
  }

  #read(name: string): bigint {
    const text = this.#variables.get(name)?.trim() ?? ''
    if (text === '') return 0n
    if (/^[-+]?\d+$/.test(text) && !/^[-+]?0\d/.test(text)) return wrap(BigInt(text))
    return evaluate(text, this.#variables, this.#depth + 1)
  }
}

function tokensOf(expression: string): string[] {
  const tokens: string[] = []
  const pattern = new RegExp(TOKEN)
  const text = expression.trimEnd()
  while (pattern.lastIndex < text.length) {
    const found = pattern.exec(text)
    if (found === null) throw new ArithmeticFault('arithmetic syntax error')
    tokens.push(found[1] as string)
  }
  return tokens
}

const isName = (token: string): boolean => /^[A-Za-z_]/.test(token)
const flag = (value: boolean): bigint => (value ? 1n : 0n)
const wrap = (value: bigint): bigint => BigInt.asIntN(64, value)

function numberOf(token: string): bigint {
  const [, base, digits] = /^(\d+)#(\w+)$/.exec(token) ?? []
  if (base === undefined || digits === undefined) {
    if (/^0[xX]/.test(token)) return wrap(BigInt(token))
    if (/^0\d/.test(token)) {
      if (/[89]/.test(token)) throw new ArithmeticFault('arithmetic syntax error')
      return wrap(BigInt(`0o${token.slice(1)}`))
    }
    return wrap(BigInt(token))
  }
  let value = 0n
  for (const digit of digits.toLowerCase()) {
    const number = Number.parseInt(digit, 36)
    if (number >= Number(base)) throw new ArithmeticFault('arithmetic syntax error')
    value = value * BigInt(base) + BigInt(number)
  }
  return wrap(value)
}

function apply(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return wrap(left + right)
    case '-':
      return wrap(left - right)
    case '*':
      return wrap(left * right)
    case '/':
    case '%':
      if (right === 0n) throw new ArithmeticFault('divide by zero')
      return wrap(operator === '/' ? left / right : left % right)
    case '**': {
      if (right < 0n) throw new ArithmeticFault('exponent less than 0')
      let value = 1n
      for (let power = right, base = left; power > 0n; power >>= 1n, base = wrap(base * base)) {
        if (power & 1n) value = wrap(value * base)
      }
      return value
    }
    case '<<':
      return wrap(left << (right & 63n))
    case '>>':
      return left >> (right & 63n)
    case '<':
      return flag(left < right)
    case '>':
      return flag(left > right)
    case '<=':
      return flag(left <= right)
    case '>=':
      return flag(left >= right)
    case '==':
      return flag(left === right)
    case '!=':
      return flag(left !== right)
    case '&':
      return left & right
    case '^':
      return left ^ right
    default:
      return left | right
  }
}
