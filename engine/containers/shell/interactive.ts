import { nameOf } from '../files/paths.ts'
import { SyntaxFault } from './ast.ts'
import { complete } from './completion.ts'
import { type Editor, LineEditor } from './editor.ts'
import type { Shell } from './interpreter.ts'
import { Parser } from './parser.ts'
import { Leave, ShellFault } from './state.ts'

/** How long a shell remembers, in lines. */
const HISTORY = 500

/** Talks with a person until they leave: the exit code. */
export async function converse(shell: Shell): Promise<number> {
  const { process, state } = shell
  shell.interactive = true
  state.options.add('interactive')
  const history: string[] = []
  const editor: Editor = new LineEditor(process, {
    history,
    complete: (line, at) => complete(shell, line, at),
  })
  process.on('SIGINT', () => shell.interrupted())
  for (const signal of ['SIGTSTP', 'SIGTERM', 'SIGQUIT'] as const) process.on(signal, () => {})
  if (process.terminal !== undefined) process.terminal.foreground = process.group
  for (;;) {
    shell.interrupt = false
    await tellOfJobs(shell)
    const text = await readCommand(shell, editor, history)
    if (text === undefined) return state.status
    if (text === '') continue
    try {
      await shell.script(text)
    } catch (error) {
      if (error instanceof Leave && error.kind === 'exit') return error.count
      if (error instanceof ShellFault) {
        await shell.complain(error.message)
        state.status = error.code
      } else if (error instanceof Leave) state.status = error.kind === 'interrupt' ? 130 : error.count
      else throw error
    }
  }
}

async function tellOfJobs(shell: Shell): Promise<void> {
  for (const job of [...shell.jobs.all]) {
    if (job.statuses === undefined || job.current) continue
    await shell.write(2, `${shell.jobs.describe(job)}\n`)
    shell.jobs.remove(job)
  }
}

/** One or more lines that make whole commands; undefined at the end of the input, empty after Ctrl-C. */
async function readCommand(shell: Shell, editor: Editor, history: string[]): Promise<string | undefined> {
  let text = ''
  for (;;) {
    const prompt = text === '' ? promptOf(shell, shell.state.get('PS1') ?? '') : (shell.state.get('PS2') ?? '> ')
    const line = await editor.read(prompt)
    if (line === 'interrupted') {
      shell.state.status = 130
      return ''
    }
    if (line === undefined) return text === '' ? undefined : text
    if (line.trim() !== '' && history.at(-1) !== line) history.push(line)
    if (history.length > HISTORY) history.shift()
    text += `${line}\n`
    if (!isIncomplete(text, shell)) return text
  }
}

function isIncomplete(text: string, shell: Shell): boolean {
  if (text.endsWith('\\\n')) return true
  try {
    const parser = new Parser(text, shell.state.aliases)
    while (parser.next() !== undefined);
    return false
  } catch (error) {
    if (error instanceof SyntaxFault) return error.incomplete
    throw error
  }
}

function promptOf({ process, state }: Shell, prompt: string): string {
  const home = state.get('HOME')
  const where =
    home !== undefined && home !== '/' && (process.cwd === home || process.cwd.startsWith(`${home}/`))
      ? `~${process.cwd.slice(home.length)}`
      : process.cwd
  const values: Readonly<Record<string, string>> = {
    w: where,
    W: nameOf(where) || '/',
    h: process.hostname.split('.')[0] ?? '',
    H: process.hostname,
    u: process.uid === 0 ? 'root' : (state.get('USER') ?? String(process.uid)),
    $: process.uid === 0 ? '#' : '$',
    n: '\n',
    e: '\x1b',
    '[': '',
    ']': '',
    '\\': '\\',
  }
  return prompt
    .replace(/\$\{?PWD\}?/g, process.cwd)
    .replace(/\\(.)/g, (whole, letter: string) => values[letter] ?? whole)
}
