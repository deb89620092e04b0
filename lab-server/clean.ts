/** `npm run clean`: removes every cluster of the installations in the data folder whose server does not run. */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import process from 'node:process'
import { pino } from 'pino'
import { systemClock as clock } from './clock.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { ReaderError } from './errors.ts'
import { randomIds as ids } from './ids.ts'
import { createPlaces } from './installation.ts'
import { createLog } from './log.ts'
import { openStore, type Store } from './sessions/store.ts'

async function clean(): Promise<void> {
  const config = readConfig(process.env)
  const data = resolve(config.data)
  const known = existsSync(data) ? readdirSync(data).filter((name) => /^instance-\d+$/.test(name)) : []
  const stores: Store[] = []
  let removed = 0
  try {
    // Each that is opened stays locked, so that the next call finds the next one.
    while (stores.length < known.length) {
      const store = openStore(data, ids)
      if (!known.includes(basename(store.folder))) {
        store.close()
        rmSync(store.folder, { recursive: true })
        break
      }
      stores.push(store)
      removed += await removeClusters(config, store)
    }
  } finally {
    for (const store of stores) store.close()
  }
  const running = known.length - stores.length
  console.log(removed === 1 ? 'One cluster was removed.' : `${removed} clusters were removed.`)
  if (running > 0) {
    console.log(
      `${running === 1 ? 'One server is' : `${running} servers are`} running and keeps its own: stop it first.`,
    )
  }
}

async function removeClusters(config: Config, store: Store): Promise<number> {
  const log = createLog({
    level: config.logLevel,
    destination: pino.destination({ dest: process.stderr.fd, sync: true }),
  })
  const places = createPlaces({ config, store, catalogue: new Map(), clock, log, environment: process.env })
  const recorded = store.clusters()
  let removed = 0
  try {
    for (const { provider } of places) {
      // What cannot run here has left nothing here, unless it was here once
      const mayHaveLeft = recorded.some((cluster) => cluster.provider === provider.name) || places.length === 1
      if (!mayHaveLeft && !(await provider.probe()).available) continue
      const owned = await provider.list()
      await Promise.all(owned.map((cluster) => cluster.dispose()))
      removed += owned.length
    }
    const message = 'Whoever runs this server removed all labs.'
    for (const session of store.sessions()) {
      if (session.state === 'ended') continue
      store.putSession({ ...session, state: 'ended', reason: 'vanished', message, endedAt: clock.now() })
    }
    for (const cluster of store.clusters()) store.removeCluster(cluster.id)
    rmSync(join(store.folder, 'work'), { recursive: true, force: true })
    return removed
  } finally {
    await Promise.all(places.map(({ provider }) => provider.close()))
  }
}

await clean().catch((error: unknown) => {
  console.error(error instanceof ConfigError || error instanceof ReaderError ? error.message : error)
  process.exitCode = 1
})
