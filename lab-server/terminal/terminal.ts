/** One shell, its last output, and the pages that look at it. */
export interface Terminal {
  /** Takes over a socket that has just been opened and authorised; the first frame must be a hello. */
  connect(socket: TerminalSocket): void
  readonly exited: boolean
  /** Closes all sockets and lets go of the shell; does not end the shell. */
  close(): void
}

/** The part of a WebSocket that a terminal needs; `ws` satisfies it through a thin shell. */
export interface TerminalSocket {
  send(frame: Uint8Array): void
  /** Bytes handed to `send` that have not left the process. */
  readonly buffered: number
  close(code: number, reason: string): void
  onFrame(listener: (frame: Uint8Array) => void): void
  onClose(listener: () => void): void
}
