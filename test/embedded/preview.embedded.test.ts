import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { walkPreview } from '../preview-in-browser.ts'
import { removeData, startServer, type TestServer } from '../server.ts'

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

it('shows the pages of a Service beside the terminal, HTTP and WebSocket, until the lab ends', async () => {
  await walkPreview({ browser, url: server.url, startMs: 60_000 })
})
