import type { Blobs } from '../../containers/files/blobs.ts'
import { join } from '../../objects/bytes.ts'

/** One line, or a part of one that was too long or not ended. */
export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: number
  /** With its newline, if it had one. */
  readonly bytes: Uint8Array
}

/** Bytes of lines that are kept: of a kubelet's 10 MiB before it rotates, as much as a simulated node can afford. */
export const KEPT_BYTES = 256 * 1024
/** containerd cuts lines that are longer. */
const LONGEST_LINE = 16 * 1024
/** What an entry costs besides its bytes. */
const OVERHEAD = 64
const NEWLINE = 10

/** A log as it was: its entries in one piece. */
export interface KeptLog {
  readonly dropped: number
  /** When, in ms since 1970, and how many bytes. */
  readonly entries: readonly (readonly [at: number, length: number])[]
  readonly bytes?: number
}

/** What a container has written, by lines, the oldest gone when there are too many. */
export class ContainerLog {
  readonly #now: () => number
  readonly #stirred: () => void
  #entries: LogEntry[] = []
  /** How many entries were dropped. */
  #dropped = 0
  #size = 0
  #partial: { [stream in 'stdout' | 'stderr']?: Uint8Array } = {}
  readonly #followers = new Set<() => void>()
  #ended = false

  /** `now` in milliseconds since 1970; `stirred` is called with each entry. */
  constructor(now: () => number, stirred: () => void = () => {}) {
    this.#now = now
    this.#stirred = stirred
  }

  /** Nothing more comes. */
  get ended(): boolean {
    return this.#ended
  }

  /** Number of the first entry that is kept, counted from the container's first. */
  get start(): number {
    return this.#dropped
  }

  /** Number of the next entry. */
  get end(): number {
    return this.#dropped + this.#entries.length
  }

  /** Bytes that are kept. */
  get size(): number {
    return this.#size
  }

  at(number: number): LogEntry | undefined {
    return this.#entries[number - this.#dropped]
  }

  write(stream: 'stdout' | 'stderr', bytes: Uint8Array): void {
    let rest = joined(this.#partial[stream], bytes)
    let from = 0
    for (;;) {
      const newline = rest.indexOf(NEWLINE, from)
      const end = newline < 0 ? rest.length : newline + 1
      if (newline < 0 && end - from < LONGEST_LINE) break
      for (; end - from > LONGEST_LINE; from += LONGEST_LINE) this.#add(rest.slice(from, from + LONGEST_LINE))
      this.#add(rest.slice(from, end))
      from = end
      if (from === rest.length) break
    }
    rest = rest.subarray(from)
    if (rest.length === 0) delete this.#partial[stream]
    else this.#partial[stream] = rest.slice()
    this.#tell()
  }

  /** The container is over: what it left unfinished is a line too. */
  close(): void {
    if (this.#ended) return
    for (const rest of Object.values(this.#partial)) this.#add(rest)
    this.#partial = {}
    this.#ended = true
    this.#tell()
  }

  keep(blobs: Blobs): KeptLog {
    const entries = this.#entries.map(({ at, bytes }): [number, number] => [at, bytes.length])
    const dropped = this.#dropped
    return entries.length === 0
      ? { dropped, entries }
      : { dropped, entries, bytes: blobs.add(join(this.#entries.map(({ bytes }) => bytes))) }
  }

  putBack({ dropped, entries, bytes }: KeptLog, blobs: Blobs): void {
    const all = bytes === undefined ? new Uint8Array(0) : blobs.at(bytes)
    this.#dropped = dropped
    let from = 0
    for (const [at, length] of entries) {
      this.#entries.push({ at, bytes: all.subarray(from, from + length) })
      this.#size += length + OVERHEAD
      from += length
    }
  }

  /** Calls on each change until it is ended by what is returned. */
  onChange(call: () => void): () => void {
    this.#followers.add(call)
    return () => void this.#followers.delete(call)
  }

  #add(bytes: Uint8Array): void {
    this.#stirred()
    this.#entries.push({ at: this.#now(), bytes })
    this.#size += bytes.length + OVERHEAD
    if (this.#size <= KEPT_BYTES) return
    // A quarter at once, so that a full log is not moved with each line
    let gone = 0
    while (this.#size > (KEPT_BYTES * 3) / 4 && gone < this.#entries.length - 1) {
      this.#size -= (this.#entries[gone++] as LogEntry).bytes.length + OVERHEAD
    }
    this.#entries = this.#entries.slice(gone)
    this.#dropped += gone
  }

  #tell(): void {
    for (const call of [...this.#followers]) call()
  }
}

function joined(left: Uint8Array | undefined, right: Uint8Array): Uint8Array {
  if (left === undefined) return right
  const all = new Uint8Array(left.length + right.length)
  all.set(left)
  all.set(right, left.length)
  return all
}
