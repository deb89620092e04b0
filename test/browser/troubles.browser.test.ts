/** When something goes wrong or ends: what the reader is told. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { ReaderError } from '../../lab-server/errors.ts'
import { launchChromium } from '../chromium.ts'
import { type Harness, MINUTE, startHarness } from './harness.ts'
import { newReader, openLab, pressStart, prompt, type Reader, startLab } from './reader.ts'

let harness: Harness
let browser: Browser
let reader: Reader
let page: Page

beforeAll(async () => {
  harness = await startHarness({ maxSessions: 2 })
  browser = await launchChromium()
})
beforeEach(async () => {
  reader = await newReader(browser)
  page = reader.page
})
afterEach(async () => {
  await reader.close()
  harness.world.available = { available: true }
  harness.world.breaks = undefined
  // Whatever runs is idle by then.
  harness.clock.jump(3 * 60 * MINUTE)
  await expect.poll(() => harness.world.clusters.size).toBe(0)
})
afterAll(async () => {
  await browser?.close()
  await harness?.close()
})

const ended = () => page.waitForSelector('[data-panel="ended"]:not([hidden])')
const title = () => page.locator('[data-ended-title]').textContent()
const message = () => page.locator('[data-ended-message]').textContent()

it('says that all places are taken, counts down, and lets the reader try again', async () => {
  const others = [await newReader(browser), await newReader(browser)]
  for (const other of others) await startLab(other.page, harness.url)
  await openLab(page, harness.url)
  await pressStart(page)
  const said = page.locator('[data-panel="start"] [data-start-message]')
  await page.getByText('All 2 places of this server are taken').waitFor()
  expect(await said.textContent()).toMatch(/You can try again in 0:\d\d\.$/)
  const button = page.locator('[data-panel="start"] [data-start]')
  expect(await button.isDisabled()).toBe(true)
  for (const other of others) await other.close()
  await page.clock.setFixedTime(Date.now() + 90_000)
  await expect.poll(() => button.isEnabled()).toBe(true)
  expect(await said.textContent()).toBe('')
})

it('says why no cluster can be made, and what to do about it', async () => {
  harness.world.available = { available: false, reason: 'Docker does not answer: start it, then reload this page.' }
  harness.clock.jump(MINUTE)
  await expect
    .poll(async () => JSON.stringify(await (await fetch(`${harness.url}/api/status`)).json()))
    .toContain('Docker')
  await openLab(page, harness.url)
  await page.getByText('Docker does not answer: start it, then reload this page.').waitFor()
  expect(await page.locator('[data-panel="start"] [data-start]').isDisabled()).toBe(true)
  harness.world.available = { available: true }
  harness.clock.jump(MINUTE)
  await expect.poll(async () => (await fetch(`${harness.url}/api/status`)).text()).not.toContain('Docker')
})

it('says why a lab could not be started, and offers to start again', async () => {
  harness.world.breaks = new ReaderError('no-disk', 'The disk of this machine is full: make room for 5 GB.')
  await openLab(page, harness.url)
  await pressStart(page)
  await ended()
  expect(await title()).toBe('The lab could not be started.')
  expect(await message()).toBe('The disk of this machine is full: make room for 5 GB.')
  harness.world.breaks = undefined
  await page.getByRole('button', { name: 'Start again' }).click()
  await prompt(page)
})

it('warns before a lab ends for want of typing, and says why it has ended', async () => {
  await startLab(page, harness.url)
  harness.clock.jump(18.5 * MINUTE)
  await page.reload()
  await page.getByText(/Nothing typed for a while: the lab ends in 1:\d\d unless you type\./).waitFor()
  await prompt(page)
  await page.locator('.xterm-screen').click()
  await page.keyboard.press('Enter')
  await page.getByText(/^41:\d\d left$/).waitFor()
  harness.clock.jump(20 * MINUTE)
  await ended()
  expect(await title()).toBe('The lab ended because nothing was typed for a long time.')
  expect(reader.errors).toEqual([])
})

it('says that the time of a lab is used up', async () => {
  await startLab(page, harness.url)
  for (let minutes = 0; minutes < 60; minutes += 15) {
    await page.locator('.xterm-screen').click()
    await page.keyboard.press('Enter')
    await page.waitForTimeout(200)
    harness.clock.jump(15 * MINUTE)
  }
  await ended()
  expect(await title()).toBe('The time of this lab is used up.')
})

it('says that the cluster is gone', async () => {
  await startLab(page, harness.url)
  harness.world.cluster.healthyNow = false
  for (let look = 0; look < 2; look++) {
    harness.clock.jump(31_000)
    await page.waitForTimeout(300)
  }
  await ended()
  expect(await title()).toBe('The cluster of this lab is gone.')
  expect(await message()).toContain('removed from outside')
})

it('says when the server does not answer, and goes on when it does', async () => {
  await startLab(page, harness.url)
  const start = await harness.stop()
  await page.getByText('The lab server does not answer. Trying again…').waitFor()
  await start()
  await expect.poll(() => page.locator('[data-notice]').textContent(), { timeout: 20_000 }).toBe('')
  await page.waitForSelector('[data-panel="live"]:not([hidden])')
})

it('says when the server is gone as the lab is started', async () => {
  await openLab(page, harness.url)
  const start = await harness.stop()
  await pressStart(page)
  await page.getByText('The lab server does not answer. Try again in a moment.').waitFor()
  await start()
  await pressStart(page)
  await prompt(page)
})
