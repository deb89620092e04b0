/** `npm run doctor`: what this machine can host, what limits it, and what would raise it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { pino } from 'pino'
import { systemClock as clock } from './clock.ts'
import { readConfig } from './config.ts'
import { randomIds as ids } from './ids.ts'
import { createPlaces } from './installation.ts'
import { loadCatalogue } from './labs/catalogue.ts'
import type { Provider } from './providers/provider.ts'
import { capacityOf, type Offered } from './workshops/capacity.ts'
import { reportOf } from './workshops/doctor-report.ts'
import { readMachine } from './workshops/machine.ts'
import { costAmong, offeredOf } from './workshops/offered.ts'

const root = join(import.meta.dirname, '..')

async function examine(): Promise<boolean> {
  const config = readConfig(process.env)
  const catalogue = await loadCatalogue(config.labs ? resolve(config.labs) : join(root, 'labs'))
  // A folder of its own: a server that runs keeps its data, and nothing here is kept.
  const folder = mkdtempSync(join(tmpdir(), 'quayside-doctor-'))
  const places = createPlaces({
    config,
    store: { folder, instance: ids.secret() },
    catalogue,
    clock,
    log: pino({ level: 'silent' }),
    environment: process.env,
  })
  try {
    const offered = await Promise.all(places.map(({ provider }) => look(provider)))
    const capacity = capacityOf(readMachine(), offered)
    console.log(reportOf(capacity, { node: process.version }))
    return capacity.providers.some(({ seats }) => seats > 0)
  } finally {
    await Promise.allSettled(places.map(({ provider }) => provider.close()))
    rmSync(folder, { recursive: true, force: true })
  }

  async function look(provider: Provider): Promise<Offered> {
    const availability = await provider.probe().catch(() => ({
      available: false as const,
      reason: 'It does not say why it cannot run here.',
    }))
    const cost = costAmong(catalogue.values(), provider)
    return offeredOf(provider, { settings: config, cost, running: 0, availability })
  }
}

/** Errors that are meant for whoever asks: their message is all there is to say. */
const plain = new Set(['ConfigError', 'LabFileError', 'ReaderError'])

try {
  process.exitCode = (await examine()) ? 0 : 1
} catch (error) {
  console.error(error instanceof Error && plain.has(error.name) ? error.message : error)
  process.exitCode = 1
}
