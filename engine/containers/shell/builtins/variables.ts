import type { Shell } from '../interpreter.ts'
import { OPTIONS, ShellFault } from '../state.ts'
import type { Builtin } from './all.ts'

const NAME = /^[A-Za-z_]\w*$/

export const quote = (text: string): string => `'${text.replaceAll("'", "'\"'\"'")}'`

function nameAndValue(command: string, word: string): [string, string | undefined] {
  const at = word.indexOf('=')
  const name = at < 0 ? word : word.slice(0, at)
  if (!NAME.test(name)) throw new ShellFault(`${command}: ${name}: bad variable name`)
  return [name, at < 0 ? undefined : word.slice(at + 1)]
}

const marking =
  (mark: 'exported' | 'readonly', word: string): Builtin =>
  async (shell, argv) => {
    const { state } = shell
    const args = argv.slice(1).filter((arg) => arg !== '--')
    const removes = args[0] === '-n'
    const names = args.filter((arg) => !/^-[np]$/.test(arg))
    if (names.length === 0) {
      for (const [name, variable] of [...state.variables].sort(([a], [b]) => (a < b ? -1 : 1))) {
        if (variable[mark])
          await shell.write(1, `${word} ${name}${variable.value === undefined ? '' : `=${quote(variable.value)}`}\n`)
      }
      return 0
    }
    for (const text of names) {
      const [name, value] = nameAndValue(word, text)
      if (value !== undefined) state.set(name, value)
      if (removes) {
        const known = state.variables.get(name)
        if (known !== undefined) known[mark] = false
      } else state.mark(name, mark)
    }
    return 0
  }

const set: Builtin = async (shell, argv) => {
  const { state } = shell
  const args = argv.slice(1)
  if (args.length === 0) {
    for (const [name, { value }] of [...state.variables].sort(([a], [b]) => (a < b ? -1 : 1))) {
      if (value !== undefined) await shell.write(1, `${name}=${quote(value)}\n`)
    }
    return 0
  }
  let at = 0
  for (; at < args.length; at++) {
    const word = args[at] as string
    if (word === '--' || word === '-') {
      state.positional = args.slice(at + 1)
      return 0
    }
    if (!/^[-+]./.test(word)) break
    if (word.slice(1) === 'o') {
      const option = args[++at]
      if (option === undefined) await showOptions(shell)
      else if (option === 'pipefail' || Object.values(OPTIONS).includes(option)) turn(shell, option, word[0] === '-')
      else throw new ShellFault(`set: illegal option ${word[0]}o ${option}`)
      continue
    }
    for (const letter of word.slice(1)) {
      if (letter === 'o' && args[at + 1] !== undefined) {
        turn(shell, args[++at] as string, word[0] === '-')
        continue
      }
      const option = OPTIONS[letter]
      if (option === undefined) throw new ShellFault(`set: illegal option ${word[0]}${letter}`)
      turn(shell, option, word[0] === '-')
    }
  }
  if (at < args.length) state.positional = args.slice(at)
  return 0
}

function turn({ state }: Shell, option: string, on: boolean): void {
  if (on) state.options.add(option)
  else state.options.delete(option)
}

async function showOptions(shell: Shell): Promise<void> {
  await shell.write(1, 'Current option settings\n')
  for (const option of [...Object.values(OPTIONS), 'pipefail']) {
    await shell.write(1, `${option.padEnd(16)}${shell.state.options.has(option) ? 'on' : 'off'}\n`)
  }
}

const getopts: Builtin = async (shell, argv) => {
  const { state } = shell
  const [, specification = '', name = '', ...given] = argv
  if (!NAME.test(name)) throw new ShellFault('Usage: getopts optstring var [arg]')
  const args = given.length > 0 ? given : state.positional
  const silent = specification.startsWith(':')
  const index = Number(state.get('OPTIND') ?? 1)
  const letterAt = Math.max(1, state.optionLetter)
  const word = args[index - 1] ?? ''
  const end = (next: number) => {
    state.set('OPTIND', String(next))
    state.set(name, '?')
    return 1
  }
  if (!/^-./.test(word)) return end(index)
  if (word === '--') return end(index + 1)
  const letter = word[letterAt] as string
  const more = letterAt + 1 < word.length
  const position = letter === ':' ? -1 : specification.indexOf(letter, silent ? 1 : 0)
  const move = (next: number, nextLetter: number) => {
    state.set('OPTIND', String(next))
    state.optionLetter = nextLetter
  }
  state.unset('OPTARG')
  if (position < 0) {
    move(more ? index : index + 1, more ? letterAt + 1 : 0)
    state.set(name, '?')
    if (silent) state.set('OPTARG', letter)
    else await shell.write(2, `Illegal option -${letter}\n`)
    return 0
  }
  if (specification[position + 1] !== ':') {
    move(more ? index : index + 1, more ? letterAt + 1 : 0)
    state.set(name, letter)
    return 0
  }
  const value = more ? word.slice(letterAt + 1) : args[index]
  move(more ? index + 1 : index + 2, 0)
  if (value === undefined) {
    move(index + 1, 0)
    state.set(name, silent ? ':' : '?')
    if (silent) state.set('OPTARG', letter)
    else await shell.write(2, `No arg for -${letter} option\n`)
    return 0
  }
  state.set(name, letter)
  state.set('OPTARG', value)
  return 0
}

export const VARIABLES: Readonly<Record<string, Builtin>> = {
  export: marking('exported', 'export'),
  readonly: marking('readonly', 'readonly'),
  local: async (shell, argv) => {
    for (const word of argv.slice(1)) {
      const [name, value] = nameAndValue('local', word)
      shell.state.local(name)
      if (value !== undefined) shell.state.set(name, value)
    }
    return 0
  },
  unset: async (shell, argv) => {
    const functions = argv[1] === '-f'
    for (const name of argv.slice(1).filter((arg) => !/^-[fv]$/.test(arg))) {
      if (!/^[A-Za-z_]\w*$/.test(name)) throw new ShellFault(`unset: ${name}: bad variable name`)
      if (functions) shell.state.functions.delete(name)
      else shell.state.unset(name)
    }
    return 0
  },
  set,
  shift: async (shell, argv) => {
    const count = argv[1] === undefined ? 1 : Number(argv[1])
    if (!Number.isInteger(count)) throw new ShellFault(`shift: Illegal number: ${argv[1]}`)
    if (count > shell.state.positional.length) return 1
    shell.state.positional = shell.state.positional.slice(count)
    return 0
  },
  getopts,
  alias: async (shell, argv) => {
    const { aliases } = shell.state
    if (argv.length === 1) for (const [name, text] of aliases) await shell.write(1, `${name}='${text}'\n`)
    let status = 0
    for (const word of argv.slice(1)) {
      const at = word.indexOf('=')
      if (at > 0) aliases.set(word.slice(0, at), word.slice(at + 1))
      else if (aliases.has(word)) await shell.write(1, `${word}='${aliases.get(word)}'\n`)
      else {
        status = 1
        await shell.write(2, `alias: ${word} not found\n`)
      }
    }
    return status
  },
  unalias: async (shell, argv) => {
    if (argv[1] === '-a') shell.state.aliases.clear()
    let status = 0
    for (const name of argv.slice(1).filter((arg) => arg !== '-a')) {
      if (shell.state.aliases.delete(name)) continue
      await shell.write(2, `unalias: ${name} not found\n`)
      status = 1
    }
    return status
  },
}
