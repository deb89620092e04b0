import { resolvePlain } from '../decode/yaml-scalars.ts'

/** The column after which go-yaml begins a new line at the next space. */
const WIDTH = 80

const BREAK = /[\n\r\u0085\u2028\u2029]/
/** What go-yaml writes only in double quotes, characters beyond the basic plane too. */
const UNPRINTABLE = /[^\n\x20-\x7e\u00a0-\ufffd]|[\ud800-\udfff\ufeff]/
const TIMESTAMP =
  /^\d{4}-(\d{1,2})-(\d{1,2})(?:[Tt]\d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)| \d{1,2}:\d{1,2}:\d{1,2}(?:\.\d+)?)?$/
const BASE_60 = /^[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?$/

/** A string as go-yaml v2 writes it. `indent` of further lines, `column` at which it begins; keys stay on one line. */
export function yamlString(text: string, indent: number, column: number, isKey = false): string {
  const style = styleOf(text, isKey)
  switch (style) {
    case 'literal':
      return literal(text, indent)
    case 'plain':
      return isKey ? text : folded(text, indent, column)
    case 'single': {
      const quoted = text.replaceAll("'", "''")
      return `'${isKey ? quoted : folded(quoted, indent, column + 1)}'`
    }
    case 'double':
      return `"${doubleQuoted(text, indent, column + 1, !isKey)}"`
  }
}

function styleOf(text: string, isKey: boolean): 'literal' | 'plain' | 'single' | 'double' {
  const special = UNPRINTABLE.test(text) || / [\n\r\u0085\u2028\u2029]/.test(text)
  if (text.includes('\n')) return isKey || special || text.endsWith(' ') ? 'double' : 'literal'
  if (special || !isString(text)) return 'double'
  if (BREAK.test(text)) return 'double'
  return text.startsWith(' ') || text.endsWith(' ') || hasIndicators(text) ? 'single' : 'plain'
}

/** Whether it would be read as text without quotes too. */
function isString(text: string): boolean {
  return resolvePlain(text).type === 'string' && !isTimestamp(text) && !BASE_60.test(text)
}

function isTimestamp(text: string): boolean {
  const match = TIMESTAMP.exec(text)
  return match !== null && Number(match[1]) <= 12 && Number(match[2]) <= 31
}

/** Characters that mean something to YAML where they stand. */
function hasIndicators(text: string): boolean {
  return /^(?:---|\.\.\.|[#,[\]{}&*!|>'"%@`]|[?:-](?: |$))|:(?: |$)| #/.test(text)
}

function literal(text: string, indent: number): string {
  const hint = text.startsWith(' ') || BREAK.test(text.charAt(0)) ? '2' : ''
  const chomp = !text.endsWith('\n') ? '-' : text === '\n' || text.endsWith('\n\n') ? '+' : ''
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n')
  return `|${hint}${chomp}\n${lines.map((line) => (line === '' ? '' : ' '.repeat(indent) + line)).join('\n')}`
}

/** A new line in place of the first single space beyond the width. */
function folded(text: string, indent: number, start: number): string {
  let made = ''
  let column = start
  for (let at = 0; at < text.length; at++) {
    const single = text[at] === ' ' && text[at - 1] !== ' ' && text[at + 1] !== ' '
    if (single && column > WIDTH && at > 0 && at < text.length - 1) {
      made += `\n${' '.repeat(indent)}`
      column = indent
    } else {
      made += text[at]
      column++
    }
  }
  return made
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\0', '0'],
  ['\x07', 'a'],
  ['\b', 'b'],
  ['\t', 't'],
  ['\n', 'n'],
  ['\v', 'v'],
  ['\f', 'f'],
  ['\r', 'r'],
  ['\x1b', 'e'],
  ['"', '"'],
  ['\\', '\\'],
  ['\u0085', 'N'],
  ['\u00a0', '_'],
  ['\u2028', 'L'],
  ['\u2029', 'P'],
])

function doubleQuoted(text: string, indent: number, start: number, mayBreak: boolean): string {
  let made = ''
  let column = start
  let spaces = false
  const characters = [...text]
  for (const [at, character] of characters.entries()) {
    const inside = at > 0 && at < characters.length - 1
    if (character === ' ' && mayBreak && !spaces && column > WIDTH && inside) {
      const next = characters[at + 1] === ' ' ? '\\' : ''
      made += `\n${' '.repeat(indent)}${next}`
      column = indent + next.length
    } else {
      const written = escaped(character)
      made += written
      column += written.length
    }
    spaces = character === ' '
  }
  return made
}

function escaped(character: string): string {
  const plainly = !(UNPRINTABLE.test(character) || BREAK.test(character) || character === '"' || character === '\\')
  if (plainly) return character
  const short = ESCAPES.get(character)
  if (short !== undefined) return `\\${short}`
  const code = character.codePointAt(0) ?? 0
  const digits = code.toString(16).toUpperCase()
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`
}
