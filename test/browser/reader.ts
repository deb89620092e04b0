/** A person at a browser: opens pages, types, reads the screen. Every page is watched for errors that nobody should see. */
import type { Browser, BrowserContextOptions, Locator, Page } from 'playwright-core'

export interface Reader {
  readonly page: Page
  /** Errors of scripts, messages of the console and refusals by the Content-Security-Policy, as they come. */
  readonly errors: string[]
  close(): Promise<void>
}

export const DESKTOP = { width: 1280, height: 800 }
export const PHONE = { width: 360, height: 740 }

export async function newReader(browser: Browser, options: BrowserContextOptions = {}): Promise<Reader> {
  const context = await browser.newContext({ viewport: DESKTOP, ...options })
  const errors: string[] = []
  context.on('weberror', (error) => errors.push(String(error.error())))
  context.on('console', (message) => {
    if (message.type() === 'error' || message.text().includes('Content Security Policy')) errors.push(message.text())
  })
  const page = await context.newPage()
  page.setDefaultTimeout(20_000)
  return { page, errors, close: () => context.close() }
}

export const LAB = '/labs/scaling/'

/** Opens the lab page and waits until it knows whether there is a server. */
export async function openLab(page: Page, url: string): Promise<void> {
  await page.goto(url + LAB)
  await page.waitForSelector('quay-lab:not([data-phase="checking"])')
}

export const pressStart = (page: Page) => page.locator('[data-panel="start"] [data-start]').click()

/** Opens the lab page, presses Start and waits for the prompt. */
export async function startLab(page: Page, url: string): Promise<void> {
  await openLab(page, url)
  await pressStart(page)
  await prompt(page)
}

const shown = '[data-shell-panel]:not([hidden])'

/** What the shell in front shows, line by line, without the empty lines at the end. */
export async function screen(page: Page): Promise<string> {
  const lines = await page.locator(`${shown} .xterm-rows > div`).allTextContents()
  return lines.join('\n').replaceAll('\u00a0', ' ').trimEnd()
}

/** Waits until the shell in front shows a text. */
export async function seen(page: Page, wanted: string | RegExp, timeout = 20_000): Promise<void> {
  const { source, flags } =
    typeof wanted === 'string' ? { source: wanted.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'), flags: '' } : wanted
  await page
    .waitForFunction(
      ([selector, source, flags]) =>
        new RegExp(source, flags).test(
          [...document.querySelectorAll(`${selector} .xterm-rows > div`)]
            .map((row) => row.textContent)
            .join('\n')
            .replaceAll('\u00a0', ' '),
        ),
      [shown, source, flags] as const,
      { timeout },
    )
    .catch(async (error: Error) => {
      throw new Error(`not on the screen: ${wanted}\n${await screen(page)}`, { cause: error })
    })
}

/** Waits until the page says that, anywhere. */
export async function says(page: Page, text: string | RegExp): Promise<void> {
  await page
    .getByText(text)
    .waitFor()
    .catch(async (error: Error) => {
      throw new Error(`the page does not say: ${text}\nthe screen:\n${await screen(page)}`, { cause: error })
    })
}

/** Waits for a shell that waits for the reader. */
export const prompt = (page: Page) => seen(page, /\$\s*$/)

/** Clicks into the terminal and types a line. */
export async function typeLine(page: Page, line: string): Promise<void> {
  await page.locator(`${shown} .xterm-screen`).click()
  await page.keyboard.type(line)
  await page.keyboard.press('Enter')
}

export const step = (page: Page, id: string): Locator => page.locator(`[data-step="${id}"]`)

/** Waits until a step is in that state. */
export const stepIs = (page: Page, id: string, state: string) =>
  page.waitForSelector(`[data-step="${id}"][data-state="${state}"]`)

/** Answers yes in the page's dialog. */
export const confirm = (page: Page) => page.locator('dialog[open] [data-dialog-confirm]').click()
