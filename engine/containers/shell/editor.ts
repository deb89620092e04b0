import { decode, encode } from '../../objects/bytes.ts'
import type { Process } from '../contract.ts'
import type { Completion } from './completion.ts'

export interface Editor {
  /** A line; undefined at the end of the input. */
  read(prompt: string): Promise<string | 'interrupted' | undefined>
}

export interface EditorOptions {
  readonly history: readonly string[]
  complete(line: string, at: number): Completion
}

const KEYS: Readonly<Record<string, string>> = {
  '\x1b[A': 'up',
  '\x1bOA': 'up',
  '\x10': 'up',
  '\x1b[B': 'down',
  '\x1bOB': 'down',
  '\x0e': 'down',
  '\x1b[C': 'right',
  '\x1bOC': 'right',
  '\x06': 'right',
  '\x1b[D': 'left',
  '\x1bOD': 'left',
  '\x02': 'left',
  '\x1b[H': 'home',
  '\x1b[1~': 'home',
  '\x1bOH': 'home',
  '\x01': 'home',
  '\x1b[F': 'end',
  '\x1b[4~': 'end',
  '\x1bOF': 'end',
  '\x05': 'end',
  '\x1b[3~': 'delete',
  '\x7f': 'erase',
  '\b': 'erase',
  '\x0b': 'cut',
  '\x15': 'clear-before',
  '\x17': 'erase-word',
  '\x0c': 'redraw',
  '\x12': 'search',
  '\x03': 'interrupt',
  '\x04': 'eof',
  '\t': 'complete',
  '\r': 'enter',
  '\n': 'enter',
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: keys of a terminal are control characters.
const SEQUENCE = /^(?:\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|\x1b.|[^\x1b])/su

/** Reads lines from a terminal with keys as emacs and busybox have them; from anything else, lines as they come. */
export class LineEditor implements Editor {
  readonly #process: Process
  readonly #options: EditorOptions
  #pending = ''

  constructor(process: Process, options: EditorOptions) {
    this.#process = process
    this.#options = options
  }

  async read(prompt: string): Promise<string | 'interrupted' | undefined> {
    const { terminal, stderr } = this.#process
    const edit = new Edit(prompt, this.#options, terminal?.size().width ?? 80)
    terminal?.setRaw(true)
    // As busybox: whoever comes back to a terminal, and so has its size set, sees where things are
    const unwatch = terminal?.onResize(() => stderr.write(edit.resize(terminal.size().width)).catch(() => {}))
    await stderr.write(prompt)
    try {
      for (;;) {
        const key = await this.#key()
        const outcome = key === undefined ? { done: undefined } : edit.press(key, terminal !== undefined)
        if (outcome !== undefined && 'out' in outcome) {
          await stderr.write(outcome.out)
          continue
        }
        if (outcome === undefined) continue
        if (terminal !== undefined) await stderr.write(outcome.done === 'interrupted' ? '^C\n' : '\n')
        return outcome.done
      }
    } finally {
      unwatch?.()
      terminal?.setRaw(false)
    }
  }

  async #key(): Promise<string | undefined> {
    for (;;) {
      const [key] = SEQUENCE.exec(this.#pending) ?? []
      if (key !== undefined && !(key === '\x1b' && this.#pending.length === 1)) {
        this.#pending = this.#pending.slice(key.length)
        return key
      }
      const chunk = await this.#process.stdin.read()
      if (chunk === null) return undefined
      this.#pending += decode(chunk)
      if (this.#process.terminal === undefined) this.#giveBackAfterLine()
    }
  }

  /** What follows the line is for the command. */
  #giveBackAfterLine(): void {
    const end = this.#pending.indexOf('\n') + 1
    if (end === 0) return
    this.#process.stdin.unread?.(encode(this.#pending.slice(end)))
    this.#pending = this.#pending.slice(0, end)
  }
}

/** Columns. */
const NARROWEST = 10

type Outcome = { readonly out: string } | { readonly done: string | undefined }

/** One line while it is edited: keys in, what the screen needs out. */
class Edit {
  readonly #prompt: string
  readonly #options: EditorOptions
  #width: number
  #line = ''
  #at = 0
  #place: number
  #kept = ''
  #search: string | undefined
  /** Lines of the screen that it is over, and in which the cursor is. */
  #row = 0

  constructor(prompt: string, options: EditorOptions, width: number) {
    this.#prompt = prompt
    this.#options = options
    this.#width = Math.max(NARROWEST, width)
    this.#place = options.history.length
  }

  press(key: string, shows: boolean): Outcome | undefined {
    const name = KEYS[key]
    if (name === 'enter') return { done: this.#line }
    if (name === 'interrupt') return { done: 'interrupted' }
    if (name === 'eof' && this.#line === '') return { done: undefined }
    if (this.#search !== undefined && this.#searching(key, name)) return { out: this.#draw() }
    if (name === 'complete' && shows) return { out: this.#complete() }
    const before = this.#line.length
    const atEnd = this.#at === before
    this.#change(key, name)
    if (!shows) return undefined
    const appended = atEnd && name === undefined && this.#line.length === before + key.length
    if (appended && (this.#visible() + this.#at) % this.#width !== 0) return { out: key }
    const redraw = this.#draw()
    return { out: name === 'redraw' ? `\x1b[H\x1b[J${this.#prompt}${this.#line}` : redraw }
  }

  /** The screen is so many columns wide now. */
  resize(width: number): string {
    this.#width = Math.max(NARROWEST, width)
    this.#row = Math.max(this.#row, Math.floor((this.#visible() + this.#at) / this.#width))
    return this.#draw()
  }

  #change(key: string, name: string | undefined): void {
    switch (name) {
      case 'left':
        this.#at = Math.max(0, this.#at - 1)
        break
      case 'right':
        this.#at = Math.min(this.#line.length, this.#at + 1)
        break
      case 'home':
        this.#at = 0
        break
      case 'end':
        this.#at = this.#line.length
        break
      case 'erase':
        if (this.#at > 0) this.#replace(this.#at - 1, this.#at, '')
        break
      case 'delete':
      case 'eof':
        this.#replace(this.#at, this.#at + 1, '')
        break
      case 'cut':
        this.#replace(this.#at, this.#line.length, '')
        break
      case 'clear-before':
        this.#replace(0, this.#at, '')
        break
      case 'erase-word':
        this.#replace(this.#line.slice(0, this.#at).replace(/\S*\s*$/, '').length, this.#at, '')
        break
      case 'up':
      case 'down':
        this.#history(name === 'up' ? -1 : 1)
        break
      case 'search':
        this.#search = ''
        break
      case undefined:
        if (key >= ' ' && !key.startsWith('\x1b')) this.#replace(this.#at, this.#at, key)
    }
  }

  #replace(from: number, to: number, text: string): void {
    this.#line = this.#line.slice(0, from) + text + this.#line.slice(to)
    this.#at = from + text.length
  }

  #history(step: number): void {
    const { history } = this.#options
    const to = Math.min(history.length, Math.max(0, this.#place + step))
    if (to === this.#place) return
    if (this.#place === history.length) this.#kept = this.#line
    this.#place = to
    this.#line = history[to] ?? this.#kept
    this.#at = this.#line.length
  }

  #searching(key: string, name: string | undefined): boolean {
    const { history } = this.#options
    if (name === undefined && key >= ' ') this.#search += key
    else if (name === 'erase') this.#search = this.#search?.slice(0, -1)
    else if (name !== 'search') {
      this.#search = undefined
      return false
    }
    const from = name === 'search' ? this.#place - 1 : history.length - 1
    for (let at = from; at >= 0; at--) {
      if (!history[at]?.includes(this.#search as string)) continue
      this.#place = at
      this.#line = history[at] as string
      this.#at = this.#line.length
      break
    }
    return true
  }

  #complete(): string {
    const { from, words } = this.#options.complete(this.#line, this.#at)
    const [only] = words
    if (only === undefined) return '\x07'
    const common = words.reduce(commonStart)
    const longer = common.length > this.#at - from
    if (words.length === 1) this.#replace(from, this.#at, only.endsWith('/') ? only : `${only} `)
    else if (longer) this.#replace(from, this.#at, common)
    else return `\n${columns(words, this.#width)}${this.#prompt}${this.#line}`
    return this.#draw()
  }

  #visible(): number {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours of a prompt take no room.
    return (this.#prompt.split('\n').at(-1) ?? '').replace(/\x1b\[[0-9;]*m/g, '').length
  }

  #draw(): string {
    const prompt = this.#search === undefined ? this.#prompt : `(reverse-i-search)'${this.#search}': `
    const up = this.#row > 0 ? `\x1b[${this.#row}A` : ''
    const before = this.#visible() + this.#at
    const end = this.#visible() + this.#line.length
    this.#row = Math.floor(before / this.#width)
    const back = Math.floor(end / this.#width) - this.#row
    const column = before % this.#width
    const shown = prompt.split('\n').at(-1) ?? ''
    // A terminal waits at its right edge until there is one more character
    const over = end > 0 && end % this.#width === 0 ? ' \r' : ''
    return `${up}\r\x1b[J${shown}${this.#line}${over}${back > 0 ? `\x1b[${back}A` : ''}\r${column > 0 ? `\x1b[${column}C` : ''}`
  }
}

function commonStart(a: string, b: string): string {
  let at = 0
  while (at < a.length && a[at] === b[at]) at++
  return a.slice(0, at)
}

/** Names side by side, as busybox shows what a word may become. */
function columns(words: readonly string[], width: number): string {
  const names = words.map(
    (word) =>
      word
        .replace(/(.)\/$/, '$1')
        .split('/')
        .at(-1) ?? word,
  )
  const wide = Math.max(...names.map((name) => name.length)) + 2
  const count = Math.max(1, Math.floor(width / wide))
  const rows = Math.ceil(names.length / count)
  return Array.from(
    { length: rows },
    (_, row) =>
      `${names
        .filter((__, index) => index % rows === row)
        .map((name) => name.padEnd(wide))
        .join('')
        .trimEnd()}\n`,
  ).join('')
}
