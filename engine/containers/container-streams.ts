import type { ProcessIo } from '../api/http.ts'
import { toBytes } from '../objects/bytes.ts'
import type { ContainerOptions, ExecIo, Input, Output, Signal } from './contract.ts'
import { pump } from './sessions.ts'
import { EMPTY_INPUT, Pipe } from './streams/pipe.ts'
import { Tty } from './terminal/tty.ts'

/** The streams of a container's first process: its log, and whoever is attached. */
export class ContainerStreams {
  readonly stdin: Input
  readonly stdout: Output
  readonly stderr: Output
  readonly tty: Tty | undefined
  readonly #options: ContainerOptions
  readonly #clients = new Set<ProcessIo>()
  readonly #pumps = new Map<ProcessIo, (() => void)[]>()
  readonly #writer: Output | undefined
  #inputEnded = false

  constructor(options: ContainerOptions, signal: (group: number, signal: Signal) => void) {
    this.#options = options
    const out = (stream: 'stdout' | 'stderr') => (bytes: Uint8Array | string) => this.#tell(stream, toBytes(bytes))
    if (options.tty) {
      this.tty = new Tty({ write: out('stdout'), signal })
      this.stdin = options.stdin ? this.tty.input : EMPTY_INPUT
      this.stdout = this.tty.output
      this.stderr = this.tty.output
      return
    }
    this.stdout = { write: out('stdout'), close() {} }
    this.stderr = { write: out('stderr'), close() {} }
    if (!options.stdin) {
      this.stdin = EMPTY_INPUT
      return
    }
    const pipe = new Pipe()
    this.stdin = pipe.openReader()
    this.#writer = pipe.openWriter()
  }

  async #tell(stream: 'stdout' | 'stderr', bytes: Uint8Array): Promise<void> {
    this.#options.log(stream, bytes)
    if (this.#clients.size === 0) return
    await Promise.all([...this.#clients].map((io) => io[stream](bytes).catch(() => this.detach(io))))
  }

  /** Resolves when the client has gone. */
  attach(options: ExecIo, io: ProcessIo): Promise<void> {
    this.#clients.add(io)
    const pumps: (() => void)[] = []
    this.#pumps.set(io, pumps)
    if (options.stdin && this.#options.stdin && !this.#inputEnded) {
      const ended = () => {
        // As containerd: a terminal outlives whoever sat at it
        if (!this.#options.stdinOnce || this.tty !== undefined) return
        this.#inputEnded = true
        this.#writer?.close()
      }
      const { tty } = this
      pumps.push(
        pump(io.stdin, async (chunk) => (tty === undefined ? this.#writer?.write(chunk) : tty.type(chunk)), ended),
      )
    }
    const { tty } = this
    if (tty !== undefined)
      pumps.push(
        pump(
          io.sizes,
          async (size) => tty.resize(size),
          () => {},
        ),
      )
    return new Promise((resolve) => {
      if (io.signal.aborted) resolve()
      const gone = () => resolve()
      io.signal.addEventListener('abort', gone, { once: true })
      pumps.push(() => {
        io.signal.removeEventListener('abort', gone)
        resolve()
      })
    })
  }

  detach(io: ProcessIo): void {
    this.#clients.delete(io)
    const pumps = this.#pumps.get(io) ?? []
    this.#pumps.delete(io)
    for (const end of pumps) end()
  }

  end(): void {
    for (const io of [...this.#clients]) this.detach(io)
    this.#writer?.close()
  }
}
