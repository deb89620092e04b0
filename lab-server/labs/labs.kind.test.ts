/**
 * Labs as tests, on real clusters: four that have every kind of check and a node that is lost between them;
 * QUAYSIDE_KIND_LABS=all takes all of them.
 */
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
const { QUAYSIDE_KIND_LABS: which, TEST_NODE_IMAGE: image, ...rest } = process.env
const environment = { ...rest, ...(image === undefined ? {} : { QUAYSIDE_NODE_IMAGE: image }) }
const chosen =
  which === 'all' ? await idsOf(join(root, 'labs')) : ['scaling', 'self-healing', 'storage', 'crd-operator']

const log = pino({ level: 'warn' })
const installation = await testInstallation('kind', join(root, 'labs'), { clock, ids, log, environment })

afterAll(() => installation.close())

// Most of a lab's time is waiting.
describe.concurrent('the labs on a real cluster', () => {
  it.each(chosen)('%s', async (id) => {
    const { missing, ...sources } = await readSources(root, id)
    const { totalMs, clusterMs } = await tryLab({ ...sources, provider: installation.provider, clock, ids, log })
    console.log(`kind ${id}: cluster ${Math.round(clusterMs / 1000)} s, in all ${Math.round(totalMs / 1000)} s`)
    expect(missing).toEqual([])
  })
})
