/** What axe finds on every page and in every state of the lab page: nothing, light and dark, wide and narrow. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { type Harness, startHarness } from './harness.ts'
import { confirm, DESKTOP, newReader, openLab, PHONE, pressStart, prompt, step, stepIs, typeLine } from './reader.ts'
import { allPages, serveStatic } from './static-site.ts'

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

const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']

async function findings(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).withTags(rules).analyze()
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(
      ({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary?.split('\n').at(1)?.trim()}`,
    ),
  )
}

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

describe.each(['light', 'dark'] as const)('in a %s theme', (colorScheme) => {
  describe.each(sizes)('%s', (_, viewport) => {
    const options = { colorScheme, viewport, reducedMotion: 'reduce' } as const

    it('axe finds nothing on any page, and no page reports an error or is wider than the screen', async () => {
      const { page, errors, close } = await newReader(browser, options)
      for (const path of allPages()) {
        await page.goto(harness.url + path)
        await page.waitForLoadState('networkidle')
        expect(await findings(page), path).toEqual([])
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
        expect(wide, `${path}: pixels beyond the screen`).toBeLessThanOrEqual(0)
      }
      expect(errors).toEqual([])
      await close()
    })

    it('axe finds nothing on the lab page before, during and after a session', async () => {
      const { page, errors, close } = await newReader(browser, options)
      const found: Record<string, string[]> = {}
      const look = async (state: string) => {
        found[state] = await findings(page)
      }
      await openLab(page, harness.url)
      await look('text before the start')
      await showTerminal(page)
      await look('before the start')
      const release = harness.world.hold('addons')
      await pressStart(page)
      await page.waitForSelector('[data-stage="addons"][data-state="now"]')
      await look('booting')
      release()
      await prompt(page)
      await look('running')
      await page.locator('[data-reset]').click()
      await look('a question')
      await page.keyboard.press('Escape')

      await typeLine(page, 'kubectl scale deployment/web --replicas=2')
      await stepIs(page, 'spread', 'passed')
      await typeLine(page, 'kubectl scale deployment/web --replicas=4')
      await showText(page)
      await step(page, 'three-by-hand').locator('[data-step-solution] summary').click()
      await step(page, 'three-by-hand').locator('[data-step-hint] summary').click()
      await look('a passed step and a failed check')

      await showTerminal(page)
      await typeLine(page, 'exit')
      await page.getByText('The shell has ended').waitFor()
      await look('a shell that has ended')
      await page.locator('[data-panel="live"] [data-end]').click()
      await confirm(page)
      await page.waitForSelector('[data-panel="ended"]:not([hidden])')
      await look('ended')
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
})
