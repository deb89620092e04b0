/**
 * The last output of a shell, with offsets that count every byte since its start. Memory grows with what is written, by
 * doubling, to the capacity and no further.
 */
export class Scrollback {
  readonly #capacity: number
  #bytes: Uint8Array
  #end = 0

  /** @param capacity in bytes; a power of two times 4096 wastes nothing */
  constructor(capacity: number) {
    this.#capacity = capacity
    this.#bytes = new Uint8Array(Math.min(4096, capacity))
  }

  /** Offset of the oldest byte that is still here. */
  get start(): number {
    return Math.max(0, this.#end - this.#capacity)
  }

  /** Offset that the next byte will have. */
  get end(): number {
    return this.#end
  }

  append(data: Uint8Array): void {
    // Of more than fits, the head would be overwritten at once.
    const kept = data.length > this.#capacity ? data.subarray(data.length - this.#capacity) : data
    this.#grow(this.#end + data.length)
    this.#end += data.length
    const at = (this.#end - kept.length) % this.#bytes.length
    const head = Math.min(kept.length, this.#bytes.length - at)
    this.#bytes.set(kept.subarray(0, head), at)
    this.#bytes.set(kept.subarray(head), 0)
  }

  /**
   * Copies the bytes from `from` on into `into`, as many as fit and are there; returns how many.
   * @throws {RangeError} if they are no longer there
   */
  copy(from: number, into: Uint8Array): number {
    if (from < this.start || from > this.#end) throw new RangeError(`offset ${from} is not in the scrollback`)
    const length = Math.min(into.length, this.#end - from)
    const at = from % this.#bytes.length
    const head = Math.min(length, this.#bytes.length - at)
    into.set(this.#bytes.subarray(at, at + head), 0)
    into.set(this.#bytes.subarray(0, length - head), head)
    return length
  }

  /**
   * Where a page without earlier output may begin: the start, or, if what came before it is lost, the next place that is
   * not in the middle of a character or of an escape sequence.
   */
  safeStart(): number {
    if (this.start === 0) return 0
    const head = new Uint8Array(Math.min(LONGEST_SEARCH, this.#end - this.start))
    this.copy(this.start, head)
    return this.start + safeCut(head)
  }

  #grow(needed: number): void {
    if (needed <= this.#bytes.length || this.#bytes.length === this.#capacity) return
    let length = this.#bytes.length
    while (length < needed && length < this.#capacity) length *= 2
    const grown = new Uint8Array(Math.min(length, this.#capacity))
    // Until the capacity is reached nothing has wrapped round: offsets are positions.
    grown.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = grown
  }
}

/** Bytes within which a line or a sequence is expected to begin; a terminal's line is seldom longer. */
const LONGEST_SEARCH = 4096
const NEWLINE = 0x0a
const ESCAPE = 0x1b

/**
 * How many bytes to drop from the front of output whose beginning is lost. After a line's end no character and hardly
 * ever a sequence is open; an ESC aborts whatever sequence was open; failing both, only UTF-8's continuation bytes go.
 */
export function safeCut(bytes: Uint8Array): number {
  const newline = bytes.indexOf(NEWLINE)
  if (newline >= 0) return newline + 1
  const sequence = bytes.indexOf(ESCAPE)
  if (sequence >= 0) return sequence
  let cut = 0
  while (cut < 3 && cut < bytes.length && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut++
  return cut
}
