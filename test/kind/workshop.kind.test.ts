/** A whole workshop in browsers, each participant with a real kind cluster of their own; afterwards nothing of it is left. */
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { removeData, startServer, type TestServer } from '../server.ts'
import { openDoors, SECRET, walkWorkshop } from '../workshop-in-browser.ts'
import { leftovers, nothing } from './leftovers.ts'

/** The node image may have to be made first, and three clusters of four nodes each are made. */
const START_MS = 8 * 60_000

let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = await startServer({ settings: { PROVIDER: 'kind', POOL: '0', HOST_SECRET: SECRET } })
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

it('is created, joined by three, worked in, helped in, spoken to, extended, ended and exported', async () => {
  expect(leftovers(), 'the machine is clean before').toEqual(nothing)
  const doors = openDoors(server.url, browser)
  await walkWorkshop(doors, START_MS)
  await doors.close()
  await expect.poll(() => leftovers(), { timeout: 120_000, interval: 1_000 }).toEqual(nothing)
})
