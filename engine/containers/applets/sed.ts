import { type Applet, type Io, optionsOf, usage } from './applet.ts'
import { PatternFault, posixRegex } from './regex.ts'

type Address = { readonly line: number } | { readonly last: true } | { readonly pattern: RegExp }

interface Command {
  readonly from?: Address
  readonly to?: Address
  readonly negated: boolean
  readonly name: string
  readonly text: string
  readonly pattern?: RegExp
  readonly by?: string
  readonly flags: string
  readonly body: readonly Command[]
  /** Within its range. */
  active: boolean
}

/** How many commands a script may run on one line: a branch to itself has no end. */
const MOST_STEPS = 100_000

/** `sed` */
export const sed: Applet = async (io) => {
  const { has, values, rest } = optionsOf(
    io,
    'nErie:f:sz',
    { 'in-place': 'i', quiet: 'n', expression: 'e', 'regexp-extended': 'E' },
    io.args.map((arg) => (/^-i./.test(arg) ? '-i' : arg)),
  )
  const scripts = [...values('e'), ...values('f').map((file) => io.process.files.readText(io.path(file)))]
  const files = [...rest]
  if (scripts.length === 0) scripts.push(files.shift() ?? usage(io))
  const script = new ScriptReader(io, scripts.join('\n'), has('E') || has('r')).all()
  if (has('i')) {
    for (const file of files) {
      const input = await io.open(file)
      if (input === undefined) continue
      const parts: string[] = []
      await edit(io, script, await linesOf(io, [file]), has('n'), async (text) => void parts.push(text))
      io.process.files.write(io.path(file), parts.join(''))
    }
    return
  }
  return edit(io, script, await linesOf(io, files.length === 0 ? ['-'] : files), has('n'), (text) => io.out(text))
}

async function linesOf(io: Io, files: readonly string[]): Promise<string[]> {
  const all: string[] = []
  for (const file of files) {
    const input = await io.open(file)
    if (input === undefined) continue
    for await (const { text } of io.lines(input)) all.push(text)
  }
  return all
}

async function edit(
  io: Io,
  script: readonly Command[],
  lines: readonly string[],
  quiet: boolean,
  out: (text: string) => Promise<void>,
): Promise<number | undefined> {
  let hold = ''
  let at = 0
  let steps = 0
  const flat = script
  for (; at < lines.length; at++) {
    let space = lines[at] as string
    const after: string[] = []
    let [deleted, quit] = [false, undefined as number | undefined]
    let replaced = false
    const run = async (commands: readonly Command[]): Promise<string | undefined> => {
      for (const command of commands) {
        steps++
        if (steps % 1000 === 0) await io.process.compute(1)
        if (applies(command, space, at, lines.length) === command.negated) continue
        switch (command.name) {
          case '{': {
            const left = await run(command.body)
            if (left !== undefined) return left
            break
          }
          case 's': {
            const made = substitute(command, space)
            if (made === undefined) break
            space = made
            replaced = true
            if (command.flags.includes('p')) await out(`${space}\n`)
            break
          }
          case 'y':
            space = [...space].map((char) => [...(command.by ?? '')][[...command.text].indexOf(char)] ?? char).join('')
            break
          case 'p':
            await out(`${space}\n`)
            break
          case 'P':
            await out(`${space.split('\n')[0]}\n`)
            break
          case '=':
            await out(`${at + 1}\n`)
            break
          case 'd':
            deleted = true
            return 'end'
          case 'D':
            deleted = true
            return 'end'
          case 'a':
            after.push(command.text)
            break
          case 'i':
            await out(`${command.text}\n`)
            break
          case 'c':
            deleted = true
            if (command.to === undefined || !command.active) await out(`${command.text}\n`)
            return 'end'
          case 'q':
            quit = Number(command.text || 0)
            return 'end'
          case 'n':
            if (!quiet) await out(`${space}\n`)
            if (at + 1 >= lines.length) {
              deleted = true
              return 'end'
            }
            space = lines[++at] as string
            break
          case 'N':
            if (at + 1 >= lines.length) return 'end'
            space += `\n${lines[++at]}`
            break
          case 'h':
            hold = space
            break
          case 'H':
            hold += `\n${space}`
            break
          case 'g':
            space = hold
            break
          case 'G':
            space += `\n${hold}`
            break
          case 'x':
            ;[space, hold] = [hold, space]
            break
          case 'b':
            return `label ${command.text}`
          case 't':
            if (replaced) {
              replaced = false
              return `label ${command.text}`
            }
        }
      }
      return undefined
    }
    let commands = flat
    for (let jumps = 0; ; jumps++) {
      const left = await run(commands)
      if (left === undefined || left === 'end' || left === 'label ') break
      if (jumps > MOST_STEPS) io.fail('too many branches')
      const label = left.slice('label '.length)
      const index = flat.findIndex(({ name, text }) => name === ':' && text === label)
      if (index < 0) io.fail(`can't find label for jump to '${label}'`)
      commands = flat.slice(index)
    }
    if (!deleted && !quiet) await out(`${space}\n`)
    for (const text of after) await out(`${text}\n`)
    if (quit !== undefined) return quit
  }
  return undefined
}

function applies(command: Command, space: string, at: number, count: number): boolean {
  const { from, to } = command
  const matches = (address: Address) =>
    'line' in address ? address.line === at + 1 : 'last' in address ? at === count - 1 : address.pattern.test(space)
  if (from === undefined) return true
  if (to === undefined) return matches(from)
  if (command.active) {
    command.active = 'line' in to ? to.line > at + 1 : !matches(to)
    return !('line' in to && to.line < at + 1)
  }
  if (!matches(from)) return false
  command.active = !('line' in to && to.line <= at + 1) && !('last' in to && at === count - 1)
  return true
}

function substitute({ pattern, by = '', flags }: Command, space: string): string | undefined {
  if (pattern === undefined) return undefined
  const nth = Number(/\d+/.exec(flags)?.[0] ?? 1)
  let [count, done] = [0, false]
  const made = space.replace(new RegExp(pattern.source, `g${pattern.flags.replace('g', '')}`), (...args) => {
    const groups = args as unknown as string[]
    count++
    if (count < nth || (done && !flags.includes('g'))) return groups[0] as string
    done = true
    return by.replace(/\\([0-9])|\\n|\\t|\\(.)|&/gs, (whole: string, digit?: string, other?: string) =>
      digit !== undefined
        ? (groups[Number(digit)] ?? '')
        : whole === '&'
          ? (groups[0] as string)
          : whole === '\\n'
            ? '\n'
            : whole === '\\t'
              ? '\t'
              : (other ?? ''),
    )
  })
  return done ? made : undefined
}

class ScriptReader {
  readonly #io: Io
  readonly #text: string
  readonly #extended: boolean
  #at = 0

  constructor(io: Io, text: string, extended: boolean) {
    this.#io = io
    this.#text = text
    this.#extended = extended
  }

  all(closing = false): Command[] {
    const commands: Command[] = []
    for (;;) {
      this.#skip(/[\s;]*/y)
      if (this.#at >= this.#text.length) {
        if (closing) this.#io.fail('unmatched {')
        return commands
      }
      if (this.#text[this.#at] === '}') {
        if (!closing) this.#io.fail('unexpected }')
        this.#at++
        return commands
      }
      if (this.#text[this.#at] === '#') this.#skip(/[^\n]*/y)
      else commands.push(this.#command())
    }
  }

  #skip(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }

  #address(): Address | undefined {
    const number = this.#skip(/\d+/y)
    if (number !== '') return { line: Number(number) }
    if (this.#skip(/\$/y) !== '') return { last: true }
    const char = this.#text[this.#at]
    if (char !== '/' && char !== '\\') return undefined
    if (char === '\\') this.#at++
    const delimiter = this.#text[this.#at++] as string
    const source = this.#until(delimiter, true)
    return { pattern: this.#regex(source, this.#skip(/I/y) === '' ? '' : 'i') }
  }

  #regex(source: string, flags: string): RegExp {
    try {
      return posixRegex(source, { extended: this.#extended, flags })
    } catch (error) {
      if (!(error instanceof PatternFault)) throw error
      return this.#io.fail(`bad regex '${source}': ${error.message}`)
    }
  }

  /** Up to a delimiter that no backslash is before; of a pattern, not in a bracket. */
  #until(delimiter: string, pattern: boolean): string {
    let text = ''
    let bracket = false
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at] as string
      if (char === '\\' && this.#at + 1 < this.#text.length) {
        const next = this.#text[++this.#at] as string
        text += next === delimiter ? delimiter : next === 'n' && pattern ? '\n' : `\\${next}`
      } else if (char === delimiter && !bracket) {
        this.#at++
        return text
      } else {
        if (pattern && char === '[' && !bracket) bracket = true
        else if (char === ']' && !/\[\^?$/.test(text)) bracket = false
        text += char
      }
    }
    return this.#io.fail("unmatched '/'")
  }

  #command(): Command {
    const from = this.#address()
    const to = from !== undefined && this.#skip(/\s*,\s*/y) !== '' ? this.#address() : undefined
    this.#skip(/\s*/y)
    const negated = this.#skip(/!\s*/y) !== ''
    const name = this.#text[this.#at++] ?? ''
    const base = {
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      negated,
      name,
      text: '',
      flags: '',
      body: [],
      active: false,
    }
    if (name === '{') return { ...base, body: this.all(true) }
    if (name === 's' || name === 'y') {
      const delimiter = this.#text[this.#at++] ?? ''
      const source = this.#until(delimiter, name === 's')
      const by = this.#until(delimiter, false)
      const flags = name === 's' ? this.#skip(/[gpiIe\d]*/y) : ''
      return name === 'y'
        ? { ...base, text: source, by }
        : { ...base, pattern: this.#regex(source, /i/i.test(flags) ? 'i' : ''), by, flags }
    }
    if ('aic'.includes(name) && name !== '') {
      this.#skip(/[ \t]*(?:\\\n?)?[ \t]*/y)
      return { ...base, text: this.#skip(/(?:\\\n|[^\n])*/y).replace(/\\(.|\n)/g, '$1') }
    }
    if (':bt'.includes(name) && name !== '') {
      this.#skip(/[ \t]*/y)
      return { ...base, text: this.#skip(/[^\s;}]*/y) }
    }
    if (name === 'q') return { ...base, text: this.#skip(/\s*\d*/y).trim() }
    if (!/[pPdDnNhHgGx=]/.test(name) || name === '') this.#io.fail(`unsupported command ${name}`)
    return base
  }
}
