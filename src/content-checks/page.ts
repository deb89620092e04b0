/** A page of content/ as its author wrote it: frontmatter and code blocks, each with its line. */

export interface CodeBlock {
  /** Lower case; empty without one. */
  language: string
  /** Line of the opening fence, from 1; the code begins on the next. */
  line: number
  code: string
  /** What stands behind the language: `title="web.yaml" partial="Deployment" run`. A mark without a value is an empty text. */
  marks: Readonly<Record<string, string>>
}

export interface Page {
  /** From the root of the repository. */
  file: string
  text: string
  blocks: readonly CodeBlock[]
}

const opening = /^([ \t]*)(`{3,}|~{3,})[ \t]*([^\s`{]*)(.*)$/

/** Marks of a fence line: `name`, `name="value"` or `name='value'`; Expressive Code's own, like `{1-3}`, are passed over. */
export function marksOf(meta: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const [, name = '', double, single] of meta
    .replace(/\{[^}]*\}|\/[^/]*\//g, (text) => ' '.repeat(text.length))
    .matchAll(/([A-Za-z][\w-]*)(?:=(?:"([^"]*)"|'([^']*)'))?/g))
    found[name] = double ?? single ?? ''
  return found
}

export function blocksOf(text: string): CodeBlock[] {
  const blocks: CodeBlock[] = []
  const lines = text.split('\n')
  for (let at = 0; at < lines.length; at++) {
    const [, indent = '', fence, language = '', meta = ''] = opening.exec(lines[at] ?? '') ?? []
    if (fence === undefined) continue
    const code: string[] = []
    const line = at + 1
    const closing = new RegExp(`^[ \\t]*${fence[0]}{${fence.length},}[ \\t]*$`)
    for (at++; at < lines.length && !closing.test(lines[at] ?? ''); at++) {
      const here = lines[at] ?? ''
      code.push(here.startsWith(indent) ? here.slice(indent.length) : here.trimStart())
    }
    blocks.push({ language: language.toLowerCase(), line, code: code.join('\n'), marks: marksOf(meta) })
  }
  return blocks
}

export function readPage(file: string, text: string): Page {
  return { file, text, blocks: blocksOf(text) }
}

/** The lines between the first two `---`, without them; empty if the page does not begin with one. */
export function frontmatterOf(text: string): string {
  return /^---\r?\n([\s\S]*?)\r?\n---[ \t]*(?:\r?\n|$)/.exec(text)?.[1] ?? ''
}

/** `content/concepts/pod.mdx` → `concepts`; a translation counts as what it translates. */
export function trackOf(file: string, languages: readonly string[]): string {
  const [, first = '', second = ''] = file.split('/')
  return languages.includes(first) ? second : first
}
