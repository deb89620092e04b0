import { errnoOf } from '../files/errors.ts'
import { absolute } from '../files/paths.ts'
import { BUILTINS } from './builtins/all.ts'
import { isDirectory } from './glob.ts'
import type { Shell } from './interpreter.ts'

export interface Completion {
  /** Where the word begins that is completed. */
  readonly from: number
  /** What it may become; directories end in a slash. */
  readonly words: readonly string[]
}

/** Commands for a first word, files for all others. */
export function complete(shell: Shell, line: string, at: number): Completion {
  const before = line.slice(0, at)
  const from =
    Math.max(...[' ', '\t', ';', '|', '&', '(', '>', '<', '=', '"', "'", '`'].map((char) => before.lastIndexOf(char))) +
    1
  const word = before.slice(from)
  const first = /(^|[;|&(`])\s*$/.test(before.slice(0, from))
  if (word.startsWith('$')) {
    const names = [...shell.state.variables.keys()].map((name) => `$${name}`)
    return { from, words: names.filter((name) => name.startsWith(word)).sort() }
  }
  return { from, words: first && !word.includes('/') ? commands(shell, word) : files(shell, word) }
}

function commands(shell: Shell, word: string): string[] {
  const { process, state } = shell
  const names = new Set([...Object.keys(BUILTINS), ...state.functions.keys(), ...state.aliases.keys()])
  for (const directory of (state.get('PATH') ?? '').split(':')) {
    for (const name of listed(shell, absolute(directory, process.cwd))) names.add(name)
  }
  return [...names].filter((name) => name.startsWith(word)).sort()
}

function files(shell: Shell, word: string): string[] {
  const { process, state } = shell
  const slash = word.lastIndexOf('/') + 1
  const [prefix, begin] = [word.slice(0, slash), word.slice(slash)]
  const directory = absolute(prefix.replace(/^~(?=\/)/, state.get('HOME') ?? '~') || '.', process.cwd)
  return listed(shell, directory)
    .filter((name) => name.startsWith(begin) && (begin !== '' || !name.startsWith('.')))
    .map((name) => `${prefix}${name}${isDirectory(process.files, `${directory}/${name}`) ? '/' : ''}`)
}

function listed({ process }: Shell, directory: string): string[] {
  try {
    return process.files.list(directory)
  } catch (error) {
    if (errnoOf(error) === undefined) throw error
    return []
  }
}
