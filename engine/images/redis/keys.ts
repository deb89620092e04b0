/** Commands on keys of any kind. */
import { type Command, type CommandContext, CommandError, globbed, integer, SYNTAX } from './command.ts'
import { sizeOf, type Value } from './database.ts'
import { OK, type Reply } from './resp.ts'

const count = (keys: readonly string[], counts: (key: string) => boolean): number => keys.filter(counts).length

function expire(unit: number, absolute: boolean): Command {
  return {
    arity: -3,
    write: true,
    run({ db, now }, [key = '', time, option]) {
      const at = integer(time) * unit + (absolute ? 0 : now())
      if (db.get(key) === undefined) return 0
      const before = db.expires(key)
      switch (option === undefined ? 'ALWAYS' : option.toUpperCase()) {
        case 'ALWAYS':
          break
        case 'NX':
          if (before !== undefined) return 0
          break
        case 'XX':
          if (before === undefined) return 0
          break
        case 'GT':
          if (before === undefined || at <= before) return 0
          break
        case 'LT':
          if (before !== undefined && at >= before) return 0
          break
        default:
          throw new CommandError(`ERR Unsupported option ${option}`)
      }
      if (at <= now()) db.delete(key)
      else db.setExpires(key, at)
      return 1
    },
  }
}

function timeLeft(unit: number, absolute: boolean): Command {
  return {
    arity: 2,
    run({ db, now }, [key = '']) {
      if (db.get(key) === undefined) return -2
      const at = db.expires(key)
      if (at === undefined) return -1
      return Math.round((absolute ? at : at - now()) / unit)
    },
  }
}

function rename(replace: boolean): Command {
  return {
    arity: 3,
    write: true,
    run({ db }, [from = '', to = '']) {
      const value = db.get(from)
      if (value === undefined) throw new CommandError('ERR no such key')
      if (!replace && db.get(to) !== undefined) return 0
      const expires = db.expires(from)
      db.delete(from)
      db.set(to, value, expires)
      return replace ? OK : 1
    },
  }
}

function remove({ db }: CommandContext, keys: readonly string[]): Reply {
  return count(keys, (key) => db.get(key) !== undefined && db.delete(key))
}

function flush({ db }: CommandContext): Reply {
  db.clear()
  return OK
}

/** Pages of a listing: cursors are positions in it. */
export function scanned<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
  cursor: string | undefined,
  options: readonly string[],
  typeOf?: (item: Item) => string,
): { next: number; page: Item[] } {
  if (cursor === undefined || !/^\d+$/.test(cursor)) throw new CommandError('ERR invalid cursor')
  let pattern: RegExp | undefined
  let type: string | undefined
  let size = 10
  for (let index = 0; index < options.length; index += 2) {
    const value = options[index + 1]
    if (value === undefined) throw SYNTAX()
    switch (options[index]?.toUpperCase()) {
      case 'MATCH':
        pattern = globbed(value)
        break
      case 'COUNT':
        size = integer(value)
        if (size < 1) throw SYNTAX()
        break
      case 'TYPE':
        type = value.toLowerCase()
        break
      default:
        throw SYNTAX()
    }
  }
  const from = Number(cursor)
  const page = items.slice(from, from + size)
  return {
    next: from + size < items.length ? from + size : 0,
    page: page.filter(
      (item) => (pattern?.test(nameOf(item)) ?? true) && (type === undefined || typeOf?.(item) === type),
    ),
  }
}

function copied(value: Value): Value {
  switch (value.type) {
    case 'string':
      return { type: 'string', text: value.text }
    case 'list':
      return { type: 'list', items: [...value.items] }
    case 'hash':
      return { type: 'hash', fields: new Map(value.fields) }
    case 'set':
      return { type: 'set', members: new Set(value.members) }
    case 'zset':
      return { type: 'zset', scores: new Map(value.scores) }
  }
}

function encodingOf(value: Value): string {
  switch (value.type) {
    case 'string':
      return /^-?(?:0|[1-9]\d{0,18})$/.test(value.text) ? 'int' : value.text.length <= 44 ? 'embstr' : 'raw'
    case 'list':
      return value.items.length > 128 ? 'quicklist' : 'listpack'
    case 'hash':
      return value.fields.size > 128 ? 'hashtable' : 'listpack'
    case 'set':
      return [...value.members].every((member) => /^-?\d+$/.test(member))
        ? 'intset'
        : value.members.size > 128
          ? 'hashtable'
          : 'listpack'
    case 'zset':
      return value.scores.size > 128 ? 'skiplist' : 'listpack'
  }
}

export const keyCommands: Readonly<Record<string, Command>> = {
  DEL: { arity: -2, write: true, run: remove },
  UNLINK: { arity: -2, write: true, run: remove },
  EXISTS: { arity: -2, run: ({ db }, keys) => count(keys, (key) => db.get(key) !== undefined) },
  TOUCH: { arity: -2, run: ({ db }, keys) => count(keys, (key) => db.get(key) !== undefined) },
  TYPE: { arity: 2, run: ({ db }, [key = '']) => ({ simple: db.get(key)?.type ?? 'none' }) },
  KEYS: {
    arity: 2,
    run({ db }, [pattern = '']) {
      const matches = globbed(pattern)
      return [...db.keys()].filter((key) => matches.test(key))
    },
  },
  SCAN: {
    arity: -2,
    run({ db }, [cursor, ...options]) {
      const { next, page } = scanned(
        [...db.keys()].sort(),
        (key) => key,
        cursor,
        options,
        (key) => db.get(key)?.type ?? 'none',
      )
      return [String(next), page]
    },
  },
  RANDOMKEY: {
    arity: 1,
    run({ db, random }) {
      const keys = [...db.keys()]
      return keys[Math.floor(random() * keys.length)] ?? null
    },
  },
  DBSIZE: { arity: 1, run: ({ db }) => [...db.keys()].length },
  FLUSHDB: { arity: -1, write: true, run: flush },
  FLUSHALL: { arity: -1, write: true, run: flush },
  EXPIRE: expire(1000, false),
  PEXPIRE: expire(1, false),
  EXPIREAT: expire(1000, true),
  PEXPIREAT: expire(1, true),
  TTL: timeLeft(1000, false),
  PTTL: timeLeft(1, false),
  EXPIRETIME: timeLeft(1000, true),
  PEXPIRETIME: timeLeft(1, true),
  PERSIST: {
    arity: 2,
    write: true,
    run({ db }, [key = '']) {
      if (db.expires(key) === undefined) return 0
      db.setExpires(key, undefined)
      return 1
    },
  },
  RENAME: rename(true),
  RENAMENX: rename(false),
  COPY: {
    arity: -3,
    write: true,
    run({ db }, [from = '', to = '', ...options]) {
      const value = db.get(from)
      const replace = options.some((option) => option.toUpperCase() === 'REPLACE')
      if (value === undefined || (!replace && db.get(to) !== undefined)) return 0
      db.set(to, copied(value), db.expires(from))
      return 1
    },
  },
  OBJECT: {
    arity: -2,
    run({ db }, [sub = '', key = '']) {
      const value = db.get(key)
      if (value === undefined) throw new CommandError('ERR no such key')
      switch (sub.toUpperCase()) {
        case 'ENCODING':
          return encodingOf(value)
        case 'REFCOUNT':
          return 1
        case 'IDLETIME':
        case 'FREQ':
          return 0
        default:
          throw new CommandError(`ERR unknown subcommand '${sub}'. Try OBJECT HELP.`)
      }
    },
  },
  MEMORY: {
    arity: -2,
    run({ db }, [sub = '', key = '']) {
      if (sub.toUpperCase() !== 'USAGE') throw new CommandError(`ERR unknown subcommand '${sub}'. Try MEMORY HELP.`)
      const value = db.get(key)
      return value === undefined ? null : 56 + key.length + sizeOf(value)
    },
  },
}
