/** What of a page is read as language: without code, tags, addresses and names in backticks. */

export interface Passage {
  /** From 1. */
  line: number
  text: string
}

const fence = /^[ \t]*(`{3,}|~{3,})/
/** Attributes of components, and fields of frontmatter, that a reader sees. */
const shown = /\b(?:title|description|label|caption|alt|tagline)(?:=|:\s*)(?:"([^"]*)"|'([^']*)')/g
const shownField = /^\s*(?:- )?(?:title|description|tagline|text): (?!['"])(.+)$/

/** One passage a line; lines of one paragraph are put together where it wraps. */
export function passagesOf(page: string): Passage[] {
  const passages: Passage[] = []
  let open: string | undefined
  let frontmatter = page.startsWith('---\n')
  let joins = false
  for (const [at, line] of page.split('\n').entries()) {
    const mark = fence.exec(line)?.[1]
    const add = (text: string, join = false) => {
      const last = passages.at(-1)
      if (join && last !== undefined) last.text += ` ${text}`
      else passages.push({ line: at + 1, text })
    }
    if (frontmatter) {
      if (at > 0 && line === '---') frontmatter = false
      const field = shownField.exec(line)?.[1] ?? attributesOf(line)[0]
      if (field) add(field)
    } else if (open !== undefined) {
      if (mark?.startsWith(open) && line.trim() === mark) open = undefined
    } else if (mark !== undefined) {
      open = mark
      joins = false
    } else {
      for (const text of attributesOf(line)) add(text)
      const text = plain(line)
      if (text === '' || /^(import|export)\s/.test(line)) joins = false
      else {
        const begins = /^\s*([-*]|\d+\.|#|\||>|:::)/.test(line)
        add(text, joins && !begins)
        joins = !/^\s*(#|\||:::)/.test(line)
      }
    }
  }
  return passages
}

const attributesOf = (line: string) => [...line.matchAll(shown)].map(([, double, single]) => double ?? single ?? '')

function plain(line: string): string {
  return (
    line
      .replace(/`[^`]*`/g, ' … ')
      // A directive of Starlight: its name and its brackets are marks, what is between them is read.
      .replace(/^\s*:::\w*/, '')
      .replace(/\{[^{}]*\}/g, ' ')
      .replace(/<[^>]*>/g, ' ')
      .replace(/\]\([^)]*\)/g, ']')
      .replace(/https?:\/\/\S+/g, ' … ')
      .replace(/&\w+;/g, ' ')
      .replace(/^\s*([-*>]|\d+\.|#+)\s+/, '')
      .replace(/[*_[\]|#]/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/^[-: ]+$/, '')
  )
}
