import { startEngine } from './engine.ts'
import { play } from './play.ts'
import type { Scenario } from './scenario.ts'
import type { Side } from './side.ts'
import type { Tape } from './tape.ts'

/** Scenarios on one real cluster, side by side; then those that need it for themselves. `done` hears of each that is over. */
export async function playReal(
  scenarios: readonly Scenario[],
  side: Side,
  width: number,
  done: (tape: Tape) => void = () => {},
): Promise<Map<string, Tape>> {
  const tapes = new Map<string, Tape>()
  const take = async (scenario: Scenario) => {
    const tape = await play(scenario, side)
    tapes.set(scenario.name, tape)
    done(tape)
  }
  const shared = scenarios.filter(({ alone, engineOnly }) => !alone && !engineOnly).values()
  await Promise.all(
    Array.from({ length: width }, async () => {
      for (const scenario of shared) await take(scenario)
    }),
  )
  for (const scenario of scenarios.filter(({ alone, engineOnly }) => alone && !engineOnly)) await take(scenario)
  return tapes
}

/** A scenario on an engine of its own. `failures`: of the engine itself. */
export async function playEngine(scenario: Scenario): Promise<{ tape: Tape; failures: readonly unknown[] }> {
  const failures: unknown[] = []
  const side = await startEngine(scenario.name, (error) => failures.push(error))
  try {
    return { tape: await play(scenario, side), failures }
  } finally {
    await side.close()
  }
}
