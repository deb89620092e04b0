/** Back to the start of a step and on to a later one, by the buttons of the page. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { type Harness, startHarness } from './harness.ts'
import {
  confirm,
  newReader,
  openLab,
  PHONE,
  pressStart,
  prompt,
  type Reader,
  seen,
  startLab,
  step,
  stepIs,
  typeLine,
} from './reader.ts'

let harness: Harness
let browser: Browser
let reader: Reader

beforeAll(async () => {
  harness = await startHarness()
  browser = await launchChromium()
})
beforeEach(async () => {
  reader = await newReader(browser)
})
afterEach(async () => {
  await reader.close()
  expect(reader.errors, 'the browser reports no error').toEqual([])
})
afterAll(async () => {
  await browser?.close()
  await harness?.close()
})

const CATCH_UP = { name: 'Catch me up to here' }
const RESTART = { name: 'Start this step again' }
const focused = (page: Page) => page.evaluate(() => document.activeElement?.id)
const stateOf = (page: Page, id: string) => step(page, id).getAttribute('data-state')
const statusOf = (page: Page, id: string) => step(page, id).locator('[data-step-status]').textContent()

it('catches up: says what it will do, which step it is at, and that those steps are skipped', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  await typeLine(page, 'here=before')
  await stepIs(page, 'spread', 'open')
  expect(await step(page, 'spread').getByRole('button', CATCH_UP).isVisible(), 'of the open step').toBe(false)
  const button = step(page, 'five-in-yaml').getByRole('button', CATCH_UP)
  await button.click()
  const dialog = page.locator('dialog[open]')
  expect(await dialog.textContent()).toContain('2 steps before it are done for you')
  await page.keyboard.press('Escape')
  expect(await button.evaluate((element) => element === document.activeElement), 'the focus is back').toBe(true)

  await button.click()
  await confirm(page)
  await page.getByRole('heading', { name: 'On to step 3' }).waitFor()
  await expect.poll(() => focused(page)).toBe('lab-boot-title')
  await page.locator('[data-journey]').getByText('Step 1 is being done for you.').waitFor()
  expect(await page.locator('[data-stages]').isVisible()).toBe(false)
  expect(await statusOf(page, 'spread')).toBe('Is being done for you…')
  expect(await page.locator('.lab-step-ways button:visible').count(), 'nothing else can be asked for').toBe(0)

  await stepIs(page, 'five-in-yaml', 'open')
  await page.waitForSelector('[data-panel="live"]:not([hidden])')
  expect(await stateOf(page, 'spread')).toBe('skipped')
  expect(await stateOf(page, 'three-by-hand')).toBe('skipped')
  expect(await statusOf(page, 'spread')).toBe('Skipped.')
  await expect.poll(() => focused(page)).toBe('step-five-in-yaml-title')
  expect(await page.locator('[data-notice]').textContent()).toBe('You are at the start of step 3.')
  expect(await page.locator('[data-pip="spread"]').getAttribute('data-state')).toBe('skipped')
  await typeLine(page, 'echo "the shell from $here"')
  await seen(page, 'the shell from before')
})

it('goes back to the start of a step; what was passed before stays passed', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  await typeLine(page, 'touch mine; kubectl scale deployment/web --replicas=2')
  await stepIs(page, 'spread', 'passed')
  await typeLine(page, 'kubectl scale deployment/web --replicas=3')
  await stepIs(page, 'three-by-hand', 'passed')
  await step(page, 'three-by-hand').getByRole('button', RESTART).click()
  expect(await page.locator('dialog[open]').textContent()).toContain('What you did since is lost.')
  await confirm(page)
  await page.getByRole('heading', { name: 'Back to the start of step 2' }).waitFor()
  await stepIs(page, 'three-by-hand', 'open')
  await page.waitForSelector('[data-panel="live"]:not([hidden])')
  expect(await stateOf(page, 'spread')).toBe('passed')
  expect(await stateOf(page, 'five-in-yaml')).toBe('locked')
  await typeLine(page, 'clear; ls; kubectl get pods')
  await seen(page, 'web.yaml')
  await typeLine(page, 'kubectl scale deployment/web --replicas=3')
  await stepIs(page, 'three-by-hand', 'passed')
})

it('says what could not be done, and the lab goes on', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  harness.world.cluster.refuses = 'error: the server is closed today'
  await step(page, 'three-by-hand').getByRole('button', CATCH_UP).click()
  await confirm(page)
  await page
    .locator('[data-notice]')
    .getByText(/^Step 1, “.*”, could not be done for you: its solution ended with code 1: error: the server is closed/)
    .waitFor()
  await stepIs(page, 'spread', 'open')
  await page.reload()
  await page.locator('[data-notice]').getByText('could not be done for you').waitFor()
  await prompt(page)
  await typeLine(page, 'kubectl scale deployment/web --replicas=2')
  await stepIs(page, 'spread', 'passed')
})

it('can be ended on its way', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  await step(page, 'five-in-yaml').getByRole('button', CATCH_UP).click()
  await confirm(page)
  await page.getByRole('heading', { name: 'On to step 3' }).waitFor()
  await page.locator('[data-panel="boot"] [data-end]').click()
  await confirm(page)
  await page.getByRole('heading', { name: 'You ended this lab.' }).waitFor()
  expect(await page.locator('.lab-step-ways button:visible').count()).toBe(0)
})

it('fits on a phone', async () => {
  await reader.close()
  reader = await newReader(browser, { viewport: PHONE })
  const { page } = reader
  await openLab(page, harness.url)
  await page.locator('[data-pane-button="terminal"]').click()
  await pressStart(page)
  await prompt(page)
  await page.locator('[data-pane-button="text"]').click()
  await step(page, 'three-by-hand').getByRole('button', CATCH_UP).click()
  await confirm(page)
  await stepIs(page, 'three-by-hand', 'open')
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)
  expect(wide).toBe(0)
})
