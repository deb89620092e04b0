/** A provider for tests, as the server makes it. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pino from 'pino'
import { systemClock } from '../../clock.ts'
import { createEmbeddedProvider, type EmbeddedConfig, type EmbeddedProvider } from './provider.ts'
import { whyNoSandbox } from './sandbox/homes.ts'

const MiB = 1024 * 1024

/** Fetched once for all runs of the tests. */
const cache = join(import.meta.dirname, '../../../node_modules/.cache/quayside-clients')

export function testProvider(instance: string, change: Partial<EmbeddedConfig> = {}): EmbeddedProvider {
  return createEmbeddedProvider({
    clock: systemClock,
    log: pino({ level: 'error' }),
    environment: process.env,
    config: {
      instance,
      workDir: mkdtempSync(join(tmpdir(), 'quayside-embedded-')),
      cache,
      threads: 2,
      threadHeapMiB: 2048,
      images: ['busybox:1.36'],
      cluster: { objects: 10_000, bytes: 64 * MiB },
      shell: { memoryBytes: 256 * MiB, pids: 128, cpus: 1, homeBytes: 64 * MiB },
      maxShells: 4,
      mayBeUnconfined: true,
      ...change,
    },
  })
}

/** Undefined if sandboxes can be tried here; else a sentence, which is printed. */
export async function skipWithout(): Promise<string | undefined> {
  const why = await whyNoSandbox()
  if (why !== undefined) console.log(`Tests of sandboxes do not run here: ${why}.`)
  return why
}
