import { startEngine } from './engine.ts'
import { play } from './play.ts'
import type { Scenario } from './scenario.ts'
import type { Tape } from './tape.ts'

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
