/** Keys and values of a Redis server, with their times to live. Strings hold bytes, a character each. */
export type Value =
  | { readonly type: 'string'; text: string }
  | { readonly type: 'list'; items: string[] }
  | { readonly type: 'hash'; readonly fields: Map<string, string> }
  | { readonly type: 'set'; readonly members: Set<string> }
  | { readonly type: 'zset'; readonly scores: Map<string, number> }

/** Bytes that a key takes besides its name and content: entry, object, expiry. */
const ENTRY = 72
const ITEM = 24

interface Entry {
  value: Value
  /** Milliseconds since 1970. */
  expires: number | undefined
}

export class Database {
  readonly #now: () => number
  readonly #entries = new Map<string, Entry>()
  readonly #versions = new Map<string, number>()
  #version = 0
  /** Keys that were found and not found, and that ran out. */
  hits = 0
  misses = 0
  expired = 0

  constructor(now: () => number) {
    this.#now = now
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry.expires !== undefined && entry.expires <= this.#now()) {
      this.expired++
      this.delete(key)
      return undefined
    }
    return entry.value
  }

  /** Replaces the value and, unless it is kept, its time to live. */
  set(key: string, value: Value, expires?: number): void {
    this.#entries.set(key, { value, expires })
    this.touch(key)
  }

  delete(key: string): boolean {
    this.touch(key)
    return this.#entries.delete(key)
  }

  expires(key: string): number | undefined {
    return this.get(key) === undefined ? undefined : this.#entries.get(key)?.expires
  }

  setExpires(key: string, at: number | undefined): void {
    const entry = this.#entries.get(key)
    if (entry !== undefined) entry.expires = at
    this.touch(key)
  }

  *keys(): Generator<string> {
    for (const key of [...this.#entries.keys()]) if (this.get(key) !== undefined) yield key
  }

  get size(): number {
    return this.#entries.size
  }

  /** Keys with a time to live, run out or not. */
  get volatile(): number {
    let count = 0
    for (const { expires } of this.#entries.values()) if (expires !== undefined) count++
    return count
  }

  /** The first moment at which a key runs out. */
  nextExpiry(): number | undefined {
    let next: number | undefined
    for (const { expires } of this.#entries.values()) {
      if (expires !== undefined && (next === undefined || expires < next)) next = expires
    }
    return next
  }

  clear(): void {
    for (const key of this.#entries.keys()) this.touch(key)
    this.#entries.clear()
  }

  /** It was changed: WATCH sees it. */
  touch(key: string): void {
    this.#versions.set(key, ++this.#version)
  }

  versionOf(key: string): number {
    this.get(key)
    return this.#versions.get(key) ?? 0
  }

  /** Bytes that all of it takes, roughly as Redis counts them. */
  bytes(): number {
    let sum = 0
    for (const [key, { value }] of this.#entries) sum += ENTRY + key.length + sizeOf(value)
    return sum
  }
}

export function sizeOf(value: Value): number {
  switch (value.type) {
    case 'string':
      return value.text.length
    case 'list':
      return value.items.reduce((sum, item) => sum + item.length + ITEM, 0)
    case 'hash':
      return [...value.fields].reduce((sum, [name, text]) => sum + name.length + text.length + 2 * ITEM, 0)
    case 'set':
      return [...value.members].reduce((sum, member) => sum + member.length + ITEM, 0)
    case 'zset':
      return [...value.scores.keys()].reduce((sum, member) => sum + member.length + 2 * ITEM, 0)
  }
}

export const isEmpty = (value: Value): boolean => {
  switch (value.type) {
    case 'string':
      return false
    case 'list':
      return value.items.length === 0
    case 'hash':
      return value.fields.size === 0
    case 'set':
      return value.members.size === 0
    case 'zset':
      return value.scores.size === 0
  }
}
