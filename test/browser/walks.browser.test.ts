/** The walks of the How track: one apply, and one whole app. By keyboard alone, without scripts, and with motion. */
import { AxeBuilder } from '@axe-core/playwright'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { appWalk } from '../../src/strings/app-walk.ts'
import { applyWalk } from '../../src/strings/apply-walk.ts'
import { launchChromium } from '../chromium.ts'
import { DESKTOP, newReader, PHONE } from './reader.ts'
import { serveStatic } from './static-site.ts'

let site: Awaited<ReturnType<typeof serveStatic>>
let browser: Browser

beforeAll(async () => {
  site = await serveStatic()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  site?.close()
})

const APPLY = '/concepts/control-plane/'
const APP = '/concepts/worked-example/'
const all = applyWalk.told.length

async function open(path: string, options: BrowserContextOptions = {}) {
  const reader = await newReader(browser, { reducedMotion: 'reduce', ...options })
  await reader.page.goto(site.url + path)
  return reader
}

const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent?.trim() ?? '')

async function tabTo(page: Page, name: string): Promise<void> {
  const way: string[] = []
  for (let left = 150; left > 0; left--) {
    await page.keyboard.press('Tab')
    const now = await focused(page)
    if (now === name) return
    way.push(now)
  }
  throw new Error(`Tab never came to ${name}: ${way.join(' · ')}`)
}

const shown = (page: Page) => page.locator('.walk-steps > li:visible')
const stored = (page: Page) => page.locator('.walk-etcd span:visible').allTextContents()
const trimmed = (texts: string[]) => texts.map((text) => text.trim())

it('walks through one apply and back with the keyboard alone, and says each step', async () => {
  const { page, errors, close } = await open(APPLY)
  expect(await shown(page).count(), 'one step at a time').toBe(1)
  expect(trimmed(await stored(page))).toEqual([applyWalk.kept.service])
  await tabTo(page, applyWalk.next)
  for (let step = 2; step <= all; step++) {
    await page.keyboard.press('Enter')
    expect(await page.locator('[data-count]:visible').first().textContent()).toBe(applyWalk.step(step, all))
    expect(await page.locator('quay-walk [role="status"]').textContent()).toContain(applyWalk.told[step - 1]?.who)
  }
  expect(trimmed(await stored(page))).toEqual([
    applyWalk.kept.service,
    applyWalk.kept.deploymentReady,
    applyWalk.kept.replicaSet,
    applyWalk.kept.ready,
    applyWalk.kept.slice,
  ])
  await page.keyboard.press('Enter')
  expect(await focused(page), 'the focus stays at the end').toBe(applyWalk.next)
  expect(await page.locator('[data-walk="next"]').getAttribute('aria-disabled')).toBe('true')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  expect(await page.locator('p[data-count]').textContent()).toBe(applyWalk.step(all - 1, all))
  await tabTo(page, applyWalk.again)
  await page.keyboard.press('Enter')
  expect(trimmed(await stored(page))).toEqual([applyWalk.kept.service])
  expect(await page.locator('.walk-pod span:visible').count(), 'no Pod runs yet').toBe(0)
  expect(errors).toEqual([])
  await close()
})

it('moves what is sent where motion is allowed, and only there', async () => {
  const flights = (page: Page) =>
    page.evaluate(() => document.querySelector('.walk-packet')?.getAnimations().length ?? 0)
  for (const [reducedMotion, expected] of [
    ['no-preference', 1],
    ['reduce', 0],
  ] as const) {
    const { page, close } = await open(APPLY, { reducedMotion })
    await page.locator('[data-walk="next"]').click()
    await page.locator('[data-walk="next"]').click()
    expect(await flights(page), reducedMotion).toBe(expected)
    await close()
  }
})

it('plays by itself until it is paused', async () => {
  const { page, close } = await open(APPLY)
  const play = page.locator('[data-walk="play"]')
  await play.press('Enter')
  expect(await play.textContent()).toBe(applyWalk.pause)
  const count = page.locator('p[data-count]')
  await expect.poll(() => count.textContent(), { timeout: 15_000 }).toBe(applyWalk.step(3, all))
  await play.press('Enter')
  expect(await play.textContent()).toBe(applyWalk.play)
  await close()
})

it('shows all steps below each other without scripts', async () => {
  const { page, close } = await open(APPLY, { javaScriptEnabled: false })
  expect(await shown(page).count()).toBe(all)
  expect(await page.locator('[data-walk]:visible').count(), 'no button that does nothing').toBe(0)
  await close()
})

it('deploys the app, loses a machine and scales it with the keyboard alone, on a cluster and with Compose', async () => {
  const { page, errors, close } = await open(APP)
  const told = page.locator('[data-log] li')
  const units = (place: string) =>
    page
      .locator(`[data-place="${place}"] [data-units] li`)
      .evaluateAll((items) => items.map((item) => item.textContent?.trim()))
  for (const [press, after] of [
    ['deploy', { a: ['db-0'], b: ['web-1'], c: ['web-2'] }],
    ['node', { a: ['db-0', 'web-3'], b: [], c: ['web-2'] }],
    ['database', { a: [], b: ['web-1'], c: ['web-2', 'db-0'] }],
    ['scale', { a: ['db-0', 'web-3'], b: ['web-1', 'web-4'], c: ['web-2'] }],
  ] as const) {
    const button = page.locator(`[data-press="${press}"]`)
    await button.focus()
    await page.keyboard.press('Enter')
    await expect.poll(() => told.count()).toBe(1)
    await tabTo(page, 'Next step')
    for (let left = appWalk.beats.cluster[press].length - 1; left > 0; left--) await page.keyboard.press('Enter')
    for (const [place, expected] of Object.entries(after))
      expect(await units(place), `${press}: ${place}`).toEqual(expected)
    expect(await page.locator('[data-gauge="served"]').textContent()).toBe('100 %')
  }
  await page.locator('[data-side="compose"]').focus()
  await page.keyboard.press('Enter')
  await page.locator('[data-press="node"]').focus()
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('[data-gauge="served"]').textContent()).toBe('0 %')
  expect(errors).toEqual([])
  await close()
})

it('has nothing that axe finds in the middle of a walk, in either theme and at either width, and fits', async () => {
  for (const viewport of [DESKTOP, PHONE])
    for (const colorScheme of ['light', 'dark'] as const)
      for (const [path, part, press] of [
        [APPLY, 'quay-walk', '[data-walk="next"]'],
        [APP, 'quay-story', '[data-press="node"]'],
      ] as const) {
        const { page, close } = await open(path, { viewport, colorScheme })
        await page.locator(press).click()
        const { violations } = await new AxeBuilder({ page }).include(part).analyze()
        const found = violations.map(
          ({ id, nodes }) => `${path} ${colorScheme} ${viewport.width}: ${id} ${nodes[0]?.html}`,
        )
        expect(found).toEqual([])
        expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
        await close()
      }
})
