/** A run of bytes that is at least so long is looked at for being zeros. */
const WORTH_LOOKING = 512

/**
 * The bytes of a file. What follows the bytes that are held is zeros: a file that was filled from /dev/zero has its length and costs
 * nothing. Bytes that were handed out never change: writing over them makes a copy.
 */
export class Content {
  #bytes: Uint8Array
  #held: number
  #length: number

  constructor(bytes: Uint8Array = NOTHING) {
    this.#bytes = bytes
    this.#held = bytes.length
    this.#length = bytes.length
  }

  /** Logical size in bytes. */
  get length(): number {
    return this.#length
  }

  /** Bytes of memory that it takes. */
  get held(): number {
    return this.#held
  }

  clone(): Content {
    const copy = new Content()
    copy.#bytes = this.#bytes.subarray(0, this.#held)
    copy.#held = this.#held
    copy.#length = this.#length
    return copy
  }

  slice(from = 0, to = this.#length): Uint8Array {
    const end = Math.min(to, this.#length)
    if (from >= end) return NOTHING
    if (end <= this.#held) return this.#bytes.subarray(from, end)
    const copy = new Uint8Array(end - from)
    if (from < this.#held) copy.set(this.#bytes.subarray(from, this.#held))
    return copy
  }

  /** How many more bytes would be held after writing there. */
  growth(at: number, chunk: Uint8Array): number {
    if (at >= this.#held && isZeros(chunk)) return 0
    return Math.max(0, at + chunk.length - this.#held)
  }

  write(at: number, chunk: Uint8Array): void {
    const end = at + chunk.length
    if (at >= this.#held && isZeros(chunk)) {
      this.#length = Math.max(this.#length, end)
      return
    }
    if (at < this.#held || end > this.#bytes.length) {
      const room = at < this.#held ? Math.max(this.#held, end) : Math.max(end, Math.min(2 * this.#held, end + 65_536))
      const grown = new Uint8Array(room)
      grown.set(this.#bytes.subarray(0, this.#held))
      this.#bytes = grown
    }
    this.#bytes.set(chunk, at)
    this.#held = Math.max(this.#held, end)
    this.#length = Math.max(this.#length, end)
  }

  /** Cuts it, or lengthens it with zeros. */
  resize(length: number): void {
    this.#length = length
    if (length >= this.#held) return
    this.#bytes = this.#bytes.slice(0, length)
    this.#held = length
  }
}

const NOTHING = new Uint8Array(0)

function isZeros(chunk: Uint8Array): boolean {
  if (chunk.length < WORTH_LOOKING) return false
  for (let at = 0; at < chunk.length; at++) if (chunk[at] !== 0) return false
  return true
}
