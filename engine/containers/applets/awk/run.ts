import { type Io, Quit } from '../applet.ts'
import { PatternFault, posixRegex } from '../regex.ts'
import { FieldRecord, split } from './record.ts'
import { Source, Streams } from './streams.ts'
import type { AwkFunction, AwkProgram, Expression, Rule, Statement } from './syntax.ts'
import { unescaped } from './tokens.ts'
import { compared, fromOutside, numberOf, printed, textOf, truthOf, type Value } from './values.ts'

type Table = Map<string, Value>
type Scope = Map<string, Value | Table>

/** How a statement ended other than by its end. */
type Leap =
  | undefined
  | { readonly to: 'next' | 'nextfile' | 'break' | 'continue' }
  | { readonly to: 'return'; readonly value: Value }
  | { readonly to: 'exit' }

/** Steps of a loop after which others get their turn. */
const TURN = 1000

/** A program as it runs. */
export class Awk {
  readonly #io: Io
  readonly #program: AwkProgram
  readonly #globals: Scope = new Map()
  readonly #streams: Streams
  readonly #record: FieldRecord
  readonly #regexes = new Map<string, RegExp>()
  readonly #ranges = new Set<Rule>()
  #locals: Scope | undefined
  #exit = 0
  #input: Source | undefined
  #argument = 1
  #read = false
  #steps = 0
  #seed = 1

  constructor(
    io: Io,
    program: AwkProgram,
    { args, separator }: { readonly args: readonly string[]; readonly separator: string },
  ) {
    this.#io = io
    this.#program = program
    this.#streams = new Streams(io)
    this.#record = new FieldRecord({
      separator: () => textOf(this.#scalar('FS')),
      outputSeparator: () => textOf(this.#scalar('OFS')),
      regex: (source) => this.#regex(source),
      paragraphs: () => textOf(this.#scalar('RS')) === '',
    })
    const argv = ['awk', ...args]
    for (const [name, value] of Object.entries({
      FS: separator,
      OFS: ' ',
      RS: '\n',
      ORS: '\n',
      SUBSEP: '\x1c',
      CONVFMT: '%.6g',
      OFMT: '%.6g',
      NR: 0,
      FNR: 0,
      RSTART: 0,
      RLENGTH: -1,
      ARGC: argv.length,
    }))
      this.#globals.set(name, value)
    this.#globals.set('ARGV', new Map(argv.map((arg, index) => [String(index), fromOutside(arg)])))
    this.#globals.set('ENVIRON', new Map([...io.process.env].map(([name, value]) => [name, fromOutside(value)])))
  }

  /** As `-v name=value`. */
  set(assignment: string): void {
    const at = assignment.indexOf('=')
    this.#globals.set(assignment.slice(0, at), fromOutside(unescaped(assignment.slice(at + 1))))
  }

  async run(): Promise<number> {
    const of = (when: 'BEGIN' | 'END') => this.#program.rules.filter((rule) => rule.when === when)
    const each = this.#program.rules.filter((rule) => typeof rule.when === 'object' || rule.when === 'always')
    let left = await this.#all(of('BEGIN'))
    if (left !== 'exit' && (each.length > 0 || of('END').length > 0)) {
      for (;;) {
        const text = await this.#next()
        if (text === undefined) break
        this.#record.set(text)
        left = await this.#all(each)
        if (left === 'exit') break
        if (left === 'nextfile') this.#input = undefined
      }
    }
    await this.#all(of('END'))
    await this.#io.flush()
    await this.#streams.end()
    return this.#exit
  }

  async #all(rules: readonly Rule[]): Promise<'exit' | 'nextfile' | undefined> {
    for (const rule of rules) {
      if (!(await this.#applies(rule))) continue
      if (rule.body === undefined) {
        await this.#io.out(textOf(this.#record.get(0)) + textOf(this.#scalar('ORS')))
        continue
      }
      const leap = await this.#do(rule.body)
      if (leap?.to === 'exit') return 'exit'
      if (leap?.to === 'nextfile') return 'nextfile'
      if (leap?.to === 'next') return undefined
    }
    return undefined
  }

  async #applies(rule: Rule): Promise<boolean> {
    if (typeof rule.when === 'string') return true
    const { from, to } = rule.when
    if (to === undefined) return truthOf(await this.#value(from))
    if (!this.#ranges.has(rule) && !truthOf(await this.#value(from))) return false
    if (truthOf(await this.#value(to))) this.#ranges.delete(rule)
    else this.#ranges.add(rule)
    return true
  }

  /** The next record of the program's input. */
  async #next(): Promise<string | undefined> {
    for (;;) {
      if (this.#input === undefined && !(await this.#open())) return undefined
      const text = await this.#input?.next(this.#separator())
      if (text !== undefined) {
        for (const name of ['NR', 'FNR']) this.#globals.set(name, numberOf(this.#scalar(name)) + 1)
        return text
      }
      this.#input = undefined
    }
  }

  async #open(): Promise<boolean> {
    const argv = this.#table('ARGV')
    for (; this.#argument < numberOf(this.#scalar('ARGC')); this.#argument++) {
      const name = textOf(argv.get(String(this.#argument)))
      if (name === '') continue
      if (/^[A-Za-z_]\w*=/.test(name)) {
        this.set(name)
        continue
      }
      this.#argument++
      return this.#begin(name)
    }
    if (this.#read) return false
    return this.#begin('')
  }

  async #begin(name: string): Promise<boolean> {
    this.#read = true
    const { stdin, files } = this.#io.process
    this.#globals.set('FNR', 0)
    this.#globals.set('FILENAME', name)
    try {
      this.#input = new Source(this.#io, name === '' || name === '-' ? stdin : files.openInput(this.#io.path(name)))
    } catch (error) {
      await this.#io.flush()
      throw new Quit(1, `${name}: ${(error as Error).message}`)
    }
    return true
  }

  #separator(): RegExp | string {
    const text = textOf(this.#scalar('RS'))
    return text.length < 2 ? text : this.#regex(text)
  }

  #regex(source: string): RegExp {
    const held = this.#regexes.get(source)
    if (held !== undefined) return held
    try {
      const made = posixRegex(source, { extended: true })
      this.#regexes.set(source, made)
      return made
    } catch (error) {
      if (!(error instanceof PatternFault)) throw error
      return this.#io.fail(`bad regex '${source}': ${error.message}`)
    }
  }

  async #patternOf(expression: Expression): Promise<RegExp> {
    return this.#regex(expression.is === 'regex' ? expression.source : textOf(await this.#value(expression)))
  }

  #scopeOf(name: string): Scope {
    return this.#locals?.has(name) ? this.#locals : this.#globals
  }

  #scalar(name: string): Value {
    if (name === 'NF') return this.#record.count
    const value = this.#scopeOf(name).get(name)
    return value instanceof Map ? this.#io.fail(`'${name}' is an array`) : value
  }

  #table(name: string): Table {
    const scope = this.#scopeOf(name)
    const held = scope.get(name)
    if (held instanceof Map) return held
    const made: Table = new Map()
    scope.set(name, made)
    return made
  }

  async #keyOf(keys: readonly Expression[]): Promise<string> {
    const parts: string[] = []
    for (const key of keys) parts.push(textOf(await this.#value(key), textOf(this.#scalar('CONVFMT'))))
    return parts.join(textOf(this.#scalar('SUBSEP')))
  }

  async #assign(to: Expression, value: Value): Promise<Value> {
    if (to.is === 'name') {
      if (to.name === 'NF') this.#record.count = numberOf(value)
      else this.#scopeOf(to.name).set(to.name, value)
    } else if (to.is === 'element') {
      const key = await this.#keyOf(to.keys)
      this.#table(to.name).set(key, value)
    } else if (to.is === 'field') this.#record.put(Math.trunc(numberOf(await this.#value(to.index))), value)
    return value
  }

  async #loop(test: Expression | undefined, body: Statement, after?: Statement): Promise<Leap> {
    while (test === undefined || truthOf(await this.#value(test))) {
      if (++this.#steps % TURN === 0) await this.#io.process.compute(1)
      const leap = await this.#do(body)
      if (leap?.to === 'break') return undefined
      if (leap !== undefined && leap.to !== 'continue') return leap
      if (after !== undefined) await this.#do(after)
    }
    return undefined
  }

  async #do(statement: Statement): Promise<Leap> {
    switch (statement.do) {
      case 'block':
        for (const one of statement.list) {
          const leap = await this.#do(one)
          if (leap !== undefined) return leap
        }
        return undefined
      case 'expression':
        await this.#value(statement.value)
        return undefined
      case 'print':
        await this.#print(statement)
        return undefined
      case 'if':
        if (truthOf(await this.#value(statement.test))) return this.#do(statement.yes)
        return statement.no === undefined ? undefined : this.#do(statement.no)
      case 'while':
        return this.#loop(statement.test, statement.body)
      case 'until': {
        const leap = await this.#do(statement.body)
        if (leap?.to === 'break') return undefined
        if (leap !== undefined && leap.to !== 'continue') return leap
        return this.#loop(statement.test, statement.body)
      }
      case 'for':
        if (statement.first !== undefined) await this.#do(statement.first)
        return this.#loop(statement.test, statement.body, statement.next)
      case 'each':
        for (const key of [...this.#table(statement.of).keys()]) {
          await this.#assign({ is: 'name', name: statement.key }, fromOutside(key))
          const leap = await this.#do(statement.body)
          if (leap?.to === 'break') break
          if (leap !== undefined && leap.to !== 'continue') return leap
        }
        return undefined
      case 'exit':
        if (statement.value !== undefined) this.#exit = numberOf(await this.#value(statement.value)) & 255
        return { to: 'exit' }
      case 'return':
        return { to: 'return', value: statement.value === undefined ? undefined : await this.#value(statement.value) }
      case 'delete':
        if (statement.keys === undefined) this.#table(statement.name).clear()
        else this.#table(statement.name).delete(await this.#keyOf(statement.keys))
        return undefined
      default:
        return { to: statement.do }
    }
  }

  async #print({ format, args, into }: Extract<Statement, { do: 'print' }>): Promise<void> {
    const values: Value[] = []
    for (const arg of args) values.push(await this.#value(arg))
    const shape = textOf(this.#scalar('OFMT'))
    const text = format
      ? printed(textOf(values[0]), values.slice(1))
      : (args.length === 0
          ? textOf(this.#record.get(0))
          : values.map((value) => textOf(value, shape)).join(textOf(this.#scalar('OFS')))) + textOf(this.#scalar('ORS'))
    if (into === undefined) await this.#io.out(text)
    else await this.#streams.write(into.how, textOf(await this.#value(into.target)), text)
  }

  async #value(expression: Expression): Promise<Value> {
    switch (expression.is) {
      case 'number':
      case 'string':
        return expression.value
      case 'regex':
        return this.#regex(expression.source).test(textOf(this.#record.get(0))) ? 1 : 0
      case 'group': {
        const [only] = expression.list
        return expression.list.length === 1 && only !== undefined ? this.#value(only) : this.#keyOf(expression.list)
      }
      case 'name':
        return this.#scalar(expression.name)
      case 'field':
        return this.#record.get(Math.trunc(numberOf(await this.#value(expression.index))))
      case 'element': {
        const key = await this.#keyOf(expression.keys)
        const table = this.#table(expression.name)
        if (!table.has(key)) table.set(key, undefined)
        return table.get(key)
      }
      case 'in':
        return this.#table(expression.name).has(await this.#keyOf(expression.keys)) ? 1 : 0
      case 'assign': {
        const value = await this.#value(expression.value)
        if (expression.operator === '') return this.#assign(expression.to, value)
        const before = numberOf(await this.#value(expression.to))
        return this.#assign(expression.to, this.#computed(expression.operator, before, numberOf(value)))
      }
      case 'step': {
        const before = numberOf(await this.#value(expression.to))
        await this.#assign(expression.to, before + expression.by)
        return expression.before ? before + expression.by : before
      }
      case 'unary': {
        const value = await this.#value(expression.of)
        if (expression.operator === '!') return truthOf(value) ? 0 : 1
        return expression.operator === '-' ? -numberOf(value) : numberOf(value)
      }
      case 'choice':
        return this.#value(truthOf(await this.#value(expression.test)) ? expression.yes : expression.no)
      case 'binary':
        return this.#binary(expression)
      case 'getline':
        return this.#getline(expression)
      case 'call': {
        const own = this.#program.functions.get(expression.name)
        return own === undefined ? this.#builtIn(expression.name, expression.args) : this.#call(own, expression.args)
      }
    }
  }

  async #binary({ operator, left, right }: Extract<Expression, { is: 'binary' }>): Promise<Value> {
    if (operator === '&&') return truthOf(await this.#value(left)) && truthOf(await this.#value(right)) ? 1 : 0
    if (operator === '||') return truthOf(await this.#value(left)) || truthOf(await this.#value(right)) ? 1 : 0
    const a = await this.#value(left)
    if (operator === '~' || operator === '!~')
      return (await this.#patternOf(right)).test(textOf(a)) === (operator === '~') ? 1 : 0
    const b = await this.#value(right)
    const shape = textOf(this.#scalar('CONVFMT'))
    if (operator === ' ') return textOf(a, shape) + textOf(b, shape)
    if (/^[<>=!]/.test(operator)) {
      const order = compared(a, b)
      const outcomes: Readonly<Record<string, boolean>> = {
        '<': order < 0,
        '<=': order <= 0,
        '==': order === 0,
        '!=': order !== 0,
        '>': order > 0,
        '>=': order >= 0,
      }
      return outcomes[operator] ? 1 : 0
    }
    return this.#computed(operator, numberOf(a), numberOf(b))
  }

  #computed(operator: string, a: number, b: number): number {
    if ((operator === '/' || operator === '%') && b === 0) this.#io.fail('cmd. line:1: Division by zero')
    if (operator === '+') return a + b
    if (operator === '-') return a - b
    if (operator === '*') return a * b
    if (operator === '/') return a / b
    return operator === '%' ? a % b : a ** b
  }

  async #getline({ from, source, to }: Extract<Expression, { is: 'getline' }>): Promise<Value> {
    let text: string | undefined
    if (from === 'input') text = await this.#next()
    else {
      const name = textOf(await this.#value(source as Expression))
      const held = await this.#streams.source(name, from === 'command')
      if (held === undefined) return -1
      text = await held.next(this.#separator())
      if (text !== undefined && from === 'command') this.#globals.set('NR', numberOf(this.#scalar('NR')) + 1)
    }
    if (text === undefined) return 0
    if (to === undefined) this.#record.set(text)
    else await this.#assign(to, fromOutside(text))
    return 1
  }

  async #call({ parameters, body }: AwkFunction, args: readonly Expression[]): Promise<Value> {
    const scope: Scope = new Map()
    const shared: [string, string, Scope][] = []
    for (const [index, parameter] of parameters.entries()) {
      const arg = args[index]
      if (arg?.is !== 'name') {
        scope.set(parameter, arg === undefined ? undefined : await this.#value(arg))
        continue
      }
      const outer = this.#scopeOf(arg.name)
      scope.set(parameter, arg.name === 'NF' ? this.#record.count : outer.get(arg.name))
      if (outer.get(arg.name) === undefined) shared.push([parameter, arg.name, outer])
    }
    const held = this.#locals
    this.#locals = scope
    const leap = await this.#do(body)
    this.#locals = held
    // A variable that became an array within is one without, too.
    for (const [parameter, name, outer] of shared) {
      const made = scope.get(parameter)
      if (made instanceof Map && outer.get(name) === undefined) outer.set(name, made)
    }
    if (leap?.to === 'exit') throw new Quit(this.#exit)
    return leap?.to === 'return' ? leap.value : undefined
  }

  async #builtIn(name: string, args: readonly Expression[]): Promise<Value> {
    const at = async (index: number): Promise<Value> => {
      const arg = args[index]
      return arg === undefined ? undefined : this.#value(arg)
    }
    switch (name) {
      case 'length': {
        const [arg] = args
        if (arg?.is === 'name' && this.#scopeOf(arg.name).get(arg.name) instanceof Map)
          return this.#table(arg.name).size
        return [...textOf(arg === undefined ? this.#record.get(0) : await this.#value(arg))].length
      }
      case 'substr': {
        const text = [...textOf(await at(0))]
        const begin = Math.max(1, Math.round(numberOf(await at(1))))
        const end = args.length > 2 ? begin + Math.round(numberOf(await at(2))) : Number.POSITIVE_INFINITY
        return text.slice(begin - 1, Math.max(0, end - 1)).join('')
      }
      case 'index':
        return textOf(await at(0)).indexOf(textOf(await at(1))) + 1
      case 'split': {
        const [, into, by] = args
        const text = textOf(await at(0))
        const separator =
          by === undefined ? textOf(this.#scalar('FS')) : by.is === 'regex' ? `(${by.source})` : textOf(await at(2))
        const parts = split(text, separator, (source) => this.#regex(source))
        if (into?.is !== 'name') return this.#io.fail('cmd. line:1: Invalid argument')
        const table = this.#table(into.name)
        table.clear()
        for (const [index, part] of parts.entries()) table.set(String(index + 1), fromOutside(part))
        return parts.length
      }
      case 'sub':
      case 'gsub':
        return this.#substitute(name === 'gsub', args)
      case 'match': {
        const found = (await this.#patternOf(args[1] as Expression)).exec(textOf(await at(0)))
        this.#globals.set('RSTART', found === null ? 0 : found.index + 1)
        this.#globals.set('RLENGTH', found === null ? -1 : found[0].length)
        return found === null ? 0 : found.index + 1
      }
      case 'sprintf': {
        const rest: Value[] = []
        for (const arg of args.slice(1)) rest.push(await this.#value(arg))
        return printed(textOf(await at(0)), rest)
      }
      case 'toupper':
        return textOf(await at(0)).toUpperCase()
      case 'tolower':
        return textOf(await at(0)).toLowerCase()
      case 'int':
        return Math.trunc(numberOf(await at(0)))
      case 'rand':
        return this.#io.process.random()
      case 'srand': {
        const before = this.#seed
        this.#seed = args.length === 0 ? Math.floor(this.#io.process.clock.now() / 1000) : numberOf(await at(0))
        return before
      }
      case 'atan2':
        return Math.atan2(numberOf(await at(0)), numberOf(await at(1)))
      case 'sin':
      case 'cos':
      case 'exp':
      case 'log':
      case 'sqrt':
        return Math[name](numberOf(await at(0)))
      case 'systime':
        return Math.floor(this.#io.process.clock.now() / 1000)
      case 'system': {
        await this.#io.flush()
        const { process } = this.#io
        return (await process.wait(process.spawn(['sh', '-c', textOf(await at(0))]).ended)).code
      }
      case 'close':
        return this.#streams.close(textOf(await at(0)))
      case 'fflush':
        await this.#io.flush()
        return 0
      default:
        return this.#io.fail('cmd. line:1: Call to undefined function')
    }
  }

  async #substitute(global: boolean, args: readonly Expression[]): Promise<number> {
    const [what, , target = { is: 'field', index: { is: 'number', value: 0 } } as const] = args
    const pattern = await this.#patternOf(what as Expression)
    const made = textOf(await this.#value(args[1] as Expression))
    let count = 0
    const text = textOf(await this.#value(target)).replace(
      new RegExp(pattern.source, global ? 'gu' : 'u'),
      (found: string) => {
        count++
        return made.replace(/\\([&\\])|&/g, (_, kept?: string) => kept ?? found)
      },
    )
    if (count > 0) await this.#assign(target, text)
    return count
  }
}
