/**
 * One test body, two clusters: each scenario runs on the engine and on a real cluster, and what its objects go through is equal: states,
 * reasons, conditions, events and messages, or the difference is listed with a reason.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Judge } from '../compare/judge.ts'
import { compare, onlyIn } from './compared.ts'
import { differences } from './differences.ts'
import { kindLeftovers, kindNodes, startKind } from './kind-cluster.ts'
import { play } from './play.ts'
import { playEngine } from './play-engine.ts'
import { clearReal, playReal } from './play-real.ts'
import { connectReal } from './real.ts'
import type { Scenario } from './scenario.ts'
import type { Side } from './side.ts'
import type { Tape } from './tape.ts'
import { scenarios, themes } from './themes/index.ts'

/** Eight minutes on two idle cores, more where others work beside it; in ms. */
const PLAYED_WITHIN = 25 * 60_000

/** Most of a scenario's time is waiting. */
const WIDTH = 20

/**
 * How often a scenario is played once more on the real cluster, alone, when the two tell different things: what a busy machine does by
 * chance it does not do each time, what the engine does wrong stays wrong.
 */
const AGAIN = 2

const judge = new Judge(differences)
let real: ReadonlyMap<string, Tape> = new Map()
let side: Side | undefined
let cluster: Awaited<ReturnType<typeof startKind>> | undefined

beforeAll(async () => {
  cluster = await startKind()
  side = await connectReal(cluster.kubeconfig, kindNodes)
  real = await playReal(scenarios, side, WIDTH)
}, PLAYED_WITHIN)

async function close(): Promise<void> {
  await side?.close()
  side = undefined
  await cluster?.close()
  cluster = undefined
}

/** What the real cluster has told otherwise, or why it could not play. */
function unlike(scenario: Scenario, recorded: Tape, played: Tape): unknown[] {
  if (recorded.failure !== undefined) return [recorded.failure]
  if (recorded.skipped !== undefined) return []
  return compare(scenario, recorded, played, judge).flatMap((one) => [one.about, ...onlyIn(one)])
}

describe.each(themes)('$name', ({ scenarios }) => {
  it.each(scenarios.filter(({ engineOnly }) => !engineOnly))('$name', async (scenario) => {
    const { tape, failures } = await playEngine(scenario)
    expect(failures).toEqual([])
    expect(tape.failure).toBeUndefined()
    let found = unlike(scenario, real.get(scenario.name) as Tape, tape)
    for (let round = 0; found.length > 0 && round < AGAIN; round++) {
      await clearReal(side as Side)
      found = unlike(scenario, await play(scenario, side as Side), tape)
    }
    expect(found).toEqual([])
  })
})

describe('afterwards', () => {
  it('was every listed difference needed', () => {
    expect(judge.unused()).toEqual([])
  })

  it('is nothing left in Docker', async () => {
    await close()
    expect(await kindLeftovers()).toEqual([])
  })
})

afterAll(close)
