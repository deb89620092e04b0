import type { FileSystem } from '../contract.ts'
import { ArithmeticFault, evaluate } from './arithmetic.ts'
import type { Change, List, Parameter, Word } from './ast.ts'
import { Fields, mayBePattern, patternOfField, textOf } from './fields.ts'
import { glob } from './glob.ts'
import { isPattern, patternOf, patternSource, unescapePattern } from './pattern.ts'
import { ShellFault, type State } from './state.ts'

export interface ExpansionHost {
  readonly state: State
  readonly files: FileSystem
  readonly cwd: string
  special(name: string): string | undefined
  /** What the commands write, without the newlines at its end. */
  substitute(list: List): Promise<string>
  homeOf(user: string): string | undefined
}

/** Characters that one word may become at most: a script that doubles a text must not fill the machine. */
const LONGEST = 8 * 1024 ** 2

/** Words become fields: tilde, parameters, commands, arithmetic, splitting, file names, quotes (POSIX 2.6). */
export class Expansion {
  readonly #host: ExpansionHost

  constructor(host: ExpansionHost) {
    this.#host = host
  }

  async fields(words: readonly Word[]): Promise<string[]> {
    const all: string[] = []
    for (const word of words) {
      const [only] = word
      if (word.length === 1 && only?.type === 'text' && (only.quoted || !/[~*?[\\]/.test(only.text))) {
        all.push(only.text)
        continue
      }
      const fields = new Fields()
      await this.#word(word, fields, true)
      for (const field of fields.all) {
        const found = mayBePattern(field) && !this.#state.options.has('noglob') ? this.#glob(patternOfField(field)) : []
        if (found.length > 0) all.push(...found)
        else all.push(textOf(field))
      }
    }
    return all
  }

  /** As one text, neither split nor matched with files: assignments, redirections, `case`. */
  async text(word: Word, tildes: 'start' | 'colons' = 'start'): Promise<string> {
    const [only] = word
    if (word.length === 1 && only?.type === 'text' && (only.quoted || !only.text.includes('~'))) return only.text
    const fields = new Fields()
    await this.#word(word, fields, false, tildes === 'colons')
    return fields.all.map(textOf).join(' ')
  }

  /** As a pattern in which only what is not quoted has a meaning. */
  async pattern(word: Word): Promise<string> {
    const fields = new Fields()
    await this.#word(word, fields, false)
    return fields.all.map(patternOfField).join(' ')
  }

  get #state(): State {
    return this.#host.state
  }

  #glob(pattern: string): string[] {
    if (!isPattern(pattern)) return []
    return glob(this.#host.files, this.#host.cwd, pattern)
  }

  async #word(word: Word, fields: Fields, split: boolean, colons = false): Promise<void> {
    for (const [index, part] of word.entries()) {
      switch (part.type) {
        case 'text':
          fields.add(part.quoted ? part.text : this.#tilde(part.text, index === 0, colons), part.quoted)
          break
        case 'parameter':
          await this.#parameter(part, fields, split)
          break
        case 'command':
          this.#put(await this.#host.substitute(part.list), fields, part.quoted, split)
          break
        case 'arithmetic':
          this.#put(await this.#arithmetic(part.expression), fields, part.quoted, split)
          break
      }
    }
  }

  #put(text: string, fields: Fields, quoted: boolean, split: boolean): void {
    if (text.length > LONGEST) throw new ShellFault('out of memory')
    if (quoted || !split) fields.add(text, quoted)
    else fields.split(text, this.#separators)
  }

  get #separators(): string {
    return this.#state.get('IFS') ?? ' \t\n'
  }

  #tilde(text: string, first: boolean, colons: boolean): string {
    if (!text.includes('~')) return text
    const one = (piece: string) => {
      const [, user] = /^~([A-Za-z0-9_-]*)(?=\/|$)/.exec(piece) ?? []
      if (user === undefined) return piece
      const home = user === '' ? this.#state.get('HOME') : this.#host.homeOf(user)
      return home === undefined ? piece : home + piece.slice(user.length + 1)
    }
    if (colons)
      return text
        .split(':')
        .map((piece, index) => (index > 0 || first ? one(piece) : piece))
        .join(':')
    return first ? one(text) : text
  }

  async #arithmetic(expression: Word): Promise<string> {
    const text = await this.text(expression.map((part) => ({ ...part, quoted: true })))
    const { state } = this.#host
    const get = (name: string) => {
      const value = state.get(name)
      if (value === undefined && state.options.has('nounset')) throw new ShellFault(`${name}: parameter not set`)
      return value
    }
    try {
      return String(evaluate(text, { get, set: (name, value) => state.set(name, value) }))
    } catch (error) {
      if (error instanceof ArithmeticFault) throw new ShellFault(error.message)
      throw error
    }
  }

  async #parameter(part: Parameter, fields: Fields, split: boolean): Promise<void> {
    const { name, quoted, change } = part
    if (change?.kind === 'bad') throw new ShellFault('syntax error: bad substitution')
    if ((name === '@' || name === '*') && change?.kind !== 'length') {
      const { positional } = this.#state
      if (change === undefined) {
        this.#positional(name, positional, fields, quoted, split)
        return
      }
      if (change.kind === 'slice') {
        const from = await this.#number(change.from)
        const all = from === 0 ? [this.#state.name, ...positional] : positional.slice(from < 0 ? from : from - 1)
        const count = change.length === undefined ? all.length : await this.#number(change.length)
        this.#positional(name, all.slice(0, count), fields, quoted, split)
        return
      }
      if (change.kind === 'default' && positional.length > 0 && change.operator !== '+') {
        this.#positional(name, positional, fields, quoted, split)
        return
      }
    }
    const value = this.#value(name)
    if (change === undefined) {
      this.#put(this.#checked(name, value), fields, quoted, split)
      return
    }
    if (change.kind === 'default') await this.#default(part, change, value, fields, split)
    else this.#put(await this.#changed(this.#lengthOrValue(name, change, value), change), fields, quoted, split)
  }

  #lengthOrValue(name: string, change: Change, value: string | undefined): string {
    if (change.kind === 'length' && (name === '@' || name === '*')) return 'x'.repeat(this.#state.positional.length)
    return this.#checked(name, value)
  }

  #positional(name: string, all: readonly string[], fields: Fields, quoted: boolean, split: boolean): void {
    const separators = this.#separators
    if (name === '*' && (quoted || !split)) {
      fields.add(all.join(separators[0] ?? ''), quoted)
      return
    }
    for (const [index, text] of all.entries()) {
      if (index > 0) {
        if (split) fields.end()
        else fields.add(' ', true)
      }
      this.#put(text, fields, quoted, split)
    }
  }

  #value(name: string): string | undefined {
    const { positional } = this.#state
    if (/^\d+$/.test(name)) return name === '0' ? this.#state.name : positional[Number(name) - 1]
    if (name === '@' || name === '*') return positional.length === 0 ? undefined : positional.join(' ')
    return this.#host.special(name) ?? this.#state.get(name)
  }

  #checked(name: string, value: string | undefined): string {
    if (value === undefined && this.#state.options.has('nounset') && name !== '@' && name !== '*') {
      throw new ShellFault(`${name}: parameter not set`)
    }
    return value ?? ''
  }

  async #default(
    { name, quoted }: Parameter,
    change: Change & { kind: 'default' },
    value: string | undefined,
    fields: Fields,
    split: boolean,
  ): Promise<void> {
    const missing = value === undefined || (change.orEmpty && value === '')
    if (change.operator === '+') {
      if (!missing) await this.#word(change.word, fields, split && !quoted)
      else if (quoted) fields.add('', true)
      return
    }
    if (!missing) {
      this.#put(value, fields, quoted, split)
      return
    }
    if (change.operator === '-') {
      if (quoted && change.word.length === 0) fields.add('', true)
      await this.#word(change.word, fields, split && !quoted)
      return
    }
    const text = await this.text(change.word)
    if (change.operator === '?') {
      throw new ShellFault(`${name}: ${text === '' ? `parameter not set${change.orEmpty ? ' or null' : ''}` : text}`)
    }
    if (!/^[A-Za-z_]/.test(name)) throw new ShellFault('syntax error: bad substitution')
    this.#state.set(name, text)
    this.#put(text, fields, quoted, split)
  }

  async #number(word: Word): Promise<number> {
    return Number(await this.#arithmetic(word))
  }

  async #changed(value: string, change: Exclude<Change, { kind: 'default' }>): Promise<string> {
    switch (change.kind) {
      case 'length':
        return String([...value].length)
      case 'trim':
        return trim(value, await this.pattern(change.pattern), change.end, change.longest)
      case 'replace': {
        const pattern = await this.pattern(change.pattern)
        const by = await this.text(change.by)
        if (pattern === '') return value
        const source = patternSource(pattern)
        const whole = change.at === 'start' ? `^(?:${source})` : change.at === 'end' ? `(?:${source})$` : source
        return value.replace(new RegExp(whole, change.all ? 'gsu' : 'su'), () => by)
      }
      case 'slice': {
        const letters = [...value]
        const from = await this.#number(change.from)
        const begin = from < 0 ? Math.max(0, letters.length + from) : from
        if (change.length === undefined) return letters.slice(begin).join('')
        const length = await this.#number(change.length)
        return letters.slice(begin, length < 0 ? length : begin + length).join('')
      }
      default:
        throw new ShellFault('syntax error: bad substitution')
    }
  }
}

function trim(value: string, pattern: string, end: 'start' | 'end', longest: boolean): string {
  if (!isPattern(pattern)) {
    const text = unescapePattern(pattern)
    if (end === 'start') return value.startsWith(text) ? value.slice(text.length) : value
    return text !== '' && value.endsWith(text) ? value.slice(0, value.length - text.length) : value
  }
  const matches = patternOf(pattern)
  const lengths = Array.from({ length: value.length + 1 }, (_, length) => length)
  if (longest) lengths.reverse()
  for (const length of lengths) {
    const piece = end === 'start' ? value.slice(0, length) : value.slice(value.length - length)
    if (matches.test(piece)) return end === 'start' ? value.slice(length) : value.slice(0, value.length - length)
  }
  return value
}
