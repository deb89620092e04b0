/** How a strategic merge orders the items of a merged list (apimachinery's `strategicpatch`, 1.34). */

/** What an item is known by: its merge key's value, or itself where items are plain values. */
export type Identity = (item: unknown) => unknown

/**
 * `merged`, reordered: items that `order` names stand in its order, the rest keep the order of `live`; the rest are woven in before the first item
 * that the live list has after them.
 */
export function orderElements(
  merged: readonly unknown[],
  order: readonly unknown[],
  live: readonly unknown[],
  identity: Identity,
): unknown[] {
  const inOrder = positions(order, identity)
  const inLive = positions(live, identity)
  const named = sortedBy(
    merged.filter((item) => inOrder.has(identity(item))),
    inOrder,
    identity,
  )
  const others = sortedBy(
    merged.filter((item) => !inOrder.has(identity(item))),
    inLive,
    identity,
  )
  return weave(others, named, inLive, identity)
}

function positions(items: readonly unknown[], identity: Identity): Map<unknown, number> {
  const found = new Map<unknown, number>()
  items.forEach((item, index) => {
    const known = identity(item)
    if (!found.has(known)) found.set(known, index)
  })
  return found
}

function sortedBy(items: readonly unknown[], order: ReadonlyMap<unknown, number>, identity: Identity): unknown[] {
  const position = (item: unknown): number => order.get(identity(item)) ?? order.size
  return items.toSorted((left, right) => position(left) - position(right))
}

function weave(
  others: readonly unknown[],
  named: readonly unknown[],
  live: ReadonlyMap<unknown, number>,
  identity: Identity,
): unknown[] {
  const woven: unknown[] = []
  let next = 0
  for (const item of named) {
    const place = live.get(identity(item))
    while (place !== undefined && next < others.length) {
      const other = live.get(identity(others[next]))
      if (other === undefined || other >= place) break
      woven.push(others[next++])
    }
    woven.push(item)
  }
  return [...woven, ...others.slice(next)]
}
