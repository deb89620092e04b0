/**
 * `kill -9` at random moments of a session's life, on real clusters: the next start leaves exactly the live sessions.
 * The seed is printed, so that a failure can be repeated.
 */
import { afterAll, expect, it } from 'vitest'
import type { SessionView } from '../../protocol/session.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
import { clusterIds, leftovers, nothing } from './leftovers.ts'

const KILLS = 20
const settings = { PROVIDER: 'kind', POOL: '0', MAX_SESSIONS: '2', LABS: 'test/kind/labs' }
/** The kills go round these, each at a random moment of it. */
const phases = ['start', 'use', 'end'] as const
/** The latest moment of each phase, in ms: a start takes about as long. */
const latest = { start: 18_000, use: 3_000, end: 3_000 }
/** A cluster with one node, on two busy cores. */
const READY_WITHIN_MS = 180_000
/** A whole cluster that runs already. */
const TAKEN_UP_WITHIN_MS = 30_000

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
  let reader = new Reader('')
  let session: SessionView | undefined
  const restart = async () => {
    server = await startServer({ settings, ...(data ? { data } : {}) })
    data = server.data
    reader = new Reader(server.url, reader.cookie)
  }
  /** The session as it is now, or a new one if it is over. */
  const current = async (): Promise<SessionView> => {
    const view = session && (await reader.session(session.id))
    return view && view.status.state !== 'ended' ? view : reader.start('smallest')
  }

  for (let kill = 0; kill < KILLS; kill++) {
    const phase = phases[kill % phases.length] as keyof typeof latest
    await restart()
    session = await current()
    if (phase !== 'start') session = await reader.until(session.id, isReady, READY_WITHIN_MS)
    if (phase === 'use') await reader.ask('POST', `/api/sessions/${session.id}/shells`, { cols: 80, rows: 24 })
    const { shells } = session
    const clusters = clusterIds()
    if (phase === 'end') await reader.ask('DELETE', `/api/sessions/${session.id}`)
    await pause(random(latest[phase]))
    const { status } = await reader.session(session.id)
    moments.push(status.state === 'preparing' ? status.stage : status.state)
    await server?.kill()

    if (phase !== 'use') continue
    await restart()
    const again = await reader.until(session.id, isReady, TAKEN_UP_WITHIN_MS)
    expect(again.shells.length, 'its shells run on').toBe(shells.length + 1)
    expect(clusterIds(), 'on the same cluster').toEqual(clusters)
    await server?.kill()
  }
  console.log(`killed while: ${moments.join(', ')}`)

  await restart()
  session = await reader.until((await current()).id, isReady, READY_WITHIN_MS)
  await until(() => clusterIds().length === 1)
  expect(clusterIds(), 'only the live session has a cluster').toHaveLength(1)
  await reader.ask('DELETE', `/api/sessions/${session.id}`)
  await until(() => clusterIds().length === 0)
  expect(leftovers(), 'nothing is left after the end').toEqual(nothing)
})

const isReady = (view: SessionView) => view.status.state === 'ready'

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

/** Removal goes on in the background: it is given a minute. */
async function until(holds: () => boolean): Promise<void> {
  for (const start = Date.now(); !holds() && Date.now() - start < 60_000; ) await pause(500)
}
