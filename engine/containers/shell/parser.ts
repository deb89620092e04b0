import type {
  AndOr,
  Assignment,
  Command,
  Compound,
  List,
  ListItem,
  Pipeline,
  Redirect,
  RedirectOperator,
  Word,
  WordPart,
} from './ast.ts'
import { SyntaxFault } from './ast.ts'
import { Source } from './source.ts'
import { readQuoted, readWord } from './words.ts'

const RESERVED = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
])
const OPENS_COMPOUND = new Set(['if', 'while', 'until', 'for', 'case', '{'])
const REDIRECT = /(\d*)(<<-|<<|<&|<>|>>|>&|>\||&>|<|>)/

interface HereDocument {
  readonly delimiter: string
  readonly expands: boolean
  readonly stripsTabs: boolean
  /** What becomes its text. */
  readonly target: WordPart[]
}

/** Reads a script one complete command after the other, as a shell does: what comes after may depend on what it does. */
export class Parser {
  readonly #source: Source
  readonly #aliases: ReadonlyMap<string, string>
  #here: HereDocument[] = []

  constructor(text: string | Source, aliases: ReadonlyMap<string, string> = new Map()) {
    this.#source = typeof text === 'string' ? new Source(text) : text
    this.#aliases = aliases
  }

  get line(): number {
    return this.#source.line
  }

  /** Nothing but blanks is left. */
  get atEnd(): boolean {
    this.#skipNewlines()
    return this.#source.atEnd
  }

  /** The next line's commands, or more where they go over several; undefined at the end. Throws SyntaxFault. */
  next(): List | undefined {
    try {
      return this.#next()
    } catch (error) {
      if (error instanceof RangeError) throw new SyntaxFault('nested too deeply', this.line)
      throw error
    }
  }

  #next(): List | undefined {
    this.#skipNewlines()
    if (this.#source.atEnd) return undefined
    const list = this.#list(new Set(), false)
    const { char } = this.#source
    if (char === '\n') {
      this.#newline()
      return list
    }
    this.#finishHere()
    if (!this.#source.atEnd) this.#unexpected()
    return list
  }

  /** All of it, as in `$(…)`. */
  #commands = (source: Source, closing: boolean): List => {
    const inner = new Parser(source, this.#aliases)
    const list = inner.#list(new Set(closing ? [')'] : []), true)
    if (!closing) inner.#finishHere()
    if (!closing && !source.atEnd) inner.#unexpected()
    return list
  }

  /** `lines`: goes on over newlines, up to one of the words or operators in `ends`. */
  #list(ends: ReadonlySet<string>, lines: boolean): List {
    const items: ListItem[] = []
    if (lines) this.#skipNewlines()
    while (!this.#endsList(ends)) {
      const andOr = this.#andOr()
      const operator = this.#source.operator()
      const background = operator === '&'
      items.push({ andOr, background })
      if (operator === '&' || operator === ';') {
        this.#source.at++
        if (lines) this.#skipNewlines()
        else this.#source.skipBlanks()
      } else if (operator === '\n' && lines) this.#skipNewlines()
      else break
    }
    return items
  }

  #endsList(ends: ReadonlySet<string>): boolean {
    const operator = this.#source.operator()
    if (this.#source.atEnd || operator === '\n' || operator === ';;' || operator === ')') return true
    const word = this.#plainWord()
    return word !== undefined && ends.has(word)
  }

  #andOr(): AndOr {
    const first = this.#pipeline()
    const rest: { operator: '&&' | '||'; pipeline: Pipeline }[] = []
    for (;;) {
      const operator = this.#source.operator()
      if (operator !== '&&' && operator !== '||') return { first, rest }
      this.#source.at += 2
      this.#skipNewlines()
      rest.push({ operator, pipeline: this.#pipeline() })
    }
  }

  #pipeline(): Pipeline {
    let negated = false
    this.#source.skipBlanks()
    const begin = this.#source.at
    while (this.#takeReserved('!')) negated = !negated
    const commands = [this.#command()]
    while (this.#source.operator() === '|') {
      this.#source.at++
      this.#skipNewlines()
      commands.push(this.#command())
    }
    return { negated, commands, text: this.#source.text.slice(begin, this.#source.at).trim() }
  }

  #command(): Command {
    const { line } = this.#source
    const operator = this.#source.operator()
    if (operator === '(') {
      this.#source.at++
      const body = this.#body(new Set([')']), ')')
      if (!this.#source.take(')')) this.#expected(')')
      return this.#withRedirects({ type: 'subshell', body }, line)
    }
    const word = this.#plainWord()
    if (word !== undefined && OPENS_COMPOUND.has(word)) return this.#withRedirects(this.#compound(word), line)
    if (word !== undefined && RESERVED.has(word) && word !== 'in') this.#unexpected()
    if (word === 'function' && this.#source.match(/function[ \t]+[^\s(){};&|]+[ \t]*(\(\))?\s*[{(]/) !== undefined) {
      this.#source.at += 'function'.length
      this.#source.skipBlanks()
      return this.#function()
    }
    if (this.#source.match(/[^\s(){};&|<>$`'"\\]+[ \t]*\([ \t]*\)/) !== undefined) return this.#function()
    return this.#simple(line)
  }

  #function(): Command {
    const name = this.#source.match(/[^\s(){};&|<>]+/) ?? ''
    this.#source.at += name.length
    this.#source.skipBlanks()
    const brackets = this.#source.match(/\([ \t]*\)/)
    this.#source.at += brackets?.length ?? 0
    this.#skipNewlines()
    if (this.#source.atEnd) this.#expected()
    return { type: 'function', name, body: this.#command() }
  }

  #withRedirects(compound: Compound, line: number): Command {
    const redirects: Redirect[] = []
    for (let redirect = this.#redirect(); redirect !== undefined; redirect = this.#redirect()) redirects.push(redirect)
    return { type: 'compound', compound, redirects, line }
  }

  #compound(word: string): Compound {
    this.#source.at += word.length
    switch (word) {
      case '{': {
        const body = this.#body(new Set(['}']), '}')
        this.#need('}')
        return { type: 'group', body }
      }
      case 'if':
        return this.#if()
      case 'for':
        return this.#for()
      case 'case':
        return this.#case()
      default: {
        const condition = this.#body(new Set(['do']), 'do')
        return { type: 'loop', until: word === 'until', condition, body: this.#do() }
      }
    }
  }

  #if(): Compound {
    const branches: { condition: List; body: List }[] = []
    do {
      const condition = this.#body(new Set(['then']), 'then')
      this.#need('then')
      branches.push({ condition, body: this.#body(new Set(['elif', 'else', 'fi']), 'fi') })
    } while (this.#takeReserved('elif'))
    const otherwise = this.#takeReserved('else') ? this.#body(new Set(['fi']), 'fi') : undefined
    this.#need('fi')
    return { type: 'if', branches, ...(otherwise === undefined ? {} : { otherwise }) }
  }

  #do(): List {
    this.#need('do')
    const body = this.#body(new Set(['done']), 'done')
    this.#need('done')
    return body
  }

  #for(): Compound {
    this.#source.skipBlanks()
    const name = this.#source.match(/[A-Za-z_][A-Za-z0-9_]*/)
    if (name === undefined) this.#source.fail('bad for loop variable')
    this.#source.at += name.length
    this.#skipNewlines()
    let words: Word[] | undefined
    if (this.#takeReserved('in')) {
      words = []
      for (
        let operator = this.#source.operator();
        operator === undefined && !this.#source.atEnd;
        operator = this.#source.operator()
      ) {
        words.push(readWord(this.#source, this.#commands))
      }
    }
    if (this.#source.operator() === ';') this.#source.at++
    this.#skipNewlines()
    return { type: 'for', name, words, body: this.#do() }
  }

  #case(): Compound {
    this.#source.skipBlanks()
    const word = readWord(this.#source, this.#commands)
    this.#skipNewlines()
    this.#need('in')
    this.#skipNewlines()
    const arms: { patterns: Word[]; body: List }[] = []
    while (!this.#takeReserved('esac')) {
      if (this.#source.operator() === '(') this.#source.at++
      const patterns: Word[] = []
      do {
        this.#source.skipBlanks()
        if (this.#source.endsWord()) this.#expected(')')
        patterns.push(readWord(this.#source, this.#commands))
        this.#source.skipBlanks()
      } while (this.#source.take('|'))
      if (!this.#source.take(')')) this.#expected(')')
      arms.push({ patterns, body: this.#list(new Set(['esac']), true) })
      this.#source.skipBlanks()
      if (this.#source.take(';;')) this.#skipNewlines()
      else if (this.#plainWord() !== 'esac') this.#expected(';;')
    }
    return { type: 'case', word, arms }
  }

  /** At least one command. */
  #body(ends: ReadonlySet<string>, expects: string): List {
    const list = this.#list(ends, true)
    if (list.length === 0) this.#expected(this.#source.atEnd ? expects : undefined)
    return list
  }

  #simple(line: number): Command {
    const assignments: Assignment[] = []
    const words: Word[] = []
    const redirects: Redirect[] = []
    const expanded = new Set<string>()
    for (;;) {
      const redirect = this.#redirect()
      if (redirect !== undefined) {
        redirects.push(redirect)
        continue
      }
      if (this.#source.operator() !== undefined || this.#source.atEnd) break
      if (words.length === 0 && this.#alias(expanded)) continue
      const assigned = words.length === 0 ? this.#source.match(/[A-Za-z_][A-Za-z0-9_]*\+?=/) : undefined
      if (assigned === undefined) words.push(readWord(this.#source, this.#commands))
      else {
        this.#source.at += assigned.length
        const append = assigned.endsWith('+=')
        const name = assigned.slice(0, append ? -2 : -1)
        assignments.push({ name, append, value: readWord(this.#source, this.#commands) })
      }
    }
    if (assignments.length + words.length + redirects.length === 0) this.#unexpected()
    return { type: 'simple', line, assignments, words, redirects }
  }

  #alias(expanded: Set<string>): boolean {
    if (this.#aliases.size === 0) return false
    const word = this.#source.match(/[^\s;&|<>()$`'"\\=]+(?=[\s;&|<>()]|$)/)
    const value = word === undefined ? undefined : this.#aliases.get(word)
    if (word === undefined || value === undefined || expanded.has(word)) return false
    expanded.add(word)
    const { text, at } = this.#source
    this.#source.text = `${text.slice(0, at)}${value} ${text.slice(at + word.length)}`
    return true
  }

  #redirect(): Redirect | undefined {
    this.#source.skipBlanks()
    const found = this.#source.match(REDIRECT)
    if (found === undefined) return undefined
    const [, digits = '', sign = ''] = REDIRECT.exec(found) ?? []
    this.#source.at += found.length
    this.#source.skipBlanks()
    if (this.#source.endsWord()) this.#unexpected()
    const descriptor = digits === '' ? (sign.startsWith('<') ? 0 : 1) : Number(digits)
    if (sign === '<<' || sign === '<<-') {
      const target: WordPart[] = []
      this.#here.push({ ...this.#delimiter(), stripsTabs: sign === '<<-', target })
      return { descriptor, operator: '<<', target }
    }
    return { descriptor, operator: sign as RedirectOperator, target: readWord(this.#source, this.#commands) }
  }

  #delimiter(): { delimiter: string; expands: boolean } {
    const word = readWord(this.#source, this.#commands)
    const text = word.map((part) => (part.type === 'text' ? part.text : '')).join('')
    return { delimiter: text, expands: !word.some((part) => part.type === 'text' && part.quoted) }
  }

  /** Past a newline; the texts of here-documents follow it. */
  #newline(): void {
    this.#source.at++
    for (const here of this.#here.splice(0)) this.#readHere(here)
  }

  #finishHere(): void {
    if (this.#here.length > 0) this.#source.failAtEnd('unexpected end of file')
  }

  #readHere({ delimiter, expands, stripsTabs, target }: HereDocument): void {
    const lines: string[] = []
    for (;;) {
      if (this.#source.atEnd) this.#source.failAtEnd(`unexpected end of file (expecting "${delimiter}")`)
      const { text, at } = this.#source
      const end = text.indexOf('\n', at)
      const raw = text.slice(at, end < 0 ? text.length : end)
      this.#source.at = end < 0 ? text.length : end + 1
      const line = stripsTabs ? raw.replace(/^\t+/, '') : raw
      if (line === delimiter) break
      lines.push(`${line}\n`)
    }
    const body = lines.join('')
    const word: Word = expands
      ? readQuoted(new Source(body), this.#commands, '')
      : [{ type: 'text', text: body, quoted: true }]
    target.push(...word)
  }

  #skipNewlines(): void {
    for (;;) {
      this.#source.skipBlanks()
      if (this.#source.char !== '\n') return
      this.#newline()
    }
  }

  /** The next word if it is one of plain letters, not taken. */
  #plainWord(): string | undefined {
    this.#source.skipBlanks()
    return this.#source.match(/[^\s;&|<>()$`'"\\]+(?=[\s;&|<>()]|$)/)
  }

  #takeReserved(word: string): boolean {
    if (this.#plainWord() !== word) return false
    this.#source.at += word.length
    return true
  }

  #need(word: string): void {
    if (!this.#takeReserved(word)) this.#expected(word)
  }

  #expected(word?: string): never {
    const expecting = word === undefined ? '' : ` (expecting "${word}")`
    const { source, text } = { source: this.#source, text: this.#nextText() }
    if (source.atEnd) source.failAtEnd(`unexpected end of file${expecting}`)
    return source.fail(`unexpected ${text}${expecting}`)
  }

  #unexpected(): never {
    return this.#expected()
  }

  #nextText(): string {
    const operator = this.#source.operator()
    if (operator === '\n') return 'newline'
    const word = operator ?? this.#source.match(/[^\s;&|<>()]+/) ?? ''
    return operator === undefined && !RESERVED.has(word) ? 'word' : `"${word}"`
  }
}
