/** The panel Files and the shell see the same home folder. */
import AxeBuilder from '@axe-core/playwright'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newReader, openLab, pressStart, prompt, type Reader, seen, typeLine } from '../browser/reader.ts'
import { launchChromium } from '../chromium.ts'
import { removeData, startServer, type TestServer } from '../server.ts'

/** kubectl may have to be fetched first. */
const START_MS = 2 * 60_000

let server: TestServer
let browser: Browser
let reader: Reader
let page: Page

beforeAll(async () => {
  server = await startServer({ settings: { PROVIDER: 'embedded' } })
  browser = await launchChromium()
  reader = await newReader(browser)
  page = reader.page
  page.setDefaultTimeout(60_000)
  await openLab(page, server.url)
  await pressStart(page)
  await seen(page, /\$\s*$/, START_MS)
})

afterAll(async () => {
  // What the server refuses is told by the browser too.
  expect(reader.errors.filter((error) => !error.startsWith('Failed to load resource'))).toEqual([])
  await reader.close()
  await browser?.close()
  await server?.stop()
  if (server) removeData(server.data)
})

const view = (name: 'Terminal' | 'Files') => page.getByRole('tab', { name, exact: true }).click()
const files = () => page.locator('[data-view="files"]')
const file = (path: string) => files().locator(`[data-file="${path}"]`)
const text = () => files().locator('.cm-content')
const tool = (name: string) => files().getByRole('button', { name, exact: true })
const note = () => files().locator('.files-note')

async function inShell(line: string, shows: string | RegExp): Promise<void> {
  await view('Terminal')
  await typeLine(page, 'clear')
  await typeLine(page, line)
  await seen(page, shows)
}

async function open(path: string): Promise<void> {
  await view('Files')
  await file(path).click()
  await expect.poll(async () => (await text().getAttribute('aria-label')) ?? '').toContain(path)
}

/** Writes the whole text of the open file anew. */
async function write(content: string): Promise<void> {
  await text().click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(content)
}

beforeEach(async () => {
  await view('Terminal')
  await prompt(page)
})

describe('the panel Files', () => {
  it('shows a file of the home, and what is saved is what the shell sees', async () => {
    await open('web.yaml')
    expect(await text().textContent()).toContain('kind: Deployment')
    await write('# mine\n')
    expect(await file('web.yaml').textContent()).toContain('not saved')
    await page.keyboard.press('Control+S')
    await expect.poll(() => note().textContent()).toBe('web.yaml is saved.')
    await inShell('cat web.yaml', /^# mine$/m)
  })

  it('shows what the shell has changed, and asks where both have', async () => {
    await open('web.yaml')
    await inShell('echo theirs > web.yaml; echo ok', /^ok$/m)
    await view('Files')
    await expect.poll(() => text().textContent(), { timeout: 15_000 }).toBe('theirs')
    await write('mine')
    await inShell('echo again > web.yaml; echo done', /^done$/m)
    await view('Files')
    await tool('Save').click()
    await expect.poll(() => note().textContent()).toContain('was changed elsewhere')
    await tool('Save mine over it').click()
    await expect.poll(() => note().textContent()).toBe('web.yaml is saved.')
    await inShell('cat web.yaml', /^mine$/m)
  })

  it('makes, renames and deletes files, and folders on the way', async () => {
    await view('Files')
    await tool('New file').click()
    await files().getByRole('textbox', { name: 'Name' }).fill('shop/cart.yaml')
    await tool('Create').click()
    await file('shop/cart.yaml').waitFor()
    await write('kind: Cart')
    await tool('Save').click()
    await expect.poll(() => note().textContent()).toContain('is saved')
    await tool('Rename').first().click()
    await files().getByRole('textbox', { name: 'Name' }).fill('shop/basket.txt')
    await page.keyboard.press('Enter')
    await file('shop/basket.txt').waitFor()
    await inShell('cat shop/basket.txt', 'kind: Cart')
    await view('Files')
    await tool('Delete').click()
    await page.locator('dialog[open] [data-dialog-confirm]').click()
    await file('shop/basket.txt').waitFor({ state: 'detached' })
    await inShell('ls shop; echo empty', /^empty$/m)
  })

  it('refuses paths outside of the home', async () => {
    await inShell('ln -s /etc/hostname outside; echo linked', /^linked$/m)
    await view('Files')
    await tool('New file').click()
    for (const path of ['../outside', '/etc/x', 'a/../../b']) {
      await files().getByRole('textbox', { name: 'Name' }).fill(path)
      await tool('Create').click()
      await page.locator('[data-notice]', { hasText: /path|folder/ }).waitFor()
    }
    await tool('Cancel').click()
    await file('outside').waitFor()
    await file('outside').click()
    await page.locator('[data-notice]', { hasText: /outside is a link|leads out/ }).waitFor()
  })

  it('knows what Kubernetes takes: fields, values, and errors with their line', async () => {
    await view('Files')
    await tool('New file').click()
    await files().getByRole('textbox', { name: 'Name' }).fill('service.yaml')
    await tool('Create').click()
    await file('service.yaml').waitFor()
    await write('apiVersion: v1\nkind: Service\nmetadata:\n  name: web\nspec:\n  ty')
    await page.keyboard.type('p')
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'type' }).waitFor()
    // A list that has just opened takes nothing: the key would be meant for the text.
    await page.waitForTimeout(150)
    await page.keyboard.press('Enter')
    await page.locator('.cm-tooltip-autocomplete li', { hasText: 'NodePort' }).waitFor()
    await page.keyboard.type('Node')
    await page.waitForTimeout(150)
    await page.keyboard.press('Enter')
    await expect.poll(() => text().textContent()).toContain('  type: NodePort')
    await page.keyboard.press('Enter')
    await page.keyboard.type('selecter: x')
    const fault = files().getByRole('button', { name: /^Line 7: The unknown field "selecter".*"selector"/ })
    await fault.waitFor()
    await fault.click()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('.cm-editor'))).toBe(null)
    await tool('Save').click()
  })

  it('lets kubectl edit wait for it, and goes back to the shell', async () => {
    await inShell('kubectl get deployment web -o name', /^deployment.apps\/web$/m)
    await typeLine(page, 'kubectl edit deployment/web')
    await files()
      .getByText(/The shell waits until you have edited/)
      .waitFor()
    await expect.poll(() => text().textContent()).toContain('replicas: 1')
    await write((await content()).replace('replicas: 1', 'replicas: 2'))
    await tool('Done').click()
    await seen(page, 'deployment.apps/web edited')
    await inShell('kubectl get deployment web -o jsonpath={.spec.replicas}/$?', /^2\/0/m)
    await typeLine(page, 'kubectl edit deployment/web')
    await files()
      .getByText(/The shell waits until you have edited/)
      .waitFor()
    await page.reload()
    await files()
      .getByText(/The shell waits until you have edited/)
      .waitFor()
    await tool('Cancel').last().click()
    await seen(page, 'the file was left without Done')
  })

  it('can be used by everybody, on a small screen too', async () => {
    await open('service.yaml')
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 740 })
      if (width === 360) await page.locator('[data-pane-button="terminal"]').click()
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.waitForSelector(`html[data-theme="${colorScheme}"]`)
        const { violations } = await new AxeBuilder({ page }).include('#lab-work').analyze()
        expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join()}`)).toEqual([])
      }
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
      expect(wide, 'nothing sticks out').toBeLessThanOrEqual(0)
    }
    await page.setViewportSize({ width: 1280, height: 800 })
  })
})

/** The whole text: the editor draws only the lines that are seen. */
async function content(): Promise<string> {
  await text().click()
  await page.keyboard.press('Control+A')
  return page.evaluate(() => String(getSelection()))
}
