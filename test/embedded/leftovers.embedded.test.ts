/** A hundred labs come and go, and nothing of them stays: no memory, no timer, no listener, no process. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomIds } from '../../lab-server/ids.ts'
import { testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'
import type { EmbeddedProvider } from '../../lab-server/providers/embedded/provider.ts'
import { weigh } from '../../lab-server/providers/embedded/worker/weigh.ts'
import { processesOf } from './processes.ts'

const SESSIONS = 100
/** At the same time, as many as a small machine makes without a queue. */
const AT_ONCE = 4
const never = new AbortController().signal

let provider: EmbeddedProvider
beforeAll(() => {
  provider = testProvider(`test-${randomIds.short()}`, { threads: 1 })
})
afterAll(() => provider.close())

async function session(): Promise<void> {
  const cluster = await provider.create({ id: `${randomIds.short()}${randomIds.short()}`, workers: 1 }, () => {}, never)
  const shell = cluster.shells[0]
  await shell?.attach({ onData: () => {}, onExit: () => {} })
  const { code, output } = await cluster.run('kubectl get nodes', AbortSignal.timeout(60_000))
  expect(code, output).toBe(0)
  await cluster.dispose()
}

async function sessions(count: number): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (left-- > 0) await session()
    }),
  )
}

/** What this process and its thread hold. */
async function held() {
  const [thread] = await provider.weigh()
  const own = await weigh()
  return {
    heap: own.heapBytes,
    resources: own.resources,
    threadHeap: thread?.heapBytes ?? 0,
    threadResources: thread?.resources,
    processes: processesOf(process.pid).length,
  }
}

it('holds no more after a hundred labs than before', { timeout: 15 * 60_000 }, async () => {
  // What is loaded once, and what V8 keeps of work that it has seen
  await sessions(20)
  const before = await held()
  await sessions(SESSIONS)
  const after = await held()
  expect(after.heap).toBeLessThan(before.heap * 1.05)
  expect(after.threadHeap).toBeLessThan(before.threadHeap * 1.05)
  expect(after.resources).toEqual(before.resources)
  expect(after.threadResources).toEqual(before.threadResources)
  expect(after.processes).toBe(before.processes)
})
