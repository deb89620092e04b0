/** Long waits in the life of a session: in the pool before it, and of a page that sleeps in the middle of it. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ManualClock } from '../clock.ts'
import { randomIds } from '../ids.ts'
import { fakeLab } from '../labs/lab.fake.ts'
import { createFakeProvider, FakeWorld } from '../providers/provider.fake.ts'
import type { Provider } from '../providers/provider.ts'
import { createTerminal } from '../terminal/create-terminal.ts'
import { FakeShell, FakeSocket } from '../terminal/shell.fake.ts'
import { createSessionManager, type SessionManager } from './manager.ts'
import { openStore, type Store } from './store.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const IDLE = 20 * MINUTE

const lab = fakeLab(['three'])

let folder: string
let store: Store
let clock: ManualClock
let shell: FakeShell
let manager: SessionManager

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quayside-'))
  store = openStore(folder, randomIds)
  clock = new ManualClock(1_000_000)
  shell = new FakeShell()
  const fake = createFakeProvider(new FakeWorld(), clock)
  const provider: Provider = {
    ...fake,
    create: async (...call) => ({ ...(await fake.create(...call)), shells: [shell] }),
  }
  manager = createSessionManager({
    places: [{ provider, most: 3, pool: 1, atOnce: 2, refillDelay: 10_000 }],
    store,
    catalogue: new Map([['scaling', { lab, setup: [], files: [] }]]),
    clock,
    ids: randomIds,
    log: pino({ level: 'silent' }),
    limits: {
      maxPerReader: 2,
      maxPerAddress: 2,
      sessionMs: HOUR,
      idleMs: IDLE,
      extensions: 0,
      extendMs: 0,
      maxShells: 2,
    },
    observer: { ready() {}, ended() {}, stepPassed() {}, terminalBytes() {} },
    runChecks: ({ progress }) => ({ steps: [], progress, skip() {}, openUpTo() {}, close() {} }),
    createTerminal,
    prepareLab: async () => {},
    resetLab: async () => {},
    solveStep: async () => {},
  })
  const opening = manager.open()
  await clock.advance(1)
  void opening
})

afterEach(async () => {
  const closing = manager.close()
  await clock.advance(MINUTE)
  await closing
  store.close()
  rmSync(folder, { recursive: true })
})

it('L-3: a cluster that was in the pool for 24 hours lives for a whole idle time once it is handed over', async () => {
  await clock.advance(24 * HOUR)
  const session = manager.start({ reader: 'ann', lab: 'scaling', address: '127.0.0.1' })
  await clock.advance(1_000)
  expect(session.view().status).toEqual({ state: 'ready' })
  await clock.advance(IDLE - 10_000)
  expect(session.view().status).toEqual({ state: 'ready' })
  await clock.advance(20_000)
  expect(session.view().status).toMatchObject({ state: 'ended', reason: 'idle' })
})

it('L-7: the lab of a workshop outlives ten minutes of a sleeping laptop, and its terminal catches up', async () => {
  const room = { id: 'room', endsAt: clock.now() + 3 * HOUR }
  const session = manager.start({ reader: 'ann', lab: 'scaling', address: '127.0.0.1', room })
  await clock.advance(10_000)
  const page = new FakeSocket()
  session.terminal(1)?.connect(page)
  page.hello({ page: 'hers' })
  page.types('kubectl get pods -w\n')
  shell.print('before\n')
  await clock.advance(10)
  page.draws()
  expect(page.text).toBe('before\n')
  const { epoch } = page.welcome ?? {}
  const { offset } = page

  // The lid closes: for a while the server does not know, then it gives the connection up
  const minutes = Array.from({ length: 10 }, (_, minute) => `minute ${minute}\n`)
  for (const [minute, line] of minutes.entries()) {
    shell.print(line)
    await clock.advance(MINUTE)
    if (minute === 0) page.vanish()
  }
  // Others in the room sleep for longer than the idle time
  await clock.advance(IDLE)
  expect(session.view().status).toEqual({ state: 'ready' })
  expect(shell.paused).toBe(false)

  const again = new FakeSocket()
  session.terminal(1)?.connect(again)
  again.hello({ page: 'hers', offset, ...(epoch === undefined ? {} : { epoch }) })
  expect(again.welcome).toMatchObject({ epoch, offset, taken: 'kubectl get pods -w\n'.length })
  expect(again.text).toBe(minutes.join(''))
  again.types('q')
  expect(shell.typed).toBe('kubectl get pods -w\nq')
})
