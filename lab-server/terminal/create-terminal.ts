/** Between one shell and the pages that look at it. */

import type { ClientFrame, Hello } from '../../protocol/terminal.ts'
import { closeCodes, decodeClientFrame, encodeServerFrame, FrameError } from '../../protocol/terminal.ts'
import type { Clock } from '../clock.ts'
import type { Ids } from '../ids.ts'
import type { Shell, TerminalSize } from '../providers/provider.ts'
import { isStalled, LOW_MARK, SCROLLBACK, shouldPause } from './flow.ts'
import { InputQueue } from './input.ts'
import { Page } from './page.ts'
import { Scrollback } from './scrollback.ts'
import { TakenInput } from './taken.ts'
import type { Terminal, TerminalSocket, Viewer } from './terminal.ts'

export interface TerminalOptions {
  shell: Shell
  clock: Clock
  ids: Pick<Ids, 'secret'>
  /** Something was typed. */
  onInput(): void
  /** Once. */
  onExit(code: number | null): void
  /** Bytes of output, as they come. */
  onBytes?(count: number): void
  /** What a shell could not do and no reader needs to know: attach, change its size. */
  onError?(error: unknown): void
}

/** Milliseconds from opening the socket to its first frame. */
export const HELLO_WITHIN = 5_000
/** Output that comes within so many milliseconds goes out together. */
const TOGETHER = 4
/** Milliseconds between looks for a page that holds the shell at others' expense. */
const LOOK_EVERY = 1_000
/** What a viewer is told as long as no page of the reader's has said what size it has. */
const UNKNOWN_SIZE: TerminalSize = { cols: 80, rows: 24 }
/** Standard WebSocket code for a normal end. */
const NORMAL = 1000

export const createTerminal = (options: TerminalOptions): Terminal => new ShellTerminal(options)

class ShellTerminal implements Terminal {
  readonly #options: TerminalOptions
  readonly #epoch: string
  readonly #scrollback = new Scrollback(SCROLLBACK)
  readonly #input: InputQueue
  /** All that are open, and who looks through those that are not the reader's. */
  readonly #sockets = new Map<TerminalSocket, Viewer | undefined>()
  readonly #pages = new Set<Page>()
  readonly #taken = new TakenInput<TerminalSocket>()
  /** Pages that said hello before the shell's earlier output was there. */
  #early: { socket: TerminalSocket; hello: Hello }[] = []
  #attached = false
  #exit: { code: number | null } | undefined
  #closed = false
  #paused = false
  #sentAt = Number.NEGATIVE_INFINITY
  #cancelSend: (() => void) | undefined
  #cancelLook: (() => void) | undefined
  #size: TerminalSize | undefined
  #resizing = false

  constructor(options: TerminalOptions) {
    this.#options = options
    this.#epoch = options.ids.secret()
    this.#input = new InputQueue(options.shell)
    options.shell
      .attach({ onData: (data) => this.#receive(data), onExit: (code) => this.#exited(code) })
      .catch((error: unknown) => {
        options.onError?.(error)
        this.#exited(null)
      })
      .then(() => this.#welcomeEarly())
  }

  get exited(): boolean {
    return this.#exit !== undefined
  }

  connect(socket: TerminalSocket, viewer?: Viewer): void {
    if (this.#closed) {
      socket.close(closeCodes.unknownShell, 'this shell is closed')
      return
    }
    this.#sockets.set(socket, viewer)
    let greeted = false
    const cancelWait = this.#options.clock.after(HELLO_WITHIN, () =>
      this.#drop(socket, closeCodes.helloTimeout, 'no hello'),
    )
    socket.onClose(() => {
      cancelWait()
      this.#forget(socket)
    })
    socket.onFrame((bytes) => {
      if (!this.#sockets.has(socket)) return
      try {
        const frame = decodeClientFrame(bytes)
        if (!greeted) {
          if (frame.kind !== 'hello') throw new FrameError('the first frame must be a hello')
          cancelWait()
          greeted = true
          this.#hello(socket, frame.hello)
        } else this.#act(socket, frame)
      } catch (error) {
        if (!(error instanceof FrameError)) throw error
        this.#drop(socket, closeCodes.protocol, error.message)
      }
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cancelSend?.()
    this.#cancelLook?.()
    for (const socket of [...this.#sockets.keys()])
      this.#drop(socket, closeCodes.forbidden, 'the session or the shell is over')
    if (this.#paused && !this.#exit) this.#options.shell.resume()
  }

  #hello(socket: TerminalSocket, hello: Hello): void {
    const viewer = this.#sockets.get(socket)
    if (!viewer) this.#sized({ cols: hello.cols, rows: hello.rows })
    if (!this.#attached) {
      this.#early.push({ socket, hello })
      return
    }
    const page = new Page({
      socket,
      scrollback: this.#scrollback,
      epoch: this.#epoch,
      now: this.#options.clock.now(),
      viewer: viewer !== undefined,
    })
    const { bytes, older } = hello.page === undefined ? {} : this.#taken.connect(hello.page, socket)
    if (older && this.#sockets.has(older)) this.#drop(older, NORMAL, 'the page has connected again')
    this.#pages.add(page)
    if (viewer) socket.send(encodeServerFrame({ kind: 'size', ...(this.#size ?? UNKNOWN_SIZE) }))
    page.welcome(hello.epoch === this.#epoch ? hello.offset : undefined, bytes)
    this.#serve(page)
    this.#regulate()
  }

  #welcomeEarly(): void {
    this.#attached = true
    const early = this.#early
    this.#early = []
    for (const { socket, hello } of early) if (this.#sockets.has(socket)) this.#hello(socket, hello)
  }

  #act(socket: TerminalSocket, frame: ClientFrame): void {
    switch (frame.kind) {
      case 'hello':
        throw new FrameError('a second hello')
      case 'input':
        if (this.#exit) return
        if (this.#sockets.get(socket)?.mayType() === false) {
          // It counts as taken, or the page would send it again once it may.
          this.#taken.add(socket, frame.data.length)
          return
        }
        this.#options.onInput()
        if (this.#input.push(frame.data)) this.#taken.add(socket, frame.data.length)
        else this.#drop(socket, closeCodes.tooMuch, 'the shell takes no more')
        return
      case 'resize':
        if (!this.#sockets.get(socket)) this.#sized({ cols: frame.cols, rows: frame.rows })
        return
      case 'acknowledge': {
        const page = [...this.#pages].find((page) => page.socket === socket)
        if (!page?.acknowledge(frame.offset, this.#options.clock.now()))
          throw new FrameError('acknowledge: more than was sent')
        if (page.outstanding <= LOW_MARK) page.skipped = false
        this.#serve(page)
        this.#regulate()
        return
      }
      default:
        frame satisfies never
    }
  }

  #receive(data: Uint8Array): void {
    if (this.#closed) return
    this.#scrollback.append(data)
    this.#options.onBytes?.(data.length)
    if (this.#cancelSend) return
    const { clock } = this.#options
    const quiet = clock.now() - this.#sentAt
    // An echo after a pause goes out at once; a flood goes out in bundles.
    if (quiet >= TOGETHER) this.#send()
    else this.#cancelSend = clock.after(TOGETHER - quiet, () => this.#send())
  }

  #send(): void {
    this.#cancelSend = undefined
    this.#sentAt = this.#options.clock.now()
    for (const page of [...this.#pages]) this.#serve(page)
    this.#regulate()
  }

  #serve(page: Page): void {
    page.pump()
    if (!this.#exit || !page.complete) return
    page.socket.send(encodeServerFrame({ kind: 'exited', exited: this.#exit }))
    this.#drop(page.socket, NORMAL, 'exited')
  }

  /** Pages that the shell waits for. */
  get #holding(): Page[] {
    return [...this.#pages].filter((page) => !page.skipped && !page.viewer)
  }

  #regulate(): void {
    if (this.#exit || this.#closed) return
    const holding = this.#holding
    const pause = shouldPause(
      this.#paused,
      holding.map((page) => page.lag),
    )
    if (pause !== this.#paused) {
      this.#paused = pause
      if (pause) this.#options.shell.pause()
      else this.#options.shell.resume()
    }
    if (pause && holding.length > 1) this.#cancelLook ??= this.#options.clock.after(LOOK_EVERY, () => this.#look())
  }

  #look(): void {
    this.#cancelLook = undefined
    const now = this.#options.clock.now()
    const holding = this.#holding
    for (const page of holding) {
      const others = holding.filter((other) => other !== page).map((other) => other.lag)
      if (isStalled({ lag: page.lag, idle: now - page.movedAt }, others)) page.skipped = true
    }
    this.#regulate()
  }

  #exited(code: number | null): void {
    if (this.#exit) return
    this.#exit = { code }
    this.#cancelLook?.()
    if (this.#closed) return
    this.#send()
    this.#options.onExit(code)
  }

  /** The reader's page has another size now. */
  #sized(size: TerminalSize): void {
    this.#resize(size)
    for (const page of this.#pages) if (page.viewer) page.socket.send(encodeServerFrame({ kind: 'size', ...size }))
  }

  /** One change of size at a time; of those that come meanwhile the last one counts. */
  #resize(size: TerminalSize): void {
    this.#size = size
    if (this.#resizing || this.#exit) return
    this.#resizing = true
    this.#options.shell
      .resize(size)
      .catch((error: unknown) => this.#options.onError?.(error))
      .then(() => {
        this.#resizing = false
        if (this.#size && this.#size !== size) this.#resize(this.#size)
      })
  }

  #drop(socket: TerminalSocket, code: number, reason: string): void {
    this.#forget(socket)
    socket.close(code, reason)
  }

  #forget(socket: TerminalSocket): void {
    this.#sockets.delete(socket)
    this.#taken.leave(socket)
    for (const page of this.#pages) if (page.socket === socket) this.#pages.delete(page)
    this.#regulate()
  }
}
