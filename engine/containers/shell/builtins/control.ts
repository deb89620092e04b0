import { FileFault } from '../../files/errors.ts'
import { absolute } from '../../files/paths.ts'
import { SIGNALS, signalOf } from '../../processes/signals.ts'
import { Leave, ShellFault } from '../state.ts'
import { BUILTINS, type Builtin, SPECIAL_BUILTINS } from './all.ts'

function count(argv: readonly string[], fallback: number): number {
  const [name, text] = argv
  if (text === undefined) return fallback
  if (!/^\d+$/.test(text)) throw new ShellFault(`${name}: Illegal number: ${text}`)
  return Number(text)
}

const leaveLoop =
  (kind: 'break' | 'continue'): Builtin =>
  async (shell, argv) => {
    const levels = count(argv, 1)
    if (!shell.inLoop) return 0
    throw new Leave(kind, levels)
  }

const source: Builtin = async (shell, [name = '.', file, ...args]) => {
  if (file === undefined) throw new ShellFault(`${name}: filename argument required`)
  const { process, state } = shell
  const found = file.includes('/')
    ? absolute(file, process.cwd)
    : [...(state.get('PATH') ?? '').split(':'), '.']
        .map((directory) => absolute(`${directory}/${file}`, process.cwd))
        .find((path) => process.files.exists(path))
  if (found === undefined || !process.files.exists(found)) {
    await shell.complain(`${name}: can't open '${file}': No such file or directory`)
    if (shell.interactive) return 2
    throw new Leave('exit', 2)
  }
  const { positional } = state
  if (args.length > 0) state.positional = args
  try {
    const text = process.files.stat(found).type === 'file' ? process.files.readText(found) : ''
    return await shell.script(text)
  } catch (error) {
    if (error instanceof Leave && error.kind === 'return') return error.count
    throw error
  } finally {
    if (args.length > 0) state.positional = positional
  }
}

const exec: Builtin = async (shell, argv) => {
  const args = argv.slice(argv[1] === '--' ? 2 : 1)
  if (args.length === 0) return 0
  const stdin = shell.open.get(0)?.input
  const stdout = shell.open.get(1)?.output
  const stderr = shell.open.get(2)?.output
  try {
    return await shell.launch(
      args,
      {
        env: shell.state.environment(),
        ...(stdin === undefined ? {} : { stdin }),
        ...(stdout === undefined ? {} : { stdout }),
        ...(stderr === undefined ? {} : { stderr }),
      },
      true,
    )
  } catch (error) {
    if (!(error instanceof FileFault)) throw error
    await shell.complain(`exec: ${args[0]}: ${error.errno === 'ENOENT' ? 'not found' : error.message}`)
    throw new Leave('exit', error.errno === 'ENOENT' ? 127 : 126)
  }
}

const trap: Builtin = async (shell, argv) => {
  const args = argv.slice(argv[1] === '--' ? 2 : 1)
  const { traps } = shell.state
  if (args.length === 0 || args[0] === '-p') {
    const number = (name: string) => (name === 'EXIT' ? 0 : SIGNALS[`SIG${name}` as keyof typeof SIGNALS])
    for (const [name, action] of [...traps].sort(([a], [b]) => number(a) - number(b)))
      await shell.write(1, `trap -- '${action.replaceAll("'", "'\\''")}' ${name}\n`)
    return 0
  }
  const [first = ''] = args
  const resets = first === '-' || args.length === 1 || /^\d+$/.test(first)
  const names = resets && first !== '-' ? args : args.slice(1)
  for (const text of names) {
    const name = text === '0' || text.toUpperCase() === 'EXIT' ? 'EXIT' : signalOf(text)?.slice(3)
    if (name === undefined) {
      await shell.complain(`trap: ${text}: invalid signal specification`)
      return 1
    }
    shell.trap(name, resets ? undefined : first)
  }
  return 0
}

const command: Builtin = async (shell, argv) => {
  const [, flag = ''] = argv
  if (flag === '-v' || flag === '-V') {
    let status = 0
    for (const name of argv.slice(2)) {
      const found = describe(shell, name, flag === '-V')
      if (found === undefined) status = 127
      else await shell.write(1, `${found}\n`)
      if (found === undefined && flag === '-V') await shell.write(2, `${name}: not found\n`)
    }
    return status
  }
  const args = argv.slice(flag === '-p' || flag === '--' ? 2 : 1)
  const [name] = args
  if (name === undefined) return 0
  const builtin = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined
  if (builtin !== undefined) return builtin(shell, args)
  try {
    const stdin = shell.open.get(0)?.input
    const stdout = shell.open.get(1)?.output
    const stderr = shell.open.get(2)?.output
    return await shell.launch(
      args,
      {
        env: shell.state.environment(),
        ...(stdin === undefined ? {} : { stdin }),
        ...(stdout === undefined ? {} : { stdout }),
        ...(stderr === undefined ? {} : { stderr }),
      },
      false,
    )
  } catch (error) {
    return shell.notRun(args, error)
  }
}

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'case',
  'esac',
  'while',
  'until',
  'for',
  '{',
  '}',
  '!',
  'in',
  'function',
])

function describe(shell: Parameters<Builtin>[0], name: string, long: boolean): string | undefined {
  const { state, process } = shell
  const alias = state.aliases.get(name)
  if (KEYWORDS.has(name)) return long ? `${name} is a shell keyword` : name
  if (alias !== undefined) return long ? `${name} is an alias for ${alias}` : `alias ${name}='${alias}'`
  if (state.functions.has(name)) return long ? `${name} is a function` : name
  if (SPECIAL_BUILTINS.has(name)) return long ? `${name} is a special shell builtin` : name
  if (Object.hasOwn(BUILTINS, name)) return long ? `${name} is a shell builtin` : name
  const places = name.includes('/')
    ? [name]
    : (state.get('PATH') ?? '').split(':').map((directory) => `${directory}/${name}`)
  const found = places.find((path) => {
    const whole = absolute(path, process.cwd)
    return process.files.exists(whole) && process.files.allows(whole, 1) && process.files.stat(whole).type === 'file'
  })
  return found === undefined ? undefined : long ? `${name} is ${found}` : found
}

const type: Builtin = async (shell, argv) => {
  let status = 0
  for (const name of argv.slice(1)) {
    const found = describe(shell, name, true)
    if (found === undefined) {
      status = 127
      await shell.write(1, `${name}: not found\n`)
    } else await shell.write(1, `${found}\n`)
  }
  return status
}

export const CONTROL: Readonly<Record<string, Builtin>> = {
  ':': async () => 0,
  true: async () => 0,
  false: async () => 1,
  break: leaveLoop('break'),
  continue: leaveLoop('continue'),
  return: async (shell, argv) => {
    throw new Leave('return', count(argv, shell.state.status) & 255)
  },
  exit: async (shell, argv) => {
    throw new Leave('exit', count(argv, shell.state.status) & 255)
  },
  eval: async (shell, argv) => {
    const text = argv.slice(1).join(' ')
    if (text.trim() === '') return 0
    return shell.script(text, { within: 'eval' })
  },
  '.': source,
  source,
  exec,
  trap,
  command,
  type,
  hash: async () => 0,
  times: async (shell) => {
    const info = shell.process.processes().find(({ pid }) => pid === shell.process.pid)
    const seconds = (info?.cpu ?? 0) / 1000
    const text = `${Math.floor(seconds / 60)}m${(seconds % 60).toFixed(6)}s`
    await shell.write(1, `${text} 0m0.000000s\n${text} 0m0.000000s\n`)
    return 0
  },
}
