import {
  type Command,
  type CommandContext,
  CommandError,
  integer,
  settle,
  typedValue,
  valueToChange,
} from './command.ts'
import { scanned } from './keys.ts'
import type { Reply } from './resp.ts'

const membersOf = ({ db }: CommandContext, key: string): ReadonlySet<string> =>
  typedValue(db, key, 'set')?.members ?? new Set()

type Combine = (sets: readonly ReadonlySet<string>[]) => Set<string>

const inter: Combine = ([first = new Set(), ...rest]) =>
  new Set([...first].filter((member) => rest.every((set) => set.has(member))))
const union: Combine = (sets) => new Set(sets.flatMap((set) => [...set]))
const diff: Combine = ([first = new Set(), ...rest]) =>
  new Set([...first].filter((member) => !rest.some((set) => set.has(member))))

const combined = (combine: Combine): Command => ({
  arity: -2,
  run: (context, keys) => ({ set: [...combine(keys.map((key) => membersOf(context, key)))] }),
})

const stored = (combine: Combine): Command => ({
  arity: -3,
  write: true,
  run(context, [to = '', ...keys]) {
    const members = combine(keys.map((key) => membersOf(context, key)))
    context.db.delete(to)
    if (members.size > 0) context.db.set(to, { type: 'set', members })
    return members.size
  },
})

function drawn(context: CommandContext, members: readonly string[], count: number): string[] {
  const left = [...members]
  const taken: string[] = []
  while (taken.length < count && left.length > 0)
    taken.push(...left.splice(Math.floor(context.random() * left.length), 1))
  return taken
}

function positive(text: string): number {
  const count = integer(text)
  if (count < 0) throw new CommandError('ERR value is out of range, must be positive')
  return count
}

/** Draws with SRANDMEMBER: at most so many. */
const MOST_DRAWN = 100_000

export const setCommands: Readonly<Record<string, Command>> = {
  SADD: {
    arity: -3,
    write: true,
    run(context, [key = '', ...added]) {
      const { members } = valueToChange(context.db, key, 'set', () => ({ type: 'set', members: new Set() }))
      const before = members.size
      for (const member of added) members.add(member)
      settle(context.db, key)
      return members.size - before
    },
  },
  SREM: {
    arity: -3,
    write: true,
    run(context, [key = '', ...gone]) {
      const members = typedValue(context.db, key, 'set')?.members
      if (members === undefined) return 0
      const removed = gone.filter((member) => members.delete(member)).length
      settle(context.db, key)
      return removed
    },
  },
  SMEMBERS: { arity: 2, run: (context, [key = '']) => ({ set: [...membersOf(context, key)] }) },
  SISMEMBER: { arity: 3, run: (context, [key = '', member = '']) => (membersOf(context, key).has(member) ? 1 : 0) },
  SMISMEMBER: {
    arity: -3,
    run(context, [key = '', ...wanted]) {
      const members = membersOf(context, key)
      return wanted.map((member) => (members.has(member) ? 1 : 0))
    },
  },
  SCARD: { arity: 2, run: (context, [key = '']) => membersOf(context, key).size },
  SPOP: {
    arity: -2,
    write: true,
    run(context, [key = '', times]): Reply {
      const members = typedValue(context.db, key, 'set')?.members
      const taken = drawn(context, [...(members ?? [])], times === undefined ? 1 : positive(times))
      for (const member of taken) members?.delete(member)
      settle(context.db, key)
      return times === undefined ? (taken[0] ?? null) : { set: taken }
    },
  },
  SRANDMEMBER: {
    arity: -2,
    run(context, [key = '', times]): Reply {
      const members = [...membersOf(context, key)]
      if (times === undefined) return drawn(context, members, 1)[0] ?? null
      const count = integer(times)
      if (count >= 0) return drawn(context, members, count)
      if (-count > MOST_DRAWN) throw new CommandError('ERR value is out of range')
      if (members.length === 0) return []
      return Array.from({ length: -count }, () => members[Math.floor(context.random() * members.length)] as string)
    },
  },
  SMOVE: {
    arity: 4,
    write: true,
    run(context, [from = '', to = '', member = '']) {
      const members = typedValue(context.db, from, 'set')?.members
      membersOf(context, to)
      if (members?.delete(member) !== true) return 0
      settle(context.db, from)
      valueToChange(context.db, to, 'set', () => ({ type: 'set', members: new Set() })).members.add(member)
      settle(context.db, to)
      return 1
    },
  },
  SINTER: combined(inter),
  SUNION: combined(union),
  SDIFF: combined(diff),
  SINTERSTORE: stored(inter),
  SUNIONSTORE: stored(union),
  SDIFFSTORE: stored(diff),
  SSCAN: {
    arity: -3,
    run(context, [key = '', cursor, ...options]) {
      const { next, page } = scanned([...membersOf(context, key)], (member) => member, cursor, options)
      return [String(next), page]
    },
  },
}
