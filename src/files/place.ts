/** Where in an object a place of a YAML text is, by its indentation alone: it must work while a line is half written. */

/** A name of a field, or an item of a list. */
export const ITEM = Symbol('item')
export type Step = string | typeof ITEM

export interface Place {
  /** Of the mapping that the line belongs to. */
  path: Step[]
  /** A name is being written, or the value of the field `key`. */
  at: 'name' | 'value'
  key?: string
  /** Offset where the name or the value begins. */
  from: number
  /** Names that the mapping has already. */
  siblings: string[]
  /** Of the whole document, as far as they are written. */
  apiVersion?: string
  kind?: string
  /** Columns before the mapping's names. */
  indent: number
}

interface Line {
  /** Columns of the dashes that open items. */
  dashes: number[]
  /** Column of what follows them. */
  column: number
  key?: string
  /** What follows the key's colon. */
  value: string
  empty: boolean
}

const KEY = /^("[^"]*"|'[^']*'|[^\s#"'{[&*!|>%@`-][^:#]*?|-[^\s:][^:]*?)\s*:(?:\s+(.*)|$)/

function parse(text: string): Line {
  const dashes: number[] = []
  let column = text.length - text.trimStart().length
  let rest = text.slice(column)
  while (/^-(\s|$)/.test(rest)) {
    dashes.push(column)
    const after = rest.slice(1)
    const blank = after.length - after.trimStart().length
    column += 1 + (after.trim() === '' ? 1 : blank)
    rest = after.trimStart()
  }
  const found = KEY.exec(rest)
  const value = (found?.[2] ?? '').replace(/\s+#.*$|^#.*$/, '').trim()
  const empty = dashes.length === 0 && (rest === '' || rest.startsWith('#'))
  return { dashes, column, value, empty, ...(found?.[1] !== undefined && { key: unquoted(found[1]) }) }
}

const unquoted = (name: string) => name.replace(/^(["'])(.*)\1$/, '$2')

/** Undefined where neither a name nor a plain value is written: in a comment, in a text over several lines. */
export function placeAt(text: string, offset: number): Place | undefined {
  const lines = text.split('\n')
  const number = text.slice(0, offset).split('\n').length - 1
  const start = lines.slice(0, number).reduce((sum, line) => sum + line.length + 1, 0)
  const before = text.slice(start, offset)
  const isMark = (line: string | undefined) => line !== undefined && /^(---|\.\.\.)(\s|$)/.test(line)
  let first = number
  while (first > 0 && !isMark(lines[first - 1])) first--
  let end = number
  while (end < lines.length - 1 && !isMark(lines[end + 1])) end++

  const line = parse(before)
  const written = before.slice(line.column).trimStart()
  if (written.startsWith('#') || /\s#/.test(before)) return undefined
  const column = before.trim() === '' ? before.length : line.column
  const whole = parse(lines[number] ?? '')
  const at = line.key === undefined ? 'name' : 'value'
  if (at === 'name' && /[:\s"'{[|>]/.test(written)) return undefined
  if (at === 'value' && /^["'{[|>&*!]/.test(line.value)) return undefined

  const above = lines.slice(first, number).map(parse)
  const path = pathOf(line.dashes, column, above)
  if (path === undefined) return undefined
  const all = lines.slice(first, end + 1).map(parse)
  const top = (name: string) => {
    const value = all.find(({ key, column, dashes }) => key === name && column === 0 && dashes.length === 0)?.value
    return value === undefined || value === '' ? undefined : unquoted(value)
  }
  const [apiVersion, kind] = [top('apiVersion'), top('kind')]
  return {
    path,
    at,
    from: at === 'name' ? start + before.length - written.length : start + before.length - valueLength(before),
    siblings: siblingsOf(all, number - first, column, at === 'name' ? undefined : whole.key),
    indent: column,
    ...(line.key !== undefined && { key: line.key }),
    ...(apiVersion !== undefined && { apiVersion }),
    ...(kind !== undefined && { kind }),
  }
}

const valueLength = (before: string) => /:\s+(.*)$/.exec(before)?.[1]?.length ?? 0

/** From the line upwards, to each line that stands further to the left. */
function pathOf(dashes: readonly number[], column: number, above: readonly Line[]): Step[] | undefined {
  const path: Step[] = []
  let limit = column
  // A list may stand right below its name.
  let within = false
  const item = (marks: readonly number[]) => {
    for (const mark of [...marks].reverse()) {
      if (mark >= limit) continue
      path.unshift(ITEM)
      limit = mark
      within = true
    }
  }
  item(dashes)
  for (const line of [...above].reverse()) {
    if (limit === 0 && !within) break
    if (line.empty) continue
    const leads = line.column < limit || (within && line.column === limit && line.dashes.length === 0)
    if (leads && line.key !== undefined) {
      // A text over several lines, or a value that ends on its own line: nothing is below it.
      if (line.value !== '' && !/^[&!]\S+$/.test(line.value)) return /^[|>]/.test(line.value) ? undefined : path
      path.unshift(line.key)
      limit = line.column
      within = false
    }
    item(line.dashes)
  }
  return path
}

function siblingsOf(lines: readonly Line[], at: number, column: number, except: string | undefined): string[] {
  const names: string[] = []
  const look = (line: Line): boolean => {
    if (line.empty) return true
    if (line.column === column && line.key !== undefined && line.key !== except) names.push(line.key)
    return (line.dashes[0] ?? line.column) >= column
  }
  for (let up = at - 1; (lines[at]?.dashes.length ?? 0) === 0 && up >= 0; up--) if (!look(lines[up] as Line)) break
  for (let down = at + 1; down < lines.length; down++) {
    const line = lines[down] as Line
    if (!line.empty && (line.dashes[0] ?? line.column) < column) break
    look(line)
  }
  return names
}
