import { collection } from './kinds.ts'
import { play } from './play.ts'
import type { Scenario } from './scenario.ts'
import type { Json, Side } from './side.ts'
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

/** Removes what a run before has left in a cluster that goes on. */
export async function clearReal({ connection, time }: Side): Promise<void> {
  const left = async () => {
    const { json } = await connection.ask('GET', collection('Namespace'))
    return (json.items as Json[]).map(({ metadata }) => metadata.name as string).filter((name) => name.startsWith('b-'))
  }
  for (const name of await left()) {
    await connection.ask('DELETE', collection('Pod', name), { gracePeriodSeconds: 0 })
    await connection.ask('DELETE', `${collection('Namespace')}/${name}`)
  }
  const classes = await connection.ask('GET', collection('PriorityClass'))
  for (const { metadata } of classes.json.items as Json[]) {
    if (metadata.name.includes('-b-')) await connection.ask('DELETE', `${collection('PriorityClass')}/${metadata.name}`)
  }
  while ((await left()).length > 0) await time.until(() => false, 1000)
}
