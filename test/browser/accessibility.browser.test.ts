/** What axe finds on every page and in every state of the lab page: nothing, light and dark, wide and narrow. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { findings } from './axe.ts'
import { type Harness, startHarness } from './harness.ts'
import {
  confirm,
  DESKTOP,
  newReader,
  openLab,
  PHONE,
  pressStart,
  prompt,
  says,
  step,
  stepIs,
  typeLine,
} from './reader.ts'
import { serveStatic } from './static-site.ts'

let harness: Harness
let browser: Browser

beforeAll(async () => {
  harness = await startHarness()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await harness?.close()
})

/** Readers side by side: while one waits for the network to be idle, another is looked at. */
const TABS = 3

const sizes = [
  ['1280 px wide', DESKTOP],
  ['360 px wide', PHONE],
] as const

/** The terminal, where it takes a place of its own. */
async function showTerminal(page: Page): Promise<void> {
  const button = page.locator('[data-pane-button="terminal"]')
  if (await button.isVisible()) await button.click()
}
async function showText(page: Page): Promise<void> {
  const button = page.locator('[data-pane-button="text"]')
  if (await button.isVisible()) await button.click()
}

describe.each(sizes)('%s, light and dark,', (_, viewport) => {
  const options = { viewport } as const

  it('axe finds nothing on any page, and no page reports an error or is wider than the screen', async () => {
    const left = [...harness.distinct]
    expect(left.length).toBeGreaterThan(10)
    const found: Record<string, string[]> = {}
    const readThem = async () => {
      const { page, errors, close } = await newReader(browser, options)
      for (let path = left.shift(); path !== undefined; path = left.shift()) {
        await page.goto(harness.url + path)
        await page.waitForLoadState('networkidle')
        const here = await findings(page)
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        if (wide > 0) here.push(`${wide} pixels beyond the screen`)
        here.push(...errors.splice(0))
        if (here.length > 0) found[path] = here
      }
      await close()
    }
    await Promise.all(Array.from({ length: TABS }, readThem))
    expect(found).toEqual({})
    // Milliseconds: each page takes two seconds, more on a busy machine.
  }, 600_000)

  it('axe finds nothing on the lab page before, during and after a session', async () => {
    const { page, errors, close } = await newReader(browser, options)
    const found: Record<string, string[]> = {}
    const look = async (state: string, part?: string) => {
      found[state] = await findings(page, part)
    }
    // What is beside it has been looked at already, and a look at all of it takes a second.
    const lookAtWork = (state: string) => look(state, '#lab-work')
    await openLab(page, harness.url)
    await look('text before the start')
    await showTerminal(page)
    await lookAtWork('before the start')
    const release = harness.world.hold('addons')
    await pressStart(page)
    await page.waitForSelector('[data-stage="addons"][data-state="now"]')
    await lookAtWork('booting')
    release()
    await prompt(page)
    await lookAtWork('running')
    await page.locator('[data-map-button]').click()
    await page.waitForSelector('#lab-map .map-pod')
    await page.locator('#lab-map summary').click()
    await page.waitForSelector('#lab-map tbody tr')
    await page.locator('#lab-map .map-pod').first().focus()
    await lookAtWork('with the map of the cluster')
    await page.locator('[data-map-button]').click()
    await page.locator('[data-reset]').click()
    await look('a question', 'dialog')
    await page.keyboard.press('Escape')

    await typeLine(page, 'kubectl scale deployment/web --replicas=2')
    await stepIs(page, 'spread', 'passed')
    await typeLine(page, 'kubectl scale deployment/web --replicas=4')
    await showText(page)
    await step(page, 'three-by-hand').locator('[data-step-solution] summary').click()
    await step(page, 'three-by-hand').locator('[data-step-hint] summary').click()
    // A block that is wider than its place is made reachable by keys a moment after it appears.
    await page.waitForFunction(() =>
      [...document.querySelectorAll('[data-step="three-by-hand"] pre')].every(
        (block) => block.scrollWidth <= block.clientWidth || block.getAttribute('tabindex') === '0',
      ),
    )
    await look('a passed step and a failed check')

    await showTerminal(page)
    await typeLine(page, 'exit')
    await says(page, 'The shell has ended')
    await lookAtWork('a shell that has ended')
    await page.locator('[data-panel="live"] [data-end]').click()
    await confirm(page)
    await page.waitForSelector('[data-panel="ended"]:not([hidden])')
    await lookAtWork('ended')
    expect(found).toEqual(Object.fromEntries(Object.keys(found).map((state) => [state, []])))
    expect(errors).toEqual([])
    await close()
  })

  it('axe finds nothing on the lab page without a server', async () => {
    const site = await serveStatic()
    const { page, close } = await newReader(browser, options)
    await openLab(page, site.url)
    expect(await findings(page)).toEqual([])
    await showTerminal(page)
    expect(await findings(page)).toEqual([])
    await close()
    site.close()
  })
})
