/** Cuts what is typed into statements, as psql does: at a `;` that is in no quotes, comment or parentheses. */
export class StatementSplitter {
  #text = ''

  /** What has begun and is not ended. */
  get rest(): string {
    return this.#text
  }

  clear(): void {
    this.#text = ''
  }

  /** The mark in psql's prompt: what is open. */
  get open(): '=' | '-' | "'" | '"' | '(' | '*' | '$' {
    if (this.#text.trim() === '') return '='
    return scan(this.#text).open
  }

  /** Statements that are whole with this line; the rest stays. */
  add(line: string): string[] {
    this.#text += this.#text === '' ? line : `\n${line}`
    const statements: string[] = []
    for (;;) {
      const { end } = scan(this.#text)
      if (end === undefined) break
      statements.push(this.#text.slice(0, end).trim())
      this.#text = this.#text.slice(end + 1).replace(/^[ \t]*\n?/, '')
    }
    if (withoutComments(this.#text).trim() === '' && scan(this.#text).open !== '*') this.#text = ''
    return statements.filter((statement) => withoutComments(statement).trim() !== '')
  }
}

const withoutComments = (text: string): string => text.replace(/--[^\n]*/g, '')

function scan(text: string): { end: number | undefined; open: StatementSplitter['open'] } {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const char = text[at] as string
    const two = text.slice(at, at + 2)
    if (char === "'" || char === '"') {
      const escapes = char === "'" && /[eE]/.test(text[at - 1] ?? '') && !/\w/.test(text[at - 2] ?? '')
      const close = closing(text, at, char, escapes)
      if (close === undefined) return { end: undefined, open: char }
      at = close
    } else if (two === '--') {
      const line = text.indexOf('\n', at)
      if (line < 0) break
      at = line
    } else if (two === '/*') {
      const close = text.indexOf('*/', at + 2)
      if (close < 0) return { end: undefined, open: '*' }
      at = close + 1
    } else if (char === '$') {
      const tag = /^\$(?:[A-Za-z_]\w*)?\$/.exec(text.slice(at))?.[0]
      if (tag === undefined || /\w/.test(text[at - 1] ?? '')) continue
      const close = text.indexOf(tag, at + tag.length)
      if (close < 0) return { end: undefined, open: '$' }
      at = close + tag.length - 1
    } else if (char === '(') depth++
    else if (char === ')') depth = Math.max(0, depth - 1)
    else if (char === ';' && depth === 0) return { end: at, open: '-' }
  }
  return { end: undefined, open: depth > 0 ? '(' : '-' }
}

function closing(text: string, from: number, quote: string, escapes: boolean): number | undefined {
  for (let at = from + 1; at < text.length; at++) {
    if (escapes && text[at] === '\\') at++
    else if (text[at] === quote) {
      if (text[at + 1] !== quote) return at
      at++
    }
  }
  return undefined
}
