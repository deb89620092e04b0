/** Characters of all warnings beyond which each is cut, and to how many: apiserver's (1.34). */
const MOST_CHARACTERS = 4 * 1024
const CUT_TO = 256

/** What an answer says besides its result: `Warning` headers (RFC 7234), each text once. */
export class Warnings {
  readonly #texts = new Set<string>()

  add(text: string): void {
    if (text !== '') this.#texts.add(text)
  }

  get texts(): readonly string[] {
    return [...this.#texts]
  }

  headers(): { readonly Warning?: readonly string[] } {
    if (this.#texts.size === 0) return {}
    // A text with control characters cannot be a header: upstream drops it.
    const texts = this.texts.filter((text) => !/\p{Cc}/u.test(text))
    const all = texts.reduce((sum, text) => sum + [...text].length, 0)
    return { Warning: (all <= MOST_CHARACTERS ? texts : cut(texts)).map((text) => `299 - ${quoted(text)}`) }
  }
}

function cut(texts: readonly string[]): string[] {
  const shown: string[] = []
  let written = 0
  for (const text of texts) {
    if (written >= MOST_CHARACTERS) break
    const short = [...text].slice(0, CUT_TO)
    written += short.length
    shown.push(short.join(''))
  }
  return shown
}

const quoted = (text: string): string => `"${text.replaceAll(/[\\"]/g, '\\$&')}"`
