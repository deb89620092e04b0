import { AwkFault } from './syntax.ts'

export interface Token {
  readonly kind: 'number' | 'string' | 'regex' | 'name' | 'call' | 'word' | 'sign' | 'line' | 'end'
  readonly text: string
}

const WORDS = new Set(
  'BEGIN END function func if else while do for in break continue next nextfile exit return delete print printf getline'.split(
    ' ',
  ),
)
const SIGNS = /^(?:\*\*=|\*\*|\+=|-=|\*=|\/=|%=|\^=|==|<=|>=|!=|>>|\+\+|--|&&|\|\||[-{}()[\];,+*/%^!<>|?:~$=])/
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', f: '\f', v: '\v' }

export function unescaped(text: string): string {
  return text.replace(/\\(\n|[0-7]{1,3}|[\s\S])/g, (_, code: string) =>
    code === '\n'
      ? ''
      : /^[0-7]/.test(code)
        ? String.fromCharCode(Number.parseInt(code, 8))
        : (ESCAPES[code] ?? (`"\\/`.includes(code) ? code : `\\${code}`)),
  )
}

export function tokensOf(text: string): Token[] {
  const all: Token[] = []
  const add = (kind: Token['kind'], piece: string) => all.push({ kind, text: piece })
  for (let at = 0; at < text.length; ) {
    const rest = text.slice(at)
    const blank = /^(?:[ \t\r]|\\\r?\n|#[^\n]*)+/.exec(rest)?.[0]
    if (blank !== undefined) {
      at += blank.length
      continue
    }
    if (rest.startsWith('\n')) {
      add('line', '\n')
      at++
      continue
    }
    const number = /^(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/.exec(rest)?.[0]
    const name = /^[A-Za-z_]\w*/.exec(rest)?.[0]
    if (number !== undefined) {
      add('number', number)
      at += number.length
    } else if (name !== undefined) {
      add(WORDS.has(name) ? 'word' : rest[name.length] === '(' ? 'call' : 'name', name)
      at += name.length
    } else if (rest.startsWith('"')) {
      const string = /^"((?:[^"\\\n]|\\[\s\S])*)"/.exec(rest)
      if (string === null) throw new AwkFault('Unexpected end of string')
      add('string', unescaped(string[1] as string))
      at += string[0].length
    } else if (rest.startsWith('/') && expectsValue(all.at(-1))) {
      const regex = /^\/((?:[^/\\\n[]|\\.|\[\^?\]?(?:\[:\w+:\]|[^\]\n])*\])*)\//.exec(rest)
      if (regex === null) throw new AwkFault('Unexpected end of string')
      add('regex', (regex[1] as string).replaceAll('\\/', '/'))
      at += regex[0].length
    } else {
      const sign = SIGNS.exec(rest)?.[0]
      if (sign === undefined) throw new AwkFault('Unexpected token')
      add('sign', sign === '**' ? '^' : sign === '**=' ? '^=' : sign)
      at += sign.length
    }
  }
  add('line', '\n')
  add('end', '')
  return all
}

/** After it a slash begins a regular expression and divides nothing. */
function expectsValue(before: Token | undefined): boolean {
  if (before === undefined) return true
  if (before.kind === 'sign') return ![')', ']', '$', '++', '--'].includes(before.text)
  return before.kind === 'line' || before.kind === 'word'
}
