import { fromOutside, textOf, type Value } from './values.ts'

/** The current record: `$0` and its fields, each made from the other when it is asked for. */
export class FieldRecord {
  #whole: string | undefined = ''
  #fields: Value[] | undefined = []
  readonly #separator: () => string
  readonly #outputSeparator: () => string
  readonly #regex: (source: string) => RegExp
  readonly #paragraphs: () => boolean

  constructor(options: {
    readonly separator: () => string
    readonly outputSeparator: () => string
    readonly regex: (source: string) => RegExp
    readonly paragraphs: () => boolean
  }) {
    this.#separator = options.separator
    this.#outputSeparator = options.outputSeparator
    this.#regex = options.regex
    this.#paragraphs = options.paragraphs
  }

  set(text: string): void {
    this.#whole = text
    // By the separator that holds now: a later one is for the next record.
    this.#fields = split(text, this.#separator(), this.#regex, this.#paragraphs()).map(fromOutside)
  }

  get count(): number {
    return this.#all.length
  }

  set count(count: number) {
    const fields = this.#all
    while (fields.length < count) fields.push('')
    fields.length = Math.max(0, count)
    this.#whole = undefined
  }

  get #all(): Value[] {
    this.#fields ??= []
    return this.#fields
  }

  get(index: number): Value {
    if (index > 0) return this.#all[index - 1]
    this.#whole ??= this.#all.map((field) => textOf(field)).join(this.#outputSeparator())
    return fromOutside(this.#whole)
  }

  put(index: number, value: Value): void {
    if (index === 0) this.set(textOf(value))
    else {
      if (index > this.count) this.count = index
      this.#all[index - 1] = value
      this.#whole = undefined
    }
  }
}

export function split(text: string, separator: string, regex: (source: string) => RegExp, newline = false): string[] {
  if (separator === ' ') {
    const trimmed = text.trim()
    return trimmed === '' ? [] : trimmed.split(/[ \t\n]+/)
  }
  if (text === '') return []
  if (separator === '') return [...text]
  const single = separator.length === 1 && !'\\'.includes(separator)
  if (single && !newline) return text.split(separator)
  const source = single ? separator.replace(/[.*+?()[\]{}|^$]/, '\\$&') : separator
  const pattern = regex(source).source
  return text.split(new RegExp(newline ? `(?:${pattern})|\\n` : pattern.replace(/\((?!\?)/g, '(?:'), 'u'))
}
