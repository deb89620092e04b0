import {
  type Command,
  type CommandContext,
  CommandError,
  float,
  integer,
  range,
  SYNTAX,
  settle,
  typedValue,
  valueToChange,
} from './command.ts'
import { scanned } from './keys.ts'
import { doubleText, type Reply } from './resp.ts'

type Scored = readonly [member: string, score: number]

function sorted({ db }: CommandContext, key: string): Scored[] {
  const scores = typedValue(db, key, 'zset')?.scores
  return [...(scores ?? [])].sort(([a, first], [b, second]) => first - second || (a < b ? -1 : a > b ? 1 : 0))
}

interface Bound {
  readonly value: number
  readonly open: boolean
}

function bound(text: string | undefined): Bound {
  const open = text?.startsWith('(') ?? false
  try {
    return { value: float(open ? text?.slice(1) : text), open }
  } catch {
    throw new CommandError('ERR min or max is not a float')
  }
}

const within =
  (low: Bound, high: Bound) =>
  ([, score]: Scored) =>
    (low.open ? score > low.value : score >= low.value) && (high.open ? score < high.value : score <= high.value)

const lines = (found: readonly Scored[], withScores: boolean): Reply =>
  found.flatMap(([member, score]): Reply[] => (withScores ? [member, { double: score }] : [member]))

function byScore(
  context: CommandContext,
  key: string,
  low: string | undefined,
  high: string | undefined,
  options: readonly string[],
  reverse: boolean,
): Reply {
  let withScores = false
  let offset = 0
  let count = Number.POSITIVE_INFINITY
  for (let index = 0; index < options.length; index++) {
    const option = options[index]?.toUpperCase()
    if (option === 'WITHSCORES') withScores = true
    else if (option === 'LIMIT') {
      offset = integer(options[++index])
      const wanted = integer(options[++index])
      count = wanted < 0 ? Number.POSITIVE_INFINITY : wanted
    } else throw SYNTAX()
  }
  const found = sorted(context, key).filter(within(bound(low), bound(high)))
  if (reverse) found.reverse()
  return lines(found.slice(offset, offset + count), withScores)
}

function byRank(
  context: CommandContext,
  key: string,
  start: string | undefined,
  stop: string | undefined,
  withScores: boolean,
  reverse: boolean,
): Reply {
  const all = sorted(context, key)
  if (reverse) all.reverse()
  const part = range(all.length, integer(start), integer(stop))
  return lines(part === undefined ? [] : all.slice(part[0], part[1] + 1), withScores)
}

function zrange(context: CommandContext, [key = '', start, stop, ...options]: readonly string[]): Reply {
  const words = options.map((option) => option.toUpperCase())
  const reverse = words.includes('REV')
  if (words.includes('BYSCORE')) {
    const rest = options.filter((_, index) => words[index] !== 'BYSCORE' && words[index] !== 'REV')
    return reverse ? byScore(context, key, stop, start, rest, true) : byScore(context, key, start, stop, rest, false)
  }
  if (words.some((word) => word !== 'REV' && word !== 'WITHSCORES')) throw SYNTAX()
  return byRank(context, key, start, stop, words.includes('WITHSCORES'), reverse)
}

const scoresToChange = ({ db }: CommandContext, key: string): Map<string, number> =>
  valueToChange(db, key, 'zset', () => ({ type: 'zset', scores: new Map() })).scores

function zadd(context: CommandContext, [key = '', ...rest]: readonly string[]): Reply {
  const flags = new Set<string>()
  while (/^(?:NX|XX|GT|LT|CH|INCR)$/i.test(rest[0] ?? '')) flags.add((rest.shift() as string).toUpperCase())
  if (rest.length === 0 || rest.length % 2 !== 0) throw SYNTAX()
  if (flags.has('NX') && (flags.has('XX') || flags.has('GT') || flags.has('LT'))) {
    throw new CommandError('ERR GT, LT, and/or NX options at the same time are not compatible')
  }
  const pairs = Array.from(
    { length: rest.length / 2 },
    (_, index) => [rest[2 * index + 1] as string, float(rest[2 * index])] as const,
  )
  const scores = scoresToChange(context, key)
  let added = 0
  let changed = 0
  let last: number | null = null
  for (const [member, given] of pairs) {
    const before = scores.get(member)
    const score = flags.has('INCR') ? (before ?? 0) + given : given
    const refused =
      (flags.has('NX') && before !== undefined) ||
      (flags.has('XX') && before === undefined) ||
      (before !== undefined && ((flags.has('GT') && score <= before) || (flags.has('LT') && score >= before)))
    if (refused) continue
    scores.set(member, score)
    last = score
    if (before === undefined) added++
    else if (before !== score) changed++
  }
  settle(context.db, key)
  if (flags.has('INCR')) return last === null ? null : { double: last }
  return flags.has('CH') ? added + changed : added
}

function rank(reverse: boolean): Command {
  return {
    arity: -3,
    run(context, [key = '', member]) {
      const all = sorted(context, key)
      if (reverse) all.reverse()
      const at = all.findIndex(([name]) => name === member)
      return at < 0 ? null : at
    },
  }
}

function pop(reverse: boolean): Command {
  return {
    arity: -2,
    write: true,
    run(context, [key = '', times]) {
      const all = sorted(context, key)
      if (reverse) all.reverse()
      const taken = all.slice(0, times === undefined ? 1 : Math.max(0, integer(times)))
      for (const [member] of taken) typedValue(context.db, key, 'zset')?.scores.delete(member)
      settle(context.db, key)
      return lines(taken, true)
    },
  }
}

function removeWhere(chosen: (all: Scored[], low: string | undefined, high: string | undefined) => Scored[]): Command {
  return {
    arity: 4,
    write: true,
    run(context, [key = '', low, high]) {
      const gone = chosen(sorted(context, key), low, high)
      for (const [member] of gone) typedValue(context.db, key, 'zset')?.scores.delete(member)
      settle(context.db, key)
      return gone.length
    },
  }
}

const withScores = (word: string | undefined): boolean => {
  if (word !== undefined && word.toUpperCase() !== 'WITHSCORES') throw SYNTAX()
  return word !== undefined
}

export const sortedSetCommands: Readonly<Record<string, Command>> = {
  ZADD: { arity: -4, write: true, run: zadd },
  ZREM: {
    arity: -3,
    write: true,
    run(context, [key = '', ...gone]) {
      const scores = typedValue(context.db, key, 'zset')?.scores
      if (scores === undefined) return 0
      const removed = gone.filter((member) => scores.delete(member)).length
      settle(context.db, key)
      return removed
    },
  },
  ZINCRBY: {
    arity: 4,
    write: true,
    run(context, [key = '', by, member = '']) {
      const scores = scoresToChange(context, key)
      const score = (scores.get(member) ?? 0) + float(by)
      scores.set(member, score)
      settle(context.db, key)
      return { double: score }
    },
  },
  ZSCORE: {
    arity: 3,
    run({ db }, [key = '', member = '']) {
      const score = typedValue(db, key, 'zset')?.scores.get(member)
      return score === undefined ? null : { double: score }
    },
  },
  ZCARD: { arity: 2, run: ({ db }, [key = '']) => typedValue(db, key, 'zset')?.scores.size ?? 0 },
  ZCOUNT: {
    arity: 4,
    run: (context, [key = '', low, high]) => sorted(context, key).filter(within(bound(low), bound(high))).length,
  },
  ZRANGE: { arity: -4, run: zrange },
  ZREVRANGE: {
    arity: -4,
    run: (context, [key = '', start, stop, word]) => byRank(context, key, start, stop, withScores(word), true),
  },
  ZRANGEBYSCORE: {
    arity: -4,
    run: (context, [key = '', low, high, ...options]) => byScore(context, key, low, high, options, false),
  },
  ZREVRANGEBYSCORE: {
    arity: -4,
    run: (context, [key = '', high, low, ...options]) => byScore(context, key, low, high, options, true),
  },
  ZRANK: rank(false),
  ZREVRANK: rank(true),
  ZPOPMIN: pop(false),
  ZPOPMAX: pop(true),
  ZREMRANGEBYSCORE: removeWhere((all, low, high) => all.filter(within(bound(low), bound(high)))),
  ZREMRANGEBYRANK: removeWhere((all, start, stop) => {
    const part = range(all.length, integer(start), integer(stop))
    return part === undefined ? [] : all.slice(part[0], part[1] + 1)
  }),
  ZSCAN: {
    arity: -3,
    run(context, [key = '', cursor, ...options]) {
      const { next, page } = scanned(sorted(context, key), ([member]) => member, cursor, options)
      return [String(next), page.flatMap(([member, score]) => [member, doubleText(score)])]
    },
  },
}
