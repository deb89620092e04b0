import { decode, encode } from '../../../objects/bytes.ts'
import { echoText, rawBytes } from '../../applets/echo.ts'
import { printfText } from '../../applets/printf.ts'
import { evaluateTest, TestFault } from '../../applets/test.ts'
import { evaluate } from '../arithmetic.ts'
import { streamOf } from '../descriptors.ts'
import type { Shell } from '../interpreter.ts'
import { ShellFault } from '../state.ts'
import type { Builtin } from './all.ts'

const NEWLINE = 10

const test: Builtin = async (shell, argv) => {
  const [name = 'test'] = argv
  let args = argv.slice(1)
  const closing = name === '[' ? ']' : name === '[[' ? ']]' : undefined
  if (closing !== undefined) {
    if (args.at(-1) !== closing) {
      await shell.complain(`${name}: missing ${closing}`)
      return 2
    }
    args = args.slice(0, -1)
  }
  try {
    return evaluateTest(shell.process, args, name === '[[') ? 0 : 1
  } catch (error) {
    if (!(error instanceof TestFault) && !(error instanceof SyntaxError)) throw error
    await shell.complain(error.message)
    return 2
  }
}

const printf: Builtin = async (shell, argv) => {
  const [, format, ...args] = argv[1] === '--' ? argv.slice(1) : argv
  if (format === undefined) {
    await shell.write(2, `${argv[0]}: usage: printf FORMAT [ARG]...\n`)
    return 1
  }
  const { text, errors } = printfText(format, args)
  await shell.write(1, rawBytes(text))
  for (const error of errors) await shell.write(2, `${shell.state.name}: ${error}\n`)
  return errors.length === 0 ? 0 : 1
}

interface ReadOptions {
  readonly raw: boolean
  readonly silent: boolean
  readonly prompt: string | undefined
  readonly count: number | undefined
  readonly timeout: number | undefined
  readonly delimiter: number
  readonly descriptor: number
}

const read: Builtin = async (shell, argv) => {
  const { names, ...options } = readArguments(argv.slice(1))
  if (options.prompt !== undefined) await shell.write(2, options.prompt)
  const line = await readLine(shell, options)
  if (line.timedOut) return 142
  assign(shell, names.length === 0 ? ['REPLY'] : names, line.letters)
  return line.ended ? 1 : 0
}

function readArguments(args: readonly string[]): ReadOptions & { readonly names: readonly string[] } {
  let [raw, silent, delimiter, descriptor] = [false, false, NEWLINE, 0]
  let prompt: string | undefined
  let count: number | undefined
  let timeout: number | undefined
  let at = 0
  for (; /^-./.test(args[at] ?? ''); at++) {
    const word = args[at] as string
    for (let letter = 1; letter < word.length; letter++) {
      const name = word[letter] as string
      if (name === 'r') raw = true
      else if (name === 's') silent = true
      else {
        const value = word.slice(letter + 1) || (args[++at] ?? '')
        if (name === 'p') prompt = value
        else if (name === 'n') count = Number(value)
        else if (name === 't') timeout = Number(value) * 1000
        else if (name === 'd') delimiter = value === '' ? 0 : value.charCodeAt(0)
        else if (name === 'u') descriptor = Number(value)
        else throw new ShellFault(`read: illegal option -${name}`)
        break
      }
    }
  }
  const names = args.slice(at)
  const bad = names.find((name) => !/^[A-Za-z_]\w*$/.test(name))
  if (bad !== undefined) throw new ShellFault(`read: '${bad}': bad variable name`)
  return { raw, silent, prompt, count, timeout, delimiter, descriptor, names }
}

interface Letter {
  readonly text: string
  readonly escaped: boolean
}

interface Line {
  readonly letters: readonly Letter[]
  readonly ended: boolean
  readonly timedOut: boolean
}

async function readLine(shell: Shell, { raw, count, timeout, delimiter, descriptor }: ReadOptions): Promise<Line> {
  const input = streamOf(shell.process, shell.open, descriptor)?.input
  const bytes: number[] = []
  const quoted = new Set<number>()
  const abort = new AbortController()
  const cancel = timeout === undefined ? () => {} : shell.process.clock.after(timeout, () => abort.abort())
  const endInterrupt = shell.onInterrupt(() => abort.abort())
  const signal = AbortSignal.any([abort.signal, shell.process.signal])
  let ended = false
  let backslash = false
  try {
    outer: for (;;) {
      const chunk = input === undefined ? null : await shell.process.wait(input.read(signal))
      if (chunk === null) {
        ended = true
        break
      }
      for (const [at, byte] of chunk.entries()) {
        if (backslash) {
          backslash = false
          if (byte === NEWLINE) continue
          quoted.add(bytes.length)
        } else if (byte === 92 && !raw) {
          backslash = true
          continue
        } else if (byte === delimiter && count === undefined) {
          input?.unread?.(chunk.subarray(at + 1))
          break outer
        }
        bytes.push(byte)
        if (count !== undefined && bytes.length >= count) {
          input?.unread?.(chunk.subarray(at + 1))
          break outer
        }
      }
    }
  } finally {
    endInterrupt()
    cancel()
  }
  const timedOut = ended && timeout !== undefined && abort.signal.aborted
  return { letters: lettersOf(Uint8Array.from(bytes), quoted), ended, timedOut }
}

/** Letters of bytes, of which those that a backslash was before separate nothing. */
function lettersOf(bytes: Uint8Array, quoted: ReadonlySet<number>): Letter[] {
  const letters: Letter[] = []
  let at = 0
  for (const text of decode(bytes)) {
    letters.push({ text, escaped: quoted.has(at) })
    at += encode(text).length
  }
  return letters
}

/** The last name gets what is left (POSIX, `read`). */
function assign(shell: Shell, names: readonly string[], letters: readonly Letter[]): void {
  const separators = shell.state.get('IFS') ?? ' \t\n'
  const isSeparator = (letter: Letter | undefined) =>
    letter !== undefined && !letter.escaped && separators.includes(letter.text)
  const isBlank = (letter: Letter | undefined) => isSeparator(letter) && ' \t\n'.includes(letter?.text ?? 'x')
  let at = 0
  const skip = () => {
    while (isBlank(letters[at])) at++
  }
  skip()
  for (const [index, name] of names.entries()) {
    const begin = at
    if (index === names.length - 1) {
      let end = letters.length
      while (end > begin && isBlank(letters[end - 1])) end--
      const rest = letters.slice(begin, end)
      const single = rest.filter((letter) => isSeparator(letter) && !isBlank(letter)).length
      if (single === 1 && isSeparator(rest.at(-1)) && names.length > 1) rest.pop()
      shell.state.set(name, textOf(rest))
      return
    }
    while (at < letters.length && !isSeparator(letters[at])) at++
    shell.state.set(name, textOf(letters.slice(begin, at)))
    skip()
    if (isSeparator(letters[at]) && !isBlank(letters[at])) {
      at++
      skip()
    }
  }
}

const textOf = (letters: readonly Letter[]): string => letters.map(({ text }) => text).join('')

export const TEXT: Readonly<Record<string, Builtin>> = {
  echo: async (shell, argv) => {
    const text = echoText(argv.slice(1))
    await shell.write(1, rawBytes(text))
    return 0
  },
  printf,
  test,
  '[': test,
  '[[': test,
  read,
  let: async (shell, argv) => {
    let value = 0n
    for (const expression of argv.slice(1)) {
      value = evaluate(expression, {
        get: (name) => shell.state.get(name),
        set: (name, text) => shell.state.set(name, text),
      })
    }
    return value === 0n ? 1 : 0
  },
}
