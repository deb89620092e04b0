/** All that the build asks of pages before it begins. Reads the sources as they are on disk, and needs nothing built. */
import { globSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { runBlocksOf } from '../../protocol/lab/page-blocks.ts'
import { LabFileError, parseLab } from '../../protocol/lab/parse.ts'
import { translations } from '../strings/locale.ts'
import { coverProblems, labProblems, type Statements } from './covers.ts'
import { type Page, readPage, trackOf } from './page.ts'
import { inOrder, type Problem } from './problem.ts'
import { commandsOf, shellProblems } from './shell.ts'
import { type Schemas, yamlProblems } from './yaml.ts'

/** Tracks whose commands are all run by some lab's test, or say why not. */
const TRIED = ['concepts']

const STATEMENTS = 'src/statements.ts'

/** Keys of the object in statements.ts, with their lines. */
export function statementsOf(text: string): Statements {
  const lines = text.split('\n').flatMap((line, at): [string, number][] => {
    const id = /^ {2}(?:'([^']+)'|([\w-]+)):/.exec(line)
    return id ? [[id[1] ?? id[2] ?? '', at + 1]] : []
  })
  return { file: STATEMENTS, lines: new Map(lines) }
}

export interface Sources {
  pages: readonly Page[]
  statements: Statements
  labs: readonly string[]
  /** Commands that a lab's test runs: those of its solutions, and those that its page has a button for. */
  tried: ReadonlySet<string>
}

/** @param root of the repository, a path */
export function readSources(root: string): Sources {
  const text = (file: string) => readFileSync(join(root, file), 'utf8')
  const files = globSync('content/**/*.{md,mdx}', { cwd: root }).sort()
  const labs = readdirSync(join(root, 'labs')).filter((id) => globSync(`labs/${id}/lab.yaml`, { cwd: root }).length > 0)
  const solutions = labs.flatMap((id) => {
    try {
      return parseLab(text(`labs/${id}/lab.yaml`), `labs/${id}/lab.yaml`).steps.map(({ solution }) => solution)
    } catch (error) {
      // The labs' own loader says it, in the same build.
      if (error instanceof LabFileError) return []
      throw error
    }
  })
  const pages = files.map((file) => readPage(file.replaceAll('\\', '/'), text(file)))
  const shown = pages
    .filter(({ file }) => file.startsWith('content/labs/'))
    .flatMap((page) => runBlocksOf(page.text).map(({ code }) => code))
  return {
    pages,
    statements: statementsOf(text(STATEMENTS)),
    labs,
    tried: new Set([...solutions, ...shown].flatMap((code) => commandsOf(code).map(({ command }) => command))),
  }
}

export function contentProblems({ pages, statements, labs, tried }: Sources, schemas: Schemas): Problem[] {
  const isTranslation = ({ file }: Page) => translations.includes(file.split('/')[1] ?? '')
  return inOrder([
    ...coverProblems(pages, statements, isTranslation),
    ...labProblems(pages, labs),
    ...pages.flatMap((page) => [
      ...yamlProblems(page, schemas),
      ...shellProblems(page, tried, TRIED.includes(trackOf(page.file, translations))),
    ]),
  ])
}
