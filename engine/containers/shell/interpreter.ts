import { decode, join } from '../../objects/bytes.ts'
import type { Child, ExitStatus, FileSystem, Process, Signal, SpawnOptions } from '../contract.ts'
import { errnoOf } from '../files/errors.ts'
import { SIGNALS, signalOf } from '../processes/signals.ts'
import { Pipe } from '../streams/pipe.ts'
import { passwdEntries } from '../users.ts'
import type { AndOr, Command, Compound, List, Pipeline, Simple } from './ast.ts'
import { SyntaxFault } from './ast.ts'
import { BUILTINS, type Builtin, SPECIAL_BUILTINS } from './builtins/all.ts'
import { type Descriptors, type Redirected, redirect, streamOf } from './descriptors.ts'
import { Expansion, type ExpansionHost } from './expand.ts'
import { type Job, Jobs } from './jobs.ts'
import { Parser } from './parser.ts'
import { patternOf } from './pattern.ts'
import { Leave, OPTIONS, ShellFault, type State } from './state.ts'

/** Milliseconds of CPU that a command of the shell itself takes: on purpose more than a real one, so that endless loops stay small. */
const COMMAND_COST = 0.05

const DEEPEST_CALL = 500

/** Commands of the shell itself whose complaints come with a line. */
const OWN_COMMAND = /^(cd|trap|exit|return|export|readonly|set|exec|local|unset|fg|bg|umask|shift|eval|\.): /

/** A shell in a process: runs what the parser has read. */
export class Shell implements ExpansionHost {
  readonly process: Process
  readonly state: State
  readonly jobs: Jobs
  readonly expansion: Expansion
  open: Descriptors
  interactive = false
  line = 1
  /** Ctrl-C was typed while the shell itself was at work. */
  interrupt = false
  #guarded = 0
  #depth = 0
  #loops = 0
  /** Exit code of the last command whose output went into a word. */
  #substituted = 0
  readonly #pending: string[] = []
  #interrupted = new Set<() => void>()

  constructor(process: Process, state: State, open: Descriptors = new Map()) {
    this.process = process
    this.state = state
    this.open = open
    this.jobs = new Jobs()
    this.expansion = new Expansion(this)
  }

  get files(): FileSystem {
    return this.process.files
  }

  get cwd(): string {
    return this.process.cwd
  }

  homeOf(user: string): string | undefined {
    const { files } = this
    if (!files.exists('/etc/passwd')) return undefined
    return passwdEntries(files.readText('/etc/passwd')).find(({ name }) => name === user)?.home
  }

  special(name: string): string | undefined {
    const { state, process } = this
    switch (name) {
      case '?':
        return String(state.status)
      case '$':
        return String(state.shellPid)
      case '#':
        return String(state.positional.length)
      case '!':
        return state.lastBackground === 0 ? '' : String(state.lastBackground)
      case '-':
        return Object.keys(OPTIONS)
          .filter((letter) => state.options.has(OPTIONS[letter] as string))
          .join('')
      case 'RANDOM':
        return String(Math.floor(process.random() * 32_768))
      case 'LINENO':
        return String(this.line)
      case 'SECONDS':
        return String(Math.floor((process.clock.now() - state.started) / 1000))
      default:
        return undefined
    }
  }

  /** `sh: ` or `script: line 3: `, before what goes wrong. */
  complain(message: string): Promise<void> {
    if (this.interactive) return this.write(2, `${this.state.name}: ${message}\n`)
    if (this.state.script) return this.write(2, `${this.state.name}: line ${this.line}: ${message}\n`)
    // Of `sh -c`, ash counts no lines, and says so where a command of its own complains.
    return this.write(2, `${this.state.name}: ${message.replace(OWN_COMMAND, '$1: line 0: ')}\n`)
  }

  async write(number: number, text: string | Uint8Array, open: Descriptors = this.open): Promise<void> {
    const output = streamOf(this.process, open, number)?.output
    if (output === undefined || text.length === 0) return
    await this.process.wait(output.write(text))
  }

  /** Runs a text line by line. Leaves with Leave; syntax errors are written and give 2. */
  async script(
    text: string,
    { tail = false, within }: { readonly tail?: boolean; readonly within?: string } = {},
  ): Promise<number> {
    const parser = new Parser(text, this.state.aliases)
    for (;;) {
      let list: List | undefined
      try {
        list = parser.next()
      } catch (error) {
        if (!(error instanceof SyntaxFault)) throw error
        this.line = error.line
        if (within !== undefined) throw new ShellFault(`${within}: ${error.message}`, 2)
        await this.complain(error.message)
        this.state.status = 2
        return 2
      }
      if (list === undefined) return this.state.status
      if (!this.state.options.has('noexec')) await this.list(list, tail && parser.atEnd)
    }
  }

  async list(list: List, tail = false): Promise<number> {
    for (const [index, { andOr, background }] of list.entries()) {
      if (background) await this.#background(andOr)
      else await this.andOr(andOr, tail && index === list.length - 1)
    }
    return this.state.status
  }

  async andOr({ first, rest }: AndOr, tail = false): Promise<number> {
    let status = await this.#pipelineOf(first, rest.length > 0, tail && rest.length === 0)
    for (const [index, { operator, pipeline }] of rest.entries()) {
      if ((status === 0) !== (operator === '&&')) continue
      const last = index === rest.length - 1
      status = await this.#pipelineOf(pipeline, !last, tail && last)
    }
    return status
  }

  async #pipelineOf(pipeline: Pipeline, guarded: boolean, tail: boolean): Promise<number> {
    const safe = guarded || pipeline.negated
    if (safe) this.#guarded++
    try {
      const [only] = pipeline.commands
      const status =
        pipeline.commands.length === 1 && only !== undefined
          ? await this.command(only, tail && !pipeline.negated, pipeline.text)
          : await this.#pipe(pipeline)
      this.state.status = pipeline.negated ? Number(status === 0) : status
    } finally {
      if (safe) this.#guarded--
    }
    await this.runTraps()
    if (!safe) this.#checkError(pipeline)
    return this.state.status
  }

  #checkError({ commands }: Pipeline): void {
    const [only] = commands
    const compound = commands.length === 1 && only?.type === 'compound' && only.compound.type !== 'subshell'
    if (this.state.status === 0 || compound || this.#guarded > 0 || !this.state.options.has('errexit')) return
    throw new Leave('exit', this.state.status)
  }

  async guarded<T>(run: () => Promise<T>): Promise<T> {
    this.#guarded++
    try {
      return await run()
    } finally {
      this.#guarded--
    }
  }

  async #pipe({ commands, text }: Pipeline): Promise<number> {
    const children: Child[] = []
    let input = streamOf(this.process, this.open, 0)?.input
    for (const [index, command] of commands.entries()) {
      const last = index === commands.length - 1
      const pipe = last ? undefined : new Pipe()
      const [output, next] = [pipe?.openWriter(), pipe?.openReader()]
      const given = input
      const child = this.fork(
        (shell) => shell.command(command, true),
        { ...(given === undefined ? {} : { stdin: given }), ...(output === undefined ? {} : { stdout: output }) },
        children[0]?.group,
      )
      void child.ended.then(() => {
        output?.close()
        if (index > 0) given?.close()
      })
      children.push(child)
      input = next
    }
    const statuses = await this.waitForeground(children, text)
    return this.state.options.has('pipefail')
      ? (statuses.findLast((status) => status !== 0) ?? 0)
      : (statuses.at(-1) ?? 0)
  }

  /** A child that is a shell of the same state. `group`: of a job that it belongs to. */
  fork(run: (shell: Shell) => Promise<number>, options: SpawnOptions = {}, group?: number): Child {
    const { interactive } = this
    const inherited = new Map([...this.open].filter(([number]) => number > 2))
    const own = (number: number) => this.open.get(number)
    const [stdin, stdout, stderr] = [own(0)?.input, own(1)?.output, own(2)?.output]
    const state = this.state.copy()
    const child = this.process.fork(
      async (process) => {
        const shell = new Shell(process, state, inherited)
        shell.line = this.line
        shell.#guarded = this.#guarded
        state.options.delete('interactive')
        for (const [name, action] of [...state.traps]) if (action !== '') state.traps.delete(name)
        for (const name of state.traps.keys()) {
          const signal = signalOf(name)
          if (signal !== undefined) process.on(signal, () => {})
        }
        return shell.finish(() => run(shell))
      },
      {
        env: this.process.env,
        ...(stdin === undefined ? {} : { stdin }),
        ...(stdout === undefined ? {} : { stdout }),
        ...(stderr === undefined ? {} : { stderr }),
        ...options,
        ...(interactive || group !== undefined ? { group: interactive ? (group ?? 'own') : this.process.group } : {}),
      },
    )
    return child
  }

  /** Runs to its end, with what EXIT traps do: the exit code. */
  async finish(run: () => Promise<number>): Promise<number> {
    const code = await this.#toExit(run)
    const trap = this.state.traps.get('EXIT')
    if (trap === undefined || trap === '') return code
    this.state.traps.delete('EXIT')
    this.state.status = code
    const left = await this.#toExit(async () => {
      await this.script(trap)
      return code
    })
    return left
  }

  async #toExit(run: () => Promise<number>): Promise<number> {
    try {
      return await run()
    } catch (error) {
      if (error instanceof Leave)
        return error.kind === 'exit' || error.kind === 'return' ? error.count : this.state.status
      if (!(error instanceof ShellFault)) throw error
      await this.complain(error.message)
      return error.code
    }
  }

  async #background(andOr: AndOr): Promise<void> {
    const simple = andOr.rest.length === 0
    const options = this.interactive || this.open.has(0) ? {} : { stdin: this.process.files.openInput('/dev/null') }
    const child = this.fork((shell) => {
      if (!this.interactive) for (const signal of ['SIGINT', 'SIGQUIT'] as const) shell.process.on(signal, () => {})
      return simple ? shell.andOr(andOr, true) : shell.andOr(andOr)
    }, options)
    this.state.lastBackground = child.pid
    this.state.status = 0
    const text = [andOr.first, ...andOr.rest.map(({ pipeline }) => pipeline)].map(({ text: one }) => one).join(' && ')
    const job = this.jobs.add([child], text)
    if (this.interactive) await this.write(2, `[${job.number}] ${child.pid}\n`)
  }

  async command(command: Command, tail = false, text = ''): Promise<number> {
    if (this.interrupt) throw new Leave('interrupt', 130)
    if (command.type === 'simple') return this.#simple(command, tail, text)
    if (command.type === 'function') {
      this.state.functions.set(command.name, command.body)
      return 0
    }
    this.line = command.line
    await this.process.compute(COMMAND_COST)
    const made = await this.#redirected(command.redirects)
    if (made === undefined) return 1
    const before = this.open
    this.open = made.open
    try {
      return await this.#compound(command.compound, text)
    } finally {
      this.open = before
      made.close()
    }
  }

  /** Undefined where a file could not be opened, which has been told. */
  async #redirected(redirects: Simple['redirects']): Promise<Redirected | undefined> {
    try {
      return await redirect(this.process, this.open, redirects, this.expansion, this.state.options.has('noclobber'))
    } catch (error) {
      if (!(error instanceof ShellFault) || error.code !== 1) throw error
      await this.complain(error.message)
      return undefined
    }
  }

  async #compound(compound: Compound, text: string): Promise<number> {
    switch (compound.type) {
      case 'group':
        return this.list(compound.body)
      case 'subshell': {
        const [status = 0] = await this.waitForeground([this.fork((shell) => shell.list(compound.body, true))], text)
        return status
      }
      case 'if': {
        for (const { condition, body } of compound.branches) {
          if ((await this.guarded(() => this.list(condition))) === 0) return this.list(body)
        }
        this.state.status = 0
        return compound.otherwise === undefined ? 0 : this.list(compound.otherwise)
      }
      case 'loop':
        return this.#loop(
          async () => ((await this.guarded(() => this.list(compound.condition))) === 0) !== compound.until,
          compound.body,
        )
      case 'for': {
        const values =
          compound.words === undefined ? this.state.positional : await this.expansion.fields(compound.words)
        let index = 0
        const next = async () => {
          const value = values[index]
          if (value === undefined) return false
          index++
          this.state.set(compound.name, value)
          return true
        }
        return this.#loop(next, compound.body)
      }
      case 'case': {
        const word = await this.expansion.text(compound.word)
        for (const { patterns, body } of compound.arms) {
          for (const pattern of patterns) {
            if (!patternOf(await this.expansion.pattern(pattern)).test(word)) continue
            this.state.status = 0
            return this.list(body)
          }
        }
        return 0
      }
    }
  }

  async #loop(goesOn: () => Promise<boolean>, body: List): Promise<number> {
    let status = 0
    this.#loops++
    try {
      for (;;) {
        await this.process.compute(COMMAND_COST)
        try {
          if (!(await goesOn())) return status
          status = await this.list(body)
        } catch (error) {
          if (!(error instanceof Leave) || (error.kind !== 'break' && error.kind !== 'continue')) throw error
          status = 0
          if (error.count > 1 && this.#loops > 1) throw new Leave(error.kind, error.count - 1)
          if (error.kind === 'break') return status
        }
      }
    } finally {
      this.#loops--
    }
  }

  get inLoop(): boolean {
    return this.#loops > 0
  }

  async #simple(command: Simple, tail: boolean, text: string): Promise<number> {
    this.line = command.line
    await this.process.compute(COMMAND_COST)
    this.#substituted = 0
    const argv = await this.expansion.fields(command.words)
    const [name] = argv
    const made = await this.#redirected(command.redirects)
    if (made === undefined) {
      if (name !== undefined && SPECIAL_BUILTINS.has(name) && !this.interactive) throw new Leave('exit', 1)
      return 1
    }
    try {
      if (name === undefined) return await this.#assign(command, argv)
      return await this.#run(name, argv, command, made, tail, text)
    } finally {
      if (name !== 'exec') made.close()
    }
  }

  async #values(command: Simple): Promise<[string, string][]> {
    const values: [string, string][] = []
    for (const { name, value, append } of command.assignments) {
      const text = await this.expansion.text(value, 'colons')
      values.push([name, append ? (this.state.get(name) ?? '') + text : text])
    }
    return values
  }

  async #assign(command: Simple, argv: readonly string[]): Promise<number> {
    for (const { name, value, append } of command.assignments) {
      const text = await this.expansion.text(value, 'colons')
      const whole = append ? (this.state.get(name) ?? '') + text : text
      await this.#trace([`${name}=${whole}`], argv)
      this.state.set(name, whole)
      this.#countMemory(whole)
    }
    return this.#substituted
  }

  #memory = 0

  #countMemory(text: string): void {
    if (text.length < 65_536) return
    let sum = 0
    for (const { value } of this.state.variables.values()) sum += value?.length ?? 0
    this.#memory = sum
    this.process.setMemory(this.#memory)
  }

  async #trace(assigned: readonly string[], argv: readonly string[]): Promise<void> {
    if (!this.state.options.has('xtrace')) return
    const prompt = this.state.get('PS4') ?? '+ '
    await this.write(2, `${prompt}${[...assigned, ...argv.map(traced)].join(' ')}\n`)
  }

  async #run(
    name: string,
    argv: readonly string[],
    command: Simple,
    made: Redirected,
    tail: boolean,
    text: string,
  ): Promise<number> {
    const assigned = await this.#values(command)
    await this.#trace(
      assigned.map(([key, value]) => `${key}=${value}`),
      argv,
    )
    const special = SPECIAL_BUILTINS.has(name)
    const body = special ? undefined : this.state.functions.get(name)
    const builtin = Object.hasOwn(BUILTINS, name) ? BUILTINS[name] : undefined
    if (body === undefined && builtin === undefined) return this.#external(argv, assigned, made, tail, text)
    const undo = this.#assignFor(assigned, special && name !== 'exec')
    const before = this.open
    this.open = made.open
    try {
      return body === undefined
        ? await this.#builtin(builtin as Builtin, argv, special)
        : await this.call(body, argv.slice(1))
    } finally {
      if (name !== 'exec' || argv.length > 1) this.open = before
      undo()
    }
  }

  #assignFor(assigned: readonly [string, string][], kept: boolean): () => void {
    const undo = assigned.map(([name]) => [name, this.state.variables.get(name)] as const)
    const saved = undo.map(([name, variable]) => [name, variable === undefined ? undefined : { ...variable }] as const)
    for (const [name, value] of assigned) this.state.set(name, value, kept ? undefined : true)
    return () => {
      if (kept) return
      for (const [name, variable] of saved) {
        if (variable === undefined) this.state.variables.delete(name)
        else this.state.variables.set(name, variable)
      }
    }
  }

  async #builtin(builtin: Builtin, argv: readonly string[], special: boolean): Promise<number> {
    try {
      return await builtin(this, argv)
    } catch (error) {
      if (error instanceof ShellFault && (this.interactive || !special)) {
        await this.complain(error.message)
        return error.code
      }
      if (errnoOf(error) === undefined || errnoOf(error) === 'EPIPE') throw error
      await this.complain(`write error: ${(error as Error).message}`)
      return 1
    }
  }

  async call(body: Command, args: readonly string[]): Promise<number> {
    if (this.#depth >= DEEPEST_CALL) throw new ShellFault('function call nested too deeply')
    const { positional } = this.state
    const loops = this.#loops
    this.#depth++
    this.#loops = 0
    this.state.positional = args
    try {
      return await this.state.inScope(() => this.command(body))
    } catch (error) {
      if (error instanceof Leave && error.kind === 'return') return error.count
      throw error
    } finally {
      this.state.positional = positional
      this.#depth--
      this.#loops = loops
    }
  }

  #spawnOptions(open: Descriptors, assigned: readonly [string, string][]): SpawnOptions {
    const env = this.state.environment()
    for (const [name, value] of assigned) env.set(name, value)
    const [stdin, stdout, stderr] = [open.get(0)?.input, open.get(1)?.output, open.get(2)?.output]
    return {
      env,
      ...(stdin === undefined ? {} : { stdin }),
      ...(stdout === undefined ? {} : { stdout }),
      ...(stderr === undefined ? {} : { stderr }),
    }
  }

  async #external(
    argv: readonly string[],
    assigned: readonly [string, string][],
    made: Redirected,
    tail: boolean,
    text: string,
  ): Promise<number> {
    try {
      return await this.launch(argv, this.#spawnOptions(made.open, assigned), tail && this.state.traps.size === 0, text)
    } catch (error) {
      return this.notRun(argv, error, made.open)
    }
  }

  /** Runs a program; `replace`: in this process. Throws FileError. */
  async launch(argv: readonly string[], options: SpawnOptions, replace: boolean, text = ''): Promise<number> {
    if (replace) throw new Leave('exit', await this.process.exec(argv, options))
    const child = this.process.spawn(argv, { ...options, ...(this.interactive ? { group: 'own' as const } : {}) })
    const [status = 0] = await this.waitForeground([child], text || argv.join(' '))
    return status
  }

  async notRun(argv: readonly string[], error: unknown, open: Descriptors = this.open): Promise<number> {
    const errno = errnoOf(error)
    const [name = ''] = argv
    if (errno === 'ENOEXEC') return this.#runText(argv, open)
    if (errno === undefined || errno === 'EPIPE') throw error
    const missing = errno === 'ENOENT' || errno === 'ENOTDIR'
    const before = this.open
    this.open = open
    await this.complain(`${name}: ${missing ? 'not found' : (error as Error).message}`)
    this.open = before
    return missing ? 127 : 126
  }

  /** A file without `#!` is a script for this shell. */
  async #runText([name = '', ...args]: readonly string[], open: Descriptors): Promise<number> {
    const path = name.startsWith('/') ? name : `${this.cwd}/${name}`
    const before = this.open
    this.open = open
    const child = this.fork((shell) => {
      shell.state.name = name
      shell.state.script = true
      shell.state.positional = args
      shell.state.functions.clear()
      return shell.script(this.files.readText(path))
    })
    this.open = before
    const [status = 0] = await this.waitForeground([child], name)
    return status
  }

  async substitute(list: List): Promise<string> {
    const pipe = new Pipe()
    const [writer, reader] = [pipe.openWriter(), pipe.openReader()]
    const child = this.fork((shell) => shell.list(list, true), { stdout: writer }, this.process.group)
    void child.ended.then(() => writer.close())
    const chunks: Uint8Array[] = []
    let size = 0
    for (
      let chunk = await this.process.wait(reader.read());
      chunk !== null;
      chunk = await this.process.wait(reader.read())
    ) {
      chunks.push(chunk)
      size += chunk.length
      if (size > 1024 ** 2) this.process.setMemory(this.#memory + size)
    }
    this.#substituted = (await this.process.wait(child.ended)).code
    this.state.status = this.#substituted
    return decode(join(chunks)).replaceAll('\0', '').replace(/\n+$/, '')
  }

  /** Waits for a job; one that is stopped (Ctrl-Z) stays in the list. */
  async waitForeground(children: readonly Child[], text: string, known?: Job): Promise<number[]> {
    const { terminal } = this.process
    const job = known ?? (this.interactive ? this.jobs.add(children, text) : undefined)
    const [first] = children
    if (this.interactive && terminal !== undefined && first !== undefined) terminal.foreground = first.group
    try {
      if (job === undefined) {
        const all: ExitStatus[] = []
        for (const { ended } of children) all.push(await this.process.wait(ended))
        await this.#tellSignals(all)
        return all.map(({ code }) => code)
      }
      job.current = true
      const all = await this.process.wait(job.settled())
      job.current = false
      if (all === 'stopped') {
        await this.write(2, `\n${this.jobs.describe(job)}\n`)
        return [148]
      }
      this.jobs.remove(job)
      await this.#tellSignals(all)
      return all.map(({ code }) => code)
    } finally {
      if (this.interactive && terminal !== undefined) {
        terminal.foreground = this.process.group
        terminal.setRaw(false)
      }
    }
  }

  async #tellSignals(all: readonly ExitStatus[]): Promise<void> {
    const signal = all.at(-1)?.signal
    if (signal === undefined || signal === 'SIGPIPE') return
    if (signal === 'SIGINT') {
      if (this.interactive) {
        await this.write(2, '\n')
        throw new Leave('interrupt', 130)
      }
      return
    }
    await this.write(2, `${signalText(signal)}\n`)
  }

  interrupted(): void {
    this.interrupt = true
    for (const call of [...this.#interrupted]) call()
  }

  /** Calls when a trapped signal comes, for builtins that wait. */
  onInterrupt(call: () => void): () => void {
    this.#interrupted.add(call)
    return () => this.#interrupted.delete(call)
  }

  trap(name: string, action: string | undefined): void {
    const signal = signalOf(name)
    if (action === undefined) this.state.traps.delete(name)
    else this.state.traps.set(name, action)
    if (signal === undefined) return
    if (action === undefined) this.process.on(signal, 'default')
    else {
      this.process.on(signal, () => {
        if (this.state.traps.get(name) === '') return
        this.#pending.push(name)
        for (const call of [...this.#interrupted]) call()
      })
    }
  }

  async runTraps(): Promise<void> {
    for (let name = this.#pending.shift(); name !== undefined; name = this.#pending.shift()) {
      const action = this.state.traps.get(name)
      if (action === undefined || action === '') continue
      const { status } = this.state
      await this.script(action)
      this.state.status = status
    }
  }

  /** What `wait` gives when a trapped signal ended it. */
  get pendingSignal(): number | undefined {
    const [name] = this.#pending
    const signal = name === undefined ? undefined : signalOf(name)
    return signal === undefined ? undefined : 128 + SIGNALS[signal]
  }
}

const SIGNAL_TEXTS: Partial<Record<Signal, string>> = {
  SIGHUP: 'Hangup',
  SIGQUIT: 'Quit',
  SIGKILL: 'Killed',
  SIGUSR1: 'User defined signal 1',
  SIGUSR2: 'User defined signal 2',
  SIGALRM: 'Alarm clock',
  SIGTERM: 'Terminated',
}

const signalText = (signal: Signal): string => SIGNAL_TEXTS[signal] ?? signal

const traced = (word: string): string => (/^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)
