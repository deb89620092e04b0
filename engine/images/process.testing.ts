import type { Clock } from '../clock/clock.ts'
import { sleep } from '../clock/clock.ts'
import { Random } from '../clock/random.ts'
import { realClock } from '../clock/real-clock.ts'
import type {
  Child,
  ExitStatus,
  FileSystem,
  Image,
  Input,
  Output,
  Process,
  Program,
  Signal,
  SpawnOptions,
  Terminal,
  VolumeTree,
} from '../containers/contract.ts'
import { FileFault } from '../containers/files/errors.ts'
import { emptyTree } from '../containers/files/volume.ts'
import { Pipe } from '../containers/streams/pipe.ts'
import type { PodNetwork } from '../network/contract.ts'
import { loopback } from '../network/http/loopback.testing.ts'

/** One machine for tests of programs: the images' files in one tree, everything on one network, no limits. */
export class TestMachine {
  readonly clock: Clock
  readonly network: PodNetwork
  readonly files: FileSystem
  readonly tree: VolumeTree
  readonly programs = new Map<string, Program>()
  readonly #random = new Random('machine')
  #pids = 0
  /** Milliseconds of CPU that programs have used. */
  cpu = 0
  /** Bytes, by process. */
  readonly memory = new Map<number, number>()

  constructor(images: readonly Image[], options: { clock?: Clock; network?: PodNetwork; tree?: VolumeTree } = {}) {
    this.clock = options.clock ?? realClock()
    this.network = options.network ?? loopback()
    this.tree = options.tree ?? emptyTree({ now: () => this.clock.now() })
    this.files = this.tree.files
    for (const directory of ['/tmp', '/run', '/data']) this.files.makeDirectory(directory, { parents: true })
    for (const image of images) this.#unpack(image)
  }

  #unpack(image: Image): void {
    for (const [path, file] of Object.entries(image.files)) {
      if ('program' in file) this.programs.set(path, file.program)
      if (this.files.exists(path)) continue
      const parent = path.replace(/\/[^/]*$/, '')
      if (parent !== '') this.files.makeDirectory(parent, { parents: true })
      if ('directory' in file) this.files.makeDirectory(path, { parents: true, ...(file.mode && { mode: file.mode }) })
      else if ('link' in file) this.files.link(file.link, path)
      else this.files.write(path, 'text' in file ? file.text : '', { mode: 0o755 })
    }
  }

  /** Starts what the path names, by its base name too. */
  start(argv: readonly string[], options: TestOptions = {}): TestProcess {
    const [name = ''] = argv
    const path = name.includes('/') ? name : [...this.programs.keys()].find((key) => key.endsWith(`/${name}`))
    let resolved = path ?? ''
    while (resolved !== '' && !this.programs.has(resolved) && this.files.exists(resolved)) {
      const target = this.files.readLink(resolved)
      resolved = target.startsWith('/') ? target : resolved.replace(/[^/]*$/, target)
    }
    const program = this.programs.get(resolved)
    if (program === undefined) throw new FileFault('ENOENT')
    return new TestProcess(this, ++this.#pids, argv, program, options)
  }

  nextPid(): number {
    return ++this.#pids
  }

  /** Runs to the end. */
  async run(argv: readonly string[], options: TestOptions = {}) {
    const process = this.start(argv, options)
    const { code } = await process.ended
    return { code, stdout: process.out, stderr: process.err }
  }

  random(): number {
    return this.#random.float()
  }
}

export interface TestOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** All of the input. */
  readonly input?: string
  /** A terminal whose input is typed by `type()`. */
  readonly terminal?: Terminal
  readonly stdin?: Input
  readonly stdout?: Output
  readonly stderr?: Output
}

export class TestProcess implements Process {
  readonly pid: number
  readonly argv: readonly string[]
  readonly env: Map<string, string>
  cwd: string
  readonly uid = 0
  readonly gid = 0
  readonly groups = []
  readonly group: number
  umask = 0o022
  readonly hostname = 'web-0'
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly terminal?: Terminal
  readonly ended: Promise<ExitStatus>
  out = ''
  err = ''
  readonly #machine: TestMachine
  readonly #abort = new AbortController()
  readonly #handlers = new Map<Signal, () => void>()
  readonly #typed = new Pipe()
  readonly #keyboard: Output
  #becomes: TestProcess | undefined
  #end: (status: ExitStatus) => void = () => {}

  constructor(machine: TestMachine, pid: number, argv: readonly string[], program: Program, options: TestOptions) {
    this.#machine = machine
    this.pid = pid
    this.group = pid
    this.argv = argv
    this.env = new Map(Object.entries({ PATH: '/usr/local/bin:/usr/bin:/bin', ...options.env }))
    this.cwd = options.cwd ?? '/'
    this.#keyboard = this.#typed.openWriter()
    this.stdin = options.stdin ?? this.#typed.openReader()
    if (options.input !== undefined) void this.#keyboard.write(options.input).then(() => this.#keyboard.close())
    else if (options.terminal === undefined) this.#keyboard.close()
    if (options.terminal !== undefined) this.terminal = options.terminal
    this.stdout = options.stdout ?? this.#collect((text) => (this.out += text))
    this.stderr = options.stderr ?? this.#collect((text) => (this.err += text))
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    void program(this).then(
      (code) => this.#finish({ code }),
      (error: unknown) => {
        if (!this.signal.aborted) this.err += `${error instanceof Error ? error.stack : error}\n`
        this.#finish({ code: 1 })
      },
    )
  }

  #finish(status: ExitStatus): void {
    this.#end(status)
    this.#abort.abort(new Error('killed'))
    this.#machine.memory.delete(this.pid)
  }

  #collect(add: (text: string) => void): Output {
    const decoder = new TextDecoder()
    return {
      write: async (bytes) => add(typeof bytes === 'string' ? bytes : decoder.decode(bytes, { stream: true })),
      close() {},
    }
  }

  type(text: string): Promise<void> {
    return this.#keyboard.write(text)
  }

  /** Resolves when what was written matches. */
  async says(pattern: RegExp, stream: 'out' | 'err' = 'out'): Promise<string> {
    for (let tries = 0; tries < 2000; tries++) {
      if (pattern.test(this[stream])) return this[stream]
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    throw new Error(`${pattern} not in ${JSON.stringify(this[stream])}; stderr ${JSON.stringify(this.err)}`)
  }

  get files(): FileSystem {
    return this.#machine.files
  }
  get network(): PodNetwork {
    return this.#machine.network
  }
  get clock(): Clock {
    return this.#machine.clock
  }
  get signal(): AbortSignal {
    return this.#abort.signal
  }
  random(): number {
    return this.#machine.random()
  }
  on(signal: Signal, handler: (() => void) | 'default'): void {
    if (handler === 'default') this.#handlers.delete(signal)
    else this.#handlers.set(signal, handler)
  }
  onKeep(): () => void {
    return () => {}
  }
  sleep(ms: number): Promise<void> {
    return sleep(this.clock, ms, this.signal)
  }
  async compute(ms: number): Promise<void> {
    this.#machine.cpu += ms
    this.signal.throwIfAborted()
  }
  setMemory(bytes: number): void {
    this.#machine.memory.set(this.pid, bytes)
  }
  spawn(argv: readonly string[], options: SpawnOptions = {}): Child {
    const child = this.#machine.start(argv, {
      env: Object.fromEntries(options.env ?? this.env),
      cwd: options.cwd ?? this.cwd,
      stdin: options.stdin ?? this.stdin,
      stdout: options.stdout ?? this.stdout,
      stderr: options.stderr ?? this.stderr,
    })
    return childOf(child)
  }
  fork(program: Program, options: SpawnOptions = {}): Child {
    const child = new TestProcess(this.#machine, this.#machine.nextPid(), this.argv, program, {
      env: Object.fromEntries(options.env ?? this.env),
      cwd: options.cwd ?? this.cwd,
      stdout: options.stdout ?? this.stdout,
      stderr: options.stderr ?? this.stderr,
    })
    return childOf(child)
  }
  async exec(argv: readonly string[], options: SpawnOptions = {}): Promise<number> {
    const child = this.#machine.start(argv, {
      env: Object.fromEntries(options.env ?? this.env),
      cwd: options.cwd ?? this.cwd,
      stdin: this.stdin,
      stdout: this.stdout,
      stderr: this.stderr,
    })
    this.#becomes = child
    return (await child.ended).code
  }
  wait<T>(outcome: Promise<T>): Promise<T> {
    return outcome
  }
  processes() {
    return []
  }
  kill(): void {}

  deliver(signal: Signal): void {
    this.#becomes?.deliver(signal)
    if (this.#becomes !== undefined && signal !== 'SIGKILL') return
    const handler = this.#handlers.get(signal)
    if (signal !== 'SIGKILL' && handler !== undefined) {
      handler()
      return
    }
    this.#abort.abort(new Error('killed'))
    this.#end({ code: signal === 'SIGKILL' ? 137 : 143, signal })
  }
}

function childOf(child: TestProcess): Child {
  const { pid, group, ended } = child
  return { pid, group, ended, kill: (signal) => child.deliver(signal), onStopped: () => () => {} }
}
