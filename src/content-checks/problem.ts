/** What is wrong with a page: where, what was found there, and what would be right. */
export interface Problem {
  /** From the root of the repository: `content/why/pictures.mdx`. */
  file: string
  /** From 1. */
  line: number
  found: string
  expected: string
}

/** One line: `content/why/pictures.mdx:7: found …; expected …`. */
export const sentence = ({ file, line, found, expected }: Problem) =>
  `${file}:${line}: found ${found}; expected ${expected}`

export const inOrder = (problems: readonly Problem[]): Problem[] =>
  [...problems].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line)
