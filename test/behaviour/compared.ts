import type { Judge } from '../compare/judge.ts'
import { historyOf } from './history.ts'
import type { Scenario } from './scenario.ts'
import type { Tape } from './tape.ts'

/** What differs between two runs of a scenario, and is not excused. */
export interface Difference {
  readonly scenario: string
  /** `Pod web-<1>-<x>` */
  readonly about: string
  readonly real: readonly string[]
  readonly embedded: readonly string[]
}

export function compare(scenario: Scenario, real: Tape, embedded: Tape, judge: Judge): Difference[] {
  const distinct = scenario.lives === 'distinct'
  const sides = [historyOf(real, distinct), historyOf(embedded, distinct)] as const
  const titles = new Set(sides.flatMap((side) => [...side.keys()]))
  return [...titles].flatMap((about) => {
    if (scenario.chance?.test(about)) return []
    const [one, other] = sides.map((side) => side.get(about))
    const excused = judge.excuse(`${scenario.name}: ${about}`, one ?? [], other ?? [])
    if (JSON.stringify(excused.real) === JSON.stringify(excused.embedded)) return []
    return [{ scenario: scenario.name, about, real: linesOf(excused.real), embedded: linesOf(excused.embedded) }]
  })
}

/** The judge gives back what it was given, or its text. */
const linesOf = (value: unknown): string[] =>
  Array.isArray(value)
    ? value
    : String(value)
        .split('\n')
        .map((line) => line.replace(/^ "|",?$/g, ''))

/** Lines of one side only, as diff shows them; all of both, if it is their order that differs. */
export function onlyIn({ real, embedded }: Difference): string[] {
  const left = counted(real)
  const right = counted(embedded)
  const only = [...marked('-', real, (line) => take(right, line)), ...marked('+', embedded, (line) => take(left, line))]
  if (only.length > 0) return only
  const told = (line: string) => /^ *event /.test(line)
  return ['(in another order)', ...marked('-', real, told), ...marked('+', embedded, told)]
}

const marked = (mark: string, lines: readonly string[], is: (line: string) => boolean): string[] =>
  lines.filter(is).map((line) => `${mark} ${line.trim()}`)

function counted(lines: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const line of lines) counts.set(line, (counts.get(line) ?? 0) + 1)
  return counts
}

/** Whether there is none left of it. */
function take(counts: Map<string, number>, line: string): boolean {
  const left = counts.get(line) ?? 0
  counts.set(line, left - 1)
  return left <= 0
}
