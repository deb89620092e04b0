import { FileFault } from './errors.ts'

export interface LayerOptions {
  readonly now: () => number
  /** Bytes that its files may have together. */
  readonly limit?: number
  /** Bytes of memory that they may take: zeros take none. */
  readonly memoryLimit?: number
  /** Called on each change of its files. */
  readonly stirred?: (() => void) | undefined
}

/** Bytes: what a node's disk would have for one container or volume. */
const DISK = 4 * 1024 ** 3

/** Bytes: one container's files must not fill the memory of the process that simulates it. */
const MEMORY = 16 * 1024 ** 2

/** Bytes that a file, link or directory takes besides its content. */
const ENTRY = 256

/** What belongs together: a container's own files, a volume. Counts what they take and tells of changes. */
export class Layer {
  readonly now: () => number
  readonly limit: number
  readonly #memoryLimit: number
  readonly #stirred: () => void
  #size = 0
  #held = 0
  #watches: Map<string, Set<() => void>> | undefined

  constructor({ now, limit = DISK, memoryLimit = MEMORY, stirred = () => {} }: LayerOptions) {
    this.now = now
    this.limit = limit
    this.#memoryLimit = memoryLimit
    this.#stirred = stirred
  }

  /** Bytes of all files. */
  get size(): number {
    return this.#size
  }

  /** Throws ENOSPC where there is no room. */
  take(length: number, held: number): void {
    if (this.#size + length > this.limit || this.#held + held > this.#memoryLimit) throw new FileFault('ENOSPC')
    this.#size += length
    this.#held += held
    this.#stirred()
  }

  give(length: number, held: number): void {
    this.#size -= length
    this.#held -= held
    this.#stirred()
  }

  /** For what had its place before: an entry, and its bytes. Never throws. */
  charge(held: number, length = held): void {
    this.#size += length
    this.#held += held + ENTRY
  }

  takeEntry(): void {
    this.take(0, ENTRY)
  }

  giveEntry(): void {
    this.give(0, ENTRY)
  }

  /** Of the file or directory at this path of the layer, and of what is directly in it. */
  watch(path: string, changed: () => void): () => void {
    this.#watches ??= new Map()
    const all = this.#watches
    const calls = all.get(path) ?? new Set()
    calls.add(changed)
    all.set(path, calls)
    return () => {
      calls.delete(changed)
      if (calls.size === 0 && all.get(path) === calls) all.delete(path)
    }
  }

  changed(path: string): void {
    this.#stirred()
    if (this.#watches === undefined || this.#watches.size === 0) return
    const slash = path.lastIndexOf('/')
    for (const place of new Set([path, slash <= 0 ? '/' : path.slice(0, slash)])) {
      for (const call of [...(this.#watches.get(place) ?? [])]) call()
    }
  }
}
