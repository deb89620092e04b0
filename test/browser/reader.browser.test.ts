/** A reader's way through a lab. */
import { readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { type Harness, startHarness } from './harness.ts'
import {
  confirm,
  newReader,
  openLab,
  pressStart,
  prompt,
  type Reader,
  screen,
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

it('goes from Start over the stages to a prompt; steps tick by what is typed, and a reload goes on in the same shell', async () => {
  const { page } = reader
  const release = harness.world.hold('addons')
  await openLab(page, harness.url)
  await pressStart(page)
  await page.waitForSelector('[data-stage="addons"][data-state="now"]')
  expect(await page.locator('[data-stage="cluster"]').getAttribute('data-state')).toBe('done')
  release()
  await prompt(page)
  await stepIs(page, 'spread', 'open')
  await typeLine(page, 'here=before; kubectl scale deployment/web --replicas=2')
  await stepIs(page, 'spread', 'passed')
  expect(await step(page, 'spread').locator('[data-step-status]').textContent()).toBe('Done.')

  const before = await screen(page)
  await page.reload()
  await seen(page, 'deployment.apps/web scaled')
  await prompt(page)
  expect(await screen(page), 'the scrollback is there again').toBe(before)
  await typeLine(page, 'echo "shell from $here"; kubectl scale deployment/web --replicas=3')
  await seen(page, 'shell from before')
  await stepIs(page, 'three-by-hand', 'passed')
})

it('types a block of the page into the shell when asked to', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  const button = page.locator('[data-run]:visible').first()
  expect(await button.textContent()).toBe('Run in terminal')
  await button.click()
  await seen(page, /kubectl get nodes[\s\S]*Running/)
})

it('offers no run button before there is a shell', async () => {
  const { page } = reader
  await openLab(page, harness.url)
  expect(await page.locator('[data-run]:visible').count()).toBe(0)
})

it('opens hints on demand, keeps the solution back until a try has failed, and says what was found', async () => {
  const { page } = reader
  await openLab(page, harness.url)
  expect(await step(page, 'three-by-hand').locator('[data-step-solution]').isVisible(), 'without a lab').toBe(true)
  await pressStart(page)
  await prompt(page)
  const spread = step(page, 'spread')
  await stepIs(page, 'spread', 'open')
  expect(await spread.locator('[data-step-solution]').isVisible()).toBe(false)
  const hint = spread.locator('[data-step-hint]')
  expect(await hint.locator('code').first().isVisible()).toBe(false)
  await hint.locator('summary').click()
  expect(await hint.textContent()).toContain('kubectl scale deployment/web --replicas=2')
  expect(await hint.locator('code').first().isVisible()).toBe(true)
  await typeLine(page, 'kubectl scale deployment/web --replicas=2')
  await stepIs(page, 'spread', 'passed')

  const three = step(page, 'three-by-hand')
  await stepIs(page, 'three-by-hand', 'open')
  expect(await three.locator('[data-step-solution]').isVisible()).toBe(false)
  await typeLine(page, 'kubectl scale deployment/web --replicas=4')
  await page.waitForFunction(() =>
    document
      .querySelector('[data-step="three-by-hand"] [data-check-found]')
      ?.textContent?.includes('wishes for 4 copies, not for 3'),
  )
  await three.locator('[data-step-solution]').waitFor()
})

it('marks a skipped step as skipped, after asking', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  await stepIs(page, 'spread', 'open')
  await step(page, 'spread').locator('[data-step-skip]').click()
  await page.locator('dialog[open]').getByRole('button', { name: 'Cancel' }).click()
  expect(await step(page, 'spread').getAttribute('data-state')).toBe('open')
  await step(page, 'spread').locator('[data-step-skip]').click()
  await confirm(page)
  await stepIs(page, 'spread', 'skipped')
  await stepIs(page, 'three-by-hand', 'open')
  expect(await step(page, 'spread').locator('[data-step-status]').textContent()).toBe('Skipped.')
})

it('asks before it resets, and puts cluster and home back', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  await typeLine(page, 'touch mine; kubectl scale deployment/web --replicas=2')
  await stepIs(page, 'spread', 'passed')
  await page.locator('[data-reset]').click()
  await page.locator('dialog[open]').getByRole('button', { name: 'Cancel' }).click()
  expect(await step(page, 'spread').getAttribute('data-state')).toBe('passed')
  await page.locator('[data-reset]').click()
  await confirm(page)
  await stepIs(page, 'spread', 'open')
  await page.waitForSelector('[data-panel="live"]:not([hidden])')
  await typeLine(page, 'clear; ls')
  await seen(page, 'web.yaml')
  expect(await screen(page)).not.toContain('mine')
  expect(await step(page, 'spread').locator('[data-step-mark]').getAttribute('aria-label')).toBe('done')
})

it('extends the time as often as it may, and then no more', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  const left = async () => Number.parseInt((await page.locator('[data-left]').textContent()) ?? '', 10)
  expect(await left()).toBeLessThanOrEqual(60)
  for (const expected of ['You can do this 2 more times', 'You can do this 1 more time.']) {
    await page.locator('[data-extend]').click()
    expect(await page.locator('dialog[open]').textContent()).toContain(expected)
    await confirm(page)
    await page.waitForFunction(() => document.querySelector('[data-notice]')?.textContent === 'You have more time now.')
  }
  await page.waitForSelector('[data-extend]:disabled')
  expect(await page.locator('[data-left]').textContent()).toMatch(/^1:59:|^2:00:00/)
})

it('has several shells, moved between by arrow keys; one that has ended offers another', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  await page.getByRole('button', { name: 'New shell' }).click()
  const shells = page.getByRole('tablist', { name: 'Shells' })
  const tabs = shells.getByRole('tab')
  await expect.poll(() => tabs.count()).toBe(2)
  await prompt(page)
  await typeLine(page, 'echo this is shell $((1+1))')
  await seen(page, 'this is shell 2')
  await shells.locator('[aria-selected=true]').focus()
  await page.keyboard.press('ArrowLeft')
  expect(await page.locator('[role=tab]:focus').textContent()).toBe('Shell 1')
  expect(await screen(page)).not.toContain('this is shell 2')
  await page.keyboard.press('End')
  expect(await page.locator('[role=tab]:focus').textContent()).toBe('Shell 2')
  await seen(page, 'this is shell 2')

  await page.getByRole('button', { name: 'Close shell' }).click()
  await confirm(page)
  await expect.poll(() => tabs.count()).toBe(1)
  await prompt(page)
  await typeLine(page, 'exit 3')
  await page.getByText('The shell has ended with exit code 3.').waitFor()
  await page.getByRole('button', { name: 'Open another shell' }).click()
  await expect.poll(() => shells.locator('[aria-selected=true]').textContent()).toBe('Shell 3')
  await prompt(page)
  await typeLine(page, 'echo again $((40+2))')
  await seen(page, 'again 42')
})

it('asks before it ends the lab, and says that progress is kept', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  const { folder } = harness.world.cluster
  const end = page.locator('[data-panel="live"] [data-end]')
  await end.click()
  await page.keyboard.press('Escape')
  expect(await page.locator('[data-panel="live"]').isVisible()).toBe(true)
  await end.click()
  await confirm(page)
  await page.getByRole('heading', { name: 'You ended this lab.' }).waitFor()
  expect(await page.locator('[data-ended-keep]').textContent()).toContain('Your progress is kept')
  await expect.poll(() => [...harness.world.clusters.values()].some((cluster) => cluster.folder === folder)).toBe(false)
  await page.getByRole('button', { name: 'Start again' }).click()
  await prompt(page)
})

it('shows progress in the sidebar and on its page, and moves it by export and import', async () => {
  const { page } = reader
  await startLab(page, harness.url)
  await typeLine(page, 'kubectl scale deployment/web --replicas=2')
  await stepIs(page, 'spread', 'passed')
  await page.goto(`${harness.url}/labs/`)
  const link = page.locator('nav [data-progress-lab="scaling"]')
  await expect.poll(() => link.getAttribute('data-progress-text')).toBe('1/6')

  await page.goto(`${harness.url}/progress/`)
  const count = page.locator('[data-progress-of="scaling"] [data-progress-count]')
  const said = page.locator('[data-progress-message]')
  await expect.poll(() => count.textContent()).toBe('1 of 6 steps')
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export as a file' }).click(),
  ])
  expect(download.suggestedFilename()).toBe('quayside-progress.json')
  const file = readFileSync(await download.path())

  await page.getByRole('button', { name: 'Forget my progress' }).click()
  await confirm(page)
  await expect.poll(() => count.textContent()).toBe('0 of 6 steps')
  const choose = (name: string, buffer: Buffer) =>
    page.locator('input[type=file]').setInputFiles({ name, mimeType: 'application/json', buffer })
  await choose('photo.json', Buffer.from('not json'))
  await expect.poll(() => said.textContent()).toBe('This is not a file exported here: it is not JSON.')
  await choose('other.json', Buffer.from('{"labs":{"scaling":7}}'))
  await expect
    .poll(() => said.textContent())
    .toBe('This is not a file exported here: labs.scaling should be an object.')
  expect(await count.textContent()).toBe('0 of 6 steps')
  await choose('quayside-progress.json', file)
  await expect.poll(() => said.textContent()).toBe('1 step was added.')
  expect(await count.textContent()).toBe('1 of 6 steps')
})
