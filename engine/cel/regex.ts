/**
 * Regular expressions as RE2 has them, matched in time linear in the text: an expression of a client can never hang the server, as a
 * backtracking engine could.
 */

/** A pattern that is none, in the words of Go's `regexp/syntax`. */
export class RegexError extends Error {
  override name = 'RegexError'
  constructor(what: string, part: string) {
    super(`error parsing regexp: ${what}: \`${part}\``)
  }
}

type Node =
  | { readonly kind: 'empty' }
  | { readonly kind: 'set'; readonly has: CharTest }
  | { readonly kind: 'assert'; readonly holds: Assertion }
  | { readonly kind: 'cat' | 'alt'; readonly parts: readonly Node[] }
  | {
      readonly kind: 'repeat'
      readonly part: Node
      readonly least: number
      readonly most: number
      readonly greedy: boolean
    }

type CharTest = (code: number) => boolean
/** Of the code points before and after, -1 at the ends. */
type Assertion = (before: number, after: number) => boolean

type Instruction =
  | { readonly op: 'char'; readonly has: CharTest }
  | { readonly op: 'assert'; readonly holds: Assertion }
  | { readonly op: 'split'; first: number; second: number }
  | { readonly op: 'jump'; to: number }
  | { readonly op: 'match' }

interface State {
  readonly pcs: readonly number[]
  /** What was read last, as far as assertions ask: a letter that stands for its kind. */
  readonly before: number
  /** By code point; true where a match is certain. */
  readonly next: Map<number, State | true>
}

const START = -1
const END = -1
const WORD = 97
const OTHER = 32
/** States that are kept; beyond that they are made anew. */
const MOST_STATES = 2000
/** Go's limit for `{n,m}`. */
const MOST_REPEATS = 1000
/** Instructions of a program; Go limits the size of what it parses likewise. */
const LARGEST = 200_000

export class Regex {
  readonly source: string
  readonly #program: Instruction[] = []
  readonly #states = new Map<string, State>()

  /** @throws RegexError */
  constructor(source: string) {
    this.source = source
    this.#emit(new RegexParser(source).whole())
    this.#program.push({ op: 'match' })
  }

  /** Anywhere in the text. */
  test(text: string): boolean {
    let state = this.#state([], START)
    for (const letter of text) {
      const code = codeOf(letter)
      const next = state.next.get(code) ?? this.#step(state, code)
      if (next === true) return true
      state = next
    }
    return (state.next.get(END) ?? this.#step(state, END)) === true
  }

  /** The ways that are open after a letter: an automaton that is made as texts need it. */
  #state(pcs: readonly number[], before: number): State {
    const key = `${before}:${pcs.join(',')}`
    const known = this.#states.get(key)
    if (known !== undefined) return known
    if (this.#states.size >= MOST_STATES) this.#states.clear()
    const made: State = { pcs, before, next: new Map() }
    this.#states.set(key, made)
    return made
  }

  #step(state: State, code: number): State | true {
    const ready: (readonly [number, number])[] = []
    const seen = new Int32Array(this.#program.length).fill(-1)
    for (const pc of [...state.pcs, 0]) this.#add(ready, seen, pc, 0, 0, state.before, code)
    const matched = ready.some(([pc]) => this.#program[pc]?.op === 'match')
    const pcs: number[] = []
    for (const [pc] of ready) {
      const instruction = this.#program[pc] as Instruction
      if (instruction.op === 'char' && code !== END && instruction.has(code)) pcs.push(pc + 1)
    }
    const next = matched || this.#state(pcs, code === 10 || code === END ? code : word(code) ? WORD : OTHER)
    if (state.next.size < MOST_STATES) state.next.set(code, next)
    return next
  }

  /** The leftmost match, undefined if there is none. */
  find(text: string): string | undefined {
    return this.findAll(text, 1)[0]
  }

  /** Matches that do not overlap; all if `most` is negative. */
  findAll(text: string, most = -1): string[] {
    const letters = [...text]
    const codes = letters.map(codeOf)
    const found: string[] = []
    let from = 0
    let last = -1
    while (found.length !== most && from <= codes.length) {
      const match = this.#run(codes, from)
      if (match === undefined) break
      const [start, end] = match
      // An empty match right after another one does not count.
      if (end > start || start !== last) found.push(letters.slice(start, end).join(''))
      last = end
      from = end > start ? end : start + 1
    }
    return found
  }

  #emit(node: Node): void {
    const program = this.#program
    if (program.length > LARGEST) throw new RegexError('expression too large', this.source)
    switch (node.kind) {
      case 'empty':
        return
      case 'set':
        program.push({ op: 'char', has: node.has })
        return
      case 'assert':
        program.push({ op: 'assert', holds: node.holds })
        return
      case 'cat':
        for (const part of node.parts) this.#emit(part)
        return
      case 'alt': {
        const jumps: { op: 'jump'; to: number }[] = []
        for (const [at, part] of node.parts.entries()) {
          if (at === node.parts.length - 1) {
            this.#emit(part)
            break
          }
          const split = { op: 'split' as const, first: program.length + 1, second: 0 }
          program.push(split)
          this.#emit(part)
          const jump = { op: 'jump' as const, to: 0 }
          jumps.push(jump)
          program.push(jump)
          split.second = program.length
        }
        for (const jump of jumps) jump.to = program.length
        return
      }
      case 'repeat':
        this.#repeat(node)
    }
  }

  #repeat({ part, least, most, greedy }: Node & { kind: 'repeat' }): void {
    const program = this.#program
    for (let count = 0; count < least; count++) this.#emit(part)
    const fork = () => {
      const split = { op: 'split' as const, first: program.length + 1, second: program.length + 1 }
      program.push(split)
      return (to: number) => {
        if (greedy) split.second = to
        else split.first = to
      }
    }
    if (most === Number.POSITIVE_INFINITY) {
      const start = program.length
      const leave = fork()
      this.#emit(part)
      program.push({ op: 'jump', to: start })
      leave(program.length)
      return
    }
    const leaves: ((to: number) => void)[] = []
    for (let count = least; count < most; count++) {
      leaves.push(fork())
      this.#emit(part)
    }
    for (const leave of leaves) leave(program.length)
  }

  /** Pike's machine: all ways at once, those preferred first. */
  #run(codes: readonly number[], from: number): readonly [number, number] | undefined {
    let threads: (readonly [number, number])[] = []
    let best: readonly [number, number] | undefined
    const seen = new Int32Array(this.#program.length).fill(-1)
    for (let at = from; at <= codes.length; at++) {
      const before = at === 0 ? -1 : (codes[at - 1] ?? -1)
      const code = at < codes.length ? (codes[at] ?? -1) : -1
      const ready: (readonly [number, number])[] = []
      for (const [pc, start] of threads) this.#add(ready, seen, pc, start, at, before, code)
      if (best === undefined) this.#add(ready, seen, 0, at, at, before, code)
      threads = []
      for (const [pc, start] of ready) {
        const instruction = this.#program[pc] as Instruction
        if (instruction.op === 'match') {
          best = [start, at]
          break
        }
        if (instruction.op === 'char' && code !== -1 && instruction.has(code)) threads.push([pc + 1, start])
      }
      if (threads.length === 0 && best !== undefined) return best
    }
    return best
  }

  #add(
    ready: (readonly [number, number])[],
    seen: Int32Array,
    first: number,
    start: number,
    at: number,
    before: number,
    after: number,
  ): void {
    const stack = [first]
    for (let pc = stack.pop(); pc !== undefined; pc = stack.pop()) {
      if (seen[pc] === at) continue
      seen[pc] = at
      const instruction = this.#program[pc] as Instruction
      switch (instruction.op) {
        case 'jump':
          stack.push(instruction.to)
          break
        case 'split':
          stack.push(instruction.second, instruction.first)
          break
        case 'assert':
          if (instruction.holds(before, after)) stack.push(pc + 1)
          break
        default:
          ready.push([pc, start])
      }
    }
  }
}

const codeOf = (letter: string): number => letter.codePointAt(0) ?? 0

interface Flags {
  readonly i: boolean
  readonly m: boolean
  readonly s: boolean
  readonly U: boolean
}

const between =
  (low: number, high: number): CharTest =>
  (code) =>
    code >= low && code <= high
const anyOf =
  (...tests: CharTest[]): CharTest =>
  (code) =>
    tests.some((test) => test(code))
const not =
  (test: CharTest): CharTest =>
  (code) =>
    !test(code)
const among = (letters: string): CharTest => {
  const codes = new Set([...letters].map(codeOf))
  return (code) => codes.has(code)
}
const digit = between(48, 57)
const upper = between(65, 90)
const lower = between(97, 122)
const word = anyOf(digit, upper, lower, among('_'))
const space = among('\t\n\f\r ')
const perl: ReadonlyMap<string, CharTest> = new Map([
  ['d', digit],
  ['D', not(digit)],
  ['w', word],
  ['W', not(word)],
  ['s', space],
  ['S', not(space)],
])
const posix: ReadonlyMap<string, CharTest> = new Map([
  ['alnum', anyOf(digit, upper, lower)],
  ['alpha', anyOf(upper, lower)],
  ['ascii', between(0, 127)],
  ['blank', among('\t ')],
  ['cntrl', anyOf(between(0, 31), among('\x7f'))],
  ['digit', digit],
  ['graph', between(33, 126)],
  ['lower', lower],
  ['print', between(32, 126)],
  ['punct', anyOf(between(33, 47), between(58, 64), between(91, 96), between(123, 126))],
  ['space', among('\t\n\v\f\r ')],
  ['upper', upper],
  ['word', word],
  ['xdigit', anyOf(digit, between(65, 70), between(97, 102))],
])
const controls: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['f', 12],
  ['t', 9],
  ['n', 10],
  ['r', 13],
  ['v', 11],
])
const boundary: Assertion = (before, after) => (before !== -1 && word(before)) !== (after !== -1 && word(after))

class RegexParser {
  readonly #letters: readonly string[]
  readonly #source: string
  #at = 0
  #flags: Flags = { i: false, m: false, s: false, U: false }
  #depth = 0

  constructor(source: string) {
    this.#source = source
    this.#letters = [...source]
  }

  whole(): Node {
    const node = this.#alternatives()
    if (this.#at < this.#letters.length) throw new RegexError('unexpected )', this.#source)
    return node
  }

  #alternatives(): Node {
    if (++this.#depth > 1000) throw new RegexError('expression nests too deeply', this.#source)
    const flags = this.#flags
    const parts = [this.#sequence()]
    while (this.#take('|')) parts.push(this.#sequence())
    this.#flags = flags
    this.#depth--
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'alt', parts }
  }

  #sequence(): Node {
    const parts: Node[] = []
    for (let next = this.#peek(); next !== undefined && next !== '|' && next !== ')'; next = this.#peek()) {
      const start = this.#at
      const atom = this.#atom()
      parts.push(atom === undefined ? { kind: 'empty' } : this.#repeated(atom, start))
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: 'cat', parts }
  }

  #repeated(atom: Node, start: number): Node {
    let node = atom
    for (let times = 0; ; times++) {
      const from = this.#at
      const bounds = this.#bounds()
      if (bounds === undefined) return node
      const greedy = this.#take('?') === this.#flags.U
      if (times > 0) {
        throw new RegexError(
          'invalid nested repetition operator',
          this.#letters
            .slice(start, this.#at)
            .slice(from - start - 1)
            .join(''),
        )
      }
      const [least, most] = bounds
      if (least > MOST_REPEATS || (most !== Number.POSITIVE_INFINITY && most > MOST_REPEATS) || least > most) {
        throw new RegexError('invalid repeat count', this.#letters.slice(from, this.#at).join(''))
      }
      node = { kind: 'repeat', part: node, least, most, greedy }
    }
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Number.POSITIVE_INFINITY]
    if (this.#take('+')) return [1, Number.POSITIVE_INFINITY]
    if (this.#take('?')) return [0, 1]
    const counted = /^\{([0-9]+)(,([0-9]*))?\}/.exec(this.#letters.slice(this.#at, this.#at + 32).join(''))
    if (counted === null) return undefined
    this.#at += counted[0].length
    const least = Number(counted[1])
    if (counted[2] === undefined) return [least, least]
    return [least, counted[3] === '' ? Number.POSITIVE_INFINITY : Number(counted[3])]
  }

  #atom(): Node | undefined {
    const letter = this.#next()
    switch (letter) {
      case '(':
        return this.#group()
      case '[':
        return { kind: 'set', has: this.#folded(this.#class()) }
      case '.':
        return { kind: 'set', has: this.#flags.s ? () => true : (code) => code !== 10 }
      case '^':
        return {
          kind: 'assert',
          holds: this.#flags.m ? (before) => before === -1 || before === 10 : (before) => before === -1,
        }
      case '$':
        return {
          kind: 'assert',
          holds: this.#flags.m ? (_, after) => after === -1 || after === 10 : (_, after) => after === -1,
        }
      case '*':
      case '+':
      case '?':
        throw new RegexError('missing argument to repetition operator', letter)
      case '\\':
        return this.#escaped()
      default: {
        if (letter === '{' && /^\{[0-9]+(,[0-9]*)?\}/.test(this.#letters.slice(this.#at - 1, this.#at + 31).join(''))) {
          throw new RegexError(
            'missing argument to repetition operator',
            this.#letters
              .slice(this.#at - 1)
              .join('')
              .replace(/\}[\s\S]*$/, '}'),
          )
        }
        return this.#literal(codeOf(letter))
      }
    }
  }

  #literal(code: number): Node {
    return { kind: 'set', has: this.#folded((other) => other === code) }
  }

  #folded(test: CharTest): CharTest {
    if (!this.#flags.i) return test
    return (code) => {
      const letter = String.fromCodePoint(code)
      return test(code) || test(codeOf(letter.toLowerCase())) || test(codeOf(letter.toUpperCase()))
    }
  }

  #group(): Node | undefined {
    if (this.#take('?')) {
      const rest = this.#letters.slice(this.#at).join('')
      const name = /^P?<([A-Za-z_][A-Za-z0-9_]*)>/.exec(rest)
      if (name !== null) this.#at += name[0].length
      else {
        const flags = /^([imsU]*)(?:-([imsU]+))?([:)])/.exec(rest)
        if (flags === null) {
          const shown = /^(?:<?[=!]|P?<[^>]*>?|.)?/s.exec(rest)?.[0] ?? ''
          throw new RegexError(
            rest === '' ? 'missing closing )' : 'invalid or unsupported Perl syntax',
            rest === '' ? this.#source : `(?${shown}`,
          )
        }
        this.#at += flags[0].length
        const before = this.#flags
        this.#flags = this.#withFlags(flags[1] ?? '', flags[2] ?? '')
        if (flags[3] === ')') return undefined
        const inner = this.#closed()
        this.#flags = before
        return inner
      }
    }
    return this.#closed()
  }

  #withFlags(on: string, off: string): Flags {
    const set = (flag: keyof Flags): boolean => (off.includes(flag) ? false : this.#flags[flag] || on.includes(flag))
    return { i: set('i'), m: set('m'), s: set('s'), U: set('U') }
  }

  #closed(): Node {
    const inner = this.#alternatives()
    if (!this.#take(')')) throw new RegexError('missing closing )', this.#source)
    return inner
  }

  #escaped(): Node | undefined {
    const letter = this.#peek()
    switch (letter) {
      case undefined:
        throw new RegexError('trailing backslash at end of expression', '')
      case 'A':
        this.#at++
        return { kind: 'assert', holds: (before) => before === -1 }
      case 'z':
        this.#at++
        return { kind: 'assert', holds: (_, after) => after === -1 }
      case 'b':
        this.#at++
        return { kind: 'assert', holds: boundary }
      case 'B':
        this.#at++
        return { kind: 'assert', holds: (before, after) => !boundary(before, after) }
      case 'Q': {
        this.#at++
        const rest = this.#letters.slice(this.#at).join('')
        const end = rest.indexOf('\\E')
        const text = [...(end === -1 ? rest : rest.slice(0, end))]
        this.#at += text.length + (end === -1 ? 0 : 2)
        return { kind: 'cat', parts: text.map((one) => this.#literal(codeOf(one))) }
      }
    }
    const test = this.#classEscape()
    return { kind: 'set', has: this.#folded(test) }
  }

  /** What follows a backslash, where it stands for characters. */
  #classEscape(): CharTest {
    const letter = this.#next()
    const known = perl.get(letter)
    if (known !== undefined) return known
    if (letter === 'p' || letter === 'P') return this.#unicode(letter === 'P')
    const code = this.#escapedCode(letter)
    return (other) => other === code
  }

  #unicode(negated: boolean): CharTest {
    const rest = this.#letters.slice(this.#at).join('')
    const found = /^(?:\{(\^?)([^}]*)\}|([^{]))/.exec(rest)
    if (found === null) throw new RegexError('invalid character class range', `\\${negated ? 'P' : 'p'}${rest}`)
    this.#at += [...found[0]].length
    const name = found[2] ?? found[3] ?? ''
    const form = unicodeForm(name)
    if (form === undefined) throw new RegexError('invalid character class range', `\\${negated ? 'P' : 'p'}${found[0]}`)
    const test: CharTest = (code) => form.test(String.fromCodePoint(code))
    return negated !== (found[1] === '^') ? not(test) : test
  }

  #escapedCode(letter: string): number {
    const control = controls.get(letter)
    if (control !== undefined) return control
    const rest = this.#letters.slice(this.#at, this.#at + 12).join('')
    if (letter === 'x') {
      const hex = /^(?:([0-9a-fA-F]{2})|\{([0-9a-fA-F]{1,6})\})/.exec(rest)
      if (hex === null) throw new RegexError('invalid escape sequence', `\\x${rest.slice(0, 1)}`)
      this.#at += hex[0].length
      return Number.parseInt(hex[1] ?? hex[2] ?? '', 16)
    }
    const octal = /^[0-7]{1,3}/.exec(letter + rest)
    if (octal !== null && (letter === '0' || octal[0].length > 1)) {
      this.#at += octal[0].length - 1
      return Number.parseInt(octal[0], 8)
    }
    if (/^[A-Za-z0-9]$/.test(letter)) throw new RegexError('invalid escape sequence', `\\${letter}`)
    return codeOf(letter)
  }

  #class(): CharTest {
    const start = this.#at - 1
    const negated = this.#take('^')
    const tests: CharTest[] = []
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#peek() === undefined) {
        throw new RegexError('missing closing ]', this.#letters.slice(start).join(''))
      }
      tests.push(this.#classPart())
    }
    this.#at++
    const test = anyOf(...tests)
    return negated ? not(test) : test
  }

  #classPart(): CharTest {
    const rest = this.#letters.slice(this.#at).join('')
    const named = /^\[:(\^?)([a-z]+):\]/.exec(rest)
    if (named !== null) {
      const test = posix.get(named[2] ?? '')
      if (test === undefined) throw new RegexError('invalid character class range', named[0])
      this.#at += named[0].length
      return named[1] === '^' ? not(test) : test
    }
    if (/^\\[dDwWsSpP]/.test(rest)) {
      this.#at++
      return this.#classEscape()
    }
    const from = this.#at
    const low = this.#classCode()
    if (this.#peek() !== '-' || this.#letters[this.#at + 1] === ']' || this.#letters[this.#at + 1] === undefined) {
      return (code) => code === low
    }
    this.#at++
    const high = this.#classCode()
    if (high < low) {
      throw new RegexError('invalid character class range', this.#letters.slice(from, this.#at).join(''))
    }
    return between(low, high)
  }

  #classCode(): number {
    const letter = this.#next()
    return letter === '\\' ? this.#escapedCode(this.#next()) : codeOf(letter)
  }

  #peek(): string | undefined {
    return this.#letters[this.#at]
  }

  #next(): string {
    const letter = this.#letters[this.#at++]
    if (letter === undefined) throw new RegexError('trailing backslash at end of expression', '')
    return letter
  }

  #take(letter: string): boolean {
    if (this.#letters[this.#at] !== letter) return false
    this.#at++
    return true
  }
}

function unicodeForm(name: string): RegExp | undefined {
  if (!/^[A-Za-z_]+$/.test(name)) return undefined
  for (const property of [name, `Script=${name}`]) {
    try {
      return new RegExp(`^\\p{${property}}$`, 'u')
    } catch {}
  }
  return undefined
}
