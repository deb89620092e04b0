import { decode } from '../../objects/bytes.ts'
import type { Program } from '../contract.ts'
import { errnoOf, FileFault } from '../files/errors.ts'
import { absolute } from '../files/paths.ts'
import type { FileView } from '../files/view.ts'

export interface Found {
  readonly argv: readonly string[]
  /** Where the program is. */
  readonly executable: string
  readonly program: Program
}

/** Bytes of a script's first line that the kernel looks at. */
const FIRST_LINE = 256
const DEEPEST = 4

/** The program that an argv means: by PATH if it has no slash, and through `#!`. Throws ENOENT, EACCES, ENOEXEC, EISDIR. */
export function findExecutable(files: FileView, argv: readonly string[], path: string, cwd: string, depth = 0): Found {
  const [name = ''] = argv
  const executable = locate(files, name, path, cwd)
  const program = files.executable(executable)
  if (typeof program === 'function') return { argv, executable, program }
  const [line = ''] = decode(program.subarray(0, FIRST_LINE)).split('\n')
  const [, interpreter, argument] = /^#![ \t]*(\S+)(?:[ \t]+(.*\S))?/.exec(line) ?? []
  if (interpreter === undefined || depth >= DEEPEST) throw new FileFault('ENOEXEC')
  const words = [interpreter, ...(argument === undefined ? [] : [argument]), executable, ...argv.slice(1)]
  return findExecutable(files, words, path, cwd, depth + 1)
}

/** Where the file is. Throws ENOENT or EACCES. */
export function locate(files: FileView, name: string, path: string, cwd: string): string {
  if (name === '') throw new FileFault('ENOENT')
  if (name.includes('/')) {
    const whole = absolute(name, cwd)
    if (files.stat(whole).type === 'directory') throw new FileFault('EACCES')
    return whole
  }
  let denied = false
  for (const directory of path.split(':')) {
    const whole = absolute(`${directory === '' ? '.' : directory}/${name}`, cwd)
    try {
      if (files.stat(whole).type === 'directory') continue
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      continue
    }
    if (files.allows(whole, 1)) return whole
    denied = true
  }
  throw new FileFault(denied ? 'EACCES' : 'ENOENT')
}
