import {
  type Command,
  type CommandContext,
  CommandError,
  float,
  integer,
  range,
  SYNTAX,
  typedValue,
} from './command.ts'
import { doubleText, OK, type Reply } from './resp.ts'

/** Bytes: a text is not made longer by an offset. */
const LONGEST = 32 * 1024 * 1024

const textOf = ({ db }: CommandContext, key: string): string | undefined => typedValue(db, key, 'string')?.text

/** A new text under a key that keeps its time to live. */
function put({ db }: CommandContext, key: string, text: string): void {
  db.set(key, { type: 'string', text }, db.expires(key))
}

function invalidExpiry(command: string): CommandError {
  return new CommandError(`ERR invalid expire time in '${command}' command`)
}

function expiry(context: CommandContext, unit: string, value: string | undefined, command: string): number {
  const time = integer(value)
  if (time <= 0) throw invalidExpiry(command)
  switch (unit) {
    case 'EX':
      return context.now() + time * 1000
    case 'PX':
      return context.now() + time
    case 'EXAT':
      return time * 1000
    default:
      return time
  }
}

const TIMES: ReadonlySet<string> = new Set(['EX', 'PX', 'EXAT', 'PXAT'])

function set(context: CommandContext, [key = '', text = '', ...options]: readonly string[]): Reply {
  const { db } = context
  let expires: number | undefined
  let condition: 'NX' | 'XX' | undefined
  let get = false
  let keep = false
  for (let index = 0; index < options.length; index++) {
    const option = options[index]?.toUpperCase() as string
    if (TIMES.has(option) && expires === undefined && !keep) expires = expiry(context, option, options[++index], 'set')
    else if ((option === 'NX' || option === 'XX') && condition === undefined) condition = option
    else if (option === 'GET') get = true
    else if (option === 'KEEPTTL' && expires === undefined) keep = true
    else throw SYNTAX()
  }
  const before = get ? (textOf(context, key) ?? null) : null
  const there = db.get(key) !== undefined
  if ((condition === 'NX' && there) || (condition === 'XX' && !there)) return get ? before : null
  db.set(key, { type: 'string', text }, keep ? db.expires(key) : expires)
  return get ? before : OK
}

function add(context: CommandContext, key: string, by: number): Reply {
  const value = integer(textOf(context, key) ?? '0') + by
  if (!Number.isSafeInteger(value)) throw new CommandError('ERR increment or decrement would overflow')
  put(context, key, String(value))
  return value
}

const setWithTime = (unit: string, name: string): Command => ({
  arity: 4,
  write: true,
  run(context, [key = '', time, text = '']) {
    context.db.set(key, { type: 'string', text }, expiry(context, unit, time, name))
    return OK
  },
})

function pairs(args: readonly string[], name: string): [string, string][] {
  if (args.length % 2 !== 0) throw new CommandError(`ERR wrong number of arguments for '${name}' command`)
  return Array.from({ length: args.length / 2 }, (_, index) => [
    args[2 * index] as string,
    args[2 * index + 1] as string,
  ])
}

export const stringCommands: Readonly<Record<string, Command>> = {
  GET: { arity: 2, run: (context, [key = '']) => textOf(context, key) ?? null },
  SET: { arity: -3, write: true, run: set },
  SETNX: {
    arity: 3,
    write: true,
    run: (context, [key = '', text = '']) => (set(context, [key, text, 'NX']) === null ? 0 : 1),
  },
  SETEX: setWithTime('EX', 'setex'),
  PSETEX: setWithTime('PX', 'psetex'),
  GETSET: { arity: 3, write: true, run: (context, [key = '', text = '']) => set(context, [key, text, 'GET']) },
  GETDEL: {
    arity: 2,
    write: true,
    run(context, [key = '']) {
      const text = textOf(context, key)
      if (text !== undefined) context.db.delete(key)
      return text ?? null
    },
  },
  GETEX: {
    arity: -2,
    write: true,
    run(context, [key = '', option, time]) {
      const text = textOf(context, key)
      if (text === undefined) return null
      const word = option?.toUpperCase()
      if (word === 'PERSIST') context.db.setExpires(key, undefined)
      else if (word !== undefined && TIMES.has(word)) context.db.setExpires(key, expiry(context, word, time, 'getex'))
      else if (word !== undefined) throw SYNTAX()
      return text
    },
  },
  MGET: {
    arity: -2,
    run: ({ db }, keys) =>
      keys.map((key) => {
        const value = db.get(key)
        return value?.type === 'string' ? value.text : null
      }),
  },
  MSET: {
    arity: -3,
    write: true,
    run({ db }, args) {
      for (const [key, text] of pairs(args, 'mset')) db.set(key, { type: 'string', text })
      return OK
    },
  },
  MSETNX: {
    arity: -3,
    write: true,
    run({ db }, args) {
      const all = pairs(args, 'msetnx')
      if (all.some(([key]) => db.get(key) !== undefined)) return 0
      for (const [key, text] of all) db.set(key, { type: 'string', text })
      return 1
    },
  },
  INCR: { arity: 2, write: true, run: (context, [key = '']) => add(context, key, 1) },
  DECR: { arity: 2, write: true, run: (context, [key = '']) => add(context, key, -1) },
  INCRBY: { arity: 3, write: true, run: (context, [key = '', by]) => add(context, key, integer(by)) },
  DECRBY: { arity: 3, write: true, run: (context, [key = '', by]) => add(context, key, -integer(by)) },
  INCRBYFLOAT: {
    arity: 3,
    write: true,
    run(context, [key = '', by]) {
      const value = float(textOf(context, key) ?? '0') + float(by)
      if (!Number.isFinite(value)) throw new CommandError('ERR increment would produce NaN or Infinity')
      const text = doubleText(Number(value.toPrecision(16)))
      put(context, key, text)
      return text
    },
  },
  APPEND: {
    arity: 3,
    write: true,
    run(context, [key = '', more = '']) {
      const text = (textOf(context, key) ?? '') + more
      put(context, key, text)
      return text.length
    },
  },
  STRLEN: { arity: 2, run: (context, [key = '']) => (textOf(context, key) ?? '').length },
  GETRANGE: {
    arity: 4,
    run(context, [key = '', from, to]) {
      const text = textOf(context, key) ?? ''
      const part = range(text.length, integer(from), integer(to))
      return part === undefined ? '' : text.slice(part[0], part[1] + 1)
    },
  },
  SETRANGE: {
    arity: 4,
    write: true,
    run(context, [key = '', offset, part = '']) {
      const at = integer(offset)
      if (at < 0) throw new CommandError('ERR offset is out of range')
      if (at + part.length > LONGEST)
        throw new CommandError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
      const text = textOf(context, key) ?? ''
      if (part === '') return text.length
      const changed = text.padEnd(at, '\0').slice(0, at) + part + text.slice(at + part.length)
      put(context, key, changed)
      return changed.length
    },
  },
}
