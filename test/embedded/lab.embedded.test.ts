/**
 * The product's main job with nothing but Node: a reader runs the lab `scaling` in a real browser on a simulated cluster, with the same
 * text and the same commands as on a real one, in a real shell with the real kubectl. No Docker is asked for anything.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { walkLab } from '../lab-in-browser.ts'
import { Reader, removeData, startServer, type TestServer } from '../server.ts'
import { processesOf } from './processes.ts'

/** kubectl may have to be fetched first. */
const START_MS = 2 * 60_000
/** The autoscaler's first measurements come after up to a minute. */
const STEP_MS = 4 * 60_000

let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = await startServer({ settings: { PROVIDER: 'embedded' } })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

it('runs the lab from Start to the last tick, over a reload, and says that the cluster is simulated', {
  timeout: 10 * 60_000,
}, async () => {
  await walkLab({
    browser,
    url: server.url,
    startMs: START_MS,
    stepMs: STEP_MS,
    async meanwhile(page) {
      const differs = page.locator('[data-simulated]')
      expect(await differs.isVisible()).toBe(true)
      await differs.locator('summary').click()
      expect(await differs.locator('p').textContent()).toMatch(/simulated/)
      await differs.locator('summary').click()
    },
  })
})

it('leaves no process behind when the server is killed', { timeout: 5 * 60_000 }, async () => {
  const killed = await startServer({ settings: { PROVIDER: 'embedded' } })
  try {
    const reader = new Reader(killed.url)
    const { id } = await reader.start('scaling')
    await reader.until(id, ({ status }) => status.state === 'ready', START_MS)
    const before = processesOf(killed.pid)
    expect(before.length).toBeGreaterThan(2)
    // A lab that is killed before it was ever written down is over
    const note = join(killed.data, 'instance-1', 'embedded', 'kept', 'note.json')
    const unwritten = () => (JSON.parse(readFileSync(note, 'utf8')) as { changed: string[] }).changed
    await expect.poll(unwritten, { timeout: 30_000 }).toEqual([])
    await killed.kill()
    await expect.poll(() => before.filter(isThere), { timeout: 10_000 }).toEqual([])

    const next = await startServer({ settings: { PROVIDER: 'embedded' }, data: killed.data })
    const again = new Reader(next.url, reader.cookie)
    await expect
      .poll(async () => (await again.session(id)).status, { timeout: 60_000 })
      .toMatchObject({ state: 'ready', restored: {} })
    await next.stop()
  } finally {
    removeData(killed.data)
  }
})

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
