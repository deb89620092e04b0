import { SyntaxFault } from './ast.ts'

/** Letters that end a word where they are not quoted. */
const ENDS_WORD = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')', ''])

const OPERATORS = [
  '&&',
  '||',
  ';;',
  '<<-',
  '<<',
  '>>',
  '>|',
  '<>',
  '<&',
  '>&',
  '&>',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  ')',
  '\n',
]

/** A script's text and where its reader is. */
export class Source {
  text: string
  at = 0
  readonly #firstLine: number

  constructor(text: string, firstLine = 1) {
    this.text = text
    this.#firstLine = firstLine
  }

  get line(): number {
    let line = this.#firstLine
    for (let at = this.text.indexOf('\n'); at >= 0 && at < this.at; at = this.text.indexOf('\n', at + 1)) line++
    return line
  }

  get char(): string {
    return this.text[this.at] ?? ''
  }

  get atEnd(): boolean {
    return this.at >= this.text.length
  }

  startsWith(text: string): boolean {
    return this.text.startsWith(text, this.at)
  }

  take(text: string): boolean {
    if (!this.startsWith(text)) return false
    this.at += text.length
    return true
  }

  match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern, 'y')
    sticky.lastIndex = this.at
    const found = sticky.exec(this.text)
    return found?.[0]
  }

  endsWord(): boolean {
    return ENDS_WORD.has(this.char)
  }

  /** Blanks, continued lines and a comment. */
  skipBlanks(): void {
    for (;;) {
      const { char } = this
      if (char === ' ' || char === '\t') this.at++
      else if (this.startsWith('\\\n')) this.at += 2
      else break
    }
    if (this.char === '#') {
      const end = this.text.indexOf('\n', this.at)
      this.at = end < 0 ? this.text.length : end
    }
  }

  /** The operator that is next, not taken. */
  operator(): string | undefined {
    this.skipBlanks()
    return OPERATORS.find((operator) => this.startsWith(operator))
  }

  fail(message: string): never {
    throw new SyntaxFault(message, this.line)
  }

  /** There should be more. */
  failAtEnd(message: string): never {
    throw new SyntaxFault(message, this.line, true)
  }
}
