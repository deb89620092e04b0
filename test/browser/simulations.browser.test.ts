/** Every simulation, by keyboard alone, and for readers who want nothing to move. */
import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Press, scenarioNames, scenarios } from '../../src/simulation/scenarios.ts'
import { simulation as strings } from '../../src/strings/simulation.ts'
import { launchChromium } from '../chromium.ts'
import { newReader, PHONE } from './reader.ts'
import { serveStatic } from './static-site.ts'

let site: Awaited<ReturnType<typeof serveStatic>>
let browser: Browser
/** On which page each simulation is. */
const pageOf = new Map<string, string>()

beforeAll(async () => {
  site = await serveStatic()
  browser = await launchChromium()
  for (const path of site.paths) {
    const html = await (await fetch(site.url + path)).text()
    for (const [, name] of html.matchAll(/<quay-simulation[^>]*data-name="([^"]+)"/g)) pageOf.set(name ?? '', path)
  }
})
afterAll(async () => {
  await browser?.close()
  site?.close()
})

/** A machine that is busy with other things is given time. */
const poll = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 })
const pictures = (simulation: Locator) => simulation.locator('.sim-sides')
const clock = async (simulation: Locator) => simulation.locator('[data-clock]').textContent()

async function open(page: Page, name: string): Promise<Locator> {
  const path = pageOf.get(name)
  if (path === undefined) throw new Error(`no page has the simulation ${name}`)
  await page.goto(site.url + path)
  return page.locator(`quay-simulation[data-name="${name}"]`)
}

/** Presses Tab until a control of the simulation has the focus. */
async function tabTo(page: Page, name: string, control: string): Promise<void> {
  for (let presses = 0; presses < 200; presses++) {
    await page.keyboard.press('Tab')
    const there = await page.evaluate(
      ([name, control]) => document.activeElement?.matches(`quay-simulation[data-name="${name}"] ${control}`) === true,
      [name, control] as const,
    )
    if (there) return
  }
  throw new Error(`Tab never came to ${control} of ${name}`)
}

describe.each(scenarioNames)('the simulation %s', (name) => {
  it('is used by keyboard alone, with nothing moving by itself', async () => {
    const { page, errors, close } = await newReader(browser, { reducedMotion: 'reduce' })
    const simulation = await open(page, name)
    await simulation.scrollIntoViewIfNeeded()
    const still = await pictures(simulation).textContent()
    await page.waitForTimeout(700)
    expect(await pictures(simulation).textContent(), 'nothing moves by itself').toBe(still)
    expect(await simulation.locator('[data-do="run"]').isVisible()).toBe(false)

    // From the first control to the last, in the order in which they stand.
    const { presses, switches, step } = scenarios[name]
    const [first] = presses as [Press]
    await tabTo(page, name, `[data-do="${first}"]`)
    await page.keyboard.press('Enter')
    await simulation.locator('[role=status]:not(:empty)').waitFor()
    for (const press of presses.slice(1)) {
      await page.keyboard.press('Tab')
      await page.keyboard.press('Space')
      expect(await page.evaluate(() => document.activeElement?.textContent?.trim())).toBe(strings.presses[press])
    }
    for (const [option, on] of Object.entries(switches)) {
      await page.keyboard.press('Tab')
      await page.keyboard.press('Space')
      expect(await simulation.locator(`[data-switch="${option}"]`).isChecked()).toBe(!on)
    }
    await tabTo(page, name, '[data-do="step"]')
    const before = await clock(simulation)
    for (let times = 0; times < 3; times++) await page.keyboard.press('Enter')
    await page.waitForFunction(
      ([name, before]) =>
        document.querySelector(`quay-simulation[data-name="${name}"] [data-clock]`)?.textContent !== before,
      [name, before] as const,
    )
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    expect(await clock(simulation)).toBe('0:00')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe('SUMMARY')
    await page.keyboard.press('Enter')
    const copies = scenarios[name].docker.copies + scenarios[name].cluster.replicas
    await poll(() => simulation.locator('tbody tr').count()).toBe(copies)
    expect(step).toBeGreaterThan(0)
    expect(errors).toEqual([])
    await close()
  })
})

it('begins when it is scrolled to, stands still out of sight, and stops when it is told to', async () => {
  const { page, errors, close } = await newReader(browser, { reducedMotion: 'no-preference' })
  const loaded: string[] = []
  page.on('request', (request) => loaded.push(request.url()))
  const simulation = await open(page, 'crash')
  await page.waitForLoadState('networkidle')
  expect(
    loaded.filter((url) => /player/.test(url)),
    'nothing of it is loaded before',
  ).toEqual([])
  await simulation.evaluate((element) => element.scrollIntoView({ block: 'center' }))
  await page.waitForSelector('quay-simulation[data-name="crash"][data-running]')
  const moving = async () => {
    const before = await clock(simulation)
    await page.waitForTimeout(1500)
    return (await clock(simulation)) !== before
  }
  expect(await moving()).toBe(true)
  await page.evaluate(() => scrollTo(0, 0))
  await page.waitForTimeout(300)
  expect(await moving(), 'out of sight').toBe(false)
  await simulation.evaluate((element) => element.scrollIntoView({ block: 'center' }))
  await page.waitForTimeout(300)
  expect(await moving()).toBe(true)
  const button = simulation.locator('[data-do="run"]')
  await button.press('Enter')
  expect(await button.textContent()).toBe(strings.start)
  expect(await moving(), 'paused').toBe(false)
  expect(errors).toEqual([])
  await close()
})

it('shows what a press does: a deleted copy comes back in the cluster alone', async () => {
  const { page, close } = await newReader(browser, { reducedMotion: 'reduce' })
  const simulation = await open(page, 'crash')
  await simulation.locator('[data-do="delete"]').press('Enter')
  await simulation.locator('[role=status]:not(:empty)').waitFor()
  for (let times = 0; times < 15; times++) await simulation.locator('[data-do="step"]').press('Enter')
  await poll(() => clock(simulation)).toBe('0:15')
  await poll(() => simulation.locator('[data-side="docker"] .map-pod').count()).toBe(2)
  await poll(() => simulation.locator('[data-side="cluster"] .map-pod[data-state="ready"]').count()).toBe(3)
  expect(await simulation.locator('[data-side="docker"] svg').getAttribute('aria-label')).toContain('2 of 2')
  await close()
})

it('is a still picture with its words where there is no JavaScript, and fits a phone', async () => {
  const { page, close } = await newReader(browser, { javaScriptEnabled: false, viewport: PHONE })
  const simulation = await open(page, 'node-loss')
  expect(await simulation.locator('.map-pod').count()).toBeGreaterThan(3)
  expect(await simulation.locator('[data-side="docker"] svg').getAttribute('aria-label')).toContain('0 of 3')
  expect(await simulation.locator('button:visible').count(), 'no button that does nothing').toBe(0)
  await simulation.locator('summary').click()
  expect(await simulation.locator('tbody tr').count()).toBeGreaterThan(3)
  const { width } = (await simulation.boundingBox()) ?? { width: 999 }
  expect(width).toBeLessThanOrEqual(PHONE.width)
  await close()
})
