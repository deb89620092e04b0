/** A shell pattern as a regular expression for the whole text. `file`: for one part of a path, where nothing matches a slash. */
export function patternOf(pattern: string, { file = false, ignoreCase = false } = {}): RegExp {
  return new RegExp(`^(?:${patternSource(pattern, file)})$`, ignoreCase ? 'isu' : 'su')
}

export function patternSource(pattern: string, file = false, greedy = true): string {
  const any = `${file ? '[^/]*' : '.*'}${greedy ? '' : '?'}`
  let out = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    if (char === '*') out += any
    else if (char === '?') out += file ? '[^/]' : '.'
    else if (char === '\\' && at + 1 < pattern.length) {
      at++
      out += literal(pattern[at] as string)
    } else if (char === '[') {
      const set = bracket(pattern, at)
      if (set === undefined) out += '\\['
      else {
        out += set.source
        at = set.end
      }
    } else out += literal(char)
  }
  return out
}

const literal = (char: string): string => char.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&')

const CLASSES: Readonly<Record<string, string>> = {
  alpha: 'A-Za-z',
  digit: '0-9',
  alnum: 'A-Za-z0-9',
  upper: 'A-Z',
  lower: 'a-z',
  space: ' \\t\\n\\r\\f\\v',
  blank: ' \\t',
  punct: '!-\\/:-@\\[-`\\{-~',
  print: ' -~',
  graph: '!-~',
  cntrl: '\\x00-\\x1f\\x7f',
  xdigit: '0-9A-Fa-f',
}

function bracket(pattern: string, begin: number): { readonly source: string; readonly end: number } | undefined {
  let at = begin + 1
  const negated = pattern[at] === '!' || pattern[at] === '^'
  if (negated) at++
  let source = ''
  for (let first = true; ; first = false) {
    const char = pattern[at]
    if (char === undefined) return undefined
    if (char === ']' && !first) break
    const named = /^\[:([a-z]+):\]/.exec(pattern.slice(at))
    if (named !== null) {
      source += CLASSES[named[1] as string] ?? ''
      at += named[0].length
      continue
    }
    const [low, afterLow] = letter(pattern, at)
    if (pattern[afterLow] === '-' && pattern[afterLow + 1] !== undefined && pattern[afterLow + 1] !== ']') {
      const [high, afterHigh] = letter(pattern, afterLow + 1)
      if (low <= high) source += `${inSet(low)}-${inSet(high)}`
      at = afterHigh
    } else {
      source += inSet(low)
      at = afterLow
    }
  }
  if (source === '') return { source: negated ? '.' : '(?!)', end: at }
  return { source: `[${negated ? '^' : ''}${source}]`, end: at }
}

function letter(pattern: string, at: number): [string, number] {
  const from = pattern[at] === '\\' && at + 1 < pattern.length ? at + 1 : at
  const char = String.fromCodePoint(pattern.codePointAt(from) ?? 0)
  return [char, from + char.length]
}

const inSet = (char: string): string =>
  char.replace(/[\\^$.*+?()[\]{}|/&~!#%,:;<=>@`-]/u, (found) =>
    /[\^$\\.*+?()[\]{}|/-]/.test(found) ? `\\${found}` : `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`,
  )

/** Whether a text has letters that mean something in a pattern. */
export const isPattern = (text: string): boolean => /[*?[]/.test(text.replace(/\\./gs, ''))

/** A text as a pattern for itself. */
export const escapePattern = (text: string): string => text.replace(/[\\*?[\]]/g, '\\$&')

export const unescapePattern = (text: string): string => text.replace(/\\(.)/gs, '$1')
