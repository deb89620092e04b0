import type { Input, Output, ProcessInfo } from '../contract.ts'
import { KERNEL_RELEASE } from '../kernel.ts'
import { EMPTY_INPUT, NULL_OUTPUT } from '../streams/pipe.ts'
import { FileFault } from './errors.ts'
import { ComputedDirectory, ComputedNode, DeviceNode, type Inode, isDirectory, LinkNode, type Viewer } from './inode.ts'
import { Layer } from './layer.ts'
import { type Namespace, ROOT } from './namespace.ts'
import { childOf } from './paths.ts'

/** A process as /proc shows it. */
export interface ShownProcess {
  readonly info: ProcessInfo
  readonly name: string
  readonly cwd: string
  readonly executable: string
  readonly env: ReadonlyMap<string, string>
  readonly group: number
  input(descriptor: number): Input | undefined
  output(descriptor: number): Output | undefined
  readonly descriptors: readonly number[]
  readonly hasTerminal: boolean
  /** The files that it sees, where they are not those of who looks. */
  readonly root: Namespace | undefined
}

/** What /proc and /sys tell of. Memory in bytes, times in ms. */
export interface ProcSource {
  readonly hostname: string
  pids(): Iterable<number>
  process(pid: number): ShownProcess | undefined
  now(): number
  machine(): {
    readonly cores: number
    readonly memory: number
    readonly memoryUsed: number
    readonly load: readonly [number, number, number]
    readonly started: number
    readonly busy: number
  }
  limits(): {
    readonly memory: number | undefined
    readonly cores: number | undefined
    readonly memoryUsed: number
    readonly cpu: number
  }
  mounts(): Iterable<{ readonly path: string; readonly readOnly: boolean }>
}

/** The directory that is mounted at /proc. */
export function procTree(source: ProcSource): Inode {
  const layer = new Layer({ now: () => source.now() })
  const make = new Maker(layer, source)
  const texts = machineTexts(source)
  const get = (name: string): Inode | undefined => {
    if (name === 'self') return make.link((viewer) => `/proc/${viewer.pid}`)
    if (name === 'mounts') return make.link('/proc/self/mounts')
    if (name === 'sys')
      return make.nested({
        kernel: {
          hostname: () => `${source.hostname}\n`,
          ostype: () => 'Linux\n',
          osrelease: () => `${KERNEL_RELEASE}\n`,
        },
      })
    const text = texts[name]
    if (text !== undefined) return make.text(text)
    const pid = /^[1-9]\d*$/.test(name) ? Number(name) : 0
    return source.process(pid) === undefined ? undefined : make.process(pid)
  }
  return make.directory(get, () => ['self', 'mounts', 'sys', ...Object.keys(texts), ...[...source.pids()].map(String)])
}

/** The directory that is mounted at /sys: what a container may know of its control group (version 2). */
export function sysTree(source: ProcSource): Inode {
  const layer = new Layer({ now: () => source.now() })
  const limit = (value: number | undefined) => (value === undefined ? 'max' : String(value))
  return new Maker(layer, source).nested({
    fs: {
      cgroup: {
        'cgroup.controllers': () => 'cpuset cpu io memory hugetlb pids\n',
        'cpu.max': () => {
          const { cores } = source.limits()
          return `${cores === undefined ? 'max' : Math.round(cores * 100_000)} 100000\n`
        },
        'cpu.stat': () => `usage_usec ${Math.round(source.limits().cpu * 1000)}\n`,
        'memory.max': () => `${limit(source.limits().memory)}\n`,
        'memory.current': () => `${source.limits().memoryUsed}\n`,
      },
    },
  })
}

type Texts = { readonly [name: string]: (() => string) | Texts }

class Maker {
  readonly #layer: Layer
  readonly #source: ProcSource

  constructor(layer: Layer, source: ProcSource) {
    this.#layer = layer
    this.#source = source
  }

  #meta(mode: number) {
    return { mode, uid: 0, gid: 0, modified: this.#source.now() }
  }

  text(text: (viewer: Viewer) => string): Inode {
    return new ComputedNode(this.#layer, this.#meta(0o444), text)
  }

  link(target: string | ((viewer: Viewer) => string)): Inode {
    return new LinkNode(this.#layer, this.#meta(0o777), target)
  }

  directory(get: (name: string) => Inode | undefined, names: () => Iterable<string>): Inode {
    return new ComputedDirectory(this.#layer, this.#meta(0o555), get, names)
  }

  nested(texts: Texts): Inode {
    const get = (name: string): Inode | undefined => {
      const found = Object.hasOwn(texts, name) ? texts[name] : undefined
      if (found === undefined) return undefined
      return typeof found === 'function' ? this.text(found) : this.nested(found)
    }
    return this.directory(get, () => Object.keys(texts))
  }

  process(pid: number): Inode {
    const now = (): ShownProcess => {
      const shown = this.#source.process(pid)
      if (shown === undefined) throw new FileFault('ESRCH')
      return shown
    }
    const texts: Record<string, () => string> = {
      cmdline: () =>
        now()
          .info.argv.map((word) => `${word}\0`)
          .join(''),
      comm: () => `${now().name}\n`,
      environ: () => [...now().env].map(([name, value]) => `${name}=${value}\0`).join(''),
      stat: () => statOf(now(), this.#source),
      status: () => statusOf(now()),
      cgroup: () => '0::/\n',
      mounts: () => mountsOf(this.#source),
    }
    const names = [...Object.keys(texts), 'cwd', 'exe', 'fd', 'root', 'tty']
    const get = (name: string): Inode | undefined => {
      const text = Object.hasOwn(texts, name) ? texts[name] : undefined
      if (text !== undefined) return this.text(text)
      if (name === 'cwd') return this.link(() => now().cwd)
      if (name === 'exe') return this.link(() => now().executable)
      if (name === 'root') {
        const { root } = now()
        return root === undefined ? this.link('/') : this.#seenIn(root, '/')
      }
      if (name === 'fd') return this.#descriptors(now)
      if (name === 'tty' && now().hasTerminal) return this.#descriptor(now, 0)
      return undefined
    }
    return this.directory(get, () => names)
  }

  /** What is at a path of another container, what is mounted there as well. */
  #seenIn(space: Namespace, path: string): Inode | undefined {
    const { inode } = space.find(path, ROOT, false)
    if (inode === undefined || !isDirectory(inode)) return inode
    const names = () => new Set([...inode.names(), ...space.mountNames(path)])
    const get = (name: string) => (names().has(name) ? this.#seenIn(space, childOf(path, name)) : undefined)
    return new ComputedDirectory(this.#layer, inode, get, names)
  }

  #descriptors(now: () => ShownProcess): Inode {
    const get = (name: string) =>
      now().descriptors.map(String).includes(name) ? this.#descriptor(now, Number(name)) : undefined
    return this.directory(get, () => now().descriptors.map(String))
  }

  #descriptor(now: () => ShownProcess, number: number): Inode {
    return new DeviceNode(
      this.#layer,
      this.#meta(0o666),
      {
        openInput: () => shared(now().input(number) ?? EMPTY_INPUT),
        openOutput: () => shared(now().output(number === 0 ? 1 : number) ?? NULL_OUTPUT),
      },
      'pipe',
    )
  }
}

/** A second descriptor of a stream: closing it leaves the first one open. */
const shared = <Stream extends Input | Output>(stream: Stream): Stream => ({ ...bound(stream), close() {} })

function bound<Stream extends Input | Output>(stream: Stream): Stream {
  const made =
    'read' in stream ? { read: () => stream.read() } : { write: (bytes: Uint8Array | string) => stream.write(bytes) }
  return made as Stream
}

function machineTexts(source: ProcSource): Readonly<Record<string, () => string>> {
  const kib = (bytes: number) => String(Math.round(bytes / 1024)).padStart(11)
  return {
    meminfo() {
      const { memory, memoryUsed } = source.machine()
      const free = Math.max(0, memory - memoryUsed)
      const rows: [string, number][] = [
        ['MemTotal:', memory],
        ['MemFree:', free],
        ['MemAvailable:', free],
        ['Buffers:', 0],
        ['Cached:', 0],
        ['SwapTotal:', 0],
        ['SwapFree:', 0],
        ['Shmem:', 0],
        ['SReclaimable:', 0],
      ]
      return rows.map(([name, bytes]) => `${name.padEnd(13)}${kib(bytes)} kB\n`).join('')
    },
    cpuinfo() {
      const { cores } = source.machine()
      return Array.from(
        { length: cores },
        (_, index) =>
          `processor\t: ${index}\nvendor_id\t: Simulated\nmodel name\t: Simulated CPU\ncpu MHz\t\t: 2000.000\n\n`,
      ).join('')
    },
    loadavg() {
      const { load } = source.machine()
      const pids = [...source.pids()]
      return `${load.map((value) => value.toFixed(2)).join(' ')} 1/${pids.length} ${Math.max(0, ...pids)}\n`
    },
    uptime() {
      const { started, busy, cores } = source.machine()
      const up = (source.now() - started) / 1000
      return `${up.toFixed(2)} ${Math.max(0, up * cores - busy / 1000).toFixed(2)}\n`
    },
    stat() {
      const { busy, cores, started } = source.machine()
      const ticks = Math.round(busy / 10)
      const idle = Math.max(0, Math.round(((source.now() - started) * cores - busy) / 10))
      return `cpu  ${ticks} 0 0 ${idle} 0 0 0 0 0 0\nbtime ${Math.floor(started / 1000)}\n`
    },
    version: () => `Linux version ${KERNEL_RELEASE} (simulated) #1 SMP\n`,
    filesystems: () => 'nodev\tproc\nnodev\ttmpfs\nnodev\toverlay\n',
  }
}

const mountsOf = (source: ProcSource): string =>
  [...source.mounts()]
    .map(({ path, readOnly }) => {
      const kind = path === '/' ? 'overlay' : path === '/proc' ? 'proc' : path === '/sys' ? 'sysfs' : 'tmpfs'
      return `${kind} ${path} ${kind} ${readOnly ? 'ro' : 'rw'},relatime 0 0\n`
    })
    .join('')

/** Fields of proc(5)'s stat that programs read: times in ticks of 10 ms. */
function statOf({ info, group, name }: ShownProcess, source: ProcSource): string {
  const { pid, parent, state, cpu, memory, started } = info
  const since = Math.max(0, Math.round((started - source.machine().started) / 10))
  const ticks = Math.round(cpu / 10)
  return `${pid} (${name}) ${state} ${parent} ${group} ${group} 0 -1 4194560 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 ${since} ${memory} ${Math.round(memory / 4096)}\n`
}

const STATES = { R: 'R (running)', S: 'S (sleeping)', T: 'T (stopped)', Z: 'Z (zombie)' } as const

function statusOf({ info, name }: ShownProcess): string {
  const { pid, parent, uid, state, memory } = info
  return [
    `Name:\t${name}`,
    `State:\t${STATES[state]}`,
    `Tgid:\t${pid}`,
    `Pid:\t${pid}`,
    `PPid:\t${parent}`,
    `Uid:\t${uid}\t${uid}\t${uid}\t${uid}`,
    `VmRSS:\t${String(Math.round(memory / 1024)).padStart(8)} kB`,
    'Threads:\t1',
    '',
  ].join('\n')
}
