import type { Change, List, Word, WordPart } from './ast.ts'
import { Source } from './source.ts'

/** How the inside of `$(…)` is read: up to its closing parenthesis. */
export type ReadCommands = (source: Source, closing: boolean) => List

const NAME = /[A-Za-z_][A-Za-z0-9_]*/
const SPECIAL = /[@*#?$!0-9-]/

/** Reads a word with its quotes and expansions. `ends`: where it is over, besides letters that end any word. */
export function readWord(
  source: Source,
  commands: ReadCommands,
  ends: (source: Source) => boolean = (at) => at.endsWord(),
): Word {
  const parts = new Parts()
  while (!source.atEnd && !ends(source)) {
    const { char } = source
    if (char === '\\') {
      source.at++
      if (source.take('\n')) continue
      parts.text(source.atEnd ? '\\' : source.char, true)
      source.at++
    } else if (char === "'") parts.text(singleQuoted(source), true)
    else if (char === '"') {
      source.at++
      const inside = readQuoted(source, commands, '"')
      if (inside.length === 0) parts.text('', true)
      for (const part of inside) parts.add(part)
    } else if (char === '$' || char === '`') parts.add(readExpansion(source, commands, false))
    else {
      parts.text(char, false)
      source.at++
    }
  }
  return parts.all
}

class Parts {
  readonly all: WordPart[] = []

  add(part: WordPart): void {
    if (part.type === 'text') this.text(part.text, part.quoted)
    else this.all.push(part)
  }

  text(text: string, quoted: boolean): void {
    const last = this.all.at(-1)
    if (last?.type === 'text' && last.quoted === quoted)
      this.all[this.all.length - 1] = { ...last, text: last.text + text }
    else this.all.push({ type: 'text', text, quoted })
  }
}

function singleQuoted(source: Source): string {
  const end = source.text.indexOf("'", source.at + 1)
  if (end < 0) source.failAtEnd('unterminated quoted string')
  const text = source.text.slice(source.at + 1, end)
  source.at = end + 1
  return text
}

/** What is in double quotes, up to and with the closing one; of a here-document ('') to the end. */
export function readQuoted(source: Source, commands: ReadCommands, closing: '"' | '' | '}'): Word {
  const parts = new Parts()
  for (;;) {
    if (source.atEnd) {
      if (closing === '') return parts.all
      source.failAtEnd(closing === '"' ? 'unterminated quoted string' : "missing '}'")
    }
    const { char } = source
    if (char === closing) {
      if (closing === '"') source.at++
      return parts.all
    }
    if (char === '\\') {
      const next = source.text[source.at + 1] ?? ''
      if (next === '\n') source.at += 2
      else if (
        next !== '' &&
        ('$`\\'.includes(next) || (next === '"' && closing !== '') || (next === '}' && closing === '}'))
      ) {
        parts.text(next, true)
        source.at += 2
      } else {
        parts.text('\\', true)
        source.at++
      }
    } else if (char === '"' && closing === '}') {
      source.at++
      for (const part of readQuoted(source, commands, '"')) parts.add(part)
    } else if (char === '$' || char === '`') parts.add(readExpansion(source, commands, true))
    else {
      parts.text(char, true)
      source.at++
    }
  }
}

function readExpansion(source: Source, commands: ReadCommands, quoted: boolean): WordPart {
  if (source.char === '`') return { type: 'command', list: backquoted(source, commands, quoted), quoted }
  if (source.startsWith('$((')) {
    const inside = arithmeticText(source)
    if (inside !== undefined) {
      return { type: 'arithmetic', expression: readQuoted(new Source(inside, source.line), commands, ''), quoted }
    }
  }
  if (source.startsWith('$(')) {
    source.at += 2
    const list = commands(source, true)
    if (!source.take(')')) source.failAtEnd('unexpected end of file (expecting ")")')
    return { type: 'command', list, quoted }
  }
  if (source.startsWith('${')) return readBraces(source, commands, quoted)
  source.at++
  const name = source.match(NAME) ?? source.match(SPECIAL)
  if (name === undefined) {
    if (!quoted && source.char === "'") return { type: 'text', text: ansiQuoted(source), quoted: true }
    return { type: 'text', text: '$', quoted: true }
  }
  source.at += name.length
  return { type: 'parameter', name, quoted }
}

/** The text between `$((` and `))`; undefined if it is a subshell in `$(`. */
function arithmeticText(source: Source): string | undefined {
  let depth = 2
  for (let at = source.at + 3; at < source.text.length; at++) {
    const char = source.text[at]
    if (char === '(') depth++
    else if (char === ')') {
      depth--
      if (depth === 1 && source.text[at + 1] !== ')') return undefined
      if (depth === 1) {
        const inside = source.text.slice(source.at + 3, at)
        source.at = at + 2
        return inside
      }
    }
  }
  return source.failAtEnd('unterminated quoted string')
}

function backquoted(source: Source, commands: ReadCommands, quoted: boolean): List {
  const line = source.line
  let text = ''
  source.at++
  for (;;) {
    if (source.atEnd) source.failAtEnd('EOF in backquote substitution')
    const { char } = source
    source.at++
    if (char === '`') return commands(new Source(text, line), false)
    if (char === '\\' && ('$`\\'.includes(source.char) || (quoted && source.char === '"'))) {
      text += source.char
      source.at++
    } else text += char
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  v: '\v',
}

/** `$'…'` */
function ansiQuoted(source: Source): string {
  let text = ''
  source.at++
  for (;;) {
    if (source.atEnd) source.failAtEnd('unterminated quoted string')
    if (source.take("'")) return text
    if (!source.take('\\')) {
      text += source.char
      source.at++
      continue
    }
    const code = source.match(/x[0-9a-fA-F]{1,2}/) ?? source.match(/[0-7]{1,3}/)
    if (code !== undefined) {
      text += String.fromCharCode(code.startsWith('x') ? Number.parseInt(code.slice(1), 16) : Number.parseInt(code, 8))
      source.at += code.length
    } else {
      text += ESCAPES[source.char] ?? source.char
      source.at++
    }
  }
}

function readBraces(source: Source, commands: ReadCommands, quoted: boolean): WordPart {
  const begin = source.at
  source.at += 2
  const closes = (at: Source) => at.char === '}'
  const word = (ends: (at: Source) => boolean = closes) =>
    quoted && ends === closes ? readQuoted(source, commands, '}') : readWord(source, commands, ends)
  const finish = (name: string, change?: Change): WordPart => {
    if (!source.take('}')) source.failAtEnd("missing '}'")
    return { type: 'parameter', name, quoted, ...(change === undefined ? {} : { change }) }
  }
  if (source.match(/#(?:[A-Za-z_][A-Za-z0-9_]*|[@*#?$!0-9-]|\d+)\}/) !== undefined) {
    source.at++
    const name = source.match(NAME) ?? source.match(/\d+|./) ?? ''
    source.at += name.length
    return finish(name, { kind: 'length' })
  }
  const name = source.match(NAME) ?? source.match(/\d+/) ?? source.match(SPECIAL) ?? ''
  source.at += name.length
  if (source.char === '}' && name !== '') return finish(name)
  const operator = name === '' ? undefined : source.match(/:?[-=?+]|##?|%%?|\/[/#%]?|:/)
  if (operator === undefined) {
    const end = source.text.indexOf('}', source.at)
    if (end < 0) source.failAtEnd("missing '}'")
    source.at = end
    return finish(name, { kind: 'bad', text: source.text.slice(begin, end + 1) })
  }
  source.at += operator.length
  const last = operator.at(-1) as string
  if ('-=?+'.includes(last)) {
    return finish(name, { kind: 'default', operator: last as '-', orEmpty: operator.length === 2, word: word() })
  }
  if (last === '#' && !operator.startsWith('/')) {
    return finish(name, {
      kind: 'trim',
      end: 'start',
      longest: operator === '##',
      pattern: readWord(source, commands, closes),
    })
  }
  if (last === '%' && !operator.startsWith('/')) {
    return finish(name, {
      kind: 'trim',
      end: 'end',
      longest: operator === '%%',
      pattern: readWord(source, commands, closes),
    })
  }
  if (operator.startsWith('/')) {
    const pattern = readWord(source, commands, (at) => at.char === '}' || at.char === '/')
    const by = source.take('/') ? word() : []
    const at = operator === '/#' ? 'start' : operator === '/%' ? 'end' : undefined
    return finish(name, { kind: 'replace', all: operator === '//', at, pattern, by })
  }
  const from = readWord(source, commands, (at) => at.char === '}' || at.char === ':')
  const length = source.take(':') ? readWord(source, commands, closes) : undefined
  return finish(name, { kind: 'slice', from, length })
}
