/**
 * One test body, two clusters: each scenario runs on the engine and on a real cluster, and what its objects go through is equal: states,
 * reasons, conditions, events and messages, or the difference is listed with a reason.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { Judge } from '../compare/judge.ts'
import { playBoth, type Verdict } from './both.ts'
import { differences } from './differences.ts'
import { kindLeftovers, kindNodes, startKind } from './kind-cluster.ts'
import { connectReal } from './real.ts'
import { scenarios, themes } from './themes/index.ts'

/** Eight minutes on two cores, more where others work beside it; in ms. */
const PLAYED_WITHIN = 40 * 60_000

/** Most of a scenario's time is waiting. */
const WIDTH = 20

const judge = new Judge(differences)
let verdicts: ReadonlyMap<string, Verdict> = new Map()

beforeAll(async () => {
  const cluster = await startKind()
  try {
    const side = await connectReal(cluster.kubeconfig, kindNodes)
    try {
      const both = scenarios.filter(({ engineOnly }) => !engineOnly)
      verdicts = await playBoth(both, side, judge, WIDTH)
    } finally {
      await side.close()
    }
  } finally {
    await cluster.close()
  }
}, PLAYED_WITHIN)

describe.each(themes)('$name', ({ scenarios }) => {
  it.each(scenarios.filter(({ engineOnly }) => !engineOnly))('$name', ({ name }) => {
    expect(verdicts.get(name)).toEqual([])
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
