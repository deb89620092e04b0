/**
 * One test body, two clusters: each scenario runs on the engine and on a real cluster, and what its objects go through is equal: states,
 * reasons, conditions, events and messages, or the difference is listed with a reason.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Judge } from '../compare/judge.ts'
import { compare, onlyIn } from './compared.ts'
import { differences } from './differences.ts'
import { kindLeftovers, kindNodes, startKind } from './kind-cluster.ts'
import { playEngine } from './play-engine.ts'
import { playReal } from './play-real.ts'
import { connectReal } from './real.ts'
import type { Tape } from './tape.ts'
import { scenarios, themes } from './themes/index.ts'

/** Eight minutes on two idle cores, more where others work beside it; in ms. */
const PLAYED_WITHIN = 25 * 60_000

/** Most of a scenario's time is waiting. */
const WIDTH = 20

const judge = new Judge(differences)
let real: ReadonlyMap<string, Tape> = new Map()

beforeAll(async () => {
  const cluster = await startKind()
  try {
    const side = await connectReal(cluster.kubeconfig, kindNodes)
    try {
      real = await playReal(scenarios, side, WIDTH)
    } finally {
      await side.close()
    }
  } finally {
    await cluster.close()
  }
}, PLAYED_WITHIN)

describe.each(themes)('$name', ({ scenarios }) => {
  it.each(scenarios.filter(({ engineOnly }) => !engineOnly))('$name', async (scenario) => {
    const { tape, failures } = await playEngine(scenario)
    expect(failures).toEqual([])
    expect(tape.failure).toBeUndefined()
    const recorded = real.get(scenario.name) as Tape
    expect(recorded.failure).toBeUndefined()
    if (recorded.skipped !== undefined) return
    const found = compare(scenario, recorded, tape, judge)
    expect(found.flatMap((one) => [one.about, ...onlyIn(one)])).toEqual([])
  })
})

describe('afterwards', () => {
  it('was every listed difference needed', () => {
    expect(judge.unused()).toEqual([])
  })

  it('is nothing left in Docker', async () => {
    expect(await kindLeftovers()).toEqual([])
  })
})

afterAll(() => {
  real = new Map()
})
