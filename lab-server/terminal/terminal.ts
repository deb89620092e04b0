/** One shell, its last output, and the pages that look at it. */
export interface Terminal {
  /** Takes over a socket that has just been opened and authorised; the first frame must be a hello. */
  connect(socket: TerminalSocket, viewer?: Viewer): void
  readonly exited: boolean
  /** Closes all sockets and lets go of the shell; does not end the shell. */
  close(): void
}

/**
 * Somebody who looks over the reader's shoulder: sees what they see, at the size that theirs has, and holds nothing up. Left out where
 * the reader's own page connects.
 */
export interface Viewer {
  /** Asked with each input: what comes while it is false is dropped. */
  mayType(): boolean
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
