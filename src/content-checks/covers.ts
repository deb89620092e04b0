/** Every statement has a page that teaches it, and pages name none that is not there. */
import { load, YAMLException } from 'js-yaml'
import { frontmatterOf, type Page } from './page.ts'
import type { Problem } from './problem.ts'
import { isRecord } from './schema.ts'

export interface Statements {
  /** Where they are written down, and the line of each, from 1. */
  file: string
  lines: ReadonlyMap<string, number>
}

function fieldsOf(page: Page): Record<string, unknown> {
  try {
    const fields = load(frontmatterOf(page.text))
    return isRecord(fields) ? fields : {}
  } catch (error) {
    // Astro says it better, in the same build.
    if (error instanceof YAMLException) return {}
    throw error
  }
}

/** Line of a field of the frontmatter, or of a word in it. */
function lineOf(page: Page, field: string, word = ''): number {
  const lines = frontmatterOf(page.text).split('\n')
  const start = lines.findIndex((line) => line.startsWith(`${field}:`))
  const within = lines.findIndex((line, at) => at >= start && new RegExp(`(^|[^\\w-])${word}($|[^\\w-])`).test(line))
  // The frontmatter begins on the second line.
  return (word !== '' && within >= 0 ? within : Math.max(0, start)) + 2
}

/** @param isTranslation a translation is checked for unknown ids, and counts for no statement */
export function coverProblems(
  pages: readonly Page[],
  statements: Statements,
  isTranslation: (page: Page) => boolean,
): Problem[] {
  const known = [...statements.lines.keys()]
  const covered = new Set<string>()
  const unknown = pages.flatMap((page) => {
    const { covers } = fieldsOf(page)
    const ids = Array.isArray(covers) ? covers.map(String) : []
    if (!isTranslation(page)) for (const id of ids) covered.add(id)
    return ids
      .filter((id) => !statements.lines.has(id))
      .map((id) => ({
        file: page.file,
        line: lineOf(page, 'covers', id),
        found: `covers: the unknown statement "${id}"`,
        expected: `ids of ${statements.file}: ${known.join(', ')}`,
      }))
  })
  const uncovered = [...statements.lines]
    .filter(([id]) => !covered.has(id))
    .map(([id, line]) => ({
      file: statements.file,
      line,
      found: `the statement "${id}" on no page`,
      expected: `a page whose frontmatter has covers: [${id}]`,
    }))
  return [...unknown, ...uncovered]
}

/** `lab:` names a lab, and no two pages of one language the same. */
export function labProblems(pages: readonly Page[], labs: readonly string[]): Problem[] {
  return pages.flatMap((page) => {
    const { lab } = fieldsOf(page)
    if (lab === undefined || labs.includes(String(lab))) return []
    const expected = `the name of a folder in labs/: ${labs.join(', ') || 'there is none yet'}`
    return [{ file: page.file, line: lineOf(page, 'lab'), found: `lab: ${JSON.stringify(lab)}`, expected }]
  })
}
