/** Providers for the tests of labs: an installation of their own, that leaves nothing behind. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LabFileError } from '../../../protocol/lab/parse.ts'
import type { Clock } from '../../clock.ts'
import { readConfig } from '../../config.ts'
import type { Ids } from '../../ids.ts'
import { createEmbedded, createKind } from '../../installation.ts'
import type { Logger } from '../../log.ts'
import type { Provider } from '../../providers/provider.ts'
import { idsOf, type LabEntry, loadLab } from '../catalogue.ts'

const makers = { kind: createKind, embedded: createEmbedded }
export type ProviderName = keyof typeof makers
export const providerNames = Object.keys(makers) as ProviderName[]

export interface TestInstallation {
  provider: Provider
  /** Removes every cluster that is left, and the folder. */
  close(): Promise<void>
}

export interface Surroundings {
  clock: Clock
  ids: Pick<Ids, 'short'>
  log: Logger
  environment: Readonly<Record<string, string | undefined>>
}

/** kubectl and Helm, fetched once for all runs of the tests. */
const FETCHED = join(import.meta.dirname, '../../../node_modules/.cache/quayside-clients')

/** @param labs the folder `labs`: the nodes hold the images of all labs, as in the server */
export async function testInstallation(
  name: ProviderName,
  labs: string,
  { clock, ids, log, environment }: Surroundings,
): Promise<TestInstallation> {
  const catalogue = await readable(labs)
  const folder = mkdtempSync(join(tmpdir(), 'quayside-labs-'))
  mkdirSync(FETCHED, { recursive: true })
  symlinkSync(FETCHED, join(folder, 'tools'))
  const provider = makers[name]({
    config: readConfig(environment),
    store: { folder: join(folder, 'data'), instance: `labs-${ids.short()}` },
    catalogue,
    clock,
    log,
    environment,
  })
  return {
    provider,
    async close() {
      for (const owned of await provider.list()) await owned.dispose()
      await provider.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** The labs that can be read: one that is being written must not stop the test of another. */
async function readable(labs: string): Promise<Map<string, LabEntry>> {
  const found = new Map<string, LabEntry>()
  for (const id of await idsOf(labs)) {
    const entry = await loadLab(labs, id).catch((error: unknown) => {
      if (!(error instanceof LabFileError)) throw error
    })
    if (entry) found.set(id, entry)
  }
  return found
}
