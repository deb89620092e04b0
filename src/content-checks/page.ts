/** A page of content/ as its author wrote it: frontmatter and code blocks, each with its line. */
import { blocksOf, type CodeBlock } from '../../protocol/lab/page-blocks.ts'

export interface Page {
  /** From the root of the repository. */
  file: string
  text: string
  blocks: readonly CodeBlock[]
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
