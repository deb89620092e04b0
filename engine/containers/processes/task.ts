import type { Clock } from '../../clock/clock.ts'
import type { PodNetwork } from '../../network/contract.ts'
import type {
  Child,
  ExitStatus,
  Input,
  Output,
  Process,
  ProcessInfo,
  Program,
  Signal,
  SpawnOptions,
  Terminal,
} from '../contract.ts'
import { errnoOf, FileFault } from '../files/errors.ts'
import { FileView } from '../files/view.ts'
import type { Tty } from '../terminal/tty.ts'
import type { CpuGroup } from './cores.ts'
import { findExecutable } from './executable.ts'
import type { Household } from './household.ts'
import { ProcessNetwork } from './network.ts'
import { defaultAction, Killed, signalled } from './signals.ts'
import { type BufferedInput, type Given, givenOf, INNER } from './streams.ts'
import { Waits } from './waits.ts'

/** What a new process is given. */
export interface Start {
  readonly household: Household
  readonly parent: Task | undefined
  readonly argv: readonly string[]
  readonly executable: string
  readonly program: Program
  readonly env: Map<string, string>
  readonly cwd: string
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly tty: Tty | undefined
  readonly group: number | 'own'
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly umask: number
}

/** Where execvp(3) looks without a PATH. */
const DEFAULT_PATH = '/usr/local/bin:/bin:/usr/bin'

/** Milliseconds of CPU that are gathered before they are waited for, so that a call of a few microseconds costs no timer. */
const SMALLEST_WAIT = 2

/** Milliseconds of CPU: of making a process, and of one read or write. */
const START_COST = 0.7
const IO_COST = 0.01

/** Bytes that a process has besides its container's program: code is shared. */
const RESTING = 400 * 1024

/** A process: of a container, in a table, with what it waits for and has open. */
export class Task implements Process {
  readonly pid: number
  readonly group: number
  argv: readonly string[]
  executable: string
  env: Map<string, string>
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  readonly household: Household
  stdin: Input
  stdout: Output
  stderr: Output
  readonly ended: Promise<ExitStatus>
  readonly tty: Tty | undefined
  readonly started: number
  cwd: string
  umask: number
  /** Children of one that ended are the first process's. */
  parent: Task | undefined
  memory = 0
  cpu = 0
  readonly #waits = new Waits()
  #given: Given
  #handlers: Map<Signal, () => void> | undefined
  #abort: AbortController | undefined
  #network: ProcessNetwork | undefined
  #files: FileView | undefined
  #terminal: Terminal | undefined
  #debt = START_COST
  #burning = 0
  #stopped = false
  #stopCalls: Set<(stopped: boolean) => void> | undefined
  #keepCalls: (() => void)[] | undefined
  #status: ExitStatus | undefined
  #resolveEnded: (status: ExitStatus) => void = () => {}

  constructor(start: Start) {
    this.household = start.household
    this.parent = start.parent
    this.argv = start.argv
    this.executable = start.executable
    this.env = start.env
    this.cwd = start.cwd
    this.uid = start.uid
    this.gid = start.gid
    this.groups = start.groups
    this.umask = start.umask
    this.tty = start.tty
    const { stdin, stdout, stderr } = givenOf(start)
    this.#given = { stdin, stdout, stderr }
    this.started = this.clock.now()
    this.pid = this.household.table.add(this)
    this.group = start.group === 'own' ? this.pid : start.group
    this.stdin = this.#input(stdin)
    this.stdout = this.#output(stdout)
    this.stderr = stderr === stdout ? this.stdout : this.#output(stderr)
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
    this.household.tasks.add(this)
    queueMicrotask(() => void this.#run(start.program))
  }

  get clock(): Clock {
    return this.household.clock
  }

  get hostname(): string {
    return this.household.hostname
  }

  get files(): FileView {
    this.#files ??= new FileView(this.household.space(), this)
    return this.#files
  }

  get network(): PodNetwork {
    this.#network ??= new ProcessNetwork(this.household.network, {
      signal: () => this.signal,
      wait: (outcome) => this.wait(outcome),
      isStopped: () => this.#stopped,
    })
    return this.#network
  }

  get terminal(): Terminal | undefined {
    if (this.tty !== undefined) this.#terminal ??= this.tty.seenBy(this)
    return this.#terminal
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController()
      if (this.#waits.over) this.#abort.abort(new Killed())
    }
    return this.#abort.signal
  }

  get over(): boolean {
    return this.#waits.over
  }

  get status(): ExitStatus | undefined {
    return this.#status
  }

  random(): number {
    return this.household.random()
  }

  wait<T>(outcome: Promise<T>): Promise<T> {
    return this.#waits.wait(outcome)
  }

  async sleep(ms: number): Promise<void> {
    if (this.over) return this.#waits.refused()
    let cancel = () => {}
    const time = new Promise<void>((resolve) => {
      cancel = this.clock.after(ms * this.household.cores.slowness, resolve)
    })
    try {
      await this.wait(time)
    } finally {
      cancel()
    }
  }

  async compute(ms: number): Promise<void> {
    this.#debt += ms
    if (this.over) return this.#waits.refused()
    if (this.#debt < SMALLEST_WAIT) return
    const due = this.#debt
    this.#debt = 0
    let cancel = () => {}
    this.#burning++
    const group: CpuGroup = this.household.cpu
    const done = new Promise<void>((resolve) => {
      cancel = this.household.cores.burn(group, due, resolve)
    })
    try {
      await this.wait(done)
      this.cpu += due
    } finally {
      this.#burning--
      cancel()
    }
  }

  setMemory(bytes: number): void {
    this.memory = bytes
    this.household.checkMemory()
  }

  on(signal: Signal, handler: (() => void) | 'default'): void {
    if (handler === 'default') this.#handlers?.delete(signal)
    else {
      this.#handlers ??= new Map()
      this.#handlers.set(signal, handler)
    }
  }

  spawn(argv: readonly string[], options: SpawnOptions = {}): Child {
    const env = new Map(options.env ?? this.env)
    const cwd = options.cwd ?? this.cwd
    const found = findExecutable(this.files, argv, env.get('PATH') ?? DEFAULT_PATH, cwd)
    return this.#child({ ...found, env, cwd }, options)
  }

  exec(argv: readonly string[], options: SpawnOptions = {}): Promise<number> {
    const env = new Map(options.env ?? this.env)
    const found = findExecutable(this.files, argv, env.get('PATH') ?? DEFAULT_PATH, options.cwd ?? this.cwd)
    this.#given = givenOf({
      stdin: options.stdin ?? this.#given.stdin,
      stdout: options.stdout ?? this.#given.stdout,
      stderr: options.stderr ?? this.#given.stderr,
    })
    const { stdin, stdout, stderr } = this.#given
    this.stdin = this.#input(stdin)
    this.stdout = this.#output(stdout)
    this.stderr = stderr === stdout ? this.stdout : this.#output(stderr)
    this.#handlers = undefined
    this.#keepCalls = undefined
    this.argv = found.argv
    this.executable = found.executable
    this.env = env
    this.#debt += START_COST
    return found.program(this)
  }

  fork(program: Program, options: SpawnOptions = {}): Child {
    const { argv, executable } = this
    const env = new Map(options.env ?? this.env)
    return this.#child({ argv, executable, program, env, cwd: options.cwd ?? this.cwd }, options)
  }

  #child(
    what: Pick<Start, 'argv' | 'executable' | 'program' | 'env' | 'cwd'>,
    { stdin, stdout, stderr, background = false, group }: SpawnOptions,
  ): Child {
    if (this.over) throw new Killed()
    return new Task({
      ...what,
      household: this.household,
      parent: this,
      stdin: stdin ?? this.#given.stdin,
      stdout: stdout ?? this.#given.stdout,
      stderr: stderr ?? this.#given.stderr,
      tty: this.tty,
      group: group ?? (background ? 'own' : this.group),
      uid: this.uid,
      gid: this.gid,
      groups: this.groups,
      umask: this.umask,
    }).asChild()
  }

  onKeep(call: () => void): () => void {
    this.#keepCalls ??= []
    this.#keepCalls.push(call)
    return () => this.household.stirred()
  }

  beforeKept(): void {
    for (const call of this.#keepCalls ?? []) call()
  }

  asChild(): Child {
    return {
      pid: this.pid,
      group: this.group,
      ended: this.ended,
      kill: (signal) => this.deliver(signal, true),
      onStopped: (call) => {
        this.#stopCalls ??= new Set()
        const calls = this.#stopCalls
        calls.add(call)
        return () => calls.delete(call)
      },
    }
  }

  processes(): readonly ProcessInfo[] {
    return this.household.table.all().map((task) => task.info())
  }

  info(): ProcessInfo {
    const { pid, group, uid, argv, started } = this
    const state = this.#stopped ? 'T' : this.#burning > 0 ? 'R' : 'S'
    return {
      pid,
      parent: this.parent?.pid ?? 0,
      group,
      uid,
      argv,
      state,
      started,
      cpu: this.cpu,
      memory: this.memory + (this.household.first === this ? this.household.restingMemory : RESTING),
    }
  }

  kill(pid: number, signal: Signal): void {
    const { table } = this.household
    const targets = table
      .all()
      .filter((task) =>
        pid < -1
          ? task.group === -pid
          : pid === 0
            ? task.group === this.group
            : pid === -1
              ? task !== this
              : task.pid === pid,
      )
    if (targets.length === 0) throw new FileFault('ESRCH')
    const allowed = targets.filter((task) => this.uid === 0 || task.uid === this.uid)
    if (allowed.length === 0) throw new FileFault('EPERM')
    for (const task of allowed) task.deliver(signal)
  }

  /** `outside`: from the node, which can kill a first process too. */
  deliver(signal: Signal, outside = false): void {
    if (this.over) return
    const first = this.household.isInit(this)
    if (signal === 'SIGKILL') {
      if (!first || outside) this.end(signalled(signal))
      return
    }
    if (signal === 'SIGCONT') this.#resume()
    const handler = signal === 'SIGSTOP' ? undefined : this.#handlers?.get(signal)
    if (handler !== undefined) {
      handler()
      return
    }
    const action = defaultAction(signal)
    if (first || action === 'none' || action === 'continue') return
    if (action === 'stop') this.#stop()
    else this.end(signalled(signal))
  }

  #stop(): void {
    if (this.#stopped) return
    this.#stopped = true
    this.#waits.hold()
    for (const call of [...(this.#stopCalls ?? [])]) call(true)
  }

  #resume(): void {
    if (!this.#stopped) return
    this.#stopped = false
    for (const call of [...(this.#stopCalls ?? [])]) call(false)
    this.#waits.release()
  }

  end(status: ExitStatus): void {
    if (this.over) return
    this.#status = status
    this.#waits.end()
    this.#abort?.abort(new Killed())
    this.#network?.close()
    this.#handlers = undefined
    this.memory = 0
    this.household.left(this)
    const { parent } = this
    this.parent = undefined
    this.#resolveEnded(status)
    parent?.deliver('SIGCHLD')
  }

  async #run(program: Program): Promise<void> {
    if (this.over) return
    try {
      this.end({ code: (await program(this)) & 255 })
    } catch (error) {
      if (error instanceof Killed || this.over) return
      const said = error instanceof Error ? error.message : String(error)
      await this.stderr.write(`${this.argv[0] ?? ''}: ${said}\n`).catch(() => {})
      this.end({ code: 1 })
    }
  }

  #input(inner: BufferedInput): Input {
    return {
      read: async (signal) => {
        await this.compute(IO_COST)
        const until = signal === undefined ? this.signal : AbortSignal.any([signal, this.signal])
        return this.wait(inner.read(until))
      },
      close: () => inner.close(),
      unread: (bytes) => inner.unread(bytes),
      [INNER]: inner,
    } as Input
  }

  #output(inner: Output): Output {
    return {
      write: async (bytes) => {
        await this.compute(IO_COST)
        try {
          await this.wait(inner.write(bytes))
        } catch (error) {
          if (errnoOf(error) !== 'EPIPE' || this.#handlers?.has('SIGPIPE')) throw error
          this.end(signalled('SIGPIPE'))
          throw new Killed()
        }
      },
      close: () => inner.close(),
      [INNER]: inner,
    } as Output
  }
}
