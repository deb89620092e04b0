import type { ProcessIo, ProcessResult } from '../api/http.ts'
import type { Clock } from '../clock/clock.ts'
import type { PodNetwork } from '../network/contract.ts'
import { execFailure, StartFault, whyNotRun } from './cannot-start.ts'
import { ContainerFiles } from './container-files.ts'
import { ContainerStreams } from './container-streams.ts'
import type { Container, ContainerLimits, ContainerOptions, ExecIo, ExitStatus, Signal } from './contract.ts'
import type { Blobs } from './files/blobs.ts'
import { errnoOf } from './files/errors.ts'
import type { KeptFile } from './files/kept.ts'
import { ROOT } from './files/namespace.ts'
import { normalized } from './files/paths.ts'
import { FileView } from './files/view.ts'
import type { MachineParts } from './machine.ts'
import { procSourceOf } from './proc-source.ts'
import { type Cores, CpuGroup } from './processes/cores.ts'
import { findExecutable } from './processes/executable.ts'
import type { Household } from './processes/household.ts'
import { signalled } from './processes/signals.ts'
import type { ProcessTable } from './processes/table.ts'
import { type Start, Task } from './processes/task.ts'
import { type Session, session } from './sessions.ts'
import { type User, userOf } from './users.ts'

/** As containerd sets it where the image does not. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface ContainerWorld {
  readonly machine: MachineParts
  readonly network: PodNetwork
  readonly hostname: string
  readonly table: ProcessTable
  /** The table's first process is another's: a pause, or that of a container that it debugs. */
  readonly shared: boolean
  removed(container: RunningContainer): void
}

/** A container: what it was asked to be, its processes, its files and its streams. */
export class RunningContainer implements Container, Household {
  readonly id: string
  readonly name: string
  readonly hostname: string
  readonly network: PodNetwork
  readonly clock: Clock
  readonly cores: Cores
  readonly cpu: CpuGroup
  readonly table: ProcessTable
  readonly tasks = new Set<Task>()
  readonly ended: Promise<ExitStatus>
  readonly restingMemory: number
  readonly #options: ContainerOptions
  #limits: ContainerLimits
  readonly #world: ContainerWorld
  readonly #files: ContainerFiles
  readonly #streams: ContainerStreams
  readonly #sessions = new Set<Session>()
  #first: Task | undefined
  #over = false
  #resolveEnded: (status: ExitStatus) => void = () => {}

  constructor(options: ContainerOptions, world: ContainerWorld) {
    const { machine } = world
    this.id = options.id
    this.name = options.name
    this.hostname = world.hostname
    this.network = world.network
    this.clock = machine.clock
    this.cores = machine.cores
    this.cpu = new CpuGroup({ limit: options.cpuLimit, weight: options.cpuRequest, now: machine.clock.now() })
    this.table = world.table
    this.restingMemory = options.image.memory
    this.#options = options
    this.#limits = options
    this.#world = world
    this.#files = new ContainerFiles(options, {
      clock: machine.clock,
      hostname: world.hostname,
      network: world.network,
      devices: machine.devices,
      proc: procSourceOf(this, machine),
      stirred: () => machine.stirred(),
    })
    this.#streams = new ContainerStreams(options, (group, signal) => this.#signalGroup(group, signal))
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve
    })
  }

  get first(): Task | undefined {
    return this.#first
  }

  get isRunning(): boolean {
    return this.#first !== undefined && !this.#over
  }

  space() {
    return this.#files.space()
  }

  random(): number {
    return this.#world.machine.random.float()
  }

  start(): void {
    const { image, command, args, tty } = this.#options
    const argv = [
      ...(command ?? image.entrypoint ?? []),
      ...(args ?? (command === undefined ? (image.command ?? []) : [])),
    ]
    let begin: Begin
    try {
      begin = this.#begin(argv)
    } catch (error) {
      throw new StartFault(whyNotRun(argv[0] ?? '', error))
    }
    this.#first = new Task({
      ...begin,
      stdin: this.#streams.stdin,
      stdout: this.#streams.stdout,
      stderr: this.#streams.stderr,
      tty: this.#streams.tty,
    })
    if (this.#streams.tty !== undefined) this.#streams.tty.foreground = this.#first.group
    if (tty) begin.env.set('TERM', begin.env.get('TERM') ?? 'xterm')
    this.checkMemory()
  }

  #begin(argv: readonly string[], tty = false): Begin {
    const { image, env, workingDir, groups = [] } = this.#options
    const view = new FileView(this.space(), ROOT)
    const { uid, gid, home } = this.#user(view)
    const all = new Map(Object.entries(image.env ?? {}))
    if (!all.has('PATH')) all.set('PATH', PATH)
    all.set('HOSTNAME', this.hostname)
    if (tty) all.set('TERM', 'xterm')
    for (const [name, value] of env) all.set(name, value)
    if (!all.has('HOME')) all.set('HOME', home)
    const cwd = normalized(workingDir || image.workingDir || '/')
    if (!view.exists(cwd)) view.makeDirectory(cwd, { parents: true })
    const files = new FileView(this.space(), { uid, gid, groups, pid: 1, umask: 0o022 })
    const found = findExecutable(files, argv, all.get('PATH') ?? '', cwd)
    return { ...found, household: this, parent: undefined, env: all, cwd, group: 'own', uid, gid, groups, umask: 0o022 }
  }

  #user(view: FileView): User {
    const read = (path: string) => (view.exists(path) ? view.readText(path) : '')
    const [passwd, groups] = [read('/etc/passwd'), read('/etc/group')]
    const { uid, gid, image } = this.#options
    const named = uid === undefined ? (image.user ?? '0') : String(uid)
    const user = userOf(named, passwd, groups)
    if (user === undefined) throw new Error(`unable to find user ${named}: no matching entries in passwd file`)
    return gid === undefined ? user : { ...user, gid }
  }

  kill(signal: Signal): void {
    this.#first?.deliver(signal, true)
  }

  isInit(task: Task): boolean {
    return !this.#world.shared && task === this.#first
  }

  left(task: Task): void {
    this.tasks.delete(task)
    this.table.remove(task)
    if (task === this.#first) this.#finish(task.status ?? { code: 0 })
  }

  #finish(status: ExitStatus): void {
    if (this.#over) return
    this.#over = true
    for (const task of [...this.tasks]) task.end(signalled('SIGKILL'))
    for (const { close } of [...this.#sessions]) close()
    this.#streams.end()
    this.#resolveEnded(status)
  }

  checkMemory(): void {
    if (this.#over || this.#first === undefined) return
    const { memoryLimit } = this.#limits
    if (memoryLimit !== undefined && this.#memory() > memoryLimit) this.outOfMemory()
    else this.#world.machine.checkMemory()
  }

  /** The kernel kills all of it together (memory.oom.group, which the kubelet sets since 1.28). */
  outOfMemory(): void {
    this.#first?.end({ ...signalled('SIGKILL'), outOfMemory: true })
  }

  #memory(): number {
    if (this.#over || this.#first === undefined) return 0
    let sum = this.restingMemory
    for (const { memory } of this.tasks) sum += memory
    return sum
  }

  usage(): { readonly cpu: number; readonly memory: number } {
    return { cpu: this.cores.usedBy(this.cpu), memory: this.#memory() }
  }

  get limits(): ContainerLimits {
    return this.#limits
  }

  setLimits(limits: ContainerLimits): void {
    this.#limits = limits
    this.cores.setLimits(this.cpu, { limit: limits.cpuLimit, weight: limits.cpuRequest })
    this.checkMemory()
  }

  written(): number {
    return this.#files.layer.size
  }

  stirred(): void {
    this.#world.machine.stirred()
  }

  beforeKept(): void {
    for (const task of [...this.tasks]) task.beforeKept()
  }

  keep(blobs: Blobs): KeptFile | undefined {
    return this.#files.keep(blobs)
  }

  async exec(command: readonly string[], options: ExecIo, io: ProcessIo): Promise<ProcessResult> {
    if (this.#over || this.#first === undefined) {
      return { failure: `failed to exec in container: container is in CONTAINER_EXITED state` }
    }
    let begin: Begin
    try {
      begin = this.#begin(command, options.tty)
    } catch (error) {
      if (errnoOf(error) === undefined) throw error
      return { failure: execFailure(this.#execId(), whyNotRun(command[0] ?? '', error)) }
    }
    const held = session(options, io, (group, signal) => this.#signalGroup(group, signal))
    this.#sessions.add(held)
    const task = new Task({ ...begin, ...held.streams })
    if (held.streams.tty !== undefined) held.streams.tty.foreground = task.group
    held.onGone(() => {
      if (options.tty)
        for (const other of [...this.tasks]) if (other.tty === held.streams.tty) other.end(signalled('SIGHUP'))
      task.end(signalled('SIGKILL'))
    })
    const { code } = await task.ended
    held.close()
    this.#sessions.delete(held)
    await held.drained
    return { exitCode: code }
  }

  #execId(): string {
    return Array.from({ length: 8 }, () => this.#world.machine.random.uint32().toString(16).padStart(8, '0')).join('')
  }

  async attach(options: ExecIo, io: ProcessIo): Promise<ProcessResult> {
    if (this.#over || this.#first === undefined) {
      return { failure: `failed to attach to container: container is in CONTAINER_EXITED state` }
    }
    await Promise.race([this.#streams.attach(options, io), this.ended])
    this.#streams.detach(io)
    return { exitCode: 0 }
  }

  #signalGroup(group: number, signal: Signal): void {
    for (const task of this.table.all()) if (task.group === group) task.deliver(signal)
  }

  remove(): void {
    if (this.#first === undefined) this.#over = true
    this.#finish(signalled('SIGKILL'))
    this.#world.removed(this)
  }
}

type Begin = Omit<Start, 'stdin' | 'stdout' | 'stderr' | 'tty'>
