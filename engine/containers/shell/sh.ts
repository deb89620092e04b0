import { decode, encode, join } from '../../objects/bytes.ts'
import type { Process, Program } from '../contract.ts'
import { errnoOf } from '../files/errors.ts'
import { absolute } from '../files/paths.ts'
import { SyntaxFault } from './ast.ts'
import { converse } from './interactive.ts'
import { Shell } from './interpreter.ts'
import { Parser } from './parser.ts'
import { OPTIONS, State } from './state.ts'

interface Invocation {
  readonly command: string | undefined
  readonly script: string | undefined
  readonly options: readonly string[]
  readonly interactive: boolean
  readonly login: boolean
  readonly args: readonly string[]
}

function readArguments(args: readonly string[]): Invocation | string {
  const options: string[] = []
  let [command, stdin, interactive, login] = [false, false, false, false]
  let at = 0
  for (; /^[-+]./.test(args[at] ?? ''); at++) {
    const word = args[at] as string
    if (word === '--') {
      at++
      break
    }
    for (const letter of word.slice(1)) {
      if (letter === 'c') command = true
      else if (letter === 's') stdin = true
      else if (letter === 'i') interactive = true
      else if (letter === 'l') login = true
      else if (letter === 'o') options.push(args[++at] ?? '')
      else if (OPTIONS[letter] === undefined) return `illegal option -${letter}`
      else if (word.startsWith('-')) options.push(OPTIONS[letter] as string)
    }
  }
  const rest = args.slice(at)
  const [text, ...more] = rest
  if (command) return { command: text, script: undefined, options, interactive, login, args: more }
  return {
    command: undefined,
    script: stdin ? undefined : text,
    options,
    interactive,
    login,
    args: stdin ? rest : more,
  }
}

/** `sh`: busybox's ash. */
export const sh: Program = async (process) => {
  const [name = 'sh'] = process.argv
  const given = readArguments(process.argv.slice(1))
  if (typeof given === 'string') {
    await process.stderr.write(`${name}: ${given}\n`)
    return 2
  }
  const state = stateOf(process, name)
  for (const option of given.options) state.options.add(option)
  const shell = new Shell(process, state)
  return shell.finish(() => run(shell, given, name.startsWith('-')))
}

async function run(shell: Shell, given: Invocation, dashed: boolean): Promise<number> {
  const { process, state } = shell
  if ((given.login || dashed) && process.files.exists('/etc/profile'))
    await shell.script(process.files.readText('/etc/profile'))
  if (given.command !== undefined) {
    const [name, ...args] = given.args
    if (name !== undefined) {
      state.name = name
      state.script = true
    }
    state.positional = args
    return shell.script(given.command, { tail: true })
  }
  state.positional = given.args
  if (given.script !== undefined) return runFile(shell, given.script)
  if (process.terminal !== undefined || given.interactive) return converse(shell)
  return runInput(shell)
}

async function runFile(shell: Shell, file: string): Promise<number> {
  const { process, state } = shell
  try {
    const text = process.files.readText(absolute(file, process.cwd))
    state.name = file
    state.script = true
    return await shell.script(text, { tail: true })
  } catch (error) {
    if (errnoOf(error) === undefined || state.script) throw error
    await process.stderr.write(`${state.name}: can't open '${file}': ${(error as Error).message}\n`)
    return 2
  }
}

const NEWLINE = 10

/** Commands from stdin, of which each reads only its own lines: the rest is for those that it runs. */
async function runInput(shell: Shell): Promise<number> {
  const { stdin } = shell.process
  let pending = ''
  for (;;) {
    const line = await readLine()
    if (line === undefined && pending === '') return shell.state.status
    pending += line ?? ''
    try {
      const parser = new Parser(pending, shell.state.aliases)
      while (parser.next() !== undefined);
    } catch (error) {
      if (error instanceof SyntaxFault && error.incomplete && line !== undefined) continue
    }
    const text = pending
    pending = ''
    await shell.script(text)
  }

  async function readLine(): Promise<string | undefined> {
    const parts: Uint8Array[] = []
    for (;;) {
      const chunk = await stdin.read()
      if (chunk === null) return parts.length === 0 ? undefined : decode(join([...parts, encode('\n')]))
      const end = chunk.indexOf(NEWLINE)
      parts.push(end < 0 ? chunk : chunk.subarray(0, end + 1))
      if (end < 0) continue
      stdin.unread?.(chunk.subarray(end + 1))
      return decode(join(parts))
    }
  }
}

function stateOf(process: Process, name: string): State {
  const state = new State()
  state.name = name
  state.shellPid = process.pid
  state.started = process.clock.now()
  for (const [key, value] of process.env) {
    if (/^[A-Za-z_]\w*$/.test(key)) state.variables.set(key, { value, exported: true, readonly: false })
  }
  const defaults = {
    IFS: ' \t\n',
    PS1: '\\w \\$ ',
    PS2: '> ',
    PS4: '+ ',
    PATH: '/sbin:/usr/sbin:/bin:/usr/bin',
    OPTIND: '1',
  }
  for (const [key, value] of Object.entries(defaults)) {
    if (key === 'IFS' || key === 'OPTIND' || state.get(key) === undefined)
      state.variables.set(key, { value, exported: false, readonly: false })
  }
  const parent = process.processes().find(({ pid }) => pid === process.pid)?.parent ?? 0
  state.variables.set('PPID', { value: String(parent), exported: false, readonly: true })
  state.set('PWD', process.cwd)
  return state
}
