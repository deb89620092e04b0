/**
 * The real lab server in this process, on a real port, with its sessions, terminals and checks and the built pages; only
 * the clusters are of the tests' own making.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runChecks } from '../../lab-server/checks/runner.ts'
import { type Clock, systemClock } from '../../lab-server/clock.ts'
import { readConfig } from '../../lab-server/config.ts'
import { createSignIns } from '../../lab-server/host/sign-ins.ts'
import { createHostStore } from '../../lab-server/host/store.ts'
import { createMetrics } from '../../lab-server/http/metrics.ts'
import { readOrMakeKey } from '../../lab-server/http/reader.ts'
import { createServer } from '../../lab-server/http/server.ts'
import { randomIds as ids } from '../../lab-server/ids.ts'
import { loadCatalogue } from '../../lab-server/labs/catalogue.ts'
import { prepareLab } from '../../lab-server/labs/prepare.ts'
import { resetLab } from '../../lab-server/labs/reset.ts'
import { solveStep } from '../../lab-server/labs/solve.ts'
import { createLog } from '../../lab-server/log.ts'
import { createSessionManager, type ManagerLimits } from '../../lab-server/sessions/manager.ts'
import { statusOf } from '../../lab-server/sessions/status.ts'
import { openStore } from '../../lab-server/sessions/store.ts'
import { createTerminal } from '../../lab-server/terminal/create-terminal.ts'
import { createHosting } from '../../lab-server/workshops/hosting.ts'
import { readMachine } from '../../lab-server/workshops/machine.ts'
import { Rooms } from '../../lab-server/workshops/rooms.ts'
import { createWorkshopStore } from '../../lab-server/workshops/store.ts'
import { takePages } from './pages.ts'
import { World } from './world.ts'

const root = join(import.meta.dirname, '../..')

export const MINUTE = 60_000

const limits: ManagerLimits = {
  maxPerReader: 2,
  maxPerAddress: 100,
  sessionMs: 60 * MINUTE,
  idleMs: 20 * MINUTE,
  extensions: 2,
  extendMs: 30 * MINUTE,
  maxShells: 4,
}

/** The machine's time, that a test can put forward: calls that fall due meanwhile are made at once. */
export class JumpingClock implements Clock {
  #ahead = 0
  readonly #waiting = new Set<{ at: number; call: () => void; cancel: () => void }>()

  now(): number {
    return systemClock.now() + this.#ahead
  }

  after(ms: number, call: () => void): () => void {
    const entry = { at: this.now() + ms, call, cancel: () => {} }
    this.#waiting.add(entry)
    this.#arm(entry)
    return () => {
      entry.cancel()
      this.#waiting.delete(entry)
    }
  }

  jump(ms: number): void {
    this.#ahead += ms
    for (const entry of [...this.#waiting]) {
      entry.cancel()
      this.#arm(entry)
    }
  }

  #arm(entry: { at: number; call: () => void; cancel: () => void }): void {
    entry.cancel = systemClock.after(entry.at - this.now(), () => {
      this.#waiting.delete(entry)
      entry.call()
    })
  }
}

export interface Harness {
  readonly url: string
  /** The addresses of all pages. */
  readonly paths: string[]
  readonly distinct: string[]
  readonly world: World
  readonly clock: JumpingClock
  /** Everything that was logged. */
  log(): string
  /** Cuts all terminals' connections, without a word. */
  cut(): void
  /** From now on what pages send through their terminals' open connections is lost, as in a network that has just gone. */
  deafen(): void
  /** An orderly stop; what is returned starts the next server, on the same port and the same data. */
  stop(): Promise<() => Promise<void>>
  close(): Promise<void>
}

export async function startHarness({
  maxSessions = 100,
  ...changes
}: Partial<ManagerLimits> & { maxSessions?: number } = {}): Promise<Harness> {
  const pages = takePages()
  const data = mkdtempSync(join(tmpdir(), 'quayside-data-'))
  const world = new World()
  const clock = new JumpingClock()
  const catalogue = await loadCatalogue(join(root, 'labs'))
  let lines = ''
  const log = createLog({ level: 'info', destination: { write: (line) => (lines += line) } })
  const terminals = new Set<Socket>()

  async function serve(wanted: number) {
    const provider = world.provider()
    const store = openStore(data, ids)
    const metrics = createMetrics()
    const manager = createSessionManager({
      places: [{ provider, most: maxSessions, pool: 0, atOnce: 2, refillDelay: 10_000 }],
      store,
      catalogue,
      clock,
      ids,
      log,
      limits: { ...limits, ...changes },
      observer: metrics,
      runChecks,
      createTerminal,
      prepareLab,
      resetLab: (cluster, entry, signal) => resetLab(cluster, entry, { clock, signal }),
      solveStep: (step, solving) => solveStep({ ...solving, clock, log }, step),
    })
    const key = readOrMakeKey(store.folder)
    const signIns = createSignIns({
      config: readConfig({}),
      store: createHostStore(store.database),
      clock,
      ids,
    })
    const rooms = new Rooms({
      store: createWorkshopStore(store.database),
      sessions: manager,
      catalogue,
      clock,
      ids,
      log,
      key,
    })
    const server = await createServer({
      config: readConfig({ QUAYSIDE_STARTS_PER_MINUTE: '10000' }),
      sessions: manager,
      signIns,
      rooms,
      capacity: createHosting({ manager, catalogue, config: readConfig({}), machine: readMachine }).capacity,
      status: async () => statusOf(manager, { version: 'test', labs: [...catalogue.keys()] }),
      notReady: async () => undefined,
      log,
      clock,
      ids,
      metrics,
      site: pages.folder,
      key,
      limits: { requestsPerMinute: 100_000 },
    })
    server.app.server.on('upgrade', (_, socket: Socket) => {
      terminals.add(socket)
      socket.once('close', () => terminals.delete(socket))
    })
    const opening = manager.open()
    rooms.open()
    await opening
    const port = await server.listen(wanted)
    return {
      port,
      async close() {
        await server.close()
        rooms.close()
        await manager.close()
        await provider.close()
        store.close()
      },
    }
  }

  let running = await serve(0)
  const { port } = running
  return {
    url: `http://127.0.0.1:${port}`,
    paths: pages.paths,
    distinct: pages.distinct,
    world,
    clock,
    log: () => lines,
    cut() {
      for (const socket of terminals) socket.destroy()
    },
    deafen() {
      for (const socket of terminals) socket.removeAllListeners('data').resume()
    },
    async stop() {
      await running.close()
      return async () => {
        running = await serve(port)
      }
    },
    async close() {
      await running.close()
      await world.close()
      rmSync(data, { recursive: true, force: true })
      pages.remove()
    },
  }
}
