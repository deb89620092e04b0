import type { ApiObject } from '../objects/types.ts'

/** A list or an event as it goes over the wire: text or bytes. */
export type Encoded = string | Uint8Array

/** Bytes of encodings that are kept, 4 MiB: the state of some 1,500 Pods, or a moment's events. */
export const DEFAULT_ENCODINGS_BUDGET = 4 * 1024 * 1024

interface Entry {
  readonly forms: Map<string, Encoded>
  size: number
}

/**
 * Each object in each form is encoded once, however many watchers and lists it goes to. A form's name holds all that the encoding depends on
 * besides the object (`json`, `json ADDED`). What was made first is forgotten first when the budget is full.
 */
export class Encodings {
  readonly #budget: number
  readonly #entries = new Map<ApiObject, Entry>()
  #size = 0

  constructor(budget = DEFAULT_ENCODINGS_BUDGET) {
    this.#budget = budget
  }

  /** Bytes that are kept now; a text counts one a character. */
  get size(): number {
    return this.#size
  }

  /** The encoding, made now if it is not kept. `object` must be frozen. */
  of<T extends Encoded>(object: ApiObject, form: string, make: () => T): T {
    const kept = this.#entries.get(object)?.forms.get(form)
    if (kept !== undefined) return kept as T
    const made = make()
    if (made.length <= this.#budget) this.#keep(object, form, made)
    return made
  }

  clear(): void {
    this.#entries.clear()
    this.#size = 0
  }

  #keep(object: ApiObject, form: string, made: Encoded): void {
    let entry = this.#entries.get(object)
    if (entry === undefined) {
      entry = { forms: new Map(), size: 0 }
      this.#entries.set(object, entry)
    }
    entry.forms.set(form, made)
    entry.size += made.length
    this.#size += made.length
    while (this.#size > this.#budget) this.#forgetOldest()
  }

  #forgetOldest(): void {
    for (const [object, entry] of this.#entries) {
      this.#entries.delete(object)
      this.#size -= entry.size
      return
    }
  }
}

const utf8 = new TextEncoder()

/** An event as a line of JSON in UTF-8, as a watch sends it. */
export function eventLine(
  encodings: Encodings,
  event: { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: ApiObject },
): Uint8Array {
  return encodings.of(event.object, `json ${event.type}`, () =>
    utf8.encode(`{"type":"${event.type}","object":${JSON.stringify(event.object)}}\n`),
  )
}
