/** Rows as psql prints them. */
import type { Column } from './wire.ts'

export interface Layout {
  readonly expanded: boolean
  readonly aligned: boolean
  readonly tuplesOnly: boolean
  readonly separator: string
  readonly csv: boolean
  readonly null: string
}

/** Types whose values stand at the right: integers, floats, numeric, money, oid. */
const RIGHT: ReadonlySet<number> = new Set([20, 21, 23, 26, 28, 29, 700, 701, 790, 1700])

type Row = readonly (string | null)[]

export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  layout: Layout,
  title?: string,
  footer?: string,
): string {
  if (layout.csv) return csv(columns, rows, layout)
  if (layout.expanded) return expanded(columns, rows, layout, title)
  const count = footer ?? `(${rows.length} row${rows.length === 1 ? '' : 's'})`
  if (!layout.aligned) {
    const lines = rows.map((row) => row.map((value) => value ?? layout.null).join(layout.separator))
    if (layout.tuplesOnly) return lines.map((line) => `${line}\n`).join('')
    const head = columns.map(({ name }) => name).join(layout.separator)
    return [...(title === undefined ? [] : [title]), head, ...lines, count].map((line) => `${line}\n`).join('')
  }
  return aligned(columns, rows, layout, title, count)
}

const widthOf = (text: string): number => {
  let width = 0
  for (const char of text)
    width +=
      /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\u{1f300}-\u{1faff}]/u.test(char)
        ? 2
        : 1
  return width
}
const spaces = (count: number): string => ' '.repeat(Math.max(0, count))

function aligned(
  columns: readonly Column[],
  rows: readonly Row[],
  layout: Layout,
  title: string | undefined,
  footer: string,
): string {
  const cells = rows.map((row) => row.map((value) => (value ?? layout.null).split('\n')))
  const widths = columns.map(({ name }, index) =>
    Math.max(layout.tuplesOnly ? 0 : widthOf(name), ...cells.flatMap((row) => (row[index] ?? ['']).map(widthOf))),
  )
  const out: string[] = []
  if (!layout.tuplesOnly) {
    const head = columns.map(({ name }, index) => {
      const room = (widths[index] ?? 0) - widthOf(name)
      return ` ${spaces(Math.floor(room / 2))}${name}${spaces(Math.ceil(room / 2))} `
    })
    const line = widths.map((width) => '-'.repeat(width + 2)).join('+')
    if (title !== undefined) out.push(`${spaces(Math.floor((line.length - widthOf(title)) / 2))}${title}`)
    out.push(head.join('|'), line)
  }
  for (const row of cells) {
    const height = Math.max(1, ...row.map((lines) => lines.length))
    for (let at = 0; at < height; at++) {
      const parts = columns.map(({ type }, index) => {
        const lines = row[index] ?? ['']
        const text = lines[at] ?? ''
        const room = spaces((widths[index] ?? 0) - widthOf(text))
        const last = index === columns.length - 1
        const mark = at < lines.length - 1 ? '+' : last ? '' : ' '
        if (RIGHT.has(type)) return ` ${room}${text}${mark}`
        return ` ${text}${last && mark === '' ? '' : room}${mark}`
      })
      out.push(parts.join('|'))
    }
  }
  if (!layout.tuplesOnly && footer !== '') out.push(footer)
  return `${out.map((line) => `${line}\n`).join('')}\n`
}

function expanded(columns: readonly Column[], rows: readonly Row[], layout: Layout, title: string | undefined): string {
  if (rows.length === 0) return layout.tuplesOnly ? '' : '(0 rows)\n\n'
  if (!layout.aligned) {
    const blocks = rows.map((row) =>
      columns.map(({ name }, index) => `${name}${layout.separator}${row[index] ?? layout.null}\n`).join(''),
    )
    return blocks.join('\n')
  }
  const nameWidth = Math.max(...columns.map(({ name }) => widthOf(name)))
  const valueWidth = Math.max(
    0,
    ...rows.flatMap((row) => row.flatMap((value) => (value ?? layout.null).split('\n').map(widthOf))),
  )
  const out: string[] = title === undefined || layout.tuplesOnly ? [] : [title]
  for (const [index, row] of rows.entries()) {
    if (!layout.tuplesOnly) {
      const head = `-[ RECORD ${index + 1} ]`
      out.push(
        head.length <= nameWidth + 1
          ? `${head.padEnd(nameWidth + 1, '-')}+${'-'.repeat(valueWidth + 1)}`
          : head.padEnd(nameWidth + valueWidth + 3, '-'),
      )
    } else if (index > 0) out.push('')
    for (const [at, { name }] of columns.entries()) {
      for (const [line, text] of (row[at] ?? layout.null).split('\n').entries()) {
        const left = line === 0 ? name : ''
        out.push(`${left}${spaces(nameWidth - widthOf(left))} | ${text}`)
      }
    }
  }
  return `${out.map((line) => `${line}\n`).join('')}\n`
}

function csv(columns: readonly Column[], rows: readonly Row[], layout: Layout): string {
  const field = (text: string) => (/[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text)
  const lines = rows.map((row) => row.map((value) => field(value ?? layout.null)).join(','))
  const head = layout.tuplesOnly ? [] : [columns.map(({ name }) => field(name)).join(',')]
  return [...head, ...lines].map((line) => `${line}\n`).join('')
}
