import { StatusError } from '../../engine/objects/status-error.ts'
import { startEngine } from './engine.ts'
import { play } from './play.ts'
import type { Scenario } from './scenario.ts'
import type { Tape } from './tape.ts'

/** A scenario on an engine of its own. `failures`: of the engine itself. */
export async function playEngine(scenario: Scenario): Promise<{ tape: Tape; failures: readonly unknown[] }> {
  const failures: unknown[] = []
  // What the API refuses a controller, it tries again: that is told of, and is no failure
  const told = (error: unknown) => (error instanceof StatusError ? 0 : failures.push(error))
  const side = await startEngine(scenario.name, told)
  try {
    return { tape: await play(scenario, side), failures }
  } finally {
    await side.close()
  }
}
