import { goQuote } from '../objects/go-quote.ts'
import type { Call, Expr } from './ast.ts'
import { Regex, RegexError } from './regex.ts'
import type { Issue } from './source.ts'
import { parseDuration, parseTimestamp } from './time.ts'
import { type CelType, formatType } from './types.ts'

/** What is wrong with an argument that is written out: cel-go's validators, which look at it before anything is evaluated. */
export function literalIssue(call: Call, typeOf: (expr: Expr) => CelType): Issue | undefined {
  const [last] = call.args.slice(-1)
  if (call.name === 'format' && call.target !== undefined) return formatIssue(call, typeOf)
  if (last?.op !== 'literal' || last.type !== 'string') return undefined
  const valid = validators.get(call.name)?.(last.value as string) ?? true
  return valid ? undefined : { at: last.at, message: `invalid ${call.name} argument` }
}

const validators: ReadonlyMap<string, (text: string) => boolean> = new Map([
  ['timestamp', (text) => parseTimestamp(text) !== undefined],
  ['duration', (text) => parseDuration(text) !== undefined],
  ['matches', isRegex],
])

function isRegex(text: string): boolean {
  try {
    return new Regex(text).source === text
  } catch (error) {
    if (error instanceof RegexError) return false
    throw error
  }
}

const integers = ['int', 'uint']
const clauses: ReadonlyMap<string, { readonly types: readonly string[]; readonly rule: string }> = new Map([
  ['d', { types: integers, rule: 'decimal clause can only be used on integers' }],
  ['o', { types: integers, rule: 'octal clause can only be used on integers' }],
  ['b', { types: [...integers, 'bool'], rule: 'only integers and bools can be formatted as binary' }],
  ['f', { types: ['double'], rule: 'fixed-point clause can only be used on doubles' }],
  ['e', { types: ['double'], rule: 'scientific clause can only be used on doubles' }],
  [
    'x',
    {
      types: [...integers, 'string', 'bytes'],
      rule: 'only integers, byte buffers, and strings can be formatted as hex',
    },
  ],
])

function formatIssue({ at, target, args: [list] }: Call, typeOf: (expr: Expr) => CelType): Issue | undefined {
  if (target?.op !== 'literal' || typeof target.value !== 'string' || list?.op !== 'list') return undefined
  let next = 0
  for (const [, percent, letter] of target.value.matchAll(/%(?:(%)|(?:\.[0-9]+)?([\s\S])|$)/g)) {
    if (percent !== undefined) continue
    if (letter === undefined) return { at, message: 'unexpected end of string' }
    if (!'sdfebxXo'.includes(letter)) {
      return { at, message: `could not parse formatting clause: unrecognized formatting clause ${goQuote(letter)}` }
    }
    const item = list.items[next]
    if (item === undefined) return { at, message: `index ${next} out of range` }
    next++
    const wrong = clauseIssue(letter, item.value, typeOf(item.value))
    if (wrong !== undefined) return wrong
  }
  if (next >= list.items.length) return undefined
  const counts = `expected ${next}, got ${list.items.length}`
  return { at, message: `too many arguments supplied to string.format (${counts})` }
}

function clauseIssue(letter: string, value: Expr, type: CelType): Issue | undefined {
  const clause = clauses.get(letter.toLowerCase() === 'x' ? 'x' : letter)
  const name = formatType(type)
  if (clause === undefined || type.kind === 'param' || name === 'dyn' || clause.types.includes(name)) return undefined
  return { at: value.at, message: `error during formatting: ${clause.rule}, was given ${name}` }
}
