import type { Judge } from '../compare/judge.ts'
import { compare, onlyIn } from './compared.ts'
import { playEngine } from './play-engine.ts'
import { clearReal, playReal } from './play-real.ts'
import type { Scenario } from './scenario.ts'
import type { Side } from './side.ts'
import type { Tape } from './tape.ts'

/** How often a scenario is played on the real cluster at most. */
const TIMES = 3

/** With so few beside one another, a machine that had much to do has less. */
const WIDTH_AGAIN = 6

/** What is wrong with a scenario: nothing, if it is as it should be. */
export type Verdict = readonly string[]

/**
 * Plays scenarios on both sides and compares them. The engine does the same each time. A real cluster does not: who is first of those that
 * race differs, and a machine with much to do is late. So a scenario that differs is played there again, and what differs each time is no chance.
 */
export async function playBoth(
  scenarios: readonly Scenario[],
  side: Side,
  judge: Judge,
  width: number,
): Promise<ReadonlyMap<string, Verdict>> {
  const verdicts = new Map<string, Verdict>()
  const engine = new Map<string, { readonly tape: Tape; readonly failures: readonly unknown[] }>()
  for (const scenario of scenarios) engine.set(scenario.name, await playEngine(scenario))
  let left = scenarios
  for (let time = 0; time < TIMES && left.length > 0; time++) {
    // Its namespace of the time before may still be on its way out
    if (time > 0) await clearReal(side)
    const real = await playReal(left, side, time === 0 ? width : WIDTH_AGAIN)
    for (const scenario of left) verdicts.set(scenario.name, verdictOf(scenario, real.get(scenario.name), judge))
    left = left.filter(({ name }) => (verdicts.get(name)?.length ?? 0) > 0)
  }
  return verdicts

  function verdictOf(scenario: Scenario, real: Tape | undefined, judge: Judge): Verdict {
    const played = engine.get(scenario.name)
    if (played === undefined || real === undefined) return ['it was not played']
    const { tape, failures } = played
    return [
      ...failures.map((failure) => `the engine reported: ${(failure as Error).stack ?? failure}`),
      ...(tape.failure === undefined ? [] : [`it failed on the engine: ${tape.failure}`]),
      ...(real.failure === undefined ? [] : [`it failed on the real cluster: ${real.failure}`]),
      ...(real.skipped === undefined ? compare(scenario, real, tape, judge) : []).flatMap((difference) => [
        difference.about,
        ...onlyIn(difference),
      ]),
    ]
  }
}
