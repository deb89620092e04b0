/**
 * The product's main job, on real parts: a reader runs the lab `scaling` in a real browser against a real kind cluster,
 * from Start to the last tick, with a reload in the middle; afterwards nothing of it is left.
 */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { walkLab } from '../lab-in-browser.ts'
import { removeData, startServer, type TestServer } from '../server.ts'
import { leftovers, nothing } from './leftovers.ts'

/** The node image may have to be made first. */
const START_MS = 5 * 60_000
/** The autoscaler's first measurements come after up to a minute. */
const STEP_MS = 4 * 60_000

let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = await startServer({ settings: { POOL: '0', PROVIDER: 'kind' } })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

it('runs the lab from Start to the last tick, over a reload, and leaves nothing behind', async () => {
  expect(leftovers(), 'the machine is clean before').toEqual(nothing)
  await walkLab({ browser, url: server.url, startMs: START_MS, stepMs: STEP_MS })
  for (const begun = Date.now(); Date.now() - begun < 60_000; ) {
    if (JSON.stringify(leftovers()) === JSON.stringify(nothing)) break
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  expect(leftovers(), 'nothing of the lab is left').toEqual(nothing)
})

it('writes no secret to its log', () => {
  const log = server.output()
  expect(log).toContain('session')
  for (const secret of ['BEGIN CERTIFICATE', 'PRIVATE KEY', 'client-key-data', 'quayside=', 'LS0tLS1']) {
    expect(log).not.toContain(secret)
  }
})
