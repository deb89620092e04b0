import { decode, join } from '../../objects/bytes.ts'
import type { Socket } from '../contract.ts'
import { HttpError } from './http-error.ts'

const NEWLINE = 10
const RETURN = 13
const EMPTY = new Uint8Array(0)

/** Takes a connection's bytes apart: by heads, by lines, by counts. What was read ahead stays for who reads next. */
export class ByteReader {
  readonly #socket: Pick<Socket, 'read'>
  #ahead: Uint8Array = EMPTY

  constructor(socket: Pick<Socket, 'read'>, ahead: Uint8Array = EMPTY) {
    this.#socket = socket
    this.#ahead = ahead
  }

  /** Up to the empty line, without it; undefined when the connection ended before a first byte. Empty lines before it are passed over. */
  async head(limit: number): Promise<string | undefined> {
    for (let skipped = 0; ; ) {
      const first = this.#ahead[0]
      if (first === undefined) {
        if (!(await this.#more())) return undefined
      } else if (first === NEWLINE || first === RETURN) {
        if (++skipped > 8) throw new HttpError('malformed', 'empty lines instead of a message')
        this.#ahead = this.#ahead.subarray(1)
      } else break
    }
    for (let from = 0; ; ) {
      const end = headEnd(this.#ahead, from)
      if (end === undefined) from = Math.max(0, this.#ahead.length - 3)
      if ((end?.head ?? this.#ahead.length) > limit) throw new HttpError('too-large', 'header too large', 431)
      if (end !== undefined) {
        const head = decode(this.#ahead.subarray(0, end.head))
        this.#ahead = this.#ahead.subarray(end.next)
        return head
      }
      if (!(await this.#more())) throw new HttpError('closed', 'unexpected EOF')
    }
  }

  /** Without its line end. */
  async line(limit: number): Promise<string> {
    for (let from = 0; ; ) {
      const end = this.#ahead.indexOf(NEWLINE, from)
      if ((end < 0 ? this.#ahead.length : end) > limit) throw new HttpError('too-large', 'line too long')
      if (end >= 0) {
        const line = decode(this.#ahead.subarray(0, this.#ahead[end - 1] === RETURN ? end - 1 : end))
        this.#ahead = this.#ahead.subarray(end + 1)
        return line
      }
      from = this.#ahead.length
      if (!(await this.#more())) throw new HttpError('closed', 'unexpected EOF')
    }
  }

  /** At least one byte and at most `most`; null at the end. */
  async some(most: number): Promise<Uint8Array | null> {
    if (this.#ahead.length === 0 && !(await this.#more())) return null
    const taken = this.#ahead.subarray(0, most)
    this.#ahead = this.#ahead.subarray(taken.length)
    return taken
  }

  async exactly(count: number): Promise<Uint8Array> {
    while (this.#ahead.length < count) if (!(await this.#more())) throw new HttpError('closed', 'unexpected EOF')
    const taken = this.#ahead.subarray(0, count)
    this.#ahead = this.#ahead.subarray(count)
    return taken
  }

  /** Bytes that have come and were not taken. */
  get ahead(): number {
    return this.#ahead.length
  }

  async #more(): Promise<boolean> {
    const bytes = await this.#socket.read()
    if (bytes === null) return false
    this.#ahead = this.#ahead.length === 0 ? bytes : join([this.#ahead, bytes])
    return true
  }
}

/** Where a head ends and what follows it begins: a line end and then an empty line, by `\r\n` or by `\n`. */
function headEnd(bytes: Uint8Array, from: number): { head: number; next: number } | undefined {
  for (let at = bytes.indexOf(NEWLINE, from); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
    const head = bytes[at - 1] === RETURN ? at - 1 : at
    if (bytes[at + 1] === NEWLINE) return { head, next: at + 2 }
    if (bytes[at + 1] === RETURN && bytes[at + 2] === NEWLINE) return { head, next: at + 3 }
  }
  return undefined
}
