/**
 * What `diff.Diff` of apimachinery (1.34) prints of two values: a unified diff of their indented JSON, as Python's difflib makes it. Empty where
 * they are the same.
 */
export function jsonDiff(before: unknown, after: unknown): string {
  return unifiedDiff(linesOf(before), linesOf(after))
}

/** Lines around a change. */
const context = 3
/** From this many lines on, those that are found more often than once in a hundred are not looked for. */
const popularFrom = 200

function linesOf(value: unknown): string[] {
  // Go escapes what HTML would take for a tag.
  const json = JSON.stringify(value, null, 1).replace(/[<>&\u2028\u2029]/g, escaped)
  return json.split('\n').map((line) => `${line}\n`)
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`
}

interface Match {
  readonly a: number
  readonly b: number
  readonly size: number
}

type Tag = 'equal' | 'replace' | 'delete' | 'insert'

interface Change {
  readonly tag: Tag
  readonly a1: number
  readonly a2: number
  readonly b1: number
  readonly b2: number
}

function unifiedDiff(a: readonly string[], b: readonly string[]): string {
  let text = ''
  for (const group of grouped(changes(a, b))) {
    const first = group[0] as Change
    const last = group.at(-1) as Change
    text += `@@ -${range(first.a1, last.a2)} +${range(first.b1, last.b2)} @@\n`
    for (const { tag, a1, a2, b1, b2 } of group) {
      if (tag === 'equal') for (const line of a.slice(a1, a2)) text += ` ${line}`
      if (tag === 'replace' || tag === 'delete') for (const line of a.slice(a1, a2)) text += `-${line}`
      if (tag === 'replace' || tag === 'insert') for (const line of b.slice(b1, b2)) text += `+${line}`
    }
  }
  return text
}

function range(start: number, stop: number): string {
  const length = stop - start
  if (length === 1) return `${start + 1}`
  return length === 0 ? `${start},0` : `${start + 1},${length}`
}

/** Lines of `b` by their text, without the popular ones. */
function placesIn(b: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [index, line] of b.entries()) {
    const known = places.get(line)
    if (known === undefined) places.set(line, [index])
    else known.push(index)
  }
  if (b.length < popularFrom) return places
  const most = Math.floor(b.length / 100) + 1
  for (const [line, found] of places) if (found.length > most) places.delete(line)
  return places
}

function changes(a: readonly string[], b: readonly string[]): Change[] {
  const list: Change[] = []
  let i = 0
  let j = 0
  for (const { a: ai, b: bj, size } of matches(a, b)) {
    const tag = i < ai && j < bj ? 'replace' : i < ai ? 'delete' : j < bj ? 'insert' : undefined
    if (tag !== undefined) list.push({ tag, a1: i, a2: ai, b1: j, b2: bj })
    i = ai + size
    j = bj + size
    if (size > 0) list.push({ tag: 'equal', a1: ai, a2: i, b1: bj, b2: j })
  }
  return list
}

/** Blocks of equal lines in order, neighbours joined, an empty one at the end. */
function matches(a: readonly string[], b: readonly string[]): Match[] {
  const places = placesIn(b)
  const found: Match[] = []
  const search = (a1: number, a2: number, b1: number, b2: number): void => {
    const match = longest(a, b, places, a1, a2, b1, b2)
    if (match.size === 0) return
    if (a1 < match.a && b1 < match.b) search(a1, match.a, b1, match.b)
    found.push(match)
    if (match.a + match.size < a2 && match.b + match.size < b2) {
      search(match.a + match.size, a2, match.b + match.size, b2)
    }
  }
  search(0, a.length, 0, b.length)
  const joined: Match[] = []
  for (const match of found) {
    const last = joined.at(-1)
    if (last !== undefined && last.a + last.size === match.a && last.b + last.size === match.b) {
      joined[joined.length - 1] = { ...last, size: last.size + match.size }
    } else joined.push(match)
  }
  return [...joined, { a: a.length, b: b.length, size: 0 }]
}

function longest(
  a: readonly string[],
  b: readonly string[],
  places: ReadonlyMap<string, readonly number[]>,
  a1: number,
  a2: number,
  b1: number,
  b2: number,
): Match {
  let best: Match = { a: a1, b: b1, size: 0 }
  let lengths = new Map<number, number>()
  for (let i = a1; i < a2; i++) {
    const next = new Map<number, number>()
    for (const j of places.get(a[i] as string) ?? []) {
      if (j < b1) continue
      if (j >= b2) break
      const size = (lengths.get(j - 1) ?? 0) + 1
      next.set(j, size)
      if (size > best.size) best = { a: i - size + 1, b: j - size + 1, size }
    }
    lengths = next
  }
  // Popular lines are not looked for, but belong to what they stand beside.
  let { a: i, b: j, size } = best
  while (i > a1 && j > b1 && a[i - 1] === b[j - 1]) {
    i--
    j--
    size++
  }
  while (i + size < a2 && j + size < b2 && a[i + size] === b[j + size]) size++
  return { a: i, b: j, size }
}

function grouped(all: readonly Change[]): Change[][] {
  const codes = [...all]
  const first = codes[0]
  if (first?.tag === 'equal') {
    codes[0] = { ...first, a1: Math.max(first.a1, first.a2 - context), b1: Math.max(first.b1, first.b2 - context) }
  }
  const last = codes.at(-1)
  if (last?.tag === 'equal') {
    const a2 = Math.min(last.a2, last.a1 + context)
    codes[codes.length - 1] = { ...last, a2, b2: Math.min(last.b2, last.b1 + context) }
  }
  const groups: Change[][] = []
  let group: Change[] = []
  for (const code of codes) {
    let { a1, b1 } = code
    if (code.tag === 'equal' && code.a2 - code.a1 > 2 * context) {
      group.push({ ...code, a2: Math.min(code.a2, a1 + context), b2: Math.min(code.b2, b1 + context) })
      groups.push(group)
      group = []
      a1 = Math.max(a1, code.a2 - context)
      b1 = Math.max(b1, code.b2 - context)
    }
    group.push({ ...code, a1, b1 })
  }
  if (group.length > 0 && !(group.length === 1 && group[0]?.tag === 'equal')) groups.push(group)
  return groups
}
