import { escapePattern } from './pattern.ts'

interface Segment {
  readonly text: string
  readonly quoted: boolean
}

/** The fields that a word becomes while it is expanded: text of expansions is split, quoted text never. */
export class Fields {
  readonly #done: Segment[][] = []
  #current: Segment[] | undefined
  #last: 'none' | 'blank' | 'hard' = 'none'

  add(text: string, quoted: boolean): void {
    if (text === '' && !quoted) return
    this.#current ??= []
    this.#current.push({ text, quoted })
    this.#last = 'none'
  }

  /** Ends a field, as between the parameters of "$@". */
  end(): void {
    if (this.#current !== undefined) this.#done.push(this.#current)
    this.#current = undefined
  }

  split(text: string, separators: string): void {
    if (separators === '') {
      this.add(text, false)
      return
    }
    let from = 0
    for (let at = 0; at <= text.length; at++) {
      const char = text[at]
      if (char !== undefined && !separators.includes(char)) continue
      if (at > from) this.add(text.slice(from, at), false)
      from = at + 1
      if (char === undefined) return
      const blank = char === ' ' || char === '\t' || char === '\n'
      if (this.#current !== undefined) {
        this.end()
        this.#last = blank ? 'blank' : 'hard'
      } else if (!blank) {
        if (this.#last !== 'blank') this.#done.push([{ text: '', quoted: true }])
        this.#last = 'hard'
      }
    }
  }

  get all(): readonly Segment[][] {
    return this.#current === undefined ? this.#done : [...this.#done, this.#current]
  }
}

export const textOf = (field: readonly Segment[]): string => field.map(({ text }) => text).join('')

/** As a pattern in which only what was not quoted has a meaning. */
export const patternOfField = (field: readonly Segment[]): string =>
  field.map(({ text, quoted }) => (quoted ? escapePattern(text) : text)).join('')

export const mayBePattern = (field: readonly Segment[]): boolean =>
  field.some(({ text, quoted }) => !quoted && /[*?[]/.test(text))
