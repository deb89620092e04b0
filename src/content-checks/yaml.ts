/** Each YAML block of a page is an object of Kubernetes, a Compose file, a piece of one of them, or says why it is neither. */

import { constructFromEvents, parseEvents, YAMLException } from 'js-yaml'
import type { CodeBlock } from '../../protocol/lab/page-blocks.ts'
import { nameOf, type Positions, positions } from '../../protocol/lab/positions.ts'
import { composeComplaints, composePieceComplaints, composePlace } from './compose.ts'
import { type Kinds, kindsOfDefinition, objectComplaints, pieceComplaints, placeOf } from './kubernetes.ts'
import type { Page } from './page.ts'
import type { Problem } from './problem.ts'
import { type Complaint, isRecord, type Schema } from './schema.ts'

export interface Schemas {
  kinds: Kinds
  compose: Schema
}

interface Documents {
  values: unknown[]
  where(document: number): Positions
}

/** Said in the title of a piece, where its reader sees it. */
const saysPart = /\((part of it|Ausschnitt)\)$/

function documentsOf(block: CodeBlock): Documents | { line: number; reason: string } {
  try {
    const events = parseEvents(block.code, {})
    const values = constructFromEvents(events, { source: block.code })
    return { values, where: (document) => positions(block.code, events, document) }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return { line: (error.mark?.line ?? 0) + 1, reason: error.reason }
  }
}

export function yamlProblems(page: Page, { kinds, compose }: Schemas): Problem[] {
  const blocks = page.blocks.filter(({ language }) => language === 'yaml' || language === 'yml')
  const read = blocks.map((block) => ({ block, documents: documentsOf(block) }))
  const defined = read.flatMap(({ documents }) =>
    'values' in documents ? documents.values.flatMap(kindsOfDefinition) : [],
  )
  const all: Kinds = { ...kinds, all: [...kinds.all, ...defined] }

  return read.flatMap(({ block, documents }): Problem[] => {
    const { partial, unchecked, title = '' } = block.marks
    const fence = (found: string, expected: string) => [{ file: page.file, line: block.line, found, expected }]
    if (!('values' in documents))
      return [{ file: page.file, line: block.line + documents.line, found: documents.reason, expected: 'YAML' }]
    if (unchecked !== undefined)
      return unchecked.trim() === '' ? fence('unchecked without a reason', 'unchecked="what it is"') : []
    const { values, where } = documents
    const placed = (complaints: Complaint[], document: number) =>
      complaints.map(({ path, found, expected }) => ({
        file: page.file,
        line: block.line + where(document).line(path),
        found: path.length > 0 && !found.includes('unknown field') ? `${nameOf(path)}: ${found}` : found,
        expected,
      }))

    if (partial !== undefined) {
      if (!saysPart.test(title)) return fence(`title="${title}" of a piece`, 'a title that ends in "(part of it)"')
      const ofCompose = /^Compose\b/.test(partial)
      const place = ofCompose ? composePlace(partial, compose) : placeOf(partial, all)
      if (!('schema' in place)) return fence(`partial="${partial}"`, place.expected)
      return values.flatMap((value, at) =>
        placed(
          ofCompose ? composePieceComplaints(value, place.schema, compose) : pieceComplaints(value, place.schema, all),
          at,
        ),
      )
    }
    if (saysPart.test(title))
      return fence(`"${title}" without a mark`, 'partial="Kind path", like partial="Deployment spec.template.spec"')
    if (values.length === 0) return fence('an empty block', 'YAML')
    return values.flatMap((value, at) => {
      const isCompose = isRecord(value) && value.apiVersion === undefined && value.services !== undefined
      if (!isCompose && isRecord(value) && value.apiVersion === undefined && value.kind === undefined)
        return fence(
          'neither apiVersion and kind nor services',
          'a whole object or Compose file; else the mark partial="Kind path" or unchecked="what it is"',
        )
      return placed(isCompose ? composeComplaints(value, compose) : objectComplaints(value, all), at)
    })
  })
}
