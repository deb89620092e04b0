/** Code blocks of a page as its author wrote it, and of a lab's page those that run in the reader's shell. */

export interface CodeBlock {
  /** Lower case; empty without one. */
  language: string
  /** Line of the opening fence, from 1; the code begins on the next. */
  line: number
  code: string
  /** What stands behind the language: `title="web.yaml" partial="Deployment" run`. A mark without a value is an empty text. */
  marks: Readonly<Record<string, string>>
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

/** A block that the reader, and the lab's test, runs in the terminal. */
export interface RunBlock {
  /** The step in whose section it stands; undefined outside of all. */
  step: string | undefined
  /** Line of the opening fence, from 1. */
  line: number
  code: string
  /** Milliseconds after which it is interrupted: it never ends by itself. */
  until: number | undefined
  /** Whether it is shown because it fails: a code other than 0 is expected. */
  fails: boolean
}

const stepOpens = /<Step\b[^>]*?\bid=["']([^"']*)["']/
const stepCloses = /<\/Step>/

/** The blocks of an MDX text with `run` in their fence line, in their order: `run`, `run until="5s"`, `run fails`. */
export function runBlocksOf(text: string): RunBlock[] {
  const blocks = new Map(blocksOf(text).map((block) => [block.line, block]))
  const lines = text.split('\n')
  const found: RunBlock[] = []
  let step: string | undefined
  for (let at = 0; at < lines.length; at++) {
    const block = blocks.get(at + 1)
    if (block === undefined) {
      step = stepOpens.exec(lines[at] ?? '')?.[1] ?? (stepCloses.test(lines[at] ?? '') ? undefined : step)
      continue
    }
    at += block.code.split('\n').length
    const { run, until, fails } = block.marks
    if (run === undefined) continue
    const seconds = until === undefined ? undefined : Number.parseInt(until, 10)
    found.push({
      step,
      line: block.line,
      code: block.code,
      until: seconds === undefined ? undefined : seconds * 1_000,
      fails: fails !== undefined,
    })
  }
  return found
}
