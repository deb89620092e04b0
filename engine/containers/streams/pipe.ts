import { toBytes } from '../../objects/bytes.ts'
import type { Input, Output } from '../contract.ts'
import { FileFault } from '../files/errors.ts'

/** Bytes that a pipe holds before its writer waits: Linux's. */
const CAPACITY = 65_536

/**
 * Bytes from who writes to who reads, with back-pressure. Ends are counted: reading ends when the last writer has closed, writing fails
 * with EPIPE when the last reader has. Nothing but memory: no timers, and what waits is forgotten with the pipe.
 */
export class Pipe {
  #chunks: Uint8Array[] = []
  #held = 0
  #readers = 0
  #writers = 0
  #waitingReaders: (() => void)[] = []
  #waitingWriters: (() => void)[] = []
  readonly #awaitsWriter: boolean
  #written = false

  /** A named pipe's reader waits until it has had a writer. */
  constructor({ awaitsWriter = false }: { readonly awaitsWriter?: boolean } = {}) {
    this.#awaitsWriter = awaitsWriter
  }

  openReader(): Input {
    this.#readers++
    let open = true
    return {
      read: (signal) => this.#read(() => open, signal),
      close: () => {
        if (!open) return
        open = false
        this.#readers--
        this.#wake()
      },
    }
  }

  openWriter(): Output {
    this.#writers++
    this.#written = true
    let open = true
    this.#wake()
    return {
      write: (bytes) => (open ? this.#write(toBytes(bytes)) : Promise.reject(new FileFault('EBADF'))),
      close: () => {
        if (!open) return
        open = false
        this.#writers--
        this.#wake()
      },
    }
  }

  async #read(isOpen: () => boolean, signal?: AbortSignal): Promise<Uint8Array | null> {
    for (;;) {
      if (signal?.aborted) return null
      const chunk = this.#chunks.shift()
      if (chunk !== undefined) {
        this.#held -= chunk.length
        this.#wakeWriters()
        return chunk
      }
      if (!isOpen() || (this.#writers === 0 && (this.#written || !this.#awaitsWriter))) {
        this.#written = false
        return null
      }
      await aborted(signal, (resolve) => this.#waitingReaders.push(resolve))
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    while (this.#held >= CAPACITY && this.#readers > 0) {
      await new Promise<void>((resolve) => this.#waitingWriters.push(resolve))
    }
    if (this.#readers === 0 && !this.#awaitsWriter) throw new FileFault('EPIPE')
    if (bytes.length === 0) return
    this.#chunks.push(bytes)
    this.#held += bytes.length
    for (const wake of this.#waitingReaders.splice(0)) wake()
  }

  #wake(): void {
    for (const wake of this.#waitingReaders.splice(0)) wake()
    this.#wakeWriters()
  }

  #wakeWriters(): void {
    for (const wake of this.#waitingWriters.splice(0)) wake()
  }
}

/** Waits until it is woken, or until the signal is aborted. */
export function aborted(signal: AbortSignal | undefined, wait: (resolve: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    if (signal === undefined) return wait(resolve)
    const done = () => {
      signal.removeEventListener('abort', done)
      resolve()
    }
    signal.addEventListener('abort', done)
    wait(done)
  })
}

/** Ends at once. */
export const EMPTY_INPUT: Input = { read: async () => null, close() {} }

/** Takes all and keeps nothing. */
export const NULL_OUTPUT: Output = { write: async () => {}, close() {} }
