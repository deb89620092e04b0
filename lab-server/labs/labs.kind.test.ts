/** Each lab's own test, on real clusters: no step passes before its solution, and each passes after it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { afterAll, describe, expect, it } from 'vitest'
import { systemClock as clock } from '../clock.ts'
import { readConfig } from '../config.ts'
import { randomIds as ids } from '../ids.ts'
import { createKind } from '../installation.ts'
import { loadCatalogue } from './catalogue.ts'
import { prepareLab } from './prepare.ts'
import { rehearse, rehearseStart } from './rehearse.ts'
import { resetLab } from './reset.ts'

const image = process.env.TEST_NODE_IMAGE
const environment = { ...process.env, ...(image === undefined ? {} : { QUAYSIDE_NODE_IMAGE: image }) }
const catalogue = await loadCatalogue(join(import.meta.dirname, '../../labs'))
const folder = mkdtempSync(join(tmpdir(), 'quayside-labs-'))
const log = pino({ level: 'warn' })
const provider = createKind({
  config: readConfig(environment),
  store: { folder, instance: `labs-${ids.short()}` },
  catalogue,
  clock,
  log,
  environment,
})

afterAll(async () => {
  for (const owned of await provider.list()) await owned.dispose()
  await provider.close()
  rmSync(folder, { recursive: true })
})

describe.each([...catalogue])('the lab %s', (_id, entry) => {
  it('passes step by step, and begins anew after a reset', async () => {
    const { signal } = new AbortController()
    await provider.prepare(signal)
    const cluster = await provider.create({ id: ids.short(), workers: entry.lab.cluster.workers }, () => {}, signal)
    try {
      const options = { entry, cluster, clock, log }
      await prepareLab(cluster, entry)
      const { steps } = await rehearse(options)
      for (const { step, solutionMs, tickMs } of steps)
        console.log(`${entry.lab.id}/${step}: solution ${solutionMs} ms, tick ${tickMs} ms after it`)
      expect(steps.map(({ step }) => step)).toEqual(entry.lab.steps.map(({ id }) => id))

      await cluster.run(
        'kubectl create namespace mine; kubectl -n mine create configmap mine; echo mine > mine.txt',
        signal,
      )
      await resetLab(cluster, entry, { clock })
      await rehearseStart(options)
      const { output } = await cluster.run('ls; kubectl get namespaces -o name', signal)
      expect(output.split('\n').filter((line) => /mine/.test(line))).toEqual([])
    } finally {
      await cluster.dispose()
    }
  })
})
