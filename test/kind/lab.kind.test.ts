/**
 * The product's main job, on real parts: a reader runs the lab `scaling` in a real browser against a real kind cluster,
 * from Start to the last tick, with a reload in the middle; afterwards nothing of it is left.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { parseLab } from '../../protocol/lab/parse.ts'
import { launchChromium } from '../chromium.ts'
import { removeData, startServer, type TestServer } from '../server.ts'
import { leftovers, nothing } from './leftovers.ts'

/** The node image may have to be made first. */
const START_MS = 5 * 60_000
/** The autoscaler's first measurements come after up to a minute. */
const STEP_MS = 4 * 60_000

const file = 'labs/scaling/lab.yaml'
const lab = parseLab(readFileSync(join(import.meta.dirname, '../..', file), 'utf8'), file)

let server: TestServer
let browser: Browser

beforeAll(async () => {
  server = await startServer({ settings: { POOL: '0' } })
  browser = await launchChromium()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

it('runs the lab from Start to the last tick, over a reload, and leaves nothing behind', async () => {
  expect(leftovers(), 'the machine is clean before').toEqual(nothing)
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(String(error)))
  page.on('console', (message) => {
    if (message.type() === 'error') errors.push(message.text())
  })

  await page.goto(`${server.url}/labs/scaling/`)
  await page.getByRole('button', { name: 'Start', exact: false }).first().click()
  await prompt(page, START_MS)

  for (const [index, step] of lab.steps.entries()) {
    const section = page.locator(`[data-step="${step.id}"]`)
    expect(await section.getAttribute('data-state'), `${step.id} waits to be done`).toBe('open')
    await type(page, step.solution)
    await page.waitForSelector(`[data-step="${step.id}"][data-state="passed"]`, { timeout: STEP_MS })
    if (index !== 1) continue
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
  for (const begun = Date.now(); Date.now() - begun < 60_000; ) {
    if (JSON.stringify(leftovers()) === JSON.stringify(nothing)) break
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  expect(leftovers(), 'nothing of the lab is left').toEqual(nothing)
  expect(errors, 'the browser reports no error').toEqual([])
  await page.close()
})

it('writes no secret to its log', () => {
  const log = server.output()
  expect(log).toContain('session')
  for (const secret of ['BEGIN CERTIFICATE', 'PRIVATE KEY', 'client-key-data', 'quayside=', 'LS0tLS1']) {
    expect(log).not.toContain(secret)
  }
})

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
