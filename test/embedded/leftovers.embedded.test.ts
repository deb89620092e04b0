/** Labs come and go, a hundred of them, and also through the end of the server, and nothing of them stays: no memory, timer, listener, process or file. */
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { randomIds } from '../../lab-server/ids.ts'
import { testProvider } from '../../lab-server/providers/embedded/provider.fixture.ts'
import type { EmbeddedProvider } from '../../lab-server/providers/embedded/provider.ts'
import { weigh } from '../../lab-server/providers/embedded/worker/weigh.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
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

/** Milliseconds; kubectl may have to be fetched first. */
const READY_WITHIN = 3 * 60_000
const GONE_WITHIN = 60_000

/** Where processes that start others were spoken with, and none of them lives: other servers of this machine have theirs. */
function foldersOfNobody(): string[] {
  const commands = globSync('/proc/[0-9]*/cmdline').map((file) => {
    try {
      return readFileSync(file, 'utf8')
    } catch {
      return ''
    }
  })
  const folders = globSync(join(tmpdir(), 'quayside-launcher-*'))
  return folders.filter((folder) => !commands.some((command) => command.includes(folder))).sort()
}

it('leaves nothing of a lab that has lived through two ends of the server', { timeout: 10 * 60_000 }, async () => {
  const before = foldersOfNobody()
  const start = (data?: string) =>
    startServer({ settings: { PROVIDER: 'embedded', POOL: '0' }, ...(data === undefined ? {} : { data }) })
  let server: TestServer = await start()
  const { data } = server
  const kept = (...path: string[]) => join(data, 'instance-1', 'embedded', 'kept', ...path)
  const processes = new Set<number>()
  const note = () => {
    for (const pid of [server.pid, ...processesOf(server.pid)]) processes.add(pid)
  }
  const alive = () => [...processes].filter((pid) => existsSync(`/proc/${pid}`))
  try {
    let reader = new Reader(server.url)
    const { id } = await reader.start('scaling')
    const ready = () => reader.until(id, ({ status }) => status.state === 'ready', READY_WITHIN)
    await ready()
    const cluster = () => readdirSync(kept('clusters'))
    await expect.poll(() => existsSync(kept('clusters')) && cluster().length, { timeout: GONE_WITHIN }).toBe(1)
    const [name = ''] = cluster()
    // Something to go on with: all its parts
    await expect
      .poll(() => readdirSync(kept('clusters', name)).map((file) => file.split('.')[0]), { timeout: GONE_WITHIN })
      .toEqual(expect.arrayContaining(['cluster', 'home', 'identity', 'shells']))

    for (const end of ['kill', 'stop'] as const) {
      note()
      await server[end]()
      await expect.poll(alive, { timeout: GONE_WITHIN }).toEqual([])
      processes.clear()
      server = await start(data)
      reader = new Reader(server.url, reader.cookie)
      await ready()
    }

    await reader.ask('DELETE', `/api/sessions/${id}`)
    await expect.poll(cluster, { timeout: GONE_WITHIN }).toEqual([])
    note()
    await server.stop()
    await expect.poll(alive, { timeout: GONE_WITHIN }).toEqual([])
    expect(existsSync(join(data, 'instance-1', 'embedded', 'homes'))).toBe(false)
    expect(globSync(`/sys/fs/cgroup/**/${name}`)).toEqual([])
    await expect.poll(foldersOfNobody, { timeout: GONE_WITHIN }).toEqual(before)
  } finally {
    await server.stop()
    removeData(data)
  }
})
