import { decode, join, toBytes } from '../../objects/bytes.ts'
import type { Input, Process, Program } from '../contract.ts'
import { errnoOf } from '../files/errors.ts'
import { absolute } from '../files/paths.ts'
import { Killed } from '../processes/signals.ts'

/** How an applet ends at once. */
export class Quit extends Error {
  readonly code: number

  constructor(code: number, message = '') {
    super(message)
    this.code = code
  }
}

/** A message that is whole as it is. */
class Usage extends Quit {}

/** Bytes that are gathered before they are written. */
const BUFFER = 16_384

/** A process as an applet uses it: text out in buffers, files by name, errors in busybox's form. */
export class Io {
  readonly process: Process
  readonly name: string
  readonly args: readonly string[]
  status = 0
  #parts: Uint8Array[] = []
  #size = 0

  constructor(process: Process) {
    this.process = process
    this.name = (process.argv[0] ?? '').replace(/^.*\//, '')
    this.args = process.argv.slice(1)
  }

  path(file: string): string {
    return absolute(file, this.process.cwd)
  }

  async out(text: string | Uint8Array): Promise<void> {
    const bytes = toBytes(text)
    this.#parts.push(bytes)
    this.#size += bytes.length
    if (this.#size >= BUFFER) await this.flush()
  }

  async line(text: string): Promise<void> {
    await this.out(`${text}\n`)
  }

  async flush(): Promise<void> {
    if (this.#size === 0) return
    const bytes = join(this.#parts)
    this.#parts = []
    this.#size = 0
    await this.process.stdout.write(bytes)
  }

  /** Tells, and goes on: the exit code will be 1. */
  async complain(message: string, code = 1): Promise<void> {
    await this.flush()
    await this.process.stderr.write(`${this.name}: ${message}\n`)
    this.status = code
  }

  fail(message: string, code = 1): never {
    throw new Quit(code, message)
  }

  /** Runs a call on a file; what goes wrong is told as `name: can't open 'x': …`. */
  async attempt<T>(what: string, run: () => T | Promise<T>): Promise<T | undefined> {
    try {
      return await run()
    } catch (error) {
      if (errnoOf(error) === undefined || errnoOf(error) === 'EPIPE') throw error
      await this.complain(`${what}: ${(error as Error).message}`)
      return undefined
    }
  }

  /** stdin for `-`. Undefined where it cannot be opened, which was told. */
  async open(file: string): Promise<Input | undefined> {
    if (file === '-') return this.process.stdin
    return this.attempt(OPENS.has(this.name) ? `can't open '${file}'` : file, () =>
      this.process.files.openInput(this.path(file)),
    )
  }

  async *chunks(input: Input): AsyncGenerator<Uint8Array> {
    let all = 0
    for (;;) {
      const chunk = await this.process.wait(input.read(this.process.signal))
      if (chunk === null) return
      all++
      if (all % 64 === 0) await this.process.compute(0.5)
      yield chunk
    }
  }

  async *lines(input: Input): AsyncGenerator<{ readonly text: string; readonly newline: boolean }> {
    const decoder = new TextDecoder()
    let left = ''
    for await (const chunk of this.chunks(input)) {
      const pieces = (left + decoder.decode(chunk, { stream: true })).split('\n')
      left = pieces.pop() ?? ''
      if (left.length > 1024 ** 2) this.process.setMemory(left.length)
      for (const text of pieces) yield { text, newline: true }
    }
    left += decoder.decode()
    if (left !== '') yield { text: left, newline: false }
  }

  async all(input: Input): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let size = 0
    for await (const chunk of this.chunks(input)) {
      parts.push(chunk)
      size += chunk.length
      if (size > 1024 ** 2) this.process.setMemory(size)
    }
    return join(parts)
  }

  async text(input: Input): Promise<string> {
    return decode(await this.all(input))
  }
}

/** Applets whose words these are. */
const OPENS = new Set([
  'cat',
  'tail',
  'uniq',
  'less',
  'more',
  'md5sum',
  'sha1sum',
  'sha256sum',
  'sha512sum',
  'tar',
  'dd',
])

/** Resolves with the exit code; without one it is what complaints have made it. */
export type Applet = (io: Io) => Promise<unknown>

/** A program of it: what it gathered is written at its end, and its errors told. */
export function programOf(applet: Applet): Program {
  return async (process) => {
    const io = new Io(process)
    try {
      const code = await applet(io)
      await io.flush()
      return typeof code === 'number' ? code : io.status
    } catch (error) {
      if (error instanceof Killed) throw error
      await io.flush()
      if (!(error instanceof Quit)) {
        if (errnoOf(error) === undefined) throw error
        await process.stderr.write(`${io.name}: ${(error as Error).message}\n`)
        return 1
      }
      const prefix = error instanceof Usage ? '' : `${io.name}: `
      if (error.message !== '') await process.stderr.write(`${prefix}${error.message}\n`)
      return error.code
    }
  }
}

export interface Options {
  has(letter: string): boolean
  /** Of an option with a value, the last. */
  value(letter: string): string | undefined
  values(letter: string): readonly string[]
  readonly rest: readonly string[]
}

/**
 * Options as getopt(3) reads them: letters of `known`, those before a colon with a value. A `+` before stops at the first word that is
 * none. `long`: names with their letters; `--name=value` too.
 */
export function optionsOf(
  io: Io,
  known: string,
  long: Readonly<Record<string, string>> = {},
  args: readonly string[] = io.args,
): Options {
  const stops = known.startsWith('+')
  const takes = (letter: string) => known[known.indexOf(letter) + 1] === ':'
  const found = new Map<string, string[]>()
  const rest: string[] = []
  const add = (letter: string, value: string) => found.set(letter, [...(found.get(letter) ?? []), value])
  for (let at = 0; at < args.length; at++) {
    const word = args[at] as string
    if (word === '--') {
      rest.push(...args.slice(at + 1))
      break
    }
    if (word.startsWith('--')) {
      const [name = '', ...value] = word.slice(2).split('=')
      const letter = long[name]
      if (letter === undefined) usage(io, `unrecognized option '--${name}'`)
      else
        add(
          letter,
          takes(letter)
            ? value.length > 0
              ? value.join('=')
              : (args[++at] ?? usage(io, `option '--${name}' requires an argument`))
            : '',
        )
      continue
    }
    if (!/^-./.test(word)) {
      if (stops) {
        rest.push(...args.slice(at))
        break
      }
      rest.push(word)
      continue
    }
    for (let index = 1; index < word.length; index++) {
      const letter = word[index] as string
      if (letter === ':' || !known.includes(letter)) usage(io, `invalid option -- '${letter}'`)
      if (!takes(letter)) {
        add(letter, '')
        continue
      }
      const value = word.slice(index + 1) || args[++at]
      add(letter, value ?? usage(io, `option requires an argument -- '${letter}'`))
      break
    }
  }
  return {
    has: (letter) => found.has(letter),
    value: (letter) => found.get(letter)?.at(-1),
    values: (letter) => found.get(letter) ?? [],
    rest,
  }
}

/** What was wrong with the options, and how they are: without the applet's name before the second. */
export function usage(io: Io, message?: string): never {
  throw new Usage(
    io.name === 'grep' || io.name === 'egrep' || io.name === 'fgrep' ? 2 : 1,
    `${message === undefined ? '' : `${io.name}: ${message}\n`}BusyBox v1.36.1 (2024-06-10 07:11:47 UTC) multi-call binary.\n\nUsage: ${io.name}`,
  )
}

/** `10`, `4k`, `2M`: bytes. */
export function sizeOf(text: string): number | undefined {
  const [, digits, unit = ''] = /^(\d+)([bckKmMgG]?[bB]?)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const factors: Readonly<Record<string, number>> = { '': 1, c: 1, b: 512, k: 1024, m: 1024 ** 2, g: 1024 ** 3 }
  const lower = unit.toLowerCase()
  return Number(digits) * (factors[lower] ?? (lower === 'kb' ? 1000 : lower === 'mb' ? 1e6 : 1e9))
}

/** `1.5`, `2m`, `1h30`: ms; undefined for what is no duration. */
export function durationOf(text: string): number | undefined {
  if (text === 'infinity' || text === 'inf') return Number.POSITIVE_INFINITY
  const [, digits, unit = 's'] = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  return Number(digits) * ({ s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[unit || 's'] ?? 1000)
}
