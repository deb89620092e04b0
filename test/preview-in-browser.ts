/** Pages of a lab's Services in a real browser, the same on each kind of cluster. */
import type { Browser, FrameLocator, Page } from 'playwright-core'
import { expect } from 'vitest'

export interface PreviewWalkOptions {
  browser: Browser
  /** The server's address. */
  url: string
  /** Milliseconds that the shell may take to be there. */
  startMs: number
  /** Looked at while a page is shown. */
  meanwhile?(page: Page): Promise<void>
}

const WITHIN = { timeout: 60_000 }

/** podinfo, which the lab `scaling` has: a page, a redirect's target, a WebSocket; first in the frame, then in a window of its own. */
export async function walkPreview({ browser, url, startMs, meanwhile }: PreviewWalkOptions): Promise<void> {
  // Under this name readers open it; the frame is then of another site, which matters to cookies.
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })
  await page.goto(`${url.replace('127.0.0.1', 'localhost')}/labs/scaling/`)
  const start = page.locator('[data-panel="start"] [data-start]').first()
  await expect.poll(() => start.isEnabled(), { timeout: startMs }).toBe(true)
  await start.click()
  await page.waitForFunction(() => /\$/.test(document.querySelector('.xterm-rows')?.textContent ?? ''), undefined, {
    timeout: startMs,
  })

  await page.getByRole('tab', { name: 'Preview' }).click()
  const services = page.getByRole('combobox', { name: 'Service' })
  const look = page.getByRole('button', { name: 'Look again' })
  await expect
    .poll(async () => {
      await look.click()
      return services.locator('option').allTextContents()
    }, WITHIN)
    .toContainEqual(expect.stringMatching(/^web, port \d+.*: [1-9] Pods? ready$/))
  await services.selectOption(
    (await services.locator('option', { hasText: 'web, port' }).first().getAttribute('value')) ?? '',
  )
  await page.getByRole('button', { name: 'Show' }).click()
  const frame = page.frameLocator('.preview-frame iframe')
  await frame
    .getByText(/greetings from podinfo/)
    .first()
    .waitFor(WITHIN)
  await meanwhile?.(page)

  await lookInside(frame)
  const path = page.getByRole('textbox', { name: 'Path' })
  await path.fill('/version')
  await path.press('Enter')
  await frame.getByText(/"version"/).waitFor(WITHIN)

  const [opened] = await Promise.all([
    context.waitForEvent('page'),
    page.getByRole('button', { name: 'Own window' }).click(),
  ])
  await opened.getByText(/"version"/).waitFor(WITHIN)
  expect(new URL(opened.url()).pathname).toBe('/version')
  expect(await opened.evaluate(() => window.opener)).toBe(null)
  expect(new URL(opened.url()).host).not.toBe(new URL(await frameAddress(page)).host)

  await page.locator('[data-panel="live"] [data-end]').click()
  await page.locator('[data-dialog-confirm]').click()
  await page.waitForSelector('[data-panel="ended"]:not([hidden])', { timeout: 10_000 })
  expect(await page.locator('iframe').count()).toBe(0)
  await opened.reload()
  await opened.getByText('The lab has ended').waitFor(WITHIN)
  expect(errors, 'the browser reports no error').toEqual([])
  await context.close()
}

const frameAddress = (page: Page) => page.evaluate(() => document.querySelector('iframe')?.src ?? '')

/** What the page in the frame can do, and cannot. */
async function lookInside(frame: FrameLocator): Promise<void> {
  const inside = await frame.locator('body').evaluate(async () => {
    const address = new URL('/ws/echo', location.href)
    address.protocol = 'ws:'
    const socket = new WebSocket(address)
    const echo = await new Promise<string>((resolve) => {
      socket.onopen = () => socket.send('hello')
      socket.onmessage = ({ data }) => resolve(String(data))
      socket.onerror = () => resolve('no WebSocket')
    })
    socket.close()
    const posted = await fetch('/echo', { method: 'POST', body: 'a body' })
    return {
      echo,
      posted: await posted.text(),
      cookie: document.cookie,
      address: location.href,
      ancestor: (() => {
        try {
          return top?.document.title
        } catch {
          return 'out of reach'
        }
      })(),
    }
  })
  expect(inside.echo).toContain('hello')
  expect(inside.posted).toContain('a body')
  expect(inside.cookie, 'our cookie is not for scripts').toBe('')
  expect(inside.address, 'the ticket is gone from the address').toMatch(/^http:\/\/[0-9a-f]{32}\.localhost:\d+\/$/)
  expect(inside.ancestor).toBe('out of reach')
}
