/** Everything that an author wrote for one lab. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Mistakes, parseMistakes } from '../../../protocol/lab/mistakes.ts'
import { runBlocksOf } from '../../../protocol/lab/page-blocks.ts'
import { LabFileError, labProblem } from '../../../protocol/lab/parse.ts'
import { type LabEntry, loadLab } from '../catalogue.ts'
import type { Page } from './page.ts'
import { whatIsMissing } from './rules.ts'

export interface LabSources {
  entry: LabEntry
  mistakes: Mistakes
  page: Page
  /** One sentence for each rule that the lab does not keep yet. */
  missing: string[]
}

/**
 * @param root of the repository
 * @throws {LabFileError} with what cannot be read
 */
export async function readSources(root: string, id: string): Promise<LabSources> {
  const entry = await loadLab(join(root, 'labs'), id)
  const text = async (file: string, expected: string) => {
    const content = await readFile(join(root, file), 'utf8').catch(() => undefined)
    if (content !== undefined) return content
    throw new LabFileError([labProblem({ file, line: 1, field: '', found: 'no such file', expected })])
  }
  const mistakesFile = `labs/${id}/mistakes.yaml`
  const pageFile = `content/labs/${id}.mdx`
  const mistakes = parseMistakes(await text(mistakesFile, 'what readers do wrong, by step'), mistakesFile, entry.lab)
  const blocks = runBlocksOf(await text(pageFile, 'the page of the lab'))
  return {
    entry,
    mistakes,
    page: { file: pageFile, blocks },
    missing: whatIsMissing(entry.lab, mistakes, blocks),
  }
}
