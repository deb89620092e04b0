/** The lab `scaling` as a reader does it in a real browser, the same on each kind of cluster. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { expect } from 'vitest'
import { parseLab } from '../protocol/lab/parse.ts'

const file = 'labs/scaling/lab.yaml'
const lab = parseLab(readFileSync(join(import.meta.dirname, '..', file), 'utf8'), file)

export interface WalkOptions {
  browser: Browser
  /** The server's address. */
  url: string
  /** Milliseconds that the shell may take to be there, and each step to tick. */
  startMs: number
  stepMs: number
  /** Looked at while the lab runs. */
  meanwhile?(page: Page): Promise<void>
}

/** From Start to the last tick, with a reload in the middle; then ends the lab. Milliseconds from Start to the prompt. */
export async function walkLab({ browser, url, startMs, stepMs, meanwhile }: WalkOptions): Promise<number> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })

  await page.goto(`${url}/labs/scaling/`)
  const button = page.getByRole('button', { name: 'Start', exact: false }).first()
  await expect.poll(() => button.isEnabled(), { timeout: startMs }).toBe(true)
  const begun = performance.now()
  await button.click()
  await prompt(page, startMs)
  const took = performance.now() - begun

  for (const [index, step] of lab.steps.entries()) {
    const section = page.locator(`[data-step="${step.id}"]`)
    expect(await section.getAttribute('data-state'), `${step.id} waits to be done`).toBe('open')
    await type(page, step.solution)
    await page.waitForSelector(`[data-step="${step.id}"][data-state="passed"]`, { timeout: stepMs })
    if (index !== 1) continue
    await meanwhile?.(page)
    const before = await screen(page)
    await page.reload()
    await prompt(page, 30_000)
    expect(await screen(page), 'the scrollback is there again').toContain(lastLine(before))
    await page.waitForSelector(`[data-step="${step.id}"][data-state="passed"]`, { timeout: 10_000 })
    await lookAtTheMap(page)
  }

  const last = lab.steps.at(-1)?.id
  expect(await page.locator(`[data-step="${last}"] [data-step-status]`).textContent()).toMatch(/\S/)
  await page.locator('[data-panel="live"] [data-end]').click()
  await page.locator('[data-dialog-confirm]').click()
  await page.waitForSelector('[data-panel="ended"]:not([hidden])', { timeout: 10_000 })

  const kept = await page.evaluate(() => localStorage.getItem('quayside:progress:v1'))
  for (const { id } of lab.steps) expect(kept, 'progress is kept in the browser').toContain(id)
  expect(errors, 'the browser reports no error').toEqual([])
  await page.close()
  return took
}

/** The map shows the nodes of the cluster and the copies that the step asked for. */
async function lookAtTheMap(page: Page): Promise<void> {
  const map = '#lab-map quay-map'
  await page.locator('[data-map-button]').click()
  await expect.poll(() => page.locator(`${map} .map-node`).count(), { timeout: 20_000 }).toBe(1 + lab.cluster.workers)
  const ready = page.locator(`${map} .map-pod[data-state="ready"]`)
  await expect.poll(() => ready.count(), { timeout: 20_000 }).toBeGreaterThanOrEqual(3)
  await page.locator('[data-map-button]').click()
}

const rows = '.xterm-rows'

async function screen(page: Page): Promise<string> {
  const lines = await page.locator(`${rows} > div`).allTextContents()
  return lines.join('\n').replaceAll('\u00a0', ' ')
}

/** Waits for a terminal that shows a shell's prompt. */
async function prompt(page: Page, timeoutMs: number): Promise<void> {
  await page.waitForFunction((selector) => /\$/.test(document.querySelector(selector)?.textContent ?? ''), rows, {
    timeout: timeoutMs,
  })
}

/** As a reader does: clicks into the terminal and types line by line. */
async function type(page: Page, commands: string): Promise<void> {
  await page.locator('.xterm-screen').first().click()
  for (const line of commands.trim().split('\n')) {
    await page.keyboard.type(line)
    await page.keyboard.press('Enter')
  }
}

const lastLine = (text: string) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line.length > 20 && !line.includes('$'))
    .at(-1) as string
