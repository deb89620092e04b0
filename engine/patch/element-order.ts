/** How a strategic merge orders the items of a merged list (apimachinery's `strategicpatch`, 1.34). */

/**
 * The live list as upstream sees it once it has deleted from it and added to it in place: items move up, the gap that they leave at the end keeps what
 * stood there until something new is put there, and what finds no room is not in it.
 */
export function liveOrderAfter(
  live: readonly unknown[],
  isGone: (item: unknown) => boolean,
  added: readonly unknown[],
): unknown[] {
  const slots = [...live]
  let length = slots.length
  for (let at = 0; at < length; ) {
    if (!isGone(slots[at])) at++
    else {
      slots.copyWithin(at, at + 1, length)
      length--
    }
  }
  for (const item of added.slice(0, slots.length - length)) slots[length++] = item
  return slots
}

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
  const position = (item: unknown): number | undefined => order.get(identity(item))
  if (items.every((item) => position(item) !== undefined)) {
    return items.toSorted((left, right) => (position(left) ?? 0) - (position(right) ?? 0))
  }
  // Upstream's sort takes an item without a position for less than any other: new ones come to stand first, the last of them before all.
  const sorted: unknown[] = []
  for (const item of items) {
    const own = position(item)
    let at = sorted.length
    while (at > 0) {
      const other = position(sorted[at - 1])
      if (own !== undefined && other !== undefined && own >= other) break
      at--
    }
    sorted.splice(at, 0, item)
  }
  return sorted
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
