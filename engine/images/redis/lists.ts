import {
  type Command,
  type CommandContext,
  CommandError,
  integer,
  range,
  SYNTAX,
  settle,
  typedValue,
  valueToChange,
} from './command.ts'
import { OK, type Reply } from './resp.ts'

const itemsOf = ({ db }: CommandContext, key: string): string[] | undefined => typedValue(db, key, 'list')?.items

function push(end: 'left' | 'right', onlyThere: boolean): Command {
  return {
    arity: -3,
    write: true,
    run(context, [key = '', ...added]) {
      const { db } = context
      if (onlyThere && itemsOf(context, key) === undefined) return 0
      const { items } = valueToChange(db, key, 'list', () => ({ type: 'list', items: [] }))
      if (end === 'left') items.unshift(...added.reverse())
      else items.push(...added)
      settle(db, key)
      return items.length
    },
  }
}

export function pop(context: CommandContext, key: string, end: 'left' | 'right', count: number): string[] | undefined {
  const items = itemsOf(context, key)
  if (items === undefined) return undefined
  const taken = end === 'left' ? items.splice(0, count) : items.splice(Math.max(0, items.length - count)).reverse()
  settle(context.db, key)
  return taken
}

const popping = (end: 'left' | 'right'): Command => ({
  arity: -2,
  write: true,
  run(context, [key = '', times]): Reply {
    if (times === undefined) return pop(context, key, end, 1)?.[0] ?? null
    const count = integer(times)
    if (count < 0) throw new CommandError('ERR value is out of range, must be positive')
    return pop(context, key, end, count) ?? { nothing: true }
  },
})

export function move(
  context: CommandContext,
  from: string,
  to: string,
  take: 'left' | 'right',
  put: 'left' | 'right',
): string | null {
  itemsOf(context, to)
  const [item] = pop(context, from, take, 1) ?? []
  if (item === undefined) return null
  const { items } = valueToChange(context.db, to, 'list', () => ({ type: 'list', items: [] }))
  if (put === 'left') items.unshift(item)
  else items.push(item)
  settle(context.db, to)
  return item
}

export function side(word: string | undefined): 'left' | 'right' {
  const lower = word?.toLowerCase()
  if (lower !== 'left' && lower !== 'right') throw SYNTAX()
  return lower
}

export const listCommands: Readonly<Record<string, Command>> = {
  LPUSH: push('left', false),
  RPUSH: push('right', false),
  LPUSHX: push('left', true),
  RPUSHX: push('right', true),
  LPOP: popping('left'),
  RPOP: popping('right'),
  LLEN: { arity: 2, run: (context, [key = '']) => itemsOf(context, key)?.length ?? 0 },
  LRANGE: {
    arity: 4,
    run(context, [key = '', start, stop]) {
      const items = itemsOf(context, key) ?? []
      const part = range(items.length, integer(start), integer(stop))
      return part === undefined ? [] : items.slice(part[0], part[1] + 1)
    },
  },
  LINDEX: { arity: 3, run: (context, [key = '', index]) => itemsOf(context, key)?.at(integer(index)) ?? null },
  LSET: {
    arity: 4,
    write: true,
    run(context, [key = '', index, item = '']) {
      const items = itemsOf(context, key)
      if (items === undefined) throw new CommandError('ERR no such key')
      const given = integer(index)
      const at = given < 0 ? items.length + given : given
      if (at < 0 || at >= items.length) throw new CommandError('ERR index out of range')
      items[at] = item
      settle(context.db, key)
      return OK
    },
  },
  LREM: {
    arity: 4,
    write: true,
    run(context, [key = '', times, item]) {
      const items = itemsOf(context, key)
      if (items === undefined) return 0
      const count = integer(times)
      let left = count === 0 ? items.length : Math.abs(count)
      let removed = 0
      for (let at = count < 0 ? items.length - 1 : 0; at >= 0 && at < items.length && left > 0; ) {
        if (items[at] === item) {
          items.splice(at, 1)
          removed++
          left--
          if (count < 0) at--
        } else at += count < 0 ? -1 : 1
      }
      settle(context.db, key)
      return removed
    },
  },
  LTRIM: {
    arity: 4,
    write: true,
    run(context, [key = '', start, stop]) {
      const items = itemsOf(context, key)
      if (items === undefined) return OK
      const part = range(items.length, integer(start), integer(stop))
      items.splice(0, items.length, ...(part === undefined ? [] : items.slice(part[0], part[1] + 1)))
      settle(context.db, key)
      return OK
    },
  },
  LINSERT: {
    arity: 5,
    write: true,
    run(context, [key = '', where, pivot = '', item = '']) {
      const word = where?.toLowerCase()
      if (word !== 'before' && word !== 'after') throw SYNTAX()
      const items = itemsOf(context, key)
      if (items === undefined) return 0
      const at = items.indexOf(pivot)
      if (at < 0) return -1
      items.splice(word === 'before' ? at : at + 1, 0, item)
      settle(context.db, key)
      return items.length
    },
  },
  RPOPLPUSH: {
    arity: 3,
    write: true,
    run: (context, [from = '', to = '']) => move(context, from, to, 'right', 'left'),
  },
  LMOVE: {
    arity: 5,
    write: true,
    run: (context, [from = '', to = '', take, put]) => move(context, from, to, side(take), side(put)),
  },
}
