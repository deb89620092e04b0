/**
 * Compares the engine with recordings of a real cluster (see record.ts), and prints what differs: lines with `-` are the real cluster's
 * alone, lines with `+` the engine's.
 *
 *     node test/behaviour/compare.ts --recorded /tmp/behaviour-real[,DIRECTORY…] [--only PATTERN] [--show engine|real]
 *                                    [--against DIRECTORY]
 *
 * --recorded: of several recordings one must be equal, as what differs in one of them only is chance; differences are those from the first.
 * --only takes a part of a scenario's or a theme's name, or a regular expression. --show prints all that was recorded of one side.
 * --against compares two recordings of real clusters, which shows what is a matter of chance.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Judge } from '../compare/judge.ts'
import { compare, type Difference, onlyIn } from './compared.ts'
import { differences } from './differences.ts'
import { historyOf } from './history.ts'
import { chosen, options } from './options.ts'
import { playEngine } from './play-engine.ts'
import { namespaceOf, type Scenario } from './scenario.ts'
import type { Tape } from './tape.ts'

/** Lines of one object. */
const SHOWN = 40

const { recorded = '/tmp/behaviour-real', only, show, against } = options('recorded', 'only', 'show', 'against')

const read = (folder: string, scenario: Scenario): Tape | undefined => {
  const file = join(folder, `${namespaceOf(scenario)}.json`)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Tape) : undefined
}

const judge = new Judge(differences)

/** The recording that is equal, or else the first. */
function nearest(scenario: Scenario, tape: Tape): { real: Tape | undefined; found: readonly Difference[] } {
  const known = scenario.engineOnly ? [] : recorded.split(',').flatMap((folder) => read(folder, scenario) ?? [])
  const judged = known.map((real) => ({ real, found: real.skipped ? [] : compare(scenario, real, tape, judge) }))
  return (
    judged.find(({ real, found }) => found.length === 0 && !real.failure) ?? judged[0] ?? { real: undefined, found: [] }
  )
}

const sums = { equal: 0, different: 0, failed: 0, unrecorded: 0 }
for (const scenario of chosen(only)) {
  const begun = performance.now()
  const { tape, failures } =
    against === undefined ? await playEngine(scenario) : { tape: read(against, scenario), failures: [] }
  if (tape === undefined) continue
  const ms = Math.round(performance.now() - begun)
  const { real, found } = nearest(scenario, tape)
  const lines: string[] = []
  if (tape.failure) lines.push(`  FAILED: ${tape.failure}`)
  if (real?.failure) lines.push(`  FAILED on the real cluster: ${real.failure}`)
  for (const failure of failures) lines.push(`  THE ENGINE REPORTED: ${(failure as Error).stack ?? failure}`)
  if (show !== undefined) {
    const shown = show === 'real' ? real : tape
    if (shown !== undefined)
      for (const [about, said] of historyOf(shown, scenario.lives === 'distinct')) lines.push(about, ...said)
  } else {
    for (const difference of found) {
      const only = onlyIn(difference)
      const more = only.length > SHOWN ? [`… and ${only.length - SHOWN} lines more`] : []
      lines.push(`  ${difference.about}`, ...[...only.slice(0, SHOWN), ...more].map((line) => `    ${line}`))
    }
  }
  const outcome = tape.failure || failures.length > 0 ? 'failed' : lines.length > 0 ? 'different' : 'equal'
  const isUnrecorded = real === undefined && !scenario.engineOnly
  if (isUnrecorded) sums.unrecorded += 1
  sums[outcome] += 1
  console.log(`${outcome === 'equal' ? '=' : '≠'} ${scenario.name} (${ms} ms${isUnrecorded ? ', not recorded' : ''})`)
  for (const line of lines) console.log(line)
}
console.log(JSON.stringify(sums))
