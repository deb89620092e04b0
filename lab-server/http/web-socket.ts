/** What a terminal needs of a WebSocket, and what keeps a dead peer from holding it. */
import type { WebSocket } from 'ws'
import { closeCodes } from '../../protocol/terminal.ts'
import type { Clock } from '../clock.ts'
import type { TerminalSocket } from '../terminal/terminal.ts'

/** Milliseconds that a peer has to answer a close before the connection is cut. */
const CLOSE_WITHIN = 5_000

export function terminalSocket(options: { socket: WebSocket; clock: Clock; pingEvery: number }): TerminalSocket {
  const { socket, clock, pingEvery } = options
  const closers: (() => void)[] = []
  let alive = true
  let cancelPing = () => {}
  let cancelCut = () => {}

  const ping = () => {
    if (!alive) {
      socket.terminate()
      return
    }
    alive = false
    socket.ping()
    cancelPing = clock.after(pingEvery, ping)
  }
  const close = (code: number, reason: string) => {
    // A reason is at most 123 bytes (RFC 6455, 5.5); ours are ASCII.
    socket.close(code, reason.slice(0, 123))
    // A peer that does not read never sees the close.
    cancelCut()
    cancelCut = clock.after(CLOSE_WITHIN, () => socket.terminate())
  }
  cancelPing = clock.after(pingEvery, ping)
  socket.on('pong', () => {
    alive = true
  })
  // A broken frame ends in a close by `ws` itself, with the standard code for it.
  socket.on('error', () => {})
  socket.on('close', () => {
    cancelPing()
    cancelCut()
    for (const closer of closers) closer()
  })
  return {
    send: (frame) => {
      if (socket.readyState === socket.OPEN) socket.send(frame, { binary: true })
    },
    get buffered() {
      return socket.bufferedAmount
    },
    close,
    onFrame(listener) {
      socket.on('message', (data, isBinary) => {
        if (isBinary && Buffer.isBuffer(data)) listener(data)
        else close(closeCodes.protocol, 'frames are binary')
      })
    },
    onClose(listener) {
      closers.push(listener)
    },
  }
}
