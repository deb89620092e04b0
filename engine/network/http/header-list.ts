/** Header fields in the order in which they came, with their names as they were written; looked up whatever the case. */
export class HeaderList {
  readonly #fields: [name: string, value: string][]

  constructor(fields: Iterable<readonly [string, string]> = []) {
    this.#fields = Array.from(fields, ([name, value]) => [name, value])
  }

  static from(fields: HeaderFields | undefined): HeaderList {
    if (fields instanceof HeaderList) return fields
    return new HeaderList(
      fields === undefined || Symbol.iterator in fields
        ? (fields as Iterable<readonly [string, string]> | undefined)
        : Object.entries(fields),
    )
  }

  /** The first value. */
  get(name: string): string | undefined {
    const wanted = name.toLowerCase()
    for (const [field, value] of this.#fields) if (field.toLowerCase() === wanted) return value
    return undefined
  }

  all(name: string): string[] {
    const wanted = name.toLowerCase()
    return this.#fields.filter(([field]) => field.toLowerCase() === wanted).map(([, value]) => value)
  }

  has(name: string): boolean {
    return this.get(name) !== undefined
  }

  /** Whether one of the comma separated words of the field is `word`. */
  says(name: string, word: string): boolean {
    return this.all(name).some((value) => value.split(',').some((part) => part.trim().toLowerCase() === word))
  }

  set(name: string, value: string): void {
    this.delete(name)
    this.#fields.push([name, value])
  }

  append(name: string, value: string): void {
    this.#fields.push([name, value])
  }

  delete(name: string): void {
    const wanted = name.toLowerCase()
    for (let index = this.#fields.length - 1; index >= 0; index--) {
      if (this.#fields[index]?.[0].toLowerCase() === wanted) this.#fields.splice(index, 1)
    }
  }

  get size(): number {
    return this.#fields.length
  }

  [Symbol.iterator](): Iterator<readonly [string, string]> {
    return this.#fields[Symbol.iterator]()
  }
}

export type HeaderFields = HeaderList | Readonly<Record<string, string>> | readonly (readonly [string, string])[]
