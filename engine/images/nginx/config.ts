/** nginx's configuration language: directives with words, and blocks of them. */
export interface Directive {
  readonly name: string
  readonly words: readonly string[]
  readonly block: readonly Directive[] | undefined
  readonly file: string
  readonly line: number
}

/** As nginx words it, without the severity before it. */
export class ConfigError extends Error {}

interface Token {
  readonly text: string
  readonly quoted: boolean
  readonly line: number
}

export function parseConfig(text: string, file: string): Directive[] {
  const tokens = tokensOf(text, file)
  let at = 0
  const block = (depth: number): Directive[] => {
    const directives: Directive[] = []
    let words: Token[] = []
    for (; at < tokens.length; ) {
      const token = tokens[at++] as Token
      const bare = !token.quoted
      if (bare && token.text === ';') {
        const [first, ...rest] = words
        if (first === undefined) throw new ConfigError(`unexpected ";" in ${file}:${token.line}`)
        directives.push(directive(first, rest, undefined, file))
        words = []
      } else if (bare && token.text === '{') {
        const [first, ...rest] = words
        if (first === undefined) throw new ConfigError(`unexpected "{" in ${file}:${token.line}`)
        directives.push(directive(first, rest, block(depth + 1), file))
        words = []
      } else if (bare && token.text === '}') {
        if (words.length > 0 || depth === 0) throw new ConfigError(`unexpected "}" in ${file}:${token.line}`)
        return directives
      } else words.push(token)
    }
    const line = (text.match(/\n/g)?.length ?? 0) + 1
    if (words.length > 0) throw new ConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${line}`)
    if (depth > 0) throw new ConfigError(`unexpected end of file, expecting "}" in ${file}:${line}`)
    return directives
  }
  return block(0)
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', "'": "'", '\\': '\\' }

const directive = (first: Token, rest: readonly Token[], block: Directive[] | undefined, file: string): Directive => ({
  name: first.text,
  words: rest.map(({ text }) => text),
  block,
  file,
  line: first.line,
})

function tokensOf(text: string, file: string): Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < text.length; ) {
    const char = text[at] as string
    if (char === '\n') line++
    if (/\s/.test(char)) at++
    else if (char === '#') {
      const end = text.indexOf('\n', at)
      at = end < 0 ? text.length : end
    } else if (char === ';' || char === '{' || char === '}') {
      tokens.push({ text: char, quoted: false, line })
      at++
    } else if (char === '"' || char === "'") {
      const begun = line
      let value = ''
      for (at++; text[at] !== char; at++) {
        if (at >= text.length) throw new ConfigError(`unexpected end of file, expecting ";" or "}" in ${file}:${line}`)
        if (text[at] === '\n') line++
        const meant = text[at] === '\\' ? ESCAPES[text[at + 1] ?? ''] : undefined
        if (meant !== undefined) at++
        value += meant ?? text[at]
      }
      at++
      tokens.push({ text: value, quoted: true, line: begun })
    } else {
      // A brace after a dollar belongs to a variable; other braces end a word that is no regular expression.
      let value = ''
      for (; at < text.length && !/[\s;]/.test(text[at] as string); at++) {
        const inner = text[at] as string
        if (inner === '{' && !value.endsWith('$')) break
        if (inner === '}' && !/\$\{\w*$/.test(value)) break
        if (inner === '\\' && at + 1 < text.length) {
          value += inner
          at++
        }
        value += text[at]
      }
      tokens.push({ text: value, quoted: false, line })
    }
  }
  return tokens
}
