import { decode, join, toBytes } from '../../objects/bytes.ts'
import type { ByteReader } from './byte-reader.ts'
import type { HeaderList } from './header-list.ts'
import { HttpError } from './http-error.ts'
import { type Framing, parseFields } from './message.ts'

/** Bytes: what `bytes()` takes if nothing is said. */
export const MOST_BODY = 16 * 1024 * 1024
/** Bytes of a chunk's size line with its extensions, and of a trailer line. */
const LONGEST_LINE = 4096
/** Fields after the last chunk. */
const MOST_TRAILERS = 64

/** A message's body as it comes. It is read once, by iterating or whole. */
export class Body implements AsyncIterable<Uint8Array> {
  readonly framing: Framing
  readonly #reader: ByteReader
  readonly #begin: (() => Promise<void>) | undefined
  readonly #done: ((whole: boolean) => void) | undefined
  #left: number
  #state: 'unread' | 'reading' | 'over' | 'broken' = 'unread'
  #trailers: HeaderList | undefined

  /** `begin` is awaited before the first read; `done` is told when all has come or nothing more will. */
  constructor(reader: ByteReader, framing: Framing, begin?: () => Promise<void>, done?: (whole: boolean) => void) {
    this.#reader = reader
    this.framing = framing
    this.#begin = begin
    this.#done = done
    this.#left = framing.by === 'length' ? framing.length : 0
    if (framing.by === 'length' && framing.length === 0) this.#finish('over')
  }

  /** All has come. */
  get over(): boolean {
    return this.#state === 'over'
  }

  get begun(): boolean {
    return this.#state !== 'unread'
  }

  /** Fields after the last chunk, once all has come. */
  get trailers(): HeaderList | undefined {
    return this.#trailers
  }

  /** The next part, or null at the end. Throws HttpError. */
  async read(): Promise<Uint8Array | null> {
    if (this.#state === 'over') return null
    if (this.#state === 'broken') throw new HttpError('closed', 'the body was given up')
    try {
      if (this.#state === 'unread') {
        this.#state = 'reading'
        await this.#begin?.()
      }
      const part = await this.#next()
      if (part === null) this.#finish('over')
      else if (this.framing.by === 'length' && this.#left === 0) this.#finish('over')
      return part
    } catch (error) {
      this.#finish('broken')
      throw error
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let part = await this.read(); part !== null; part = await this.read()) yield part
  }

  /** All of it. Throws HttpError `too-large` past `limit`. */
  async bytes(limit = MOST_BODY): Promise<Uint8Array> {
    const parts: Uint8Array[] = []
    let size = 0
    if (this.#left > limit) throw this.#tooLarge()
    for (let part = await this.read(); part !== null; part = await this.read()) {
      parts.push(part)
      size += part.length
      if (size > limit) throw this.#tooLarge()
    }
    return join(parts)
  }

  async text(limit = MOST_BODY): Promise<string> {
    return decode(await this.bytes(limit))
  }

  /** Reads on to the end so that the connection can be used again; false if it is not worth it. */
  async discard(limit = 256 * 1024): Promise<boolean> {
    for (let left = limit; left >= 0; ) {
      if (this.#left > left) break
      const part = await this.read()
      if (part === null) return true
      left -= part.length
    }
    return this.over
  }

  /** No more is wanted. */
  cancel(): void {
    if (this.#state !== 'over') this.#finish('broken')
  }

  #tooLarge(): HttpError {
    this.#finish('broken')
    return new HttpError('too-large', 'http: request body too large', 413)
  }

  #finish(state: 'over' | 'broken'): void {
    if (this.#state === 'over' || this.#state === 'broken') return
    this.#state = state
    this.#done?.(state === 'over')
  }

  async #next(): Promise<Uint8Array | null> {
    switch (this.framing.by) {
      case 'close':
        return this.#reader.some(Number.MAX_SAFE_INTEGER)
      case 'length': {
        const part = await this.#reader.some(this.#left)
        if (part === null) throw new HttpError('closed', 'unexpected EOF')
        this.#left -= part.length
        return part
      }
      case 'chunks':
        return this.#nextOfChunk()
    }
  }

  async #nextOfChunk(): Promise<Uint8Array | null> {
    if (this.#left === 0) {
      const line = await this.#reader.line(LONGEST_LINE)
      const size = /^([0-9a-fA-F]{1,12})[ \t]*(?:;.*)?$/.exec(line)?.[1]
      if (size === undefined) throw new HttpError('malformed', 'malformed chunked encoding')
      this.#left = Number.parseInt(size, 16)
      if (this.#left === 0) {
        this.#trailers = await this.#readTrailers()
        return null
      }
    }
    const part = await this.#reader.some(this.#left)
    if (part === null) throw new HttpError('closed', 'unexpected EOF')
    this.#left -= part.length
    if (this.#left === 0 && (await this.#reader.line(LONGEST_LINE)) !== '') {
      throw new HttpError('malformed', 'malformed chunked encoding')
    }
    return part
  }

  async #readTrailers(): Promise<HeaderList> {
    const lines: string[] = []
    for (let line = await this.#reader.line(LONGEST_LINE); line !== ''; line = await this.#reader.line(LONGEST_LINE)) {
      if (lines.push(line) > MOST_TRAILERS) throw new HttpError('too-large', 'too many trailers')
    }
    return parseFields(lines)
  }
}

/** What may be sent as a body: known whole, or as it comes. */
export type Content = string | Uint8Array | AsyncIterable<Uint8Array>

export const isStream = (content: Content): content is AsyncIterable<Uint8Array> =>
  typeof content === 'object' && Symbol.asyncIterator in content

/** The bytes of a chunk; an empty part gives none, for it would end the body. */
export function chunk(part: Uint8Array): Uint8Array {
  if (part.length === 0) return part
  return join([toBytes(`${part.length.toString(16)}\r\n`), part, LINE_END])
}

const LINE_END = toBytes('\r\n')
export const LAST_CHUNK = toBytes('0\r\n\r\n')
