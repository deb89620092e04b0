import { errnoOf } from '../../files/errors.ts'
import { absolute, normalized } from '../../files/paths.ts'
import { ShellFault } from '../state.ts'
import type { Builtin } from './all.ts'

const cd: Builtin = async (shell, argv) => {
  const { state, process } = shell
  const physical = argv[1] === '-P'
  const args = argv.slice(1).filter((arg) => !/^(-[LP]|--)$/.test(arg))
  const [given = state.get('HOME') ?? ''] = args
  const target = given === '-' ? (state.get('OLDPWD') ?? '') : given
  if (target === '') return 0
  const path = normalized(absolute(target, process.cwd))
  try {
    if (process.files.stat(path).type !== 'directory')
      throw new ShellFault(`cd: can't cd to ${target}: Not a directory`)
    if (!process.files.allows(path, 1)) throw new ShellFault(`cd: can't cd to ${target}: Permission denied`)
  } catch (error) {
    if (errnoOf(error) === undefined && !(error instanceof ShellFault)) throw error
    await shell.complain(
      error instanceof ShellFault ? error.message : `cd: can't cd to ${target}: ${(error as Error).message}`,
    )
    return 2
  }
  state.set('OLDPWD', process.cwd, state.variables.get('OLDPWD')?.exported)
  process.cwd = physical ? process.files.resolve(path) : path
  state.set('PWD', process.cwd, state.variables.get('PWD')?.exported)
  if (given === '-') await shell.write(1, `${process.cwd}\n`)
  return 0
}

const umask: Builtin = async (shell, argv) => {
  const { process } = shell
  const [, text] = argv
  if (text === undefined) {
    await shell.write(1, `${process.umask.toString(8).padStart(4, '0')}\n`)
    return 0
  }
  if (text === '-S') {
    const allowed = ~process.umask & 0o777
    const letters = (bits: number) => ['r', 'w', 'x'].filter((_, index) => bits & (4 >> index)).join('')
    await shell.write(1, `u=${letters(allowed >> 6)},g=${letters((allowed >> 3) & 7)},o=${letters(allowed & 7)}\n`)
    return 0
  }
  if (!/^[0-7]{1,4}$/.test(text)) throw new ShellFault(`umask: illegal mode: ${text}`)
  process.umask = Number.parseInt(text, 8) & 0o777
  return 0
}

const LIMITS: readonly (readonly [string, string, string])[] = [
  ['f', 'file size (blocks)', 'unlimited'],
  ['t', 'cpu time (seconds)', 'unlimited'],
  ['d', 'data seg size (kb)', 'unlimited'],
  ['s', 'stack size (kb)', '8192'],
  ['c', 'core file size (blocks)', 'unlimited'],
  ['m', 'resident set size (kb)', 'unlimited'],
  ['l', 'locked memory (kb)', '64'],
  ['p', 'processes', 'unlimited'],
  ['n', 'file descriptors', '1048576'],
  ['v', 'address space (kb)', 'unlimited'],
]

const ulimit: Builtin = async (shell, argv) => {
  const letter = /[a-z]$/.exec(argv.find((arg) => arg.startsWith('-')) ?? '-f')?.[0] ?? 'f'
  if (argv.slice(1).some((arg) => !arg.startsWith('-'))) return 0
  if (letter === 'a') {
    for (const [name, text, value] of LIMITS) await shell.write(1, `${`-${name}: ${text}`.padEnd(36)}${value}\n`)
  } else await shell.write(1, `${LIMITS.find(([name]) => name === letter)?.[2] ?? 'unlimited'}\n`)
  return 0
}

export const PLACES: Readonly<Record<string, Builtin>> = {
  cd,
  chdir: cd,
  pwd: async (shell, argv) => {
    const { process } = shell
    await shell.write(1, `${argv[1] === '-P' ? process.files.resolve(process.cwd) : process.cwd}\n`)
    return 0
  },
  umask,
  ulimit,
}
