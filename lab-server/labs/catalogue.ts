/** The labs that this server offers, read from their folders once at the start. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { constructFromEvents, parseEvents, YAMLException } from 'js-yaml'
import { LabFileError, type LabProblem, labProblem, readLab } from '../../protocol/lab/parse.ts'
import { type Positions, positions } from '../../protocol/lab/positions.ts'
import type { Lab } from '../../protocol/lab/schema.ts'
import type { KubeObject } from '../kube/connection.ts'

export interface LabEntry {
  readonly lab: Lab
  /** What is applied before the reader starts, in order. */
  readonly setup: readonly KubeObject[]
  /** What is laid in the reader's home; `path` is relative to it. */
  readonly files: readonly { path: string; content: string }[]
}

/** Largest file that a lab may have, in bytes. */
const LARGEST_FILE = 256 * 1024

/**
 * Every lab below a folder, by id, in the order of the ids.
 * @param root the folder `labs`; its name begins the file names in messages
 * @throws {LabFileError} with the problems of all labs at once
 */
export async function loadCatalogue(root: string): Promise<Map<string, LabEntry>> {
  const problems: LabProblem[] = []
  const catalogue = new Map<string, LabEntry>()
  for (const id of await idsOf(root)) {
    const entry = await loadLab(root, id).catch((error: unknown) => {
      if (!(error instanceof LabFileError)) throw error
      problems.push(...error.problems)
    })
    if (entry) catalogue.set(id, entry)
  }
  if (problems.length > 0) throw new LabFileError(problems)
  return catalogue
}

/** The labs that there are, in order, whether they are in order or not. @throws {LabFileError} if there is no such folder */
export async function idsOf(root: string): Promise<string[]> {
  try {
    const entries = await readdir(root, { withFileTypes: true })
    return entries
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map(({ name }) => name)
      .sort()
  } catch {
    throw new LabFileError([
      labProblem({
        file: basename(root),
        line: 1,
        field: '',
        found: 'no such folder',
        expected: 'a folder for each lab',
      }),
    ])
  }
}

/** @throws {LabFileError} with every problem of the lab */
export async function loadLab(root: string, id: string): Promise<LabEntry> {
  const folder = join(root, id)
  const shownAs = (path: string) => `${basename(root)}/${id}/${path}`
  const file = shownAs('lab.yaml')
  const text = await readFile(join(folder, 'lab.yaml'), 'utf8').catch(() => undefined)
  if (text === undefined)
    throw new LabFileError([
      labProblem({ file, line: 1, field: '', found: 'no such file', expected: 'a lab.yaml in each folder' }),
    ])
  const { lab, positions: where } = readLab(text, file)
  const problems: LabProblem[] = []
  const complain = (path: (string | number)[], field: string, found: string, expected: string) =>
    problems.push(labProblem({ file, line: where.line(path), field, found, expected }))

  if (lab.id !== id) complain(['id'], 'id', `"${lab.id}"`, `"${id}", the name of its folder`)

  const read = async (list: 'setup' | 'files') => {
    const contents: { path: string; content: string }[] = []
    for (const [index, path] of lab[list].entries()) {
      const result = await readInside(folder, path)
      if ('content' in result) contents.push({ path, content: result.content })
      else complain([list, index], `${list}[${index}]`, `"${path}", ${result.found}`, result.expected)
    }
    return contents
  }
  const setup = (await read('setup')).flatMap(({ path, content }) => {
    const manifest = readManifest(content, shownAs(path))
    problems.push(...manifest.problems)
    return manifest.objects
  })
  const files = await read('files')
  for (const [index, { path }] of files.entries())
    if (path.split('/').some((part) => part.startsWith('.')))
      complain(['files', index], `files[${index}]`, `"${path}"`, 'a path without names that begin with a dot')

  if (problems.length > 0) throw new LabFileError(problems)
  return { lab, setup, files }
}

/** A file's text, if the file really lies in the folder: no way out of it by `..`, by an absolute path or by a link. */
async function readInside(
  folder: string,
  path: string,
): Promise<{ content: string } | { found: string; expected: string }> {
  const expected = "a file in the lab's folder"
  const inside = (from: string, to: string) => {
    const way = relative(from, to)
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
  }
  const full = resolve(folder, path)
  if (!inside(folder, full)) return { found: 'which lies outside', expected }
  try {
    const real = await realpath(full)
    if (!inside(await realpath(folder), real)) return { found: 'a link that leads outside', expected }
    const { size } = await stat(real)
    if (size > LARGEST_FILE) return { found: `which has ${size} bytes`, expected: `at most ${LARGEST_FILE} bytes` }
    return { content: await readFile(real, 'utf8') }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ENOENT'
    return { found: missing ? 'which does not exist' : 'which cannot be read as a file', expected }
  }
}

function readManifest(text: string, file: string): { objects: KubeObject[]; problems: LabProblem[] } {
  try {
    const events = parseEvents(text, { filename: file })
    const documents = constructFromEvents(events, { source: text, filename: file })
    const objects: KubeObject[] = []
    const problems: LabProblem[] = []
    for (const [index, document] of documents.entries()) {
      // What is between two `---` and holds nothing but comments.
      if (document === null) continue
      const missing = whatIsMissing(document, positions(text, events, index))
      if (missing) problems.push(labProblem({ file, ...missing }))
      else objects.push(document as KubeObject)
    }
    if (documents.length === 0)
      problems.push(
        labProblem({ file, line: 1, field: '', found: 'nothing', expected: 'at least one Kubernetes object' }),
      )
    return { objects, problems }
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const line = (error.mark?.line ?? 0) + 1
    return { objects: [], problems: [labProblem({ file, line, field: '', found: error.reason, expected: 'YAML' })] }
  }
}

/** The first of the three fields without which nothing is a Kubernetes object. */
function whatIsMissing(
  document: unknown,
  where: Positions,
): { line: number; field: string; found: string; expected: string } | undefined {
  for (const path of [['apiVersion'], ['kind'], ['metadata', 'name']]) {
    const value = path.reduce<unknown>(
      (here, key) => (typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[key] : undefined),
      document,
    )
    if (typeof value === 'string' && value !== '') continue
    const found = value === undefined ? 'nothing' : JSON.stringify(value)
    return { line: where.line(path), field: path.join('.'), found, expected: 'a text, as every Kubernetes object has' }
  }
  return undefined
}
