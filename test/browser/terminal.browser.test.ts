/** The terminal, against a real bash on a real pseudo-terminal. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest'
import { launchChromium } from '../chromium.ts'
import { type Harness, MINUTE, startHarness } from './harness.ts'
import { newReader, prompt, type Reader, screen, seen, startLab, typeLine } from './reader.ts'

let harness: Harness
let browser: Browser
let reader: Reader
let page: Page

beforeAll(async () => {
  harness = await startHarness()
  browser = await launchChromium()
})
beforeEach(async () => {
  reader = await newReader(browser, { permissions: ['clipboard-read', 'clipboard-write'] })
  page = reader.page
  await startLab(page, harness.url)
})
afterEach(() => reader.close())
afterAll(async () => {
  await browser?.close()
  await harness?.close()
})

const home = (file: string) => join(harness.world.cluster.folder, file)
const clipboard = () => page.evaluate(() => navigator.clipboard.readText())
const setClipboard = (text: string) => page.evaluate((text) => navigator.clipboard.writeText(text), text)
const linkIs = (state: string) => page.waitForSelector(`[data-shell-panel]:not([hidden])[data-link="${state}"]`)

/** Selects the first of these words on the screen, with the mouse. */
async function select(word: string): Promise<void> {
  const at = await page.evaluate((word) => {
    for (const row of document.querySelectorAll('[data-shell-panel]:not([hidden]) .xterm-rows > div')) {
      const column = row.textContent?.indexOf(word) ?? -1
      const cells = document.querySelector('.xterm-screen')?.getBoundingClientRect()
      if (column < 0 || cells === undefined) continue
      const { top, height } = row.getBoundingClientRect()
      // A row is as wide as its text; a cell's width comes from a measured character.
      const range = document.createRange()
      const text = document.createTreeWalker(row, NodeFilter.SHOW_TEXT).nextNode() as Text
      range.setStart(text, 0)
      range.setEnd(text, text.length)
      const cell = range.getBoundingClientRect().width / text.length
      return { x: cells.left + column * cell, y: top + height / 2, width: word.length * cell }
    }
    return undefined
  }, word)
  if (!at) throw new Error(`not on the screen: ${word}`)
  await page.mouse.dblclick(at.x + at.width / 2, at.y)
}

/** Begins to keep what is typed in the file `got`, as it comes. */
async function receive(): Promise<void> {
  await typeLine(page, 'echo listening; cat > got; echo whole')
  // Before, bash itself would take a paste, with its marks.
  await seen(page, /^listening/m)
}

const row = (n: number) => `row ${String(n).padStart(4, '0')} ${'abcdefghij'.repeat(4)}\n`
const block = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => row(from + i)).join('')

it('S-22 takes a paste of 10,000 characters once and in order', async () => {
  await receive()
  const text = block(0, 200)
  expect(text.length).toBe(10_000)
  await setClipboard(text)
  await page.keyboard.press('Control+v')
  await seen(page, 'row 0199')
  await page.keyboard.press('Control+d')
  await seen(page, /^whole/m)
  expect(readFileSync(home('got'), 'utf8')).toBe(text)
})

it('S-22 loses and repeats nothing of a paste over which the connection breaks', async () => {
  await receive()
  await setClipboard(block(0, 100))
  await page.keyboard.press('Control+v')
  await seen(page, 'row 0099')
  harness.deafen()
  await setClipboard(block(100, 200))
  await page.keyboard.press('Control+v')
  // Handed to the network by now, and read by nobody.
  await page.waitForTimeout(300)
  harness.cut()
  await seen(page, 'row 0199')
  await page.keyboard.press('Control+d')
  await seen(page, /^whole/m)
  expect(readFileSync(home('got'), 'utf8')).toBe(block(0, 200))
})

it('S-22 runs a command of the page once, also when the connection breaks under it', async () => {
  await page.evaluate(() => {
    const button = document.querySelector<HTMLElement>('[data-run]')
    if (button) button.dataset.run = 'echo ran >> runs'
  })
  await page.locator('[data-run]').first().click()
  await expect.poll(() => existsSync(home('runs'))).toBe(true)
  harness.cut()
  await linkIs('open')
  await typeLine(page, 'echo "there"')
  await seen(page, /^there/m)
  expect(readFileSync(home('runs'), 'utf8')).toBe('ran\n')
})

it('S-21 does not answer the queries in replayed output into the shell', async () => {
  const queries = String.raw`\e[c\e[>c\e[6n\e[?6n\e[5n\e]10;?\a\e]11;?\a\e]4;1;?\a\eP$q m\e\\\e[?2026$p\e[18t\e[14t\e[>q`
  // Asked while nobody reads the answers; they end in a file, and are then gone.
  await typeLine(page, `printf '${queries}'; read -rs -t 1 -d '' answers; clear; echo "answered $((\${#answers} > 9))"`)
  await seen(page, /^answered 1/m)
  const before = await screen(page)
  for (const again of ['reload', 'cut'] as const) {
    if (again === 'reload') await page.reload()
    else harness.cut()
    await seen(page, /^answered 1/m)
    await linkIs('open')
    await page.waitForTimeout(500)
    expect(await screen(page), `after a ${again}`).toBe(before)
  }
})

it('S-25 lets no program write to the clipboard, or read it', async () => {
  await setClipboard('mine')
  await typeLine(page, String.raw`printf '\e]52;c;%s\a\e]52;c;?\a' "$(echo stolen | base64)"; echo tried`)
  await seen(page, /^tried/m)
  await prompt(page)
  expect(await clipboard()).toBe('mine')
  expect(await screen(page)).not.toContain(Buffer.from('mine').toString('base64'))
})

it('S-25 opens links to the web only, and asks first', async () => {
  const opened: string[] = []
  page.context().on('page', (tab) => opened.push(tab.url()))
  const link = (address: string, text: string) => String.raw`\e]8;;${address}\e\\${text}\e]8;;\e\\ `
  const links =
    link('javascript:alert(1)', 'scripted') +
    link('file:///etc/passwd', 'filed') +
    link('https://example.org/', 'webbed')
  await typeLine(page, `clear; printf '${links}'; echo`)
  await seen(page, /^scripted filed webbed/m)
  for (const word of ['scripted', 'filed']) {
    await select(word)
    expect(await page.locator('dialog[open]').count(), word).toBe(0)
  }
  await select('webbed')
  await page.locator('dialog[open]').waitFor()
  expect(await page.locator('dialog[open]').textContent()).toContain('https://example.org/')
  await page.keyboard.press('Escape')
  expect(opened).toEqual([])
  expect(await page.locator('dialog[open]').count()).toBe(0)
})

it('copies a selection with Ctrl+C and interrupts with the next one', async () => {
  await typeLine(page, `echo pre''cious; sleep 60; echo "slept $?"`)
  await seen(page, /^precious/m)
  await select('precious')
  await page.keyboard.press('Control+c')
  await expect.poll(clipboard).toBe('precious')
  expect(await screen(page)).not.toContain('^C')
  await page.keyboard.press('Control+c')
  await seen(page, '^C')
  await prompt(page)
  expect(await screen(page)).not.toMatch(/^slept 0/m)
})

it('comes back by itself after a restart of the server, and the shell goes on', async () => {
  await typeLine(page, 'kept=over; echo "before $kept"')
  await seen(page, 'before over')
  const start = await harness.stop()
  await linkIs('waiting')
  await page.getByText('Reconnecting…').waitFor()
  await start()
  await linkIs('open')
  await typeLine(page, 'echo "after $kept"')
  await seen(page, 'after over')
  await expect.poll(() => page.locator('[data-notice]').textContent()).toBe('')
})

it('says after a restart from how long before the cluster and the files are, once', async () => {
  const restart = async (seconds: number) => {
    const start = await harness.stop()
    harness.world.cluster.restored = { at: Date.now(), seconds }
    await start()
    await linkIs('open')
  }
  const notice = page.locator('[data-notice]')
  await restart(4)
  await expect
    .poll(() => notice.textContent())
    .toMatch(
      /^The server was restarted at \d.*\. Your cluster and your files are as they were 4 seconds before\. What ran in your shells has ended\.$/,
    )
  await restart(0)
  await expect.poll(() => notice.textContent()).toContain('Your cluster and your files are as they were. What ran')
  // Who opens the page later has not noticed anything
  harness.clock.jump(11 * MINUTE)
  await page.reload()
  await linkIs('open')
  expect(await notice.textContent()).toBe('')
})

it('stops a flood with Ctrl+C within a second', async () => {
  await typeLine(page, 'yes')
  await seen(page, /^y$/m)
  await page.waitForTimeout(1_000)
  const pressed = Date.now()
  await page.keyboard.press('Control+c')
  await prompt(page)
  // Twice the time that a reader is promised, for machines that do other things beside.
  expect(Date.now() - pressed).toBeLessThan(2_000)
})

it('says its size to the shell, also after the text got larger', async () => {
  await typeLine(page, 'clear; stty size')
  await seen(page, /^\d+ \d+$/m)
  const size = async () => (/^(\d+) (\d+)$/m.exec(await screen(page)) ?? []).slice(1).map(Number)
  const [rows = 0, columns = 0] = await size()
  expect(columns).toBeGreaterThan(40)
  for (let i = 0; i < 4; i++) await page.getByRole('button', { name: 'Larger text' }).click()
  await typeLine(page, 'clear; stty size')
  await expect.poll(async () => (await size())[1] ?? columns).toBeLessThan(columns)
  expect((await size())[0]).toBeLessThan(rows)
})
