/** Without a mouse, and on a narrow screen. */
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { type Harness, startHarness } from './harness.ts'
import { newReader, openLab, PHONE, prompt, screen, seen, startLab } from './reader.ts'

let harness: Harness
let browser: Browser

beforeAll(async () => {
  harness = await startHarness()
  browser = await launchChromium()
})
afterAll(async () => {
  await browser?.close()
  await harness?.close()
})

/** What has the focus, as the name that it is known by. */
const focused = (page: Page) =>
  page.evaluate(() => {
    const element = document.activeElement
    if (element === null || element === document.body) return ''
    return element.getAttribute('aria-label') ?? element.textContent?.trim().replaceAll(/\s+/g, ' ') ?? ''
  })

/** Presses Tab until that has the focus; all that had it on the way. */
async function tabTo(page: Page, name: string | RegExp, most = 150): Promise<string[]> {
  const way: string[] = []
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab')
    const now = await focused(page)
    if (typeof name === 'string' ? now === name : name.test(now)) return way
    way.push(now)
  }
  throw new Error(`Tab never came to ${name}: ${way.join(' · ')}`)
}

it('moves the separator by arrows, Home and End, and remembers where it was', async () => {
  const { page, close } = await newReader(browser)
  await openLab(page, harness.url)
  const separator = page.getByRole('separator', { name: 'Width of the text' })
  const value = async () => Number(await separator.getAttribute('aria-valuenow'))
  const width = () => page.locator('#lab-text').evaluate((text) => text.getBoundingClientRect().width)
  await separator.focus()
  const before = await width()
  await page.keyboard.press('ArrowLeft')
  expect(await value()).toBe(48)
  expect(await width()).toBeLessThan(before)
  await page.keyboard.press('Home')
  expect(await value()).toBe(Number(await separator.getAttribute('aria-valuemin')))
  await page.keyboard.press('End')
  expect(await value()).toBe(Number(await separator.getAttribute('aria-valuemax')))
  const wide = await width()
  await page.reload()
  await page.waitForSelector('quay-lab[data-phase="idle"]')
  expect(await value()).toBe(75)
  expect(await width()).toBeCloseTo(wide, 0)
  await close()
})

it('runs a lab from Start to the end with the keyboard alone', async () => {
  const { page, errors, close } = await newReader(browser)
  await openLab(page, harness.url)
  await tabTo(page, 'Start the lab')
  await page.keyboard.press('Enter')
  await prompt(page)
  await tabTo(page, /^Terminal input, shell 1/)
  await page.keyboard.type('echo typed $((6*7))')
  await page.keyboard.press('Enter')
  await seen(page, 'typed 42')
  // Tab is the shell's own.
  await page.keyboard.type('echo web.ya')
  await page.keyboard.press('Tab')
  await seen(page, /echo web\.yaml/)
  await page.keyboard.press('Control+c')

  await page.keyboard.press('Shift+Tab')
  expect(await focused(page)).toBe('Shell 1')
  const way = await tabTo(page, /^Terminal input, shell 1/)
  expect(way).toContain('New shell')
  await page.keyboard.press('Shift+Tab')
  await page.locator('[data-panel="live"] [data-end]').focus()
  await page.keyboard.press('Enter')
  expect(await page.evaluate(() => document.querySelector('dialog[open]')?.contains(document.activeElement))).toBe(true)
  await tabTo(page, 'End the lab')
  await page.keyboard.press('Enter')
  await page.waitForSelector('[data-panel="ended"]:not([hidden])')
  expect(await focused(page), 'the focus goes to what is new').toBe('You ended this lab.')
  expect(errors).toEqual([])
  await close()
})

it('shows what has the focus', async () => {
  const { page, close } = await newReader(browser)
  await startLab(page, harness.url)
  await page.locator('body').press('Tab')
  const hidden = new Set<string>()
  for (let i = 0; i < 120; i++) {
    const seen = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement
      const { width, height } = element.getBoundingClientRect()
      // The terminal's own field is not drawn; its frame is marked instead.
      const frame = element.closest('.lab-screen')
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element)
      const ring = frame
        ? getComputedStyle(frame, '::after').borderTopWidth !== '0px'
        : (outlineStyle !== 'none' && outlineWidth !== '0px') || boxShadow !== 'none'
      const name = element.getAttribute('aria-label') ?? element.textContent?.trim() ?? element.tagName
      return { name, visible: element === document.body || (ring && (frame !== null || (width > 0 && height > 0))) }
    })
    if (!seen.visible) hidden.add(seen.name)
    if (seen.name.startsWith('Terminal input')) break
    await page.keyboard.press('Tab')
  }
  expect([...hidden]).toEqual([])
  await close()
})

it('switches between text and terminal at the bottom of a narrow screen, and everything fits', async () => {
  const { page, errors, close } = await newReader(browser, { viewport: PHONE, hasTouch: true, isMobile: true })
  await openLab(page, harness.url)
  const text = page.getByRole('button', { name: 'Text', exact: true })
  const terminal = page.getByRole('button', { name: 'Terminal', exact: true })
  expect(await text.getAttribute('aria-pressed')).toBe('true')
  expect(await page.locator('[data-panel="start"]').isVisible()).toBe(false)
  await terminal.tap()
  await page.locator('[data-panel="start"] [data-start]').tap()
  await prompt(page)
  // Keys that a phone lacks.
  await page.locator('.xterm-screen').tap()
  await page.keyboard.type('cat')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Ctrl' }).tap()
  await page.keyboard.type('c')
  await seen(page, '^C')
  await page.getByRole('button', { name: 'Up', exact: true }).tap()
  await seen(page, /\$ cat\s*$/)
  await page.keyboard.press('Control+u')

  await text.tap()
  expect(await page.locator('[data-panel="live"]').isVisible()).toBe(false)
  await page.locator('[data-run]:visible').first().tap()
  expect(await terminal.getAttribute('aria-pressed'), 'a command is watched where it runs').toBe('true')
  await seen(page, 'kubectl get nodes')
  expect(await screen(page)).toContain('Running')
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0)
  for (const button of await page.locator('[data-panel="live"] button:visible, .lab-switch button').all()) {
    const box = await button.boundingBox()
    expect(
      Math.min(box?.width ?? 0, box?.height ?? 0),
      `${await button.textContent()} can be hit`,
    ).toBeGreaterThanOrEqual(24)
  }
  expect(errors).toEqual([])
  await close()
})
