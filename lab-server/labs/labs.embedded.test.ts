/** Every lab as a test, on simulated clusters: done wrong, done right, and done as its page says. */
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock as clock } from '../clock.ts'
import { randomIds as ids } from '../ids.ts'
import { idsOf } from './catalogue.ts'
import { testInstallation } from './rehearsal/providers.ts'
import { readSources } from './rehearsal/sources.ts'
import { tryLab } from './rehearsal/trial.ts'

const root = join(import.meta.dirname, '../..')
const labs = await idsOf(join(root, 'labs'))
const log = pino({ level: 'warn' })
const installation = await testInstallation('embedded', join(root, 'labs'), {
  clock,
  ids,
  log,
  environment: process.env,
})

/** For one lab, in milliseconds: at most four minutes where it has the machine for itself. */
const WITHIN = 8 * 60_000

afterAll(() => installation.close())

describe.concurrent('the labs', () => {
  it.each(labs)(
    '%s',
    async (id) => {
      const { missing, ...sources } = await readSources(root, id)
      const { totalMs } = await tryLab({ ...sources, provider: installation.provider, clock, ids, log })
      console.log(`embedded ${id}: ${Math.round(totalMs / 1000)} s`)
      expect(missing).toEqual([])
    },
    WITHIN,
  )
})
