import type { FileSystem } from '../contract.ts'
import { errnoOf } from '../files/errors.ts'
import { absolute } from '../files/paths.ts'
import { isPattern, patternOf, unescapePattern } from './pattern.ts'

/** Names of files that a pattern matches, sorted; none if there are none. */
export function glob(files: FileSystem, cwd: string, pattern: string): string[] {
  const rooted = pattern.startsWith('/')
  const parts = pattern.split('/').filter((part) => part !== '')
  let found = [rooted ? '/' : '']
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1
    found = found.flatMap((prefix) => below(files, cwd, prefix, part, last))
  }
  return pattern.endsWith('/') ? found.map((path) => `${path}/`) : found
}

function below(files: FileSystem, cwd: string, prefix: string, part: string, last: boolean): string[] {
  const at = (name: string) => `${prefix}${prefix === '' || prefix === '/' ? '' : '/'}${name}`
  if (!isPattern(part)) {
    const path = at(unescapePattern(part))
    return files.exists(absolute(path, cwd)) ? [path] : []
  }
  const matches = patternOf(part, { file: true })
  return listed(files, absolute(prefix === '' ? '.' : prefix, cwd))
    .filter((name) => (part.startsWith('.') || !name.startsWith('.')) && matches.test(name))
    .map(at)
    .filter((path) => last || isDirectory(files, absolute(path, cwd)))
}

function listed(files: FileSystem, path: string): string[] {
  try {
    return files.list(path)
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return []
  }
}

export function isDirectory(files: FileSystem, path: string): boolean {
  return files.exists(path) && files.stat(path).type === 'directory'
}
