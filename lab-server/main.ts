/** The lab server: reads the settings, puts the parts together, runs until it is told to stop. */
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import process from 'node:process'
import { pino } from 'pino'
import { runChecks } from './checks/runner.ts'
import { systemClock as clock, sleep } from './clock.ts'
import { type Config, readConfig } from './config.ts'
import { createOpenId, openIdOf } from './host/openid.ts'
import { createSignIns, type SignIns } from './host/sign-ins.ts'
import { createHostStore } from './host/store.ts'
import { createMetrics } from './http/metrics.ts'
import { readOrMakeKey } from './http/reader.ts'
import { createServer } from './http/server.ts'
import { keyFor } from './http/signed-cookie.ts'
import { randomIds as ids } from './ids.ts'
import { createPlaces } from './installation.ts'
import { loadCatalogue } from './labs/catalogue.ts'
import { prepareLab } from './labs/prepare.ts'
import { resetLab } from './labs/reset.ts'
import { solveStep } from './labs/solve.ts'
import { createLog, type Logger } from './log.ts'
import { listenSomewhere } from './port.ts'
import { createSessionManager } from './sessions/manager.ts'
import { statusOf } from './sessions/status.ts'
import { openStore } from './sessions/store.ts'
import { createTerminal } from './terminal/create-terminal.ts'
import { countWorkshops } from './workshops/counts.ts'
import { observe } from './workshops/happenings.ts'
import { createHosting } from './workshops/hosting.ts'
import { readMachine } from './workshops/machine.ts'
import { capped } from './workshops/offered.ts'
import { DAY, forgetInTime } from './workshops/retention.ts'
import { Rooms } from './workshops/rooms.ts'
import { createWorkshopStore } from './workshops/store.ts'
import { warmUp } from './workshops/warm-up.ts'
import { createWebhooks } from './workshops/webhooks.ts'

const root = join(import.meta.dirname, '..')
const MINUTE = 60_000
/** Milliseconds to wait for what an earlier process left before pages are served without it. */
const TAKE_UP_WITHIN = 5_000
/** Milliseconds for an orderly stop. What is not done by then, the next start finds. */
const STOP_WITHIN = 15_000

async function main(): Promise<void> {
  const config = readConfig(process.env)
  const log = createLog({
    level: config.logLevel,
    // Written at once, so that the last line before a crash is there.
    destination: pino.destination({ dest: process.stderr.fd, sync: true }),
    secrets: [config.hostSecret, config.webhookSecret, config.openidClientSecret].filter(
      (secret) => secret !== undefined,
    ),
  })
  const labs = config.labs ? resolve(config.labs) : join(root, 'labs')
  const catalogue = await loadCatalogue(labs)
  const store = openStore(resolve(config.data), ids)
  const places = capped(createPlaces({ config, store, catalogue, clock, log, environment: process.env }), {
    machine: readMachine(),
    settings: config,
    labs: [...catalogue.values()],
    running: (provider) => store.clusters().filter((cluster) => cluster.provider === provider).length,
  })
  const metrics = createMetrics()
  const manager = createSessionManager({
    places,
    store,
    catalogue,
    clock,
    ids,
    log,
    limits: limitsOf(config),
    observer: metrics,
    runChecks,
    createTerminal,
    prepareLab,
    resetLab: (cluster, entry, signal) => resetLab(cluster, entry, { clock, signal }),
    solveStep: (step, solving) => solveStep({ ...solving, clock, log }, step),
  })
  const key = readOrMakeKey(store.folder)
  const hosts = createHostStore(store.database)
  const provider = openIdOf(config)
  const openId = provider && createOpenId({ config: provider, ids, log, key: keyFor('openid flows', key) })
  const signIns = createSignIns({ config, store: hosts, clock, ids, openId })
  const webhooks = createWebhooks({
    urls: config.webhookUrls ?? [],
    secret: config.webhookSecret ?? '',
    clock,
    ids,
    log,
    note: metrics.webhook,
  })
  const happenings = observe({
    store: createWorkshopStore(store.database),
    catalogue,
    clock,
    tell(happening) {
      metrics.happened(happening.kind)
      webhooks.tell(happening)
    },
  })
  const workshops = happenings.store
  const hosting = createHosting({ manager, catalogue, config, machine: readMachine })
  const rooms = new Rooms({
    store: workshops,
    sessions: manager,
    catalogue,
    clock,
    ids,
    log,
    key,
    bears: hosting.bears,
  })
  metrics.observeWorkshops(() => countWorkshops({ store: workshops, sessions: manager, now: clock.now() }))
  metrics.observeCapacity(hosting.capacity)
  const unavailable = () => {
    const availability = manager.availability()
    return availability.available ? undefined : availability.reason
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  const server = await createServer({
    config,
    sessions: manager,
    signIns,
    rooms,
    capacity: hosting.capacity,
    status: async () => statusOf(manager, { version, labs: [...catalogue.keys()] }),
    notReady: async () => (store.healthy() ? unavailable() : 'The data folder does not answer.'),
    log,
    clock,
    ids,
    metrics,
    site: join(root, 'dist'),
    key,
  })

  const duties: (() => void)[] = []
  const stop = async () => {
    for (const end of duties) end()
    // Pages first, so that they hear "come back" before their terminals go.
    await server.close()
    rooms.close()
    const goingOn = manager.lasting()
    await manager.close()
    await Promise.all(places.map(({ provider }) => provider.close()))
    store.close()
    return goingOn
  }
  onSignal(stop)
  onReload(async () => {
    const read = await loadCatalogue(labs)
    for (const id of catalogue.keys()) if (!read.has(id)) catalogue.delete(id)
    for (const [id, entry] of read) catalogue.set(id, entry)
    manager.relearn()
  }, log)

  const takenUp = manager.open()
  happenings.open()
  rooms.open()
  duties.push(
    warmUp({ store: workshops, sessions: manager, clock }),
    forgetInTime({ rooms, store: workshops, hosts, clock, log, keepMs: config.keepDays * DAY }),
    happenings.close,
    webhooks.close,
  )
  try {
    await Promise.race([takenUp, sleep(clock, TAKE_UP_WITHIN)])
    const { port, taken } = await listenSomewhere((port) => server.listen(port), config.port)
    await Promise.race([takenUp, sleep(clock, TAKE_UP_WITHIN)])
    const address = config.publicUrl ?? `http://localhost:${port}`
    console.log(
      announcement({
        address,
        host: hostLine(address, signIns),
        taken,
        provider: manager
          .offers()
          .filter(({ availability }) => availability.available)
          .map(({ provider }) => provider.title)
          .join('; or: '),
        chosen: config.provider,
        unavailable: unavailable(),
        labs: [...catalogue.keys()],
        folder: store.folder,
      }),
    )
  } catch (error) {
    await stop()
    throw error
  }
  await takenUp
}

function limitsOf(config: Config) {
  return {
    maxPerReader: config.maxSessionsPerReader,
    maxPerAddress: config.maxSessionsPerAddress,
    sessionMs: config.sessionMinutes * MINUTE,
    idleMs: config.idleMinutes * MINUTE,
    extensions: config.extensions,
    extendMs: config.extendMinutes * MINUTE,
    maxShells: config.maxShells,
  }
}

function announcement(facts: {
  address: string
  taken: number | undefined
  host: string
  provider: string
  chosen: Config['provider']
  unavailable: string | undefined
  labs: string[]
  folder: string
}): string {
  const why = facts.chosen === 'auto' ? 'found on this machine' : 'as QUAYSIDE_PROVIDER says'
  const rows = [
    ['Open', facts.address + (facts.taken === undefined ? '' : `   (port ${facts.taken} is taken)`)],
    [
      'Clusters',
      facts.unavailable === undefined
        ? `${facts.provider} (${why})`
        : `none for now: ${facts.unavailable} The pages can be read meanwhile.`,
    ],
    ['Host', facts.host],
    ['Labs', facts.labs.join(', ') || 'none'],
    ['Data', facts.folder],
    ['Stop', 'Ctrl+C; labs go on with the next start, "npm run clean" removes them'],
  ]
  return `\nQuayside is ready.\n\n${rows.map(([name = '', text]) => `  ${name.padEnd(10)}${text}`).join('\n')}\n`
}

/** Where hosts of workshops sign in. What is behind # is sent to no server and stands in no log. */
function hostLine(address: string, { ways, link }: Pick<SignIns, 'ways' | 'link'>): string {
  if (link !== undefined) return `${address}/room/#sign-in=${link}   (works once)`
  return ways.length > 0 ? `${address}/room/` : 'set QUAYSIDE_HOST_SECRET to host workshops'
}

function onSignal(stop: () => Promise<number>): void {
  let stopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      // Asked again, it goes at once.
      if (stopping) process.exit(1)
      stopping = true
      clock.after(STOP_WITHIN, () => process.exit(1))
      stop().then(
        (goingOn) => {
          const labs = goingOn === 1 ? '1 lab goes' : `${goingOn} labs go`
          if (goingOn > 0) console.log(`\n${labs} on running until the next start; "npm run clean" removes them.`)
          process.exit(0)
        },
        (error: unknown) => {
          console.error(error)
          process.exit(1)
        },
      )
    })
  }
}

/** As servers do on SIGHUP: the labs are read again, and sessions go on with what they say now. */
function onReload(reload: () => Promise<void>, log: Logger): void {
  let reading = Promise.resolve()
  process.on('SIGHUP', () => {
    reading = reading.then(reload).then(
      () => log.info('labs read again'),
      (error: unknown) => log.error({ err: error }, 'labs not read: those from before are kept'),
    )
  })
}

/** Errors that are meant for whoever starts the server: their message is all there is to say. */
const plain = new Set(['ConfigError', 'PortTakenError', 'LabFileError', 'ReaderError'])

await main().catch((error: unknown) => {
  console.error(error instanceof Error && plain.has(error.name) ? error.message : error)
  process.exit(1)
})
