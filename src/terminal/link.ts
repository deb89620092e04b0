/** The connection between one terminal and its shell, kept up over dropped networks, sleep and restarts of the server. */
import { closeCodes, decodeServerFrame, encodeClientFrame, FrameError, type Welcome } from '../../protocol/terminal.ts'
import { backoff, HeldInput, overslept, SentInput, shouldAcknowledge, splitInput, WATCH_INTERVAL } from './policy.ts'

export type LinkState =
  | { state: 'connecting' | 'open' | 'refused' }
  | { state: 'waiting' /** Nothing more is taken until there is a connection. */; full: boolean }
  | { state: 'exited'; code: number | null }

/** Something that happened to what the reader typed and that they must know. */
export type LinkNotice = 'uncertain' | 'renewed'

export interface Screen {
  readonly size: { cols: number; rows: number }
  /**
   * Draws output; calls back when it is drawn.
   * @param replayed whether it was drawn before, so that queries in it must not be answered
   */
  write(data: Uint8Array, replayed: boolean, drawn: () => void): void
  /** Forgets all that was drawn. */
  reset(): void
  /** Says that output is missing here. */
  gap(): void
  /** It shows somebody else's terminal, which has this size. */
  sized(size: { cols: number; rows: number }): void
}

export interface LinkEvents {
  state(state: LinkState): void
  notice(notice: LinkNotice): void
}

export class TerminalLink {
  private readonly connect: () => WebSocket
  private readonly screen: Screen
  private readonly events: LinkEvents
  private readonly held = new HeldInput()
  private readonly page = Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('')
  private sent = new SentInput()
  private readonly over = new AbortController()
  private socket: WebSocket | undefined
  /** Whether the socket has been welcomed: input before it would be an error of the protocol. */
  private welcomed = false
  private attempt = 0
  private retry: ReturnType<typeof setTimeout> | undefined
  private lastLook = Date.now()
  private epoch: string | undefined
  /** Offsets in bytes: handed to the screen, drawn by it, told to the server. */
  private received = 0
  private drawn = 0
  private acknowledged = 0
  private live = 0
  /** Somebody else's terminal: what programs ask it, theirs answers. */
  private looking = false
  /** Grows with each reset of the screen: what an older one still draws is not counted. */
  private generation = 0

  constructor(connect: () => WebSocket, screen: Screen, events: LinkEvents) {
    this.connect = connect
    this.screen = screen
    this.events = events
    const { signal } = this.over
    const watch = setInterval(() => this.look(), WATCH_INTERVAL)
    signal.addEventListener('abort', () => clearInterval(watch))
    addEventListener('online', () => this.reconnect(), { signal })
    document.addEventListener('visibilitychange', () => this.look(), { signal })
    this.open()
  }

  send(data: Uint8Array): void {
    if (this.over.signal.aborted) return
    if (this.socket !== undefined && this.welcomed && this.socket.readyState === WebSocket.OPEN) {
      this.sent.add(data)
      this.input(data)
    } else if (!this.held.hold(data)) this.events.state({ state: 'waiting', full: true })
  }

  private input(data: Uint8Array): void {
    for (const part of splitInput(data)) this.frame({ kind: 'input', data: part })
  }

  resize(cols: number, rows: number): void {
    if (this.welcomed) this.frame({ kind: 'resize', cols, rows })
  }

  dispose(): void {
    this.over.abort()
    clearTimeout(this.retry)
    this.drop()
  }

  private frame(frame: Parameters<typeof encodeClientFrame>[0]): void {
    // A socket on its way out takes nothing, and the browser reports it as an error: what matters is sent again over the next one.
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(encodeClientFrame(frame))
  }

  private open(): void {
    if (this.over.signal.aborted) return
    clearTimeout(this.retry)
    this.drop()
    const socket = this.connect()
    socket.binaryType = 'arraybuffer'
    this.socket = socket
    if (this.attempt === 0 && this.epoch === undefined) this.events.state({ state: 'connecting' })
    socket.onopen = () =>
      this.frame({
        kind: 'hello',
        hello: {
          ...(this.epoch === undefined ? {} : { epoch: this.epoch }),
          offset: this.received,
          page: this.page,
          ...this.screen.size,
        },
      })
    socket.onmessage = ({ data }) => this.receive(new Uint8Array(data as ArrayBuffer))
    socket.onclose = ({ code }) => this.closed(socket, code)
  }

  /** Lets go of the socket without hearing of it again. */
  private drop(): void {
    const socket = this.socket
    this.socket = undefined
    this.welcomed = false
    if (socket === undefined) return
    socket.onopen = socket.onmessage = socket.onclose = null
    socket.close()
  }

  private receive(bytes: Uint8Array): void {
    try {
      const frame = decodeServerFrame(bytes)
      if (frame.kind === 'welcome') this.welcome(frame.welcome)
      else if (frame.kind === 'output') this.output(frame.offset, frame.data)
      else if (frame.kind === 'size') this.sized(frame)
      else this.exited(frame.exited.code)
    } catch (error) {
      if (!(error instanceof FrameError)) throw error
      this.reconnect()
    }
  }

  private welcome({ epoch, offset, live, taken }: Welcome): void {
    const first = !this.welcomed
    const renewed = this.epoch !== undefined && this.epoch !== epoch
    if (renewed) {
      // Another shell under the same number: what was typed was meant for the one before.
      this.screen.reset()
      this.generation++
      if (!this.held.empty) this.events.notice('renewed')
      this.held.release()
      this.sent = new SentInput()
    } else if (offset > this.received) this.screen.gap()
    this.epoch = epoch
    this.live = live
    if (renewed || offset > this.received) this.received = this.drawn = offset
    // The count of what is acknowledged begins anew with each connection.
    this.acknowledged = offset
    this.attempt = 0
    this.welcomed = true
    this.events.state({ state: 'open' })
    const { cols, rows } = this.screen.size
    this.resize(cols, rows)
    if (first) this.sendLost(taken)
    for (const data of this.held.release()) this.send(data)
  }

  /** Sends again what the server did not get before the connection broke. */
  private sendLost(taken: number | undefined): void {
    const lost = this.sent.beyond(taken ?? 0)
    if (lost !== undefined && (taken !== undefined || this.sent.sent === 0)) {
      for (const data of lost) this.input(data)
      return
    }
    // The server counts from here on, and so does the page.
    this.sent = new SentInput()
    this.events.notice('uncertain')
  }

  private sized(size: { cols: number; rows: number }): void {
    this.looking = true
    this.screen.sized(size)
  }

  private output(offset: number, data: Uint8Array): void {
    const known = Math.max(0, this.received - offset)
    if (known >= data.length && data.length > 0) return
    if (offset > this.received) this.screen.gap()
    const fresh = data.subarray(known)
    const from = offset + known
    const replayed = Math.min(fresh.length, Math.max(0, this.live - from))
    this.received = from + fresh.length
    this.write(fresh.subarray(0, replayed), true)
    this.write(fresh.subarray(replayed), false)
  }

  private write(data: Uint8Array, replayed: boolean): void {
    if (data.length === 0) return
    const generation = this.generation
    this.screen.write(data, replayed || this.looking, () => {
      if (generation !== this.generation) return
      this.drawn += data.length
      if (!this.welcomed || !shouldAcknowledge(this.drawn, this.acknowledged)) return
      this.acknowledged = this.drawn
      this.frame({ kind: 'acknowledge', offset: this.drawn })
    })
  }

  private exited(code: number | null): void {
    this.dispose()
    this.events.state({ state: 'exited', code })
  }

  private closed(socket: WebSocket, code: number): void {
    if (socket !== this.socket) return
    this.drop()
    if (code === closeCodes.forbidden || code === closeCodes.unknownShell) {
      this.dispose()
      this.events.state({ state: 'refused' })
      return
    }
    this.events.state({ state: 'waiting', full: false })
    this.retry = setTimeout(() => this.open(), backoff(this.attempt++, Math.random()))
  }

  /** At once, without waiting for a dead connection to be noticed. */
  private reconnect(): void {
    this.events.state({ state: 'waiting', full: false })
    this.attempt = 0
    this.open()
  }

  private look(): void {
    const now = Date.now()
    const slept = document.visibilityState === 'visible' && overslept(this.lastLook, now)
    // In a page out of view timers are held back; the gap is judged when it is looked at again.
    if (document.visibilityState === 'visible') this.lastLook = now
    if (slept) this.reconnect()
  }
}
