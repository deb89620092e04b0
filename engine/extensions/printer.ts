import { goJson } from '../apply/path-element.ts'
import { age, ageColumn, nameColumn } from '../kinds/printers.ts'
import type { Column, Printer } from '../kinds/resource.ts'
import { parseTime } from '../objects/time.ts'
import type { ApiObject } from '../objects/types.ts'
import { JsonPath } from './jsonpath.ts'

/** A version's `additionalPrinterColumns`, as they are stored. */
export interface PrinterColumn {
  readonly name: string
  readonly type: string
  readonly format?: string
  readonly description?: string
  readonly priority?: number
  readonly jsonPath: string
}

/** What is shown where a definition names no columns: upstream's default is the age. */
const ages: readonly PrinterColumn[] = [
  { name: ageColumn.name, type: 'date', description: ageColumn.description, jsonPath: '.metadata.creationTimestamp' },
]

/** Tables of custom resources: the name, then the definition's columns (apiextensions' tableconvertor, 1.34). */
export function printerOf(columns: readonly PrinterColumn[] | undefined): Printer {
  const shown = columns === undefined || columns.length === 0 ? ages : columns
  const paths = shown.map(({ jsonPath }) => pathOf(jsonPath))
  return {
    columns: [nameColumn, ...shown.map(columnOf)],
    cells: (object, now) => [
      object.metadata.name,
      ...shown.map((column, at) => cell(column, paths[at]?.find(object) ?? [], now)),
    ],
  }
}

function pathOf(path: string): JsonPath | undefined {
  try {
    return new JsonPath(path)
  } catch {
    return undefined
  }
}

function columnOf({ name, type, format, description, priority, jsonPath }: PrinterColumn): Column {
  const text = description === undefined || description === '' ? undefined : description
  return {
    name,
    type: type as Column['type'],
    format: (format ?? '') as Column['format'],
    description: text ?? `Custom resource definition column (in JSONPath format): ${jsonPath}`,
    priority: priority ?? 0,
  }
}

type Cell = string | number | boolean | null

function cell({ type }: PrinterColumn, found: readonly unknown[], now: number): Cell {
  const [value] = found
  if (value === undefined) return null
  if (type === 'string') return textOf(value)
  if (value === null) return null
  switch (type) {
    case 'integer':
      return typeof value === 'number' ? Math.trunc(value) : null
    case 'number':
      return typeof value === 'number' ? value : null
    case 'boolean':
      return typeof value === 'boolean' ? value : null
    case 'date':
      if (typeof value !== 'string') return null
      return parseTime(value) === undefined ? '<invalid>' : age(value, now)
    default:
      return null
  }
}

/** As JSONPath prints a result: texts as they are, lists and maps as JSON. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (value === null) return '<nil>'
  return goJson(value)
}

/** The text of a selectable field. */
export function selectableText(path: string): (object: ApiObject) => string {
  const compiled = pathOf(path)
  return (object) => {
    const [value] = compiled?.find(object) ?? []
    return value === undefined || value === null ? '' : String(value)
  }
}
