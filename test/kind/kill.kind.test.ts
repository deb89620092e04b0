/**
 * `kill -9` at random moments of a session's life, on real clusters: the next start leaves exactly the live sessions.
 * The seed is printed, so that a failure can be repeated.
 */
import { afterAll, expect, it } from 'vitest'
import type { SessionView } from '../../protocol/session.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
import { clusterIds, leftovers, nothing } from './leftovers.ts'

const KILLS = 20
const settings = { POOL: '0', MAX_SESSIONS: '2', LABS: 'test/kind/labs', LOG_LEVEL: 'info' }
/** Longer than a start takes, so that some kills hit a session in use, and its end. */
const LATEST_KILL_MS = 25_000
/** A cluster with one node, on two busy cores. */
const READY_WITHIN_MS = 180_000

const seed = Number(process.env.TEST_SEED ?? Date.now() % 1_000_000)
let state = seed
/** A small linear congruential generator: enough to spread the kills. */
function random(below: number): number {
  state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
  return state % below
}

let server: TestServer | undefined
let data: string | undefined

afterAll(async () => {
  await server?.kill()
  if (data) removeData(data)
})

it(`leaves exactly the live sessions after ${KILLS} kills at random moments (seed ${seed})`, async () => {
  expect(leftovers(), 'the machine is clean before').toEqual(nothing)
  const moments: string[] = []
  let reader: Reader | undefined
  let session: SessionView | undefined

  for (let kill = 1; kill <= KILLS; kill++) {
    server = await startServer({ settings, ...(data ? { data } : {}) })
    data = server.data
    const cookie: string = reader?.cookie ?? ''
    reader = new Reader(server.url)
    reader.cookie = cookie

    session = session && (await reader.session(session.id))
    if (!session || session.status.state === 'ended') session = await reader.start('smallest')

    const deadline = Date.now() + 500 + random(LATEST_KILL_MS)
    while (Date.now() < deadline) {
      session = await reader.session(session.id)
      // A session that has come through is ended, half of the time, so that kills hit ends too.
      if (session.status.state === 'ready' && random(2) === 0) {
        await reader.ask('DELETE', `/api/sessions/${session.id}`)
        await pause(random(1_500))
        break
      }
      await pause(200)
    }
    session = await reader.session(session.id)
    moments.push(session.status.state === 'preparing' ? session.status.stage : session.status.state)
    await server.kill()
  }
  console.log(`killed while: ${moments.join(', ')}`)

  server = await startServer({ settings, ...(data ? { data } : {}) })
  const last = new Reader(server.url)
  last.cookie = reader?.cookie ?? ''
  if (session && session.status.state !== 'ended') {
    await last.until(session.id, (view) => view.status.state === 'ready', READY_WITHIN_MS)
    await until(() => clusterIds().length === 1)
    expect(clusterIds(), 'only the live session has a cluster').toHaveLength(1)
    await last.ask('DELETE', `/api/sessions/${session.id}`)
  }
  await until(() => clusterIds().length === 0)
  expect(leftovers(), 'nothing is left after the end').toEqual(nothing)
})

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Removal goes on in the background: it is given a minute. */
async function until(holds: () => boolean): Promise<void> {
  for (const start = Date.now(); !holds() && Date.now() - start < 60_000; ) await pause(500)
}
