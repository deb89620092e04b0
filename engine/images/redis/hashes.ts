import {
  type Command,
  type CommandContext,
  CommandError,
  float,
  integer,
  settle,
  typedValue,
  valueToChange,
} from './command.ts'
import { scanned } from './keys.ts'
import { doubleText, OK } from './resp.ts'

const fieldsOf = ({ db }: CommandContext, key: string): ReadonlyMap<string, string> =>
  typedValue(db, key, 'hash')?.fields ?? new Map()

const fieldsToChange = ({ db }: CommandContext, key: string): Map<string, string> =>
  valueToChange(db, key, 'hash', () => ({ type: 'hash', fields: new Map() })).fields

function setFields(context: CommandContext, name: string, key: string, rest: readonly string[]): number {
  if (rest.length % 2 !== 0) throw new CommandError(`ERR wrong number of arguments for '${name}' command`)
  const fields = fieldsToChange(context, key)
  const before = fields.size
  for (let index = 0; index < rest.length; index += 2) fields.set(rest[index] as string, rest[index + 1] as string)
  settle(context.db, key)
  return fields.size - before
}

export const hashCommands: Readonly<Record<string, Command>> = {
  HSET: { arity: -4, write: true, run: (context, [key = '', ...rest]) => setFields(context, 'hset', key, rest) },
  HMSET: {
    arity: -4,
    write: true,
    run(context, [key = '', ...rest]) {
      setFields(context, 'hmset', key, rest)
      return OK
    },
  },
  HSETNX: {
    arity: 4,
    write: true,
    run(context, [key = '', field = '', text = '']) {
      if (fieldsOf(context, key).has(field)) return 0
      fieldsToChange(context, key).set(field, text)
      settle(context.db, key)
      return 1
    },
  },
  HGET: { arity: 3, run: (context, [key = '', field = '']) => fieldsOf(context, key).get(field) ?? null },
  HMGET: {
    arity: -3,
    run(context, [key = '', ...names]) {
      const fields = fieldsOf(context, key)
      return names.map((name) => fields.get(name) ?? null)
    },
  },
  HGETALL: { arity: 2, run: (context, [key = '']) => ({ map: [...fieldsOf(context, key)] }) },
  HKEYS: { arity: 2, run: (context, [key = '']) => [...fieldsOf(context, key).keys()] },
  HVALS: { arity: 2, run: (context, [key = '']) => [...fieldsOf(context, key).values()] },
  HLEN: { arity: 2, run: (context, [key = '']) => fieldsOf(context, key).size },
  HSTRLEN: { arity: 3, run: (context, [key = '', field = '']) => (fieldsOf(context, key).get(field) ?? '').length },
  HEXISTS: { arity: 3, run: (context, [key = '', field = '']) => (fieldsOf(context, key).has(field) ? 1 : 0) },
  HDEL: {
    arity: -3,
    write: true,
    run(context, [key = '', ...names]) {
      const fields = typedValue(context.db, key, 'hash')?.fields
      if (fields === undefined) return 0
      const removed = names.filter((name) => fields.delete(name)).length
      settle(context.db, key)
      return removed
    },
  },
  HINCRBY: {
    arity: 4,
    write: true,
    run(context, [key = '', field = '', by]) {
      const text = fieldsOf(context, key).get(field) ?? '0'
      if (!/^-?\d+$/.test(text)) throw new CommandError('ERR hash value is not an integer')
      const value = integer(text) + integer(by)
      fieldsToChange(context, key).set(field, String(value))
      settle(context.db, key)
      return value
    },
  },
  HINCRBYFLOAT: {
    arity: 4,
    write: true,
    run(context, [key = '', field = '', by]) {
      const value = doubleText(Number((float(fieldsOf(context, key).get(field) ?? '0') + float(by)).toPrecision(16)))
      fieldsToChange(context, key).set(field, value)
      settle(context.db, key)
      return value
    },
  },
  HSCAN: {
    arity: -3,
    run(context, [key = '', cursor, ...options]) {
      const { next, page } = scanned([...fieldsOf(context, key)], ([name]) => name, cursor, options)
      return [String(next), page.flat()]
    },
  },
}
