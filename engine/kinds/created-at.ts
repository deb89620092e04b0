import { column, nameColumn } from './printers.ts'
import type { Printer } from './resource.ts'

/** What upstream shows of kinds for which it has no printer: apiserver's default table. */
export const createdAt: Printer = {
  columns: [nameColumn, column('Created At', 'date', 'When the object was created.')],
  cells: ({ metadata }) => [metadata.name, metadata.creationTimestamp],
}
