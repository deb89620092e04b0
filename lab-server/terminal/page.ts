/** One page that looks at a shell: how far it has been sent the output, and how far it has drawn it. */
import { encodeServerFrame } from '../../protocol/terminal.ts'
import { LOW_MARK, window } from './flow.ts'
import type { Scrollback } from './scrollback.ts'
import type { TerminalSocket } from './terminal.ts'

/** Bytes of output in one frame: large enough that its 9 bytes of header do not count, small enough to draw between two keystrokes. */
const LARGEST_FRAME = 32 * 1024
const NOTHING = new Uint8Array(0)

export class Page {
  readonly socket: TerminalSocket
  readonly #scrollback: Scrollback
  readonly #epoch: string
  #sent = 0
  #acknowledged = 0
  #drawn = 0
  /** When it last drew something, in ms since the epoch. */
  movedAt: number
  /** Nobody waits for it: what it is too slow for, it does not see. */
  readonly viewer: boolean
  /** It no longer holds the shell; it is sent nothing until it has drawn what it was sent. */
  skipped = false

  constructor(options: {
    socket: TerminalSocket
    scrollback: Scrollback
    epoch: string
    now: number
    viewer: boolean
  }) {
    this.socket = options.socket
    this.#scrollback = options.scrollback
    this.#epoch = options.epoch
    this.movedAt = options.now
    this.viewer = options.viewer
  }

  /** Bytes that have been written and that it has not drawn. */
  get lag(): number {
    return this.#scrollback.end - this.#drawn
  }

  /** Bytes that it has been sent and has not drawn. */
  get outstanding(): number {
    return this.#sent - this.#drawn
  }

  get complete(): boolean {
    return this.#sent === this.#scrollback.end
  }

  /**
   * Begins at the offset that the page has, or, if it cannot be continued from there, at the oldest output.
   * @param taken bytes of input that have come from it; only in answer to its hello
   */
  welcome(offset?: number, taken?: number): void {
    const { start, end } = this.#scrollback
    const from = offset !== undefined && offset >= start && offset <= end ? offset : this.#scrollback.safeStart()
    this.#sent = from
    this.#acknowledged = from
    this.#drawn = from
    const welcome = { epoch: this.#epoch, offset: from, live: end, ...(taken === undefined ? {} : { taken }) }
    this.socket.send(encodeServerFrame({ kind: 'welcome', welcome }))
  }

  /** Sends what there is, as far as its window allows. */
  pump(): void {
    while (!this.skipped && this.#sent < this.#scrollback.end) {
      // Overwritten before it could be sent: the page was skipped, or the shell's last bytes came while it was paused.
      if (this.#sent < this.#scrollback.start) {
        // Of a viewer, who holds nothing up, it happens again and again: what is on its way comes first, so that it stays bounded.
        if (this.viewer && this.outstanding > LOW_MARK) return
        this.welcome()
      }
      const length = Math.min(window(this.outstanding), LARGEST_FRAME, this.#scrollback.end - this.#sent)
      if (length === 0) return
      const header = encodeServerFrame({ kind: 'output', offset: this.#sent, data: NOTHING })
      const frame = Buffer.allocUnsafe(header.length + length)
      frame.set(header)
      // The one copy: the scrollback may be written over before the socket is through with the frame.
      this.#scrollback.copy(this.#sent, frame.subarray(header.length))
      this.socket.send(frame)
      this.#sent += length
      this.#settle()
    }
  }

  /** False if it cannot have drawn so much. */
  acknowledge(offset: number, now: number): boolean {
    if (offset > this.#sent) return false
    // An older offset is a late frame from before a new welcome.
    this.#acknowledged = Math.max(this.#acknowledged, offset)
    const before = this.#drawn
    this.#settle()
    if (this.#drawn > before) this.movedAt = now
    return true
  }

  /** A page cannot have drawn what has not left the process: whoever acknowledges without reading gains no memory here. */
  #settle(): void {
    this.#drawn = Math.max(this.#drawn, Math.min(this.#acknowledged, this.#sent - this.socket.buffered))
  }
}
