/** What is wrong with a manifest, line by line, in the words that pages are checked with. */
import { constructFromEvents, parseEvents, YAMLException } from 'js-yaml'
import { nameOf, positions } from '../../protocol/lab/positions.ts'
import { type Kinds, objectComplaints } from '../content-checks/kubernetes.ts'
import { isRecord } from '../content-checks/schema.ts'

export interface Fault {
  /** From 1. */
  line: number
  /** One sentence. */
  text: string
}

/** A file of another kind is left in peace: a chart's values, a template, a Compose file. Of those only the YAML is looked at. */
export function checkYaml(source: string, kinds: Kinds): Fault[] {
  if (source.trim() === '' || source.includes('{{')) return []
  let documents: unknown[]
  let events: ReturnType<typeof parseEvents>
  try {
    events = parseEvents(source, {})
    documents = constructFromEvents(events, { source })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    return [{ line: (error.mark?.line ?? 0) + 1, text: `This is not YAML: ${error.reason}.` }]
  }
  const groups = new Set(kinds.all.map(({ group }) => group))
  return documents.flatMap((document, at) => {
    if (!isRecord(document) || typeof document.kind !== 'string') return []
    const version = document.apiVersion
    if (document.kind === 'List' || document.kind === 'Kustomization') return []
    // Kinds that are defined in the cluster are known there alone.
    if (typeof version === 'string' && !groups.has(version.includes('/') ? (version.split('/')[0] ?? '') : ''))
      return []
    const where = positions(source, events, at)
    return objectComplaints(document, kinds).map(({ path, found, expected }) => ({
      line: where.line(path),
      text: sentence(
        path.length > 0 && !found.includes('unknown field') ? `${nameOf(path)}: ${found}` : found,
        expected,
      ),
    }))
  })
}

function sentence(found: string, expected: string): string {
  const text = `${found}; expected ${expected}`
  return `${text[0]?.toUpperCase() === text[0] || /^\S+[.:[]/.test(text) ? text : (text[0] ?? '').toUpperCase() + text.slice(1)}${/[.?!]$/.test(text) ? '' : '.'}`
}
