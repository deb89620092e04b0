import type { Printer } from '../kinds/resource.ts'
import { invalidValue } from '../objects/field-error.ts'
import { badRequest } from '../objects/status-error.ts'
import type { ApiObject } from '../objects/types.ts'
import type { Target } from './negotiation.ts'

export type IncludeObject = '' | 'Metadata' | 'Object' | 'None'

const INCLUDES: readonly string[] = ['', 'Metadata', 'Object', 'None']

/** Throws 400 for what is not known. */
export function includeObject(query: URLSearchParams): IncludeObject {
  const asked = query.get('includeObject') ?? ''
  if (INCLUDES.includes(asked)) return asked as IncludeObject
  const error = invalidValue('includeObject', asked, "must be 'Metadata', 'Object', 'None', or empty")
  throw badRequest(`Unable to convert to Table as requested: ${error.field}: ${error.body}`)
}

export interface TableForm {
  readonly printer: Printer
  readonly version: Target['version']
  readonly include: IncludeObject
  /** Milliseconds since 1970, for ages. */
  readonly now: number
}

/** What stands before and after the rows; `header` false in all but the first event of a watch. */
export function tableStart({ printer, version }: TableForm, metadata: object, header = true): string {
  const columns = header ? JSON.stringify(printer.columns) : 'null'
  return `{"kind":"Table","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(metadata)},"columnDefinitions":${columns},"rows":[`
}

export const TABLE_END = ']}'

/** A row as JSON. `text` writes the object as a whole, which is asked for with `includeObject=Object` only. */
export function rowText(form: TableForm, object: ApiObject, text: () => string): string {
  const { printer, now } = form
  const conditions = printer.conditions?.(object) ?? []
  return JSON.stringify({
    cells: printer.cells(object, now),
    ...(conditions.length === 0 ? {} : { conditions }),
  }).replace(/\}$/, () => `,"object":${rowObject(form, object, text)}}`)
}

function rowObject({ include, version }: TableForm, object: ApiObject, text: () => string): string {
  switch (include) {
    case 'Object':
      return text()
    case 'None':
      return 'null'
    case '':
    case 'Metadata':
      return partialText(object, version)
  }
}

/** meta/v1 `PartialObjectMetadata`. */
export function partialText({ metadata }: Pick<ApiObject, 'metadata'>, version: Target['version']): string {
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/${version}","metadata":${JSON.stringify(metadata)}}`
}
