import { patternSource } from '../shell/pattern.ts'

export class PatternFault extends Error {}

/** A POSIX regular expression, basic or extended, as one of JavaScript. Throws PatternFault. */
export function posixRegex(
  pattern: string,
  { extended = false, flags = '' }: { readonly extended?: boolean; readonly flags?: string } = {},
): RegExp {
  try {
    return new RegExp(translate(pattern, extended), `${flags}u`)
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    throw new PatternFault(/[([]/.test(pattern) ? 'Unmatched ( or \\(' : 'Invalid preceding regular expression')
  }
}

function translate(pattern: string, extended: boolean): string {
  let out = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    if (char === '[') {
      const end = endOfBracket(pattern, at)
      if (end < 0) throw new PatternFault('Unmatched [, [^, [:, [., or [=')
      out += bracketSource(pattern.slice(at, end + 1))
      at = end
    } else if (char === '\\') {
      const next = pattern[++at]
      if (next === undefined) throw new PatternFault('Trailing backslash')
      out += escaped(next, extended)
    } else if (!extended && '+?(){}|'.includes(char)) out += `\\${char}`
    else if (char === '*' && (out === '' || out.endsWith('^') || (out.endsWith('(') && !out.endsWith('\\('))))
      out += '\\*'
    else if (char === '{' && !/^\{\d*,?\d*\}/.test(pattern.slice(at))) out += '\\{'
    else if (char === '}' && !/\{\d*,?\d*$/.test(out)) out += '\\}'
    else if (!extended && char === '^' && out !== '' && !out.endsWith('(') && !out.endsWith('|')) out += '\\^'
    else if (!extended && char === '$' && at < pattern.length - 1 && !/^\\[)|]/.test(pattern.slice(at + 1)))
      out += '\\$'
    else out += char === '/' ? '\\/' : char === ']' ? '\\]' : char
  }
  return out
}

function escaped(next: string, extended: boolean): string {
  if (!extended && '(){}|+?'.includes(next)) return next
  if (/[1-9]/.test(next)) return `\\${next}`
  if (next === '<') return '\\b(?=\\w)'
  if (next === '>') return '\\b(?<=\\w)'
  if (next === '`') return '^'
  if (next === "'") return '$'
  if (/[wWsSbBdDntrfv]/.test(next)) return `\\${next}`
  return /[\\^$.*+?()[\]{}|/]/.test(next) ? `\\${next}` : next
}

function endOfBracket(pattern: string, begin: number): number {
  let at = begin + 1
  if (pattern[at] === '^') at++
  if (pattern[at] === ']') at++
  for (; at < pattern.length; at++) {
    if (pattern.startsWith('[:', at)) at = Math.max(at, pattern.indexOf(':]', at) + 1)
    else if (pattern[at] === ']') return at
  }
  return -1
}

/** A bracket expression, where a backslash is itself. */
const bracketSource = (bracket: string): string =>
  patternSource(
    bracket
      .replaceAll('\\', '\\\\')
      .replace(/\\\\([ntrf])/g, (_, letter: string) => ({ n: '\n', t: '\t', r: '\r', f: '\f' })[letter] ?? letter),
  )
