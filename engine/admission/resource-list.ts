import { Quantity } from '../objects/quantity.ts'

/** Amounts by the names of resources. */
export type ResourceList = ReadonlyMap<string, Quantity>

const zero = Quantity.of(0)

export function resourceList(amounts: Readonly<Record<string, unknown>> | null | undefined): ResourceList {
  return new Map(Object.entries(amounts ?? {}).map(([name, amount]) => [name, Quantity.fromJson(amount)]))
}

export function toJson(list: ResourceList): Record<string, string> {
  return Object.fromEntries([...list].sort(byName).map(([name, amount]) => [name, amount.toString()]))
}

export function add(left: ResourceList, right: ResourceList): ResourceList {
  const sum = new Map(left)
  for (const [name, amount] of right) sum.set(name, sum.get(name)?.add(amount) ?? amount)
  return sum
}

/** What `left` has more than `right`, by the names of both; nothing is less than nothing. */
export function excess(left: ResourceList, right: ResourceList): ResourceList {
  const names = new Set([...left.keys(), ...right.keys()])
  return new Map(
    [...names].map((name) => {
      const difference = (left.get(name) ?? zero).sub(right.get(name) ?? zero)
      return [name, difference.sign() > 0 ? difference : zero]
    }),
  )
}

export function largest(left: ResourceList, right: ResourceList): ResourceList {
  const most = new Map(left)
  for (const [name, amount] of right) {
    const before = most.get(name)
    if (before === undefined || amount.compare(before) > 0) most.set(name, amount)
  }
  return most
}

export function only(list: ResourceList, names: Iterable<string>): ResourceList {
  const kept = new Set(names)
  return new Map([...list].filter(([name]) => kept.has(name)))
}

export function withoutZeros(list: ResourceList): ResourceList {
  return new Map([...list].filter(([, amount]) => !amount.isZero()))
}

export function sameAmounts(left: ResourceList, right: ResourceList): boolean {
  if (left.size !== right.size) return false
  return [...left].every(([name, amount]) => right.get(name)?.equals(amount) ?? false)
}

/** `pods=1,requests.cpu=100m`, in the order of names. */
export function listText(list: ResourceList): string {
  return [...list]
    .sort(byName)
    .map(([name, amount]) => `${name}=${amount.toString()}`)
    .join(',')
}

const byName = ([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number =>
  left < right ? -1 : 1
