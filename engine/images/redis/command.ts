import type { Database, Value } from './database.ts'
import { isEmpty } from './database.ts'
import type { Reply } from './resp.ts'

/** What a command sees of its server. */
export interface CommandContext {
  readonly db: Database
  /** Milliseconds since 1970. */
  now(): number
  /** 0 to 1. */
  random(): number
}

export interface Command {
  /** Words with the name itself; negative: at least so many. */
  readonly arity: number
  /** It changes data: it is written to the log, and counted for snapshots. */
  readonly write?: boolean
  run(context: CommandContext, args: readonly string[]): Reply
}

/** An error that a client is answered. */
export class CommandError extends Error {}

export const SYNTAX = () => new CommandError('ERR syntax error')
export const NOT_INTEGER = () => new CommandError('ERR value is not an integer or out of range')
export const NOT_FLOAT = () => new CommandError('ERR value is not a valid float')
const WRONG_TYPE = () => new CommandError('WRONGTYPE Operation against a key holding the wrong kind of value')

/** The value if it is of this type; undefined if there is none. Throws WRONGTYPE. */
export function typedValue<Type extends Value['type']>(
  db: Database,
  key: string,
  type: Type,
): Extract<Value, { type: Type }> | undefined {
  const value = db.get(key)
  if (value !== undefined && value.type !== type) throw WRONG_TYPE()
  return value as Extract<Value, { type: Type }> | undefined
}

/** As `typedValue`, made by `make` if it is not there. */
export function valueToChange<Type extends Value['type']>(
  db: Database,
  key: string,
  type: Type,
  make: () => Extract<Value, { type: Type }>,
): Extract<Value, { type: Type }> {
  const there = typedValue(db, key, type)
  if (there !== undefined) return there
  const made = make()
  db.set(key, made)
  return made
}

/** After a change: nothing empty stays. */
export function settle(db: Database, key: string): void {
  const value = db.get(key)
  if (value !== undefined && isEmpty(value)) db.delete(key)
  else db.touch(key)
}

export function integer(text: string | undefined): number {
  if (text === undefined || !/^-?(?:0|[1-9]\d{0,18})$/.test(text)) throw NOT_INTEGER()
  const value = Number(text)
  if (!Number.isSafeInteger(value)) throw NOT_INTEGER()
  return value
}

export function float(text: string | undefined): number {
  if (text === undefined) throw NOT_FLOAT()
  const word = text.toLowerCase()
  if (/^[+-]?inf(?:inity)?$/.test(word))
    return word.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/.test(word)) throw NOT_FLOAT()
  return Number(word)
}

/** From and to of a range of `length`, as LRANGE counts them: negative ones from the end. Undefined when nothing is in it. */
export function range(length: number, start: number, stop: number): readonly [number, number] | undefined {
  const from = Math.max(0, start < 0 ? length + start : start)
  const to = Math.min(length - 1, stop < 0 ? length + stop : stop)
  return from > to || from >= length ? undefined : [from, to]
}

/** Redis' patterns: `*`, `?`, `[a-c]`, `[^a]`, `\\*`. */
export function globbed(pattern: string): RegExp {
  let source = ''
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] as string
    if (char === '*') source += '[\\s\\S]*'
    else if (char === '?') source += '[\\s\\S]'
    else if (char === '\\' && at + 1 < pattern.length) source += escaped(pattern[++at] as string)
    else if (char === '[') {
      const end = pattern.indexOf(']', at + 1)
      if (end < 0) source += '\\['
      else {
        const inner = pattern.slice(at + 1, end)
        const negated = inner.startsWith('^')
        const chars = (negated ? inner.slice(1) : inner).replace(/[\\\]^]/g, '\\$&')
        source += chars === '' ? (negated ? '[\\s\\S]' : '[^\\s\\S]') : `[${negated ? '^' : ''}${chars}]`
        at = end
      }
    } else source += escaped(char)
  }
  try {
    return new RegExp(`^${source}$`)
  } catch {
    // A range that runs backwards, as [z-a], matches nothing.
    return /^(?!)$/
  }
}

const escaped = (char: string): string => char.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
