import type { Difference } from './differences.ts'

/** Remembers which differences were needed. */
export class Judge {
  private readonly differences: readonly Difference[]
  private readonly used = new Set<Difference>()

  constructor(differences: readonly Difference[]) {
    this.differences = differences
  }

  /** Both sides as they are to be compared: equal, if all that differs is listed. */
  excuse(where: string, real: unknown, embedded: unknown): { real: unknown; embedded: unknown } {
    if (JSON.stringify(real) === JSON.stringify(embedded)) return { real, embedded }
    const result = { real: pretty(real), embedded: pretty(embedded) }
    for (const difference of this.differences) {
      if (!matches(difference.where, where)) continue
      this.used.add(difference)
      if (!difference.lines) return { real: '', embedded: '' }
      result.real = without(result.real, difference.lines)
      result.embedded = without(result.embedded, difference.lines)
    }
    return result
  }

  /** What was listed and excused nothing. */
  unused(): string[] {
    return this.differences.filter((difference) => !this.used.has(difference)).map(({ where }) => where)
  }
}

const matches = (pattern: string, where: string) =>
  pattern.endsWith('*') ? where.startsWith(pattern.slice(0, -1)) : pattern === where

const without = (text: string, lines: RegExp) =>
  text
    .split('\n')
    .filter((line) => !lines.test(line))
    .join('\n')

/** As a person reads it: lines of outputs as lines. */
const pretty = (value: unknown): string =>
  JSON.stringify(value, null, 1)
    .split('\n')
    .map((line) => line.replaceAll('\\n', '\n'))
    .join('\n')
