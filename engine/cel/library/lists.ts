import { compare, equal } from '../compare.ts'
import type { Declarations, Implementation } from '../environment.ts'
import { type Duration, EvaluationError, List, Uint, type Value } from '../values.ts'
import { int64, makeDuration } from './operators.ts'

const items = (list: Value | undefined): readonly Value[] => (list as List).items
const comparable = ['int', 'uint', 'double', 'bool', 'duration', 'timestamp', 'string', 'bytes']

const isSorted: Implementation = ([list], work) => {
  const all = items(list)
  work.spend(all.length)
  return all.every((item, at) => at === 0 || compare(all[at - 1] as Value, item) <= 0)
}

/** The first of the largest or smallest. */
const extreme =
  (name: 'min' | 'max'): Implementation =>
  ([list], work) => {
    const [first, ...rest] = items(list)
    work.spend(rest.length)
    if (first === undefined) throw new EvaluationError(`${name} called on empty list`)
    return rest.reduce((best, item) => {
      const order = compare(best, item)
      return (name === 'min' ? order > 0 : order < 0) ? item : best
    }, first)
  }

const counted =
  (add: (all: readonly Value[]) => Value): Implementation =>
  ([list], work) => {
    work.spend(items(list).length)
    return add(items(list))
  }

const sums: Readonly<Record<string, Implementation>> = {
  int: counted((all) => all.reduce<bigint>((sum, item) => int64(sum + (item as bigint)), 0n)),
  uint: counted((all) => new Uint(all.reduce<bigint>((sum, item) => sum + (item as Uint).value, 0n))),
  double: counted((all) => all.reduce<number>((sum, item) => sum + (item as number), 0)),
  duration: counted((all) => makeDuration(all.reduce<bigint>((sum, item) => sum + (item as Duration).nanos, 0n))),
}

/** Kubernetes' functions of lists, and cel-go's sets. */
export const lists: Declarations = {
  ...Object.fromEntries(comparable.map((type) => [`list(${type}) => isSorted(): bool`, isSorted])),
  ...Object.fromEntries(Object.entries(sums).map(([type, sum]) => [`list(${type}) => sum(): ${type}`, sum])),
  ...Object.fromEntries(comparable.map((type) => [`list(${type}) => max(): ${type}`, extreme('max')])),
  ...Object.fromEntries(comparable.map((type) => [`list(${type}) => min(): ${type}`, extreme('min')])),
  'list(A) => indexOf(A): int': ([list, item], work) => {
    work.spend(items(list).length)
    return BigInt(items(list).findIndex((candidate) => equal(candidate, item as Value)))
  },
  'list(A) => lastIndexOf(A): int': ([list, item], work) => {
    work.spend(items(list).length)
    return BigInt(items(list).findLastIndex((candidate) => equal(candidate, item as Value)))
  },
  'sets.contains(list(A), list(A)): bool': ([one, other], work) => {
    work.spend(items(one).length * items(other).length)
    return containsAll(items(one), items(other))
  },
  'sets.equivalent(list(A), list(A)): bool': ([one, other], work) => {
    work.spend(items(one).length * items(other).length)
    return containsAll(items(one), items(other)) && containsAll(items(other), items(one))
  },
  'sets.intersects(list(A), list(A)): bool': ([one, other], work) => {
    work.spend(items(one).length * items(other).length)
    return items(one).some((item) => items(other).some((candidate) => equal(item, candidate)))
  },
}

function containsAll(all: readonly Value[], part: readonly Value[]): boolean {
  return part.every((item) => all.some((candidate) => equal(candidate, item)))
}

/** What may be searched grows with the text and the pattern. */
const searchCost = (text: Value | undefined, pattern: Value | undefined): number =>
  1 + Math.ceil((text as string).length / 10) * Math.ceil((pattern as string).length / 4)

/** Kubernetes' functions of regular expressions. */
export const regexes: Declarations = {
  'string => find(string): string': ([text, pattern], work) => {
    work.spend(searchCost(text, pattern))
    return work.regex(pattern as string).find(text as string) ?? ''
  },
  'string => findAll(string): list(string)': ([text, pattern], work) => {
    work.spend(searchCost(text, pattern))
    return new List(work.regex(pattern as string).findAll(text as string))
  },
  'string => findAll(string, int): list(string)': ([text, pattern, most], work) => {
    work.spend(searchCost(text, pattern))
    return new List(work.regex(pattern as string).findAll(text as string, Number(most)))
  },
}
