/** Something wrong at a place in an expression. */
export interface Issue {
  /** Index of a character of the expression. */
  readonly at: number
  readonly message: string
}

/** An expression that does not compile. Its message is cel-go's, with the line and a mark under the place. */
export class CompileError extends Error {
  override name = 'CompileError'
  readonly issues: readonly Issue[]

  constructor(source: string, issues: readonly Issue[]) {
    super(display(source, issues))
    this.issues = issues
  }
}

/** cel-go's `maxErrorsToReport`. */
const MOST = 100

function display(source: string, issues: readonly Issue[]): string {
  const placed = issues.map(({ at, message }) => ({ ...place(source, at), message }))
  placed.sort((one, other) => one.line - other.line || one.column - other.column)
  const shown = placed.slice(0, MOST).map(({ line, column, text, message }) => {
    const visible = text.replaceAll('\t', ' ')
    const before = [...visible].slice(0, column)
    const mark = before.map((letter) => (isWide(letter) ? '\uff0e' : '.')).join('')
    const under = [...visible][column]
    const pointer = under !== undefined && isWide(under) ? '\uff3e' : '^'
    return `ERROR: <input>:${line}:${column + 1}: ${message}\n | ${visible}\n | ${mark}${pointer}`
  })
  if (placed.length > MOST) shown.push(`${placed.length - MOST} more errors were truncated`)
  return shown.join('\n')
}

const isWide = (letter: string): boolean => (letter.codePointAt(0) ?? 0) > 0x7f

function place(source: string, at: number): { line: number; column: number; text: string } {
  const before = source.slice(0, at)
  const line = before.split('\n').length
  const start = before.lastIndexOf('\n') + 1
  const end = source.indexOf('\n', at)
  const text = source.slice(start, end === -1 ? source.length : end)
  return { line, column: [...source.slice(start, at)].length, text }
}
