/** Differences between two values as apimachinery's `diff.Diff` (0.34) prints them in messages: a unified diff of indented JSON, without file names. */

/** Unchanged lines shown around changes. */
const CONTEXT = 3
/** From so many lines on, those that come too often do not start a match. */
const MANY = 200

/** Fields in the order in which they are given: the caller's, for the message shows its structs' own. */
export function jsonDiff(before: unknown, after: unknown): string {
  return unifiedDiff(linesOf(before), linesOf(after))
}

function linesOf(value: unknown): string[] {
  const json = JSON.stringify(value ?? null, null, 1)
  return json.replace(/[<>&]/g, (sign) => `\\u00${sign.charCodeAt(0).toString(16)}`).split('\n')
}

/** A stretch that both have, or (where `same` is false) in which they differ. Ends are exclusive. */
interface Stretch {
  readonly same: boolean
  readonly a: readonly [from: number, to: number]
  readonly b: readonly [from: number, to: number]
}

export function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  let text = ''
  for (const group of grouped(stretches(a, b))) {
    const first = group[0] as Stretch
    const last = group.at(-1) as Stretch
    text += `@@ -${range(first.a[0], last.a[1])} +${range(first.b[0], last.b[1])} @@\n`
    for (const { same, a: own, b: other } of group) {
      for (const line of a.slice(...own)) text += `${same ? ' ' : '-'}${line}\n`
      if (!same) for (const line of b.slice(...other)) text += `+${line}\n`
    }
  }
  return text
}

function range(from: number, to: number): string {
  const length = to - from
  if (length === 1) return String(from + 1)
  return `${length === 0 ? from : from + 1},${length}`
}

/** Changes that are near each other, with what surrounds them. */
function grouped(all: readonly Stretch[]): Stretch[][] {
  const groups: Stretch[][] = []
  let group: Stretch[] = []
  for (const [index, stretch] of all.entries()) {
    if (!stretch.same) {
      group.push(stretch)
      continue
    }
    const atStart = index === 0
    const atEnd = index === all.length - 1
    const length = stretch.a[1] - stretch.a[0]
    if (!atStart && !atEnd && length <= 2 * CONTEXT) {
      group.push(stretch)
      continue
    }
    if (!atStart) {
      group.push(firstLines(stretch))
      groups.push(group)
      group = []
    }
    if (!atEnd) group.push(lastLines(stretch))
  }
  if (group.length > 0) groups.push(group)
  return groups
}

const firstLines = ({ a, b }: Stretch): Stretch => ({
  same: true,
  a: [a[0], Math.min(a[1], a[0] + CONTEXT)],
  b: [b[0], Math.min(b[1], b[0] + CONTEXT)],
})
const lastLines = ({ a, b }: Stretch): Stretch => ({
  same: true,
  a: [Math.max(a[0], a[1] - CONTEXT), a[1]],
  b: [Math.max(b[0], b[1] - CONTEXT), b[1]],
})

interface Match {
  readonly a: number
  readonly b: number
  readonly size: number
}

function stretches(a: readonly string[], b: readonly string[]): Stretch[] {
  const found: Stretch[] = []
  let i = 0
  let j = 0
  for (const match of [...joined(matches(a, b)), { a: a.length, b: b.length, size: 0 }]) {
    if (i < match.a || j < match.b) found.push({ same: false, a: [i, match.a], b: [j, match.b] })
    i = match.a + match.size
    j = match.b + match.size
    if (match.size > 0) found.push({ same: true, a: [match.a, i], b: [match.b, j] })
  }
  return found.length === 1 && found[0]?.same === true ? [] : found
}

function joined(all: readonly Match[]): Match[] {
  const result: Match[] = []
  for (const match of all) {
    const last = result.at(-1)
    if (last !== undefined && last.a + last.size === match.a && last.b + last.size === match.b) {
      result[result.length - 1] = { ...last, size: last.size + match.size }
    } else result.push(match)
  }
  return result
}

/** Ratcliff and Obershelp: the longest common stretch, the earliest of several, then the same on both sides of it. */
function matches(a: readonly string[], b: readonly string[]): Match[] {
  const places = placesOf(b)
  const found: Match[] = []
  const open: [number, number, number, number][] = [[0, a.length, 0, b.length]]
  for (let area = open.pop(); area !== undefined; area = open.pop()) {
    const [aFrom, aTo, bFrom, bTo] = area
    const match = longest(a, b, places, area)
    if (match.size === 0) continue
    found.push(match)
    if (aFrom < match.a && bFrom < match.b) open.push([aFrom, match.a, bFrom, match.b])
    const aEnd = match.a + match.size
    const bEnd = match.b + match.size
    if (aEnd < aTo && bEnd < bTo) open.push([aEnd, aTo, bEnd, bTo])
  }
  return found.sort((left, right) => left.a - right.a)
}

function placesOf(lines: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of lines.entries()) {
    const known = places.get(line)
    if (known === undefined) places.set(line, [index])
    else known.push(index)
  }
  if (lines.length < MANY) return places
  const most = Math.floor(lines.length / 100) + 1
  for (const [line, indices] of places) if (indices.length > most) places.delete(line)
  return places
}

function longest(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  [aFrom, aTo, bFrom, bTo]: readonly [number, number, number, number],
): Match {
  let best: Match = { a: aFrom, b: bFrom, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = aFrom; i < aTo; i++) {
    const next = new Map<number, number>()
    for (const j of places.get(a[i] as string) ?? []) {
      if (j < bFrom) continue
      if (j >= bTo) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  let { a: start, b: other, size } = best
  while (start > aFrom && other > bFrom && a[start - 1] === b[other - 1]) {
    start--
    other--
    size++
  }
  while (start + size < aTo && other + size < bTo && a[start + size] === b[other + size]) size++
  return { a: start, b: other, size }
}
