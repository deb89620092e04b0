/** A byte stream between the server and a thread that holds clusters: one end each, over a pair of message ports. */
import { Duplex } from 'node:stream'
import type { MessagePort } from 'node:worker_threads'

/** Bytes on their way before the other end has read them. */
const WINDOW = 256 * 1024

type Message =
  | { readonly kind: 'data'; readonly bytes: Uint8Array }
  /** So many more bytes were read. */
  | { readonly kind: 'read'; readonly count: number }
  /** Nothing more is written. */
  | { readonly kind: 'end' }
  /** Both directions are over. */
  | { readonly kind: 'over'; readonly message?: string }

export class Channel extends Duplex {
  readonly #port: MessagePort
  /** Bytes that the other end has not read yet. */
  #unread = 0
  #waiting: (() => void) | undefined
  /** Bytes that we have, until somebody reads them. */
  #held = 0
  #over = false

  constructor(port: MessagePort) {
    super({ allowHalfOpen: true })
    this.#port = port
    port.on('message', (message: Message) => this.#hear(message))
    // It may fail before anybody listens; `errored` tells them then.
    this.on('error', () => {})
    port.on('close', () => {
      // The other end's thread is gone.
      if (!this.#over) this.destroy(new Error('The connection is lost.'))
    })
  }

  #hear(message: Message): void {
    switch (message.kind) {
      case 'data':
        this.#held += message.bytes.length
        if (this.push(message.bytes)) this.#tellRead()
        return
      case 'read':
        this.#unread -= message.count
        if (this.#unread < WINDOW) this.#goOn()
        return
      case 'end':
        this.push(null)
        return
      case 'over':
        this.#over = true
        if (message.message !== undefined) this.destroy(new Error(message.message))
        else if (this.readableEnded) this.destroy()
        // What has come is still read.
        else this.once('end', () => this.destroy()).push(null)
    }
  }

  override _read(): void {
    this.#tellRead()
  }

  #tellRead(): void {
    if (this.#held === 0) return
    this.#send({ kind: 'read', count: this.#held })
    this.#held = 0
  }

  override _write(chunk: Uint8Array, _: BufferEncoding, done: () => void): void {
    // A copy of its own: a piece of Node's pool must not be handed to another thread.
    this.#send({ kind: 'data', bytes: Uint8Array.from(chunk) })
    this.#unread += chunk.length
    if (this.#unread < WINDOW) done()
    else this.#waiting = done
  }

  override _final(done: () => void): void {
    this.#send({ kind: 'end' })
    done()
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    if (!this.#over) this.#send({ kind: 'over', ...(error && { message: error.message }) })
    this.#over = true
    this.#port.close()
    this.#goOn()
    done(error)
  }

  #goOn(): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.()
  }

  #send(message: Message): void {
    this.#port.postMessage(message)
  }
}
