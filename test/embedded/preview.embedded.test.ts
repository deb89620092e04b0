import AxeBuilder from '@axe-core/playwright'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
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
  await walkPreview({
    browser,
    url: server.url,
    startMs: 60_000,
    async meanwhile(page) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.waitForSelector(`html[data-theme="${colorScheme}"]`)
        // What is in the frame is the app's own.
        const { violations } = await new AxeBuilder({ page })
          .setLegacyMode()
          .include('#lab-work')
          .exclude('iframe')
          .analyze()
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([])
      }
    },
  })
})
