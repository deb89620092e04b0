/** A shell and sockets in memory, for tests of what lies between them. */
import {
  type ClientFrame,
  decodeServerFrame,
  encodeClientFrame,
  type Hello,
  type ServerFrame,
} from '../../protocol/terminal.ts'
import type { Shell, TerminalSize } from '../providers/provider.ts'
import type { TerminalSocket } from './terminal.ts'

export class FakeShell implements Shell {
  readonly id = 1
  paused = false
  /** While false, `write` takes what it is given and asks for a wait. */
  takes = true
  typed = ''
  readonly sizes: TerminalSize[] = []
  /** Set to hold the attach back until `finishAttach`. */
  slow = false
  finishAttach = (): void => {}
  #handlers: { onData(data: Uint8Array): void; onExit(code: number | null): void } | undefined
  #drained: (() => void)[] = []

  attach(handlers: { onData(data: Uint8Array): void; onExit(code: number | null): void }): Promise<void> {
    this.#handlers = handlers
    return new Promise((resolve) => {
      this.finishAttach = resolve
      if (!this.slow) resolve()
    })
  }
  write(data: Uint8Array): boolean {
    this.typed += new TextDecoder().decode(data)
    return this.takes
  }
  drained(): Promise<void> {
    return new Promise((resolve) => this.#drained.push(resolve))
  }
  drain(): void {
    const waiting = this.#drained
    this.#drained = []
    for (const resolve of waiting) resolve()
  }
  pause(): void {
    this.paused = true
  }
  resume(): void {
    this.paused = false
  }
  async resize(size: TerminalSize): Promise<void> {
    this.sizes.push(size)
  }
  async close(): Promise<void> {}

  print(data: string | Uint8Array): void {
    this.#handlers?.onData(typeof data === 'string' ? new TextEncoder().encode(data) : data)
  }
  exit(code: number | null): void {
    this.#handlers?.onExit(code)
  }
}

export class FakeSocket implements TerminalSocket {
  buffered = 0
  /** Its network takes nothing: what is sent stays in the process. */
  stuck = false
  closed: { code: number; reason: string } | undefined
  readonly frames: ServerFrame[] = []
  #onFrame: (frame: Uint8Array) => void = () => {}
  #onClose: () => void = () => {}

  send(frame: Uint8Array): void {
    this.frames.push(decodeServerFrame(Uint8Array.from(frame)))
    if (this.stuck) this.buffered += frame.length
  }
  close(code: number, reason: string): void {
    if (this.closed) return
    this.closed = { code, reason }
    this.#onClose()
  }
  onFrame(listener: (frame: Uint8Array) => void): void {
    this.#onFrame = listener
  }
  onClose(listener: () => void): void {
    this.#onClose = listener
  }

  /** The network drops. */
  vanish(): void {
    this.closed = { code: 1006, reason: '' }
    this.#onClose()
  }
  says(frame: ClientFrame | Uint8Array): void {
    this.#onFrame(frame instanceof Uint8Array ? frame : encodeClientFrame(frame))
  }
  hello(hello: Partial<Hello> = {}): void {
    this.says({ kind: 'hello', hello: { offset: 0, cols: 80, rows: 24, ...hello } })
  }
  types(text: string): void {
    this.says({ kind: 'input', data: new TextEncoder().encode(text) })
  }
  /** Acknowledges all that has come. */
  draws(): void {
    this.says({ kind: 'acknowledge', offset: this.offset })
  }
  get welcome() {
    const welcomes = this.frames.flatMap((frame) => (frame.kind === 'welcome' ? [frame.welcome] : []))
    const last = welcomes.at(-1)
    if (!last) throw new Error('no welcome came')
    return last
  }
  get welcomes(): number {
    return this.frames.filter((frame) => frame.kind === 'welcome').length
  }
  /** Where the output ends that has come since the last welcome. Throws if it has a gap. */
  get offset(): number {
    let at = 0
    for (const frame of this.frames) {
      if (frame.kind === 'welcome') at = frame.welcome.offset
      if (frame.kind !== 'output') continue
      if (frame.offset !== at) throw new Error(`expected output from ${at}, got it from ${frame.offset}`)
      at += frame.data.length
    }
    return at
  }
  /** Output since the last welcome. */
  get text(): string {
    const from = this.frames.findLastIndex((frame) => frame.kind === 'welcome')
    const decoder = new TextDecoder()
    return this.frames
      .slice(from)
      .map((frame) => (frame.kind === 'output' ? decoder.decode(frame.data, { stream: true }) : ''))
      .join('')
  }
}
