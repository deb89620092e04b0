/** The pages on a host of static files: everything but the shell. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseLab } from '../../protocol/lab/parse.ts'
import { launchChromium } from '../chromium.ts'
import { LAB, newReader, openLab } from './reader.ts'
import { serveStatic } from './static-site.ts'

let site: Awaited<ReturnType<typeof serveStatic>>
let browser: Browser

const file = 'labs/scaling/lab.yaml'
const lab = parseLab(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'), file)

beforeAll(async () => {
  site = await serveStatic()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  site?.close()
})

/** The browser itself reports each answer of 404, and a page can only know by asking whether there is a server. */
const isQuestionForServer = (error: string) => /status of 404/.test(error)

it('shows text, commands, outputs, hints and solutions of a lab, and says how to run it', async () => {
  const { page, errors, close } = await newReader(browser)
  await openLab(page, site.url)
  const start = page.locator('[data-panel="start"]')
  expect(await start.locator('[data-start-message]').textContent()).toMatch(/no lab server here/)
  expect(await start.getByRole('link', { name: 'Run the labs yourself' }).getAttribute('href')).toBe('/host/')
  expect(await start.locator('[data-start]').isDisabled()).toBe(true)
  await page.getByText('One copy of a small web app runs in your cluster.').waitFor()
  expect(await page.locator('pre:visible').count()).toBeGreaterThan(10)
  expect(await page.locator('[data-run]:visible').count()).toBe(0)
  for (const { id, title, checks, solution } of lab.steps) {
    const section = page.locator(`[data-step="${id}"]`)
    expect(await section.locator('h2').textContent()).toContain(title)
    for (const check of checks) expect(await section.locator('.lab-checks').textContent()).toContain(check.title)
    await section.locator('[data-step-hint] summary').click()
    expect(await section.locator('[data-step-hint] p').first().isVisible(), `a hint of ${id}`).toBe(true)
    await section.locator('[data-step-solution] summary').click()
    const lines = section.locator('[data-step-solution] .ec-line')
    expect((await lines.allTextContents()).map((line) => line.trimEnd())).toEqual(solution.trim().split('\n'))
  }
  expect(errors.filter((error) => !isQuestionForServer(error))).toEqual([])
  expect(errors.length, 'it asks only once').toBeLessThanOrEqual(2)
  await close()
})

it('teaches without JavaScript', async () => {
  const { page, errors, close } = await newReader(browser, { javaScriptEnabled: false })
  await page.goto(site.url + LAB)
  await page.getByText('One copy of a small web app runs in your cluster.').waitFor()
  expect(
    await page.locator('[data-start]:visible, [data-run]:visible, [data-end]:visible').count(),
    'nothing that does nothing',
  ).toBe(0)
  const solution = page.locator('[data-step="spread"] [data-step-solution]')
  await solution.locator('summary').click()
  expect(await solution.locator('pre').isVisible()).toBe(true)
  expect(errors).toEqual([])
  await close()
})

it('keeps progress without a server', async () => {
  const { page, errors, close } = await newReader(browser)
  await page.goto(`${site.url}/progress/`)
  const progress = {
    labs: { scaling: { steps: { spread: { at: 1, how: 'passed' }, survives: { at: 2, how: 'skipped' } } } },
  }
  await page
    .locator('input[type=file]')
    .setInputFiles({ name: 'p.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(progress)) })
  await page.getByText('2 of 6 steps', { exact: true }).waitFor()
  await openLab(page, site.url)
  expect(await page.locator('[data-step="spread"] [data-step-mark]').getAttribute('aria-label')).toBe('done')
  expect(await page.locator('[data-step="survives"] [data-step-mark]').getAttribute('aria-label')).toBe('skipped')
  expect(errors.filter((error) => !isQuestionForServer(error))).toEqual([])
  await close()
})

it('reports no error on any page', async () => {
  const { page, errors, close } = await newReader(browser)
  for (const path of site.paths.filter((path) => path !== LAB)) {
    await page.goto(site.url + path)
    await page.waitForLoadState('networkidle')
    expect(
      errors.splice(0).filter((error) => !isQuestionForServer(error)),
      path,
    ).toEqual([])
  }
  await close()
})
